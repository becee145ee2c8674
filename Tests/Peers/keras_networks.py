"""Judges networks that come in from Keras. Called by Scripts/judge-networks.sh with the Python of a virtual environment
that holds tensorflow-cpu, keras and tf-keras (Keras 2): keras_networks.py DATA. Prints a table, and ends with an error
where a figure is worse than it has to be. Tests/References/keras_files.py makes the tests' files of the same layers.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import numpy as np

failures = []


def twin(code):
    """Runs a script; what it prints, and what it tells besides."""
    Path("judge.twin").write_text(code)
    run = subprocess.run([os.environ["TWINBOOK"], "run", "judge.twin"], capture_output=True, text=True)
    if run.returncode != 0:
        print(run.stdout, run.stderr)
        raise SystemExit(f"the script failed: {code[:200]}")
    return run.stdout + run.stderr


def judged(what, value, limit=1e-5):
    good = value <= limit
    print(f"{what:<66} {value:10.2e}  {'ok' if good else f'MORE THAN {limit:.0e}'}", flush=True)
    if not good:
        failures.append(what)


def distances(e):
    return np.linalg.norm(e[:, None] - e[None], axis=2)


def stirred(model, seed=3):
    """Weights and statistics as a training leaves them, not those of the beginning."""
    rng = np.random.default_rng(seed)
    values = []
    for w in model.get_weights():
        noise = rng.normal(0, 0.05, w.shape) if w.ndim else 0
        values.append((w + noise if w.ndim != 1 else np.abs(w + noise) + 0.01).astype(w.dtype))
    model.set_weights(values)
    return model


def lively(model, x):
    """A deep network as it begins gives almost the same for all images: it takes the statistics of some."""
    norms = [layer for layer in model.layers if layer.__class__.__name__ == "BatchNormalization"]
    for layer in norms:
        layer.momentum = 0.0
    model(x, training=True)
    for layer in norms:
        layer.momentum = 0.99
    return model


def base(k, shape, extra=()):
    """The recipe's network for the faces of one half size."""
    L = k.layers
    return k.Sequential(
        [k.Input(shape) if hasattr(k, "Input") else L.Input(shape), L.Conv2D(6, 3), L.ReLU(), L.MaxPooling2D(2), L.Dropout(0.25),
         L.Conv2D(12, 3), L.ReLU(), L.MaxPooling2D(2), L.Dropout(0.25), *extra, L.Flatten(), L.Dense(128, activation="relu"),
         L.Dropout(0.1), L.Dense(50, activation="relu")], name="base")


def sequences(k):
    """Name, model of one input."""
    L = k.layers
    I = k.Input
    yield "conv, same, strides, batchnorm, global pool, unit length", k.Sequential(
        [I((56, 46, 3)), L.Conv2D(8, 3, padding="same", strides=2, use_bias=False), L.BatchNormalization(epsilon=0.01), L.ReLU(),
         L.Conv2D(12, (3, 5), padding="same", activation="tanh"), L.AveragePooling2D(3, 2, padding="same"),
         L.BatchNormalization(scale=False), L.MaxPooling2D((2, 3), padding="same"), L.Conv2D(7, 2, strides=(2, 1), padding="same"),
         L.GlobalAveragePooling2D(), L.Dense(9), L.BatchNormalization(center=False), L.UnitNormalization()])
    yield "behind flatten: batchnorm, prelu of rows, layer norm", k.Sequential(
        [I((20, 17, 3)), L.Conv2D(5, 4), L.Flatten(), L.BatchNormalization(), L.LayerNormalization(), L.Activation("sigmoid"),
         L.Dropout(0.5), L.Dense(11, activation="softmax")])
    yield "flatten as the last layer", k.Sequential([I((12, 9, 2)), L.Conv2D(4, 3, activation="elu"), L.Flatten()])
    yield "rows alone", k.Sequential([I((30,)), L.Dense(12, activation="selu"), L.PReLU(), L.Dense(4, activation="softplus")])
    yield "digits [28, 28] reshaped to images", k.Sequential(
        [I((28, 28)), L.Reshape((28, 28, 1)), L.Conv2D(4, 3, activation="leaky_relu"), L.MaxPooling2D(), L.Flatten(), L.Dense(6)])
    yield "rescaling, normalisation, augmentation, resizing", k.Sequential(
        [I((40, 30, 3)), L.Rescaling(1 / 127.5, offset=-1), L.RandomFlip(), L.Resizing(24, 26),
         L.Normalization(mean=[0.1, 0.2, 0.3], variance=[1, 2, 3]), L.Conv2D(4, 3), L.GlobalMaxPooling2D()])
    yield "depthwise, separable, dilated, in groups", k.Sequential(
        [I((33, 29, 4)), L.DepthwiseConv2D(3, depth_multiplier=2, padding="same", strides=2), L.SeparableConv2D(10, 3, padding="same"),
         L.Conv2D(6, 3, dilation_rate=2, padding="same"), L.Conv2D(9, 3, groups=3), L.SpatialDropout2D(0.2),
         L.DepthwiseConv2D(3, use_bias=False), L.Flatten(), L.Dense(5)])
    yield "borders, permuted, upsampled, group norm", k.Sequential(
        [I((14, 18, 2)), L.ZeroPadding2D(((1, 2), (3, 0))), L.Conv2D(8, 3, padding="valid"), L.GroupNormalization(4),
         L.PReLU(shared_axes=[1, 2]), L.UpSampling2D(2), L.UpSampling2D(2, interpolation="bilinear"), L.Permute((2, 3, 1)),
         L.Conv2D(3, 5, strides=3), L.Reshape((-1, 3)), L.Flatten(), L.Dense(4)] if hasattr(L, "GroupNormalization") else
        [I((14, 18, 2)), L.Flatten()])


def newer(k):
    """What Keras 3 alone has, or has under these names."""
    L = k.layers
    yield "cut, layer norm of channels, nearest, gelu and its like", k.Sequential(
        [k.Input((19, 23, 3)), L.Cropping2D(((1, 2), (3, 0))), L.Conv2D(8, 3, activation="gelu"), L.LayerNormalization(epsilon=1e-6),
         L.Resizing(11, 30, interpolation="nearest"), L.Conv2D(5, 3, activation="mish"), L.Activation("softsign"),
         L.LayerNormalization(scale=False), L.Flatten(), L.Dense(6, activation="celu"), L.Dense(4, activation="hard_tanh")])
    yield "transposed convolutions", k.Sequential(
        [k.Input((7, 6, 3)), L.Conv2DTranspose(8, 3, strides=2, padding="same", activation="relu"), L.Conv2DTranspose(5, (2, 4), strides=3),
         L.Conv2DTranspose(4, 2, strides=(3, 2), padding="same", use_bias=False), L.Conv2DTranspose(3, 3, padding="same"),
         L.Flatten(), L.Dense(4)])
    x = i = k.Input((12, 10, 4))
    a, b = L.Conv2D(6, 3)(x), L.Conv2D(6, 3)(x)
    x = L.Maximum()([a, b]) * 0.5 + L.Minimum()([a, b])
    x = (1.0 - x) / 3.0 + a / (b * b + 2.0)
    yield "larger, smaller, and with numbers", k.Model(i, L.GlobalAveragePooling2D()(k.ops.maximum(x, -0.25)))


def graphs(k):
    """Functional models."""
    L = k.layers
    x = i = k.Input((32, 28, 3))
    x = L.Conv2D(8, 3, padding="same", activation="relu6")(x)
    y = L.Conv2D(8, 3, padding="same", activation="silu")(x)
    x = L.Add()([x, y])
    g = L.GlobalAveragePooling2D()(x)
    g = L.Dense(4, activation="relu")(g)
    g = L.Reshape((1, 1, 8))(L.Dense(8, activation="hard_sigmoid")(g))
    x = L.Multiply()([x, g])
    x = L.Concatenate()([x, L.MaxPooling2D(3, 1, padding="same")(x), L.LeakyReLU()(y)])
    x = L.Average()([x, L.BatchNormalization()(x)])
    x = L.Concatenate(axis=1)([x, L.ReLU(max_value=1.5)(x)])
    a = L.Flatten()(L.Conv2D(2, 5, strides=4)(x))
    b = L.Flatten()(L.Conv2D(3, 7, strides=4)(x))
    x = L.Concatenate()([a, b, L.GlobalMaxPooling2D()(x)])
    x = L.Subtract()([L.Dense(10)(x), L.Dense(10, activation="tanh")(x)])
    yield "residual, squeeze and excitation, side by side", k.Model(i, x)
    i = k.Input((20, 20, 1))
    yield "a model in a model in a model", k.Model(i, L.Dense(3)(k.Sequential([base(k, (20, 20, 1)), L.Dense(7)])(i)))


def applications(k):
    a = k.applications
    size = {"weights": None, "input_shape": (96, 96, 3)}
    yield "MobileNetV2", lambda: a.MobileNetV2(**size, classes=50, classifier_activation=None), 1e-5
    yield "ResNet50", lambda: a.ResNet50(**size, include_top=False, pooling="avg"), 1e-5
    yield "EfficientNetB0", lambda: a.EfficientNetB0(**size, classes=20, classifier_activation=None), 1e-5
    yield "DenseNet121", lambda: a.DenseNet121(**size, include_top=False, pooling="avg"), 1e-5
    yield "InceptionV3", lambda: a.InceptionV3(**size, include_top=False, pooling="max"), 1e-5
    yield "Xception", lambda: a.Xception(**size, include_top=False, pooling="avg"), 1e-5
    yield "MobileNetV3Small", lambda: a.MobileNetV3Small(**size, include_top=False, pooling="avg"), 1e-5
    yield "MobileNetV3Large", lambda: a.MobileNetV3Large(**size, include_top=False, pooling="avg"), 1e-5
    yield "EfficientNetV2B0", lambda: a.EfficientNetV2B0(**size, include_top=False, pooling="avg"), 1e-5
    yield "ResNet50V2", lambda: a.ResNet50V2(**size, include_top=False, pooling="avg"), 1e-5
    yield "NASNetMobile", lambda: a.NASNetMobile(**size, include_top=False, pooling="avg"), 1e-5
    yield "ConvNeXtTiny", lambda: stirred(a.ConvNeXtTiny(**size, include_top=False, pooling="avg")), 1e-5


def exact(k, model, x):
    """The model's results in doubles, and how far Keras's own float32 is from them, in units of the largest."""
    theirs = model.predict(x, verbose=0)
    config = json.loads(json.dumps(model.get_config()).replace('"float32"', '"float64"'))
    k.config.set_floatx("float64")
    try:
        wide = k.Model.from_config(config)
        wide.set_weights([w.astype(np.float64) for w in model.get_weights()])
        result = np.asarray(wide(x.astype(np.float64), training=False))
    finally:
        k.config.set_floatx("float32")
    return result, float(np.abs(theirs - result).max() / np.abs(result).max())


def compared(what, model, x, paths, limit=1e-5, part=None, theirs=None):
    """A model's results beside those of its files here, in units of the largest."""
    if theirs is None:
        theirs = (part or model).predict(x, verbose=0, batch_size=8)
    moved = x.transpose(0, 3, 1, 2) if x.ndim == 4 else x
    if theirs.ndim == 4:
        theirs = theirs.transpose(0, 3, 1, 2)
    np.save("x.npy", np.ascontiguousarray(moved))
    for path in paths:
        model.save(path)
        said = twin(f'net = load("{path}")\nsave(net(load("x.npy")), "y.npy")')
        ours = np.load("y.npy")
        assert ours.shape == theirs.shape, (what, path, ours.shape, theirs.shape)
        # A result that is the same for all images, or nothing, would show nothing.
        spread = np.abs(theirs - theirs.mean(0)).max() / np.abs(theirs).max()
        assert spread > 1e-3, (what, spread)
        judged(f"{what:<58}{Path(path).suffix}", float(np.abs(ours - theirs).max() / np.abs(theirs).max()), limit)
    return said


def deep(keras, only=""):
    rng = np.random.default_rng(5)
    print("Deep networks beside Keras in doubles; at most three times as far from them as Keras in float32")
    for name, make, limit in applications(keras):
        if only not in name:
            continue
        model = make()
        x = rng.random((8, *model.input_shape[1:]), dtype=np.float32) ** rng.uniform(0.2, 3, (8, 1, 1, 1)).astype(np.float32)
        if name.startswith(("Efficient", "MobileNetV3", "ConvNeXt")):
            x *= 255
        lively(model, x)
        truth, own = exact(keras, model, x[:3])
        compared(f"{name} (Keras {own:.1e})", model, x[:3], ["net.keras"], max(limit, 3 * own), theirs=truth)


def faces(data):
    """Faces of half a size, as the recipe has them, by person; made-up ones where there is no data."""
    folder = data / "att_faces"
    if not folder.is_dir():
        print(f"no att_faces under {data}: noise stands for faces")
        return np.random.default_rng(1).random((10, 6, 56, 46, 1), dtype=np.float32)
    from PIL import Image

    people = sorted(p for p in folder.iterdir() if p.is_dir())
    return np.stack([
        np.stack([np.asarray(Image.open(f).convert("L"))[::2, ::2] / 255.0 for f in sorted(p.glob("*.pgm"))[:10]])
        for p in people])[..., None].astype(np.float32)


def twins(k, people, ops, kind):
    """The recipe: contrastive loss over a Lambda of two calls of one network, trained for a little; its distances here."""
    L = k.layers
    shape = people.shape[2:]
    k.utils.set_random_seed(4)
    net = base(k, shape, extra=[L.BatchNormalization()])
    a, b = k.Input(shape), k.Input(shape)

    def distance(v):
        return ops.sqrt(ops.maximum(ops.sum(ops.square(v[0] - v[1]), axis=1, keepdims=True), 1e-7))

    model = k.Model([a, b], L.Lambda(distance, output_shape=(1,))([net(a), net(b)]))

    def loss(y, p):
        return ops.mean(y * ops.square(p) + (1 - y) * ops.square(ops.maximum(1 - p, 0.0)))

    model.compile(loss=loss, optimizer=k.optimizers.RMSprop(0.0002))
    rng = np.random.default_rng(0)
    n, each = len(people), people.shape[1]
    c = rng.integers(n, size=512)
    d = np.where(np.arange(512) % 2, c, (c + rng.integers(1, n, size=512)) % n)
    A, B = people[c, rng.integers(each, size=512)], people[d, rng.integers(each, size=512)]
    model.fit([A, B], (c == d).astype(np.float32)[:, None], epochs=2, batch_size=64, verbose=0)
    x = people[:8, :5].reshape(-1, *shape)
    first, second = np.triu_indices(len(x), 1)
    theirs = model.predict([x[first], x[second]], verbose=0, batch_size=256).ravel()
    assert theirs.max() > 0.1, "the recipe learnt nothing"
    np.save("x.npy", np.ascontiguousarray(x.transpose(0, 3, 1, 2)))
    endings = ["keras", "h5"]
    for ending in endings:
        model.save(f"twin.{ending}")
        said = twin(f'net = load("twin.{ending}")\nsave(net(load("x.npy")), "y.npy")')
        assert "is a twin" in said and "base" in said, said
        ours = np.maximum(distances(np.load("y.npy").astype(np.float64)), 1e-7 ** 0.5)[first, second]
        judged(f"{kind}: the trained recipe's distances, twin.{ending}", float(np.abs(ours - theirs).max()))
    # Its weights alone, in a network of Twinbook's own.
    for path in (["twin.weights.h5"] if kind == "Keras 3" else ["twin.weights.h5", "weights_alone.h5"]):
        model.save_weights(path)
        said = twin(f'''
net = conv(6, 3) >> relu >> maxpool(2) >> dropout(0.25) >> conv(12, 3) >> relu >> maxpool(2) >> dropout(0.25)
net = net >> batchnorm(0.99, 0.001) >> flatten >> dense(128) >> relu >> dropout(0.1) >> dense(50) >> relu
x = load("x.npy")
net(x)
print(net.adopt("{path}"))
save(net(x), "y.npy")''')
        ours = np.maximum(distances(np.load("y.npy").astype(np.float64)), 1e-7 ** 0.5)[first, second]
        judged(f"{kind}: the same of its weights alone, {path}", float(np.abs(ours - theirs).max()))


def twins_of_layers(k, people, ops):
    """Shared layers without a model around them, a head that learns, and three inputs."""
    L = k.layers
    shape = people.shape[2:]
    conv, flat, dense = L.Conv2D(5, 5, strides=3, activation="relu"), L.Flatten(), L.Dense(12)
    embed = lambda v: dense(flat(conv(v)))
    a, b = k.Input(shape), k.Input(shape)

    def apart(v):
        return ops.abs(v[0] - v[1])

    def halved(v):
        return v / 2

    head = L.Dense(1, activation="sigmoid")(L.Lambda(apart, output_shape=(12,))([embed(a), embed(b)]))
    model = stirred(k.Model([a, b], head))
    x = people[:3].reshape(-1, *shape)
    compared("shared layers with a head of L1 and dense", model, x, ["shared.keras", "shared.h5"], part=k.Model(a, embed(a)))
    inputs = [k.Input(shape) for _ in range(3)]
    net = stirred(base(k, shape))
    compared("triplets: three results", k.Model(inputs, [net(i) for i in inputs]), x, ["triplet.keras", "triplet.h5"], part=net)
    # A part by its name.
    model = k.Model(a, L.Lambda(halved, output_shape=(50,))(net(a)))
    model.save("named.keras")
    np.save("x.npy", np.ascontiguousarray(x.transpose(0, 3, 1, 2)))
    twin('save(load("named.keras", layer="base")(load("x.npy")), "y.npy")')
    judged("a part by its name, before a Lambda", float(np.abs(np.load("y.npy") - net.predict(x, verbose=0)).max()))


def main(data, only=""):
    """`only`: judges deep networks whose name has it, and nothing else."""
    import keras
    import tensorflow as tf

    if only:
        return deep(keras, only)

    people = faces(data)
    print(f"Keras {keras.__version__}: numbers of results beside Keras's, in units of the largest; distances as they are")
    twins(keras, people, keras.ops, "Keras 3")
    twins_of_layers(keras, people, keras.ops)
    rng = np.random.default_rng(5)
    for name, model in [*sequences(keras), *graphs(keras), *newer(keras)]:
        x = rng.random((4, *model.input_shape[1:]), dtype=np.float32) * (255 if name.startswith("rescaling") else 1)
        compared(name, stirred(model), x, ["net.keras", "net.h5"])
    deep(keras)
    try:
        import tf_keras as old
    except ImportError:
        return print("no tf-keras: files of Keras 2 are not judged")
    print(f"Keras {old.__version__}")

    class Ops:
        sqrt, maximum, square, abs = tf.sqrt, tf.maximum, tf.square, tf.abs
        sum = staticmethod(lambda v, axis, keepdims: tf.reduce_sum(v, axis=axis, keepdims=keepdims))
        mean = staticmethod(tf.reduce_mean)

    twins(old, people, Ops, "Keras 2")
    for name, model in [*sequences(old), *graphs(old)]:
        x = rng.random((4, *model.input_shape[1:]), dtype=np.float32) * (255 if name.startswith("rescaling") else 1)
        compared(name, stirred(model), x, ["net.keras", "net.h5"])


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
    if failures:
        raise SystemExit("not as it has to be: " + ", ".join(failures))
