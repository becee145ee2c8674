"""One line for Scripts/bench.sh: the network's name, median ms of a training step, images embedded a second,
peak memory in MB."""
import os, resource, statistics, sys, time
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OMP_NUM_THREADS", "2")
import numpy as np
import tensorflow as tf
tf.config.threading.set_intra_op_parallelism_threads(2)
import keras
from keras import layers, ops

def recipe():
    return [layers.Conv2D(6, 3), layers.ReLU(), layers.MaxPooling2D(2), layers.Dropout(.25),
            layers.Conv2D(12, 3), layers.ReLU(), layers.MaxPooling2D(2), layers.Dropout(.25),
            layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dropout(.1), layers.Dense(50, activation="relu")]

def conv4(width=64):
    stack = []
    for _ in range(4):
        stack += [layers.Conv2D(width, 3, padding="same"), layers.BatchNormalization(), layers.ReLU(), layers.MaxPooling2D(2)]
    return stack + [layers.Flatten()]

def koch():
    return [layers.Conv2D(64, 10, activation="relu"), layers.MaxPooling2D(2),
            layers.Conv2D(128, 7, activation="relu"), layers.MaxPooling2D(2),
            layers.Conv2D(128, 4, activation="relu"), layers.MaxPooling2D(2),
            layers.Conv2D(256, 4, activation="relu"), layers.Flatten(), layers.Dense(4096, activation="sigmoid")]

name = sys.argv[1]
stack, shape, pairs, steps = {"recipe-80": (recipe, (80, 80, 1), 128, 10), "conv4-28": (conv4, (28, 28, 1), 128, 6),
                              "koch-105": (koch, (105, 105, 1), 16, 3)}[name]
base = keras.Sequential([keras.Input(shape)] + stack())

def distance(embeddings):
    a, b = embeddings
    return ops.sqrt(ops.maximum(ops.sum(ops.square(a - b), axis=1, keepdims=True), 1e-7))

def contrastive(same, d):
    return ops.mean(same * ops.square(d) + (1 - same) * ops.square(ops.maximum(1 - d, 0)))

left, right = keras.Input(shape), keras.Input(shape)
model = keras.Model([left, right], layers.Lambda(distance, output_shape=(1,))([base(left), base(right)]))
model.compile(loss=contrastive, optimizer=keras.optimizers.RMSprop())
a, b = np.random.rand(pairs, *shape).astype("f"), np.random.rand(pairs, *shape).astype("f")
same = (np.random.rand(pairs, 1) > .5).astype("f")

def timed(work, count):
    times = []
    for _ in range(count):
        t = time.perf_counter(); work(); times.append(time.perf_counter() - t)
    return statistics.median(times)

losses = [float(np.asarray(model.train_on_batch([a, b], same)).ravel()[0]) for _ in range(3)]
assert all(np.isfinite(losses)), losses
training = timed(lambda: model.train_on_batch([a, b], same), steps)
x = np.random.rand(256, *shape).astype("f")
base.predict_on_batch(x)
forward = timed(lambda: base.predict_on_batch(x), 5)
print("BENCH", name, training * 1e3, 256 / forward, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
