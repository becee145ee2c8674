"""NumPy's answers to expressions on random shapes, for Tests/InterpreterTests/NumPyPropertyTests.swift:

    python3 Tests/References/tensor_properties.py > Tests/References/tensor_properties.txt

Each line: the expression, the operands' shapes, the answer's shape and numbers ("error" where NumPy refuses), split by
tabs. The operand number k of a shape holds ((7·i + 5·k) mod 13 − 6) / 2 for i = 0, 1, …, so that there are ties.
"""
import random
import warnings

import numpy as np

warnings.filterwarnings("ignore")
r = random.Random(20)


def operand(k, shape):
    i = np.arange(int(np.prod(shape)))
    return (((7 * i + 5 * k) % 13 - 6) / 2).astype(np.float32).reshape(shape)


def norm(x, axis=None, keepdims=False):
    return np.sqrt((x * x).sum(axis=axis, keepdims=keepdims))


space = dict(
    sum=np.sum, mean=np.mean, std=np.std, var=np.var, min=np.min, max=np.max, norm=norm, any=np.any, all=np.all,
    argmax=np.argmax, argmin=np.argmin, cumsum=np.cumsum,
    sort=lambda x, axis=-1: np.sort(x, axis=axis, kind="stable"),
    argsort=lambda x, axis=-1: np.argsort(x, axis=axis, kind="stable"), exp=np.exp, log=np.log, sqrt=np.sqrt,
    abs=np.abs, tanh=np.tanh, sin=np.sin, cos=np.cos, sigmoid=lambda x: 1 / (1 + np.exp(-x)),
    relu=lambda x: np.maximum(x, 0), floor=np.floor, ceil=np.ceil, sign=np.sign, round=np.round, isnan=np.isnan,
    clip=np.clip, where=np.where, dot=np.dot, matmul=np.matmul, maximum=np.maximum, minimum=np.minimum,
    reshape=lambda x, *s: x.reshape(*s), transpose=lambda x, *s: x.transpose(*s) if s else x.T,
    concat=lambda parts, axis=0: np.concatenate(parts, axis=axis), stack=lambda parts, axis=0: np.stack(parts, axis=axis),
    squeeze=np.squeeze, prod=np.prod, median=np.median, tensor=lambda x: np.array(x, dtype=np.float32),
)


def answer(text, operands):
    code = text.replace("^", "**").replace("none", "None").replace("true", "True").replace("false", "False")
    if "axis=[" in code:
        start = code.index("axis=[")
        end = code.index("]", start)
        code = code[:start] + "axis=(" + code[start + 6:end] + ",)" + code[end + 1:]
    names = {chr(97 + k): operand(k, shape) for k, shape in enumerate(operands)}
    try:
        # As Twin has it: numbers of Python meet float32 arrays without widening them.
        return np.asarray(eval(code, dict(space), names))
    except Exception:
        return None


seen = set()


def emit(text, *operands):
    if (text, operands) in seen:
        return
    seen.add((text, operands))
    value = answer(text, operands)
    shapes = ";".join(",".join(map(str, s)) or "-" for s in operands)
    if value is None:
        print(text, shapes, "error", "", sep="\t")
    else:
        value = value.astype(np.float32)
        print(text, shapes, ",".join(map(str, value.shape)) or "-", " ".join(f"{v:.7g}" for v in value.ravel()), sep="\t")


def shape(least=0, most=4, low=1, high=4):
    return tuple(r.randint(low, high) for _ in range(r.randint(least, most)))


def axis_text(rank):
    kind = r.randrange(4)
    if kind == 0 or rank == 0:
        return ""
    if kind == 3 and rank > 1:
        axes = r.sample(range(rank), r.randint(1, rank))
        return f", axis={[a - rank if r.random() < 0.5 else a for a in axes]}"
    return f", axis={r.randint(-rank, rank - 1)}"



for _ in range(14):
    for name in ["sum", "mean", "std", "var", "min", "max", "norm", "any", "all"]:
        s = shape(1)
        emit(f"{name}(a{axis_text(len(s))}{r.choice(['', ', keepdims=true'])})", s)
    for name in ["argmax", "argmin"]:
        s = shape(1)
        emit(f"{name}(a{r.choice(['', f', axis={r.randint(-len(s), len(s) - 1)}'])})", s)
    for name in ["cumsum", "sort", "argsort"]:
        s = shape(1)
        emit(f"{name}(a, axis={r.randint(-len(s), len(s) - 1)})", s)
for name in ["exp", "log", "sqrt", "abs", "tanh", "sin", "cos", "sigmoid", "relu", "floor", "ceil", "sign", "round", "isnan"]:
    for s in [(), (3,), (2, 3), (0,), (2, 0, 3)]:
        emit(f"{name}(a)", s)
for _ in range(80):
    whole = shape(0, 4)
    def part():
        s = tuple(1 if r.random() < 0.3 else n for n in whole)
        return s[r.randint(0, len(s)):] if r.random() < 0.4 else s
    op = r.choice(["+", "-", "*", "/", "^", "%", "<", "<=", ">", ">=", "==", "!="])
    emit(f"a {op} b" if op != "^" else "(abs(a) + 1) ^ b", part(), part())
    emit(f"{r.choice(['maximum', 'minimum'])}(a, b)", part(), part())
    emit("where(a > 0, b, c)", part(), part(), part())
for _ in range(30):
    emit(f"a {r.choice('+*-')} b", shape(0, 3), shape(0, 3))
    emit("where(a > 0, b, c)", shape(0, 2, 1, 2), shape(0, 2, 1, 2), shape(0, 2, 1, 2))
for _ in range(60):
    n, k, m = (r.randint(1, 4) for _ in range(3))
    lead = shape(0, 2, 1, 3)
    a = r.choice([(k,), (n, k), lead + (n, k), tuple(1 for _ in lead) + (n, k)])
    b = r.choice([(k,), (k, m), lead + (k, m), lead[1:] + (k, m)])
    emit("a @ b", a, b)
    if len(a) <= 2 and len(b) <= 2:
        emit("dot(a, b)", a, b)
for a, b in [((2, 3), (2, 3)), ((3,), (2,)), ((2, 2, 3), (3, 3, 2)), ((), (3,)), ((0, 3), (3, 2)), ((2, 0), (0, 3))]:
    emit("a @ b", a, b)
for _ in range(40):
    s = shape(1, 4)
    order = list(range(len(s)))
    r.shuffle(order)
    emit(f"transpose(a, {', '.join(str(x - len(s) if r.random() < 0.3 else x) for x in order)})", s)
    total = int(np.prod(s))
    target = r.choice([[-1], [total], [1, -1], [-1, 1, total], [2, -1], [3, total], list(s[::-1])])
    emit(f"reshape(a, {target})", s)
    axis = r.randint(-len(s), len(s) - 1)
    other = list(s)
    other[axis] = r.randint(0, 3)
    if r.random() < 0.15:
        other = list(shape(1, 3))
    emit(f"concat([a, b], axis={axis})", s, tuple(other))
    emit(f"stack([a, b], axis={r.randint(-len(s) - 1, len(s))})", s, s)
for s in [(1, 3), (1,), (2, 1, 3, 1), (1, 1)]:
    emit("squeeze(a)", s)
    emit("squeeze(a, axis=0)", s)


def one_index(n):
    kind = r.randrange(7)
    if kind == 0:
        return str(r.randint(-n, n - 1))
    if kind == 1:
        return ":"
    if kind == 2:
        step = r.choice(["", ":-1", ":2", ":-2", ":1"])
        return f"{r.choice(['', str(r.randint(-n - 1, n + 1))])}:{r.choice(['', str(r.randint(-n - 1, n + 1))])}{step}"
    if kind == 3:
        return str([r.randint(-n, n - 1) for _ in range(r.randint(1, 3))])
    if kind == 4:
        return str([r.randint(-n, n - 1) for _ in range(2)])
    if kind == 5:
        return "none"
    return str([r.random() < 0.5 for _ in range(n)]).replace("T", "t").replace("F", "f")


for _ in range(260):
    s = shape(1, 4, 1, 4)
    words, axis = [], 0
    for _ in range(r.randint(1, len(s))):
        word = one_index(s[axis])
        words.append(word)
        if word != "none":
            axis += 1
    emit(f"a[{', '.join(words)}]", s)
for s in [(3,), (2, 3), (2, 3, 2)]:
    emit("a[a > 0]", s)
    emit("a[(a > -1) * (a < 2)]", s)
    emit("a[a > 100]", s)
    emit("a[[[0, 1], [1, 0]]]", s)
    emit("a[5]", s)
    emit("a[-1, 0, 0, 0]", s)
emit("a[:, a[0] > 0]", (2, 3))
emit("a[a[:, 0] > 0]", (4, 3))
emit("a[a > 0, 1]", (2, 3))
emit("a[a[:, 0] > 0, 1]", (4, 3))
emit("a[[true, false, true]]", (2, 3))
emit("a[[0, 1, 2], [1, 0]]", (3, 3))
emit("a[[[0], [1]], [1, 0]]", (3, 3))
emit("a[[[0], [1]], :, [1, 0]]", (3, 2, 3))
emit("a[[0, 1], none, [1, 0]]", (3, 3))
for s in [(2, 3), ()]:
    emit("clip(a, -1, 1.5)", s)
    emit("clip(a, b, 2)", s, s)
for s in [(0,), (0, 3), (2, 0)]:
    for f in ["sum", "mean", "min", "max", "argmax", "any", "all", "std"]:
        emit(f"{f}(a)", s)
        emit(f"{f}(a, axis=0)", s)
# Behind everything else, so that the draws above stay as they are.
for _ in range(14):
    for name in ["prod", "median"]:
        s = shape(1)
        emit(f"{name}(a{axis_text(len(s))}{r.choice(['', ', keepdims=true'])})", s)
for s in [(0,), (0, 3), (2, 0)]:
    for f in ["prod", "median"]:
        emit(f"{f}(a)", s)
        emit(f"{f}(a, axis=0)", s)
for _ in range(80):
    s = shape(1, 4, 1, 4)
    before = r.randint(0, len(s) - 1)
    behind = r.randint(0, len(s) - before)
    words = [one_index(n) for n in s[:before]]
    words.append("...")
    words += [one_index(n) for n in s[len(s) - behind:]] if behind else []
    emit(f"a[{', '.join(words)}]", s)
for text in ["a[...]", "a[..., none]", "a[..., 0]", "a[0, ...]", "a[..., 5]", "a[..., 0, 0, 0, 0, 0]", "a[0, ..., none, 1]", "a[..., a[0, 0] > 0]"]:
    emit(text, (2, 3, 4))


# What NumPy has under the same names, and three that it has otherwise.
def logsumexp(x, axis=None, keepdims=False):
    return np.log(np.sum(np.exp(x.astype(np.float64)), axis=axis, keepdims=keepdims))


def topk(x, k, axis=-1, largest=True):
    order = np.argsort(-x if largest else x, axis=axis, kind="stable")
    if not 0 <= k <= x.shape[axis]:
        raise ValueError
    places = np.take(order, range(k), axis=axis)
    return np.take_along_axis(x, places, axis), places


def setitem(x, *rest):
    places = tuple(eval(f"np.s_[{p}]") if isinstance(p, str) else p for p in rest[:-1])
    y = x.copy()
    y[places if len(places) > 1 else places[0]] = rest[-1]
    return y


space.update(
    quantile=lambda x, q, axis=None, method="linear", keepdims=False: np.quantile(
        x.astype(np.float64), q, axis=axis, method=method, keepdims=keepdims),
    percentile=lambda x, q, axis=None, method="linear", keepdims=False: np.percentile(
        x.astype(np.float64), q, axis=axis, method=method, keepdims=keepdims),
    logsumexp=logsumexp, topk=topk, setitem=setitem, cumprod=np.cumprod, diff=np.diff, isclose=np.isclose,
    allclose=np.allclose, isinf=np.isinf, outer=np.outer, diag=np.diag, trace=np.trace, triu=np.triu, tril=np.tril,
    flip=np.flip, roll=np.roll, tile=np.tile, repeat=np.repeat, pad=np.pad, take=np.take,
    take_along_axis=lambda x, i, axis: np.take_along_axis(x, i.astype(int), axis), einsum=np.einsum,
    nonzero=np.nonzero, zeros_like=np.zeros_like, ones_like=np.ones_like, full_like=np.full_like,
    atan2=lambda a, b: np.arctan2(a, b), tan=np.tan, asin=np.arcsin, acos=np.arccos, atan=np.arctan, sinh=np.sinh,
    cosh=np.cosh, log2=np.log2, log10=np.log10, log1p=np.log1p, expm1=np.expm1,
    divmod=lambda a, b: np.stack(np.divmod(a, np.float32(b) if np.isscalar(b) else b)))

for name in ["tan", "asin", "acos", "atan", "sinh", "cosh", "log2", "log10", "log1p", "expm1", "isinf"]:
    for s in [(), (3,), (2, 3), (0,), (2, 0, 3)]:
        emit(f"{name}(a)", s)
methods = ["linear", "lower", "higher", "midpoint", "nearest", "hazen", "weibull", "median_unbiased", "normal_unbiased",
           "interpolated_inverted_cdf"]
for method in methods:
    for s in [(7,), (4, 5), (1, 3), (2, 3, 4)]:
        q = r.choice([0, 0.25, 0.37, 0.5, 0.9, 1])
        emit(f"quantile(a, {q}, method=\"{method}\"{axis_text(len(s))})", s)
        emit(f"quantile(a, [0.1, {q}], method=\"{method}\"{r.choice(['', ', keepdims=true'])})", s)
for s in [(5,), (3, 4)]:
    emit("percentile(a, 40)", s)
    emit("percentile(a, [0, 33.3, 100], axis=0)", s)
    emit("percentile(a, 101)", s)
    emit("quantile(a, -0.1)", s)
    emit("quantile(a, 0.5, axis=4)", s)
for _ in range(12):
    s = shape(1)
    emit(f"logsumexp(a{axis_text(len(s))}{r.choice(['', ', keepdims=true'])})", s)
    emit(f"cumprod(a, axis={r.randint(-len(s), len(s) - 1)})", s)
    emit(f"diff(a, {r.randint(0, 3)}, axis={r.randint(-len(s), len(s) - 1)})", s)
    emit(f"var(a, ddof={r.randint(0, 2)}, axis={r.randint(-len(s), len(s) - 1)})", s)
    emit(f"std(a, ddof={r.randint(0, 1)})", s)
    emit(f"flip(a{axis_text(len(s))})", s)
    emit(f"roll(a, {r.randint(-5, 5)}{r.choice(['', f', axis={r.randint(-len(s), len(s) - 1)}'])})", s)
    emit(f"tile(a, {[r.randint(0, 3) for _ in range(r.randint(1, 3))]})", s)
    emit(f"tile(a, {r.randint(0, 3)})", s)
    emit(f"repeat(a, {r.randint(0, 3)}{r.choice(['', f', axis={r.randint(-len(s), len(s) - 1)}'])})", s)
    axis = r.randint(-len(s), len(s) - 1)
    emit(f"repeat(a, {[r.randint(0, 2) for _ in range(s[axis])]}, axis={axis})", s)
    mode = r.choice(["constant", "edge", "reflect", "symmetric", "wrap"])
    emit(f"pad(a, {[[r.randint(0, 4), r.randint(0, 4)] for _ in s]}, \"{mode}\")", s)
    emit(f"pad(a, [{r.randint(0, 2)}, {r.randint(0, 2)}], \"{mode}\")", s)
    emit(f"pad(a, {r.randint(0, 2)}, constant_values=7)", s)
    emit(f"take(a, {[r.randint(-s[axis], s[axis] - 1) for _ in range(3)]}, axis={axis})", s)
    emit(f"take(a, [[0, -1], [0, 0]]{r.choice(['', f', axis={axis}'])})", s)
    emit(f"take_along_axis(a, argsort(a, axis={axis}), {axis})", s)
    k = r.randint(0, s[axis])
    emit(f"topk(a, {k}, {axis})[0]", s)
    emit(f"topk(a, {k}, {axis}, {r.choice(['true', 'false'])})[1]", s)
    emit(f"stack(nonzero(a))", s)
    emit(f"stack(where(a > 0))", s)
    emit(f"setitem(a, a > 0, 9)", s)
    emit(f"setitem(a, 0, 9)", s)
    emit(f"setitem(a, {[r.randint(-s[0], s[0] - 1) for _ in range(2)]}, 9)", s)
    emit(f"setitem(a, \"::-2\", b)", s, (1,) * len(s))
for s in [(3,), (2, 3), (3, 2), (4, 4), (1, 4), (2, 3, 2)]:
    for k in [-4, -1, 0, 1, 2]:
        emit(f"diag(a, {k})", s)
        emit(f"trace(a, {k})", s)
        emit(f"triu(a, {k})", s)
        emit(f"tril(a, {k})", s)
for a, b in [((2,), (3,)), ((2, 2), (3,)), ((), (2,)), ((0,), (2,))]:
    emit("outer(a, b)", a, b)
for a, b in [((2, 3), (2, 3)), ((3,), (2, 3)), ((2,), (3,))]:
    emit("isclose(a, b)", a, b)
    emit("isclose(a, b, 0.5, 1)", a, b)
    emit("allclose(a, a)", a)
    emit("allclose(a, b, atol=9)", a, b)
    emit("atan2(a, b)", a, b)
    emit("divmod(a, b)", a, b)
    emit("divmod(a, 1.5)", a)
for text, shapes in [
    ("ij,jk->ik", ((2, 3), (3, 4))), ("ij,jk", ((2, 3), (3, 4))), ("ii", ((3, 3),)), ("ii->i", ((3, 3),)),
    ("ij->ji", ((2, 3),)), ("ba", ((2, 3),)), ("ij->", ((2, 3),)), ("ij->j", ((2, 3),)), ("i,j->ij", ((2,), (3,))),
    ("i,i", ((3,), (3,))), ("bij,bjk->bik", ((2, 2, 3), (2, 3, 2))), ("...ij,...jk->...ik", ((2, 2, 3), (3, 2))),
    ("...ij,...jk", ((2, 1, 2, 3), (2, 3, 2))), ("i...->...", ((2, 3, 2),)), ("...ii->...", ((2, 3, 3),)),
    ("ij,kl->ijkl", ((2, 2), (2, 3))), ("ij,ij->", ((2, 3), (2, 3))), ("ijk,jk,k->i", ((2, 3, 2), (3, 2), (2,))),
    ("ij,jk,kl->il", ((2, 3), (3, 2), (2, 4))), ("iij->j", ((2, 2, 3),)), ("abc,cd,ad->b", ((2, 3, 2), (2, 3), (2, 3))),
    ("ij,jk->ik", ((2, 3), (4, 4))), ("ij", ((2,),)), ("ij,jk->iz", ((2, 3), (3, 4))), ("i,j", ((2,),)),
    ("ij->ii", ((2, 2),)), ("i1->i", ((2, 2),)), ("ij->i->j", ((2, 2),)), (",", ((), ())), ("i,", ((3,), ())),
    ("bhij,bhkj->bhik", ((1, 2, 2, 3), (1, 2, 2, 3))), ("...,...", ((2, 3), (3,))),
]:
    emit(f"einsum(\"{text}\", {', '.join('abc'[k] for k in range(len(shapes)))})", *shapes)
for text, shapes in [
    ("setitem(a, [0, 1], [1, 0], b)", ((2, 3), (2,))), ("setitem(a, \":\", 1, b)", ((2, 3), (2,))),
    ("setitem(a, \"...\", 0, 5)", ((2, 3, 2),)), ("setitem(a, 1, \"1:3\", b)", ((2, 3), (2,))),
    ("setitem(a, a > 0, b)", ((2, 3), (3,))), ("setitem(a, a[:, 0] > -9, b)", ((2, 3), (3,))),
    ("setitem(a, [0, 0], b)", ((3,), (2,))), ("setitem(a, 5, 1)", ((3,),)), ("setitem(a, [0, 1], b)", ((3,), (3,))),
    ("setitem(a, [[0, 1], [2, 0]], 4)", ((3,),)), ("setitem(a, \":\", none, 4)", ((3,),)), ("setitem(a, [], 4)", ((3,),)),
    ("zeros_like(a)", ((2, 3),)), ("ones_like(a)", ((0,),)), ("full_like(a, 4)", ((2,),)),
    ("take(a, 5)", ((3,),)), ("take(a, 1, axis=3)", ((3,),)), ("pad(a, [[1, 2]])", ((3,),)), ("pad(a, [1, 2, 3])", ((3,),)),
    ("pad(a, -1)", ((3,),)), ("repeat(a, -1)", ((3,),)), ("repeat(a, [1, 2])", ((3,),)), ("diff(a, -1)", ((3,),)),
    ("roll(a, [1, 2], axis=[0, 1])", ((3, 4),)), ("roll(a, 1, axis=[0, 1])", ((3, 4),)), ("flip(a, axis=2)", ((3, 4),)),
    ("topk(a, 9)", ((3,),)), ("tile(a, -1)", ((3,),)), ("sum([[1, 2], [3, 4]], axis=0)", ((1,),)),
    ("max([[1, 2], [3, 0]], axis=1)", ((1,),)), ("min([[1, 2], [3, 0]], axis=-1, keepdims=true)", ((1,),)),
    ("any([[0, 1], [0, 0]], axis=0)", ((1,),)), ("all([[0, 1], [1, 1]], axis=1)", ((1,),)), ("sum([[1, 2]], axis=2)", ((1,),)),
]:
    emit(text, *shapes)
