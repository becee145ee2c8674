#!/usr/bin/env python3
"""Writes language.txt: expressions of the language and what CPython and NumPy give for them, as Twin shows it.

    python3 Tests/References/language.py > Tests/References/language.txt

Each line: an expression, a tab, the text that str([…]) of it must have. Fixed seed; made with CPython 3.11 and NumPy 2."""
import math
import random
import warnings

import numpy as np

warnings.simplefilter("ignore")
random.seed(12)
lines = []


def quoted(text):
    out = '"'
    for c in text:
        if c in '"\\{}':
            out += "\\" + c
        elif c in "\n\t\r":
            out += {"\n": "\\n", "\t": "\\t", "\r": "\\r"}[c]
        elif ord(c) < 32 or ord(c) == 127:
            out += "\\u{%x}" % ord(c)
        else:
            out += c
    return out + '"'


def shown(value):
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(shown, value)) + "]"
    value = float(value)
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    if value == int(value) and abs(value) < 1e16:
        return str(int(value))
    return repr(value)


def add(expression, value):
    lines.append(expression + "\t" + shown(value))


def literal(x):
    if isinstance(x, float) and not math.isfinite(x):
        return "nan" if math.isnan(x) else "inf" if x > 0 else "-inf"
    return repr(x)


def list_of(numbers):
    return "[" + ", ".join(list_of(x) if isinstance(x, list) else literal(x) for x in numbers) + "]"


# Texts: blanks of all kinds, and the line ends of Windows.
PARTS = ["a", "b", " ", "  ", "\n", "\r\n", "\r", "\t", "é", ",", "ab", "aa", ":", "\x0b", "\x1c", "\u2028", "x"]
for _ in range(220):
    s = "".join(random.choice(PARTS) for _ in range(random.randint(0, 8)))
    sep = random.choice(["a", "aa", "\n", "\r\n", " ", ",", "ab", "é", "\r"])
    most = random.randint(-1, 3)
    i, j = random.randint(-9, 9), random.randint(-9, 9)
    t, p = quoted(s), quoted(sep)
    add(f"{t}.split(none, {most})", s.split(None, most))
    add(f"{t}.rsplit(none, {most})", s.rsplit(None, most))
    add(f"{t}.split({p}, {most})", s.split(sep, most))
    add(f"{t}.rsplit({p}, {most})", s.rsplit(sep, most))
    add(f"{t}.lines()", s.splitlines())
    add(f"[len({t}), {t}.count({p}), {t}.find({p}), {t}.rfind({p})]", [len(s), s.count(sep), s.find(sep), s.rfind(sep)])
    add(f"[{t}.strip(), {t}.lstrip(), {t}.rstrip()]", [s.strip(), s.lstrip(), s.rstrip()])
    add(f"[{t}.strip({p}), {t}.lstrip({p}), {t}.rstrip({p})]", [s.strip(sep), s.lstrip(sep), s.rstrip(sep)])
    add(
        f"[{t}.startswith({p}), {t}.endswith({p}), {p} in {t}, {t}.isspace()]",
        [s.startswith(sep), s.endswith(sep), sep in s, s.isspace()])
    add(f"[{t}.removeprefix({p}), {t}.removesuffix({p})]", [s.removeprefix(sep), s.removesuffix(sep)])
    add(f"[{t}.replace({p}, \"Q\"), {t}.partition({p})]", [s.replace(sep, "Q"), list(s.partition(sep))])
    add(f"[list({t}), reversed({t}), {t}[{i}:{j}]]", [list(s), s[::-1], s[i:j]])
    add(f"[{t}.ljust(6, \"-\"), {t}.center(7), {t}.rjust(5)]", [s.ljust(6, "-"), s.center(7), s.rjust(5)])


# Formats of numbers.
def number():
    kind = random.random()
    if kind < 0.3:
        return random.randint(-2000000, 2000000)
    if kind < 0.5:
        return random.uniform(-1e6, 1e6)
    if kind < 0.6:
        return float(random.choice([0, 1, -1, 255, 65535, 1e15, 1e16, 1e19, 2**64, 1e30]))
    if kind < 0.7:
        return random.uniform(-1, 1) * 10 ** random.randint(-20, 20)
    if kind < 0.75:
        return random.choice([math.inf, -math.inf, math.nan])
    return round(random.uniform(-1000, 1000), random.randint(0, 3))


while len(lines) < 220 * 13 + 1200:
    x = number()
    f = ""
    if random.random() < 0.3:
        f += random.choice(["", "*", "0", "-", "x"]) + random.choice("<>^=")
    if random.random() < 0.3:
        f += random.choice("+- ")
    if random.random() < 0.15:
        f += "#"
    if random.random() < 0.3:
        f += "0"
    if random.random() < 0.5:
        f += str(random.randint(1, 22))
    if random.random() < 0.3:
        f += random.choice(",_")
    form = random.choice("fegdxbo%EGFX")
    if form not in "dxboX" and random.random() < 0.6:
        f += "." + str(random.randint(0, 8))
    whole = form in "dxboX"
    if whole and (not math.isfinite(x) or x != int(x)):
        continue
    try:
        text = format(int(x) if whole else x, f + form)
    except ValueError:
        continue
    add(f'"{{{literal(x)}:{f}{form}}}"', text)
for _ in range(120):
    s = "".join(random.choice("abé, ") for _ in range(random.randint(0, 5)))
    f = random.choice(["", "*", "0"]) + random.choice("<>^") if random.random() < 0.5 else ""
    f += ("0" if random.random() < 0.3 else "") + (str(random.randint(1, 12)) if random.random() < 0.7 else "")
    f += ("." + str(random.randint(0, 4)) if random.random() < 0.4 else "") + ("s" if random.random() < 0.3 else "")
    if f:
        add(f"\"{{'{s}':{f}}}\"", format(s, f))


# Statistics of lists, in double precision.
def numbers():
    count = random.choice([1, 2, 3, 5, 7, 8, 9, 20, 130, 300])
    kind = random.random()
    if kind < 0.3:
        return [random.randint(-10, 10) for _ in range(count)]
    if kind < 0.6:
        return [random.uniform(-1e3, 1e3) for _ in range(count)]
    if kind < 0.8:
        return [1e9 + random.randint(0, 5) for _ in range(count)]
    if kind < 0.9:
        return [random.choice([1e39, 1e-39, 16777217, 1.5]) for _ in range(count)]
    return [random.choice([1.0, 2.5, math.nan]) for _ in range(count)]


for _ in range(160):
    xs = numbers()
    a = np.array(xs, dtype=float)
    names = ["mean", "var", "std", "max", "min", "median", "argmax", "argmin"]
    add(
        f"(xs -> [{', '.join(n + '(xs)' for n in names)}])({list_of(xs)})", [getattr(np, n)(a) for n in names])
    rows, columns = random.randint(1, 4), random.randint(1, 4)
    m = [[random.randint(-9, 9) / 4 for _ in range(columns)] for _ in range(rows)]
    b = np.array(m, dtype=np.float32)
    axis = random.choice([0, 1, -1, -2])
    names = ["sum", "max", "min", "argmax", "argmin", "any", "all"]
    add(
        f"(xs -> [{', '.join(f'{n}(xs, axis={axis}).tolist()' for n in names)}])({list_of(m)})",
        [getattr(np, n)(b, axis=axis).astype(float).tolist() for n in names])
    x = random.choice([5, -5, -7.25, 1e10, -1e10, 3.5, 0.0, math.inf])
    y = random.choice([math.inf, -math.inf, 3, -3, 0.125, -0.125, 7.5, 0.0])
    add(f"(tensor([{literal(x)}]) % {literal(y)})[0]", np.mod(np.float32(x), np.float32(y)))

print("\n".join(lines))
