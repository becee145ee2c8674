"""NumPy's figures for Tests/TensorsTests/NumPyTests.swift: python3 Tests/References/tensors.py > Tests/References/tensors.txt

Each line: name, shape, numbers. The input is x = ((7·i + 3) mod 11 − 5) / 2 for i = 0 … 23, of shape [2, 3, 4].
"""
import numpy as np

i = np.arange(24)
x = (((7 * i + 3) % 11 - 5) / 2).astype(np.float32).reshape(2, 3, 4)
y = x[0, :, 0]
results = {
    "sum1": x.sum(axis=1), "mean02": x.mean(axis=(0, 2)), "std2": x.std(axis=2), "var": x.var(),
    "argmax1": x.argmax(axis=1), "argmin": x.argmin(), "sort1": np.sort(x, axis=1),
    "argsort0": np.argsort(y, kind="stable"), "cumsum1": x.cumsum(axis=1), "transpose": x.transpose(2, 0, 1),
    "slice": x[::-1, 1:, ::-2], "rows": x[:, [2, 0]], "mask": x[x > 1], "matmul": x @ x.transpose(0, 2, 1),
    "exp": np.exp(x), "tanh": np.tanh(x), "clip": np.clip(x, -1, 1.5), "round": np.round(x),
    "remainder": np.mod(x, 1.5), "norm2": np.linalg.norm(x, axis=2), "broadcast": x * np.arange(3, dtype=np.float32)[:, None],
}
for name, value in results.items():
    value = np.asarray(value, dtype=np.float32)
    print(name, ",".join(map(str, value.shape)) or "-", *(f"{v:.9g}" for v in value.ravel()))
