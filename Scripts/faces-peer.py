"""The Python package mtcnn 1.0 on photographs, for faces-figures.sh: the best time of five after one to warm up."""
import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import tensorflow as tf

threads = int(os.environ.get("TWINBOOK_THREADS", "2"))
tf.config.threading.set_intra_op_parallelism_threads(threads)
tf.config.threading.set_inter_op_parallelism_threads(1)
from mtcnn import MTCNN
from mtcnn.utils.images import load_image

detector = MTCNN(device="CPU:0")
for file in sys.argv[2:]:
    photo = load_image(os.path.join(sys.argv[1], file))
    detector.detect_faces(photo)
    best = 1e9
    for _ in range(5):
        start = time.perf_counter()
        detector.detect_faces(photo)
        best = min(best, time.perf_counter() - start)
    print(f"time,{file},{best}", flush=True)
