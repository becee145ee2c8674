"""NumPy's answers for Tests/TensorsTests/LinearAlgebraTests.swift:

    python3 Tests/References/linear_algebra.py > Tests/References/linear_algebra.txt

Each line: the function, its operands and its answers; an array is its shape, a colon and its numbers. Signs are fixed as
Twinbook fixes them: R's diagonal is not negative; the largest number of U's columns and of eigenvectors is positive.
"""
import numpy as np

r = np.random.default_rng(11)


def number(shape):
    return (r.integers(-40, 41, size=shape) / 8).astype(np.float32)


def text(x):
    x = np.asarray(x, dtype=np.float64)
    return ",".join(map(str, x.shape)) + ":" + " ".join(f"{v:.9g}" for v in x.reshape(-1))


def emit(name, operands, answers):
    print("\t".join([name, ";".join(map(text, operands)), ";".join(map(text, answers))]))


def wide(x):
    return x.astype(np.float64)


def turned(columns):
    """The sign that makes the largest number of each column positive, the first of equal ones."""
    size = np.abs(columns)
    first = np.argmax(size >= size.max(axis=-2, keepdims=True) * (1 - 1e-6), axis=-2)
    return np.where(np.take_along_axis(columns, first[..., None, :], axis=-2) < 0, -1.0, 1.0)


leads = [(), (), (), (3,), (2, 1)]
for n in (1, 2, 3, 4, 6, 9):
    for lead in leads:
        a = number(lead + (n, n))
        if np.linalg.cond(wide(a)).max() > 1e4:
            continue
        b = number((n,))
        emit("solve", [a, b], [np.linalg.solve(wide(a), np.broadcast_to(wide(b)[:, None], lead + (n, 1)))[..., 0]])
        b = number((2,) + (n, 3))
        emit("solve", [a, b], [np.linalg.solve(wide(a), wide(b))]) if lead != (3,) else None
        emit("inverse", [a], [np.linalg.inv(wide(a))])
        emit("det", [a], [np.linalg.det(wide(a))])
        s = number(lead + (n, n + 2))
        s = (s @ np.swapaxes(s, -1, -2)).astype(np.float32)
        if np.linalg.cond(wide(s)).max() < 1e4:
            emit("cholesky", [s], [np.linalg.cholesky(wide(s))])
        s = a + np.swapaxes(a, -1, -2)
        w, v = np.linalg.eigh(wide(s))
        if n == 1 or np.min(np.diff(w, axis=-1)) > 0.05:
            emit("eigh", [s], [w, v * turned(v)])
for m, n in ((1, 1), (1, 3), (3, 1), (2, 2), (2, 4), (5, 3), (4, 4), (7, 5), (5, 8)):
    for lead in leads:
        a = number(lead + (m, n))
        k = min(m, n)
        u, s, vt = np.linalg.svd(wide(a), full_matrices=False)
        if s.min() < 0.05 or (k > 1 and np.min(-np.diff(s, axis=-1)) < 0.05):
            continue
        sign = turned(u)
        emit("svd", [a], [u * sign, s, vt * np.swapaxes(sign, -1, -2)])
        q, rr = np.linalg.qr(wide(a))
        d = np.where(np.diagonal(rr, axis1=-2, axis2=-1) < 0, -1.0, 1.0)
        emit("qr", [a], [q * d[..., None, :], rr * d[..., :, None]])
        emit("pinv", [a], [np.linalg.pinv(wide(a))])
        if lead == ():
            for b in (number((m,)), number((m, 2))):
                x, residuals, rank, s = np.linalg.lstsq(wide(a), wide(b), rcond=None)
                emit("lstsq", [a, b], [x, residuals, rank, s])
# Rank 2 of whole numbers, so that rounding to 32 bits leaves nothing.
a = (r.integers(-3, 4, (6, 2)) @ r.integers(-3, 4, (2, 5))).astype(np.float32)
emit("pinv", [a], [np.linalg.pinv(wide(a), rcond=1e-10)])
b = number((6,))
x, residuals, rank, s = np.linalg.lstsq(wide(a), wide(b), rcond=1e-10)
s[2:] = 0
emit("lstsq", [a, b], [x, residuals, rank, s])
