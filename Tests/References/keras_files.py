"""Makes the small files of Keras that the tests read, with what Keras computes from them, and arrays that h5py packs in
every way that is read: Tests/References/files/keras.zip (most of HDF5 is zeros). Run with the Python of ~/peers-keras (Scripts/bench.sh
--setup-peers --keras makes it): keras_files.py. All weights are whole eighths, so that files stay the same.
"""

import os
import tempfile
import zipfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import h5py
import keras
import numpy as np
import tf_keras

archive = Path(__file__).parent / "files" / "keras.zip"
target = Path(tempfile.mkdtemp())


def filled(model):
    rng = np.random.default_rng(7)
    values = []
    for w in model.get_weights():
        v = rng.integers(-8, 9, w.shape) / 8
        values.append((np.abs(v) + 0.125 if w.ndim == 1 else v).astype(w.dtype))
    model.set_weights(values)


def base(k):
    L = k.layers
    return k.Sequential(
        [k.Input((7, 6, 2)), L.Conv2D(3, 3, padding="same", strides=2, activation="relu"), L.BatchNormalization(), L.Flatten(),
         L.Dense(4)], name="base")


x = (np.random.default_rng(1).integers(0, 256, (3, 7, 6, 2)) / 256).astype(np.float32)


def said(name, model):
    y = model.predict(x, verbose=0)
    lines.append(f"{name} {y.shape[1]} " + " ".join(f"{v:.7g}" for v in y.ravel()))


lines = ["x " + " ".join(f"{v:.8g}" for v in x.transpose(0, 3, 1, 2).ravel())]
for k, ending in [(keras, "3"), (tf_keras, "2")]:
    net = base(k)
    filled(net)
    a, b = k.Input((7, 6, 2)), k.Input((7, 6, 2))
    twin = k.Model([a, b], k.layers.Lambda(lambda v: v[0] - v[1], output_shape=(4,), name="difference")([net(a), net(b)]))
    if k is keras:
        twin.save(target / "twin-3.keras")
        net.save_weights(target / "base-3.weights.h5")
    else:
        twin.save(target / "twin-2.h5")
    said(f"twin-{ending}", net)

L = keras.layers
i = keras.Input((7, 6, 2))
p = L.DepthwiseConv2D(3, depth_multiplier=2, name="deep")(i)
q = L.Concatenate(name="both")([p, L.LeakyReLU(negative_slope=0.25, name="leaky")(p)])
q = L.Flatten(name="flat")(q)
graph = keras.Model(i, L.Dense(3, activation="tanh", name="last")(q))
filled(graph)
graph.save(target / "graph-3.h5")
said("graph-3", graph)

# A model within a model, whose layers take arrays of the same shapes: which comes first stands in the model alone.
inner = keras.Sequential([keras.Input((7, 6, 2)), L.Conv2D(2, 3, padding="same")], name="inner")
nested = keras.Sequential([keras.Input((7, 6, 2)), inner, L.Conv2D(2, 3, padding="same"), L.Flatten(), L.Dense(4)])
filled(nested)
nested.save(target / "nested-3.keras")
said("nested-3", nested)
(target / "results.txt").write_text("\n".join(lines) + "\n")

with h5py.File(target / "packed.h5", "w") as f:
    numbers = np.arange(7 * 5 * 3).reshape(7, 5, 3)
    f.create_dataset("gzip", data=numbers.astype("f4"), chunks=(3, 2, 3), compression="gzip", shuffle=True, fletcher32=True)
    f.create_dataset("sums", data=numbers.astype(">f8"), chunks=(4, 4, 1), fletcher32=True)
    f.create_dataset("half", data=numbers.astype("f2"))
    f.create_dataset("whole", data=numbers.astype("<i2") - 50)
    f.create_dataset("bytes", data=numbers.astype("u1"), chunks=(7, 5, 3), shuffle=True)
    f.create_dataset("flags", data=numbers % 2 == 0)
    f.create_dataset("empty", shape=(2, 3), dtype="f4")
    f.create_dataset("partly", shape=(5, 5), dtype="f4", chunks=(2, 2))[4, 1] = 2
    f.create_dataset("one", data=np.float32(1.5))
    f.attrs["text"] = "a text – as Keras writes one"
    f.attrs["list"] = np.array([b"ab", b"cde"])
# What is refused.
with h5py.File(target / "links.h5", "w") as f:
    f["soft"] = h5py.SoftLink("/a")
with h5py.File(target / "outside.h5", "w") as f:
    f["theirs"] = h5py.ExternalLink("/etc/passwd", "/")
with h5py.File(target / "external.h5", "w") as f:
    f.create_dataset("numbers", shape=(3,), dtype="f4", external=[("/etc/passwd", 0, 12)])
with h5py.File(target / "lzf.h5", "w") as f:
    f.create_dataset("numbers", data=np.arange(3.0), chunks=(3,), compression="lzf")
with h5py.File(target / "loop.h5", "w") as f:
    f.create_group("a")["b"] = f["/"]
with h5py.File(target / "latest.h5", "w", libver="latest") as f:
    f.create_group("g").create_dataset("numbers", data=np.arange(3, dtype="f4"))
with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
    for path in sorted(target.iterdir()):
        # One fixed time, so that equal files give an equal archive.
        z.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
print(archive.stat().st_size, "bytes in", archive)
