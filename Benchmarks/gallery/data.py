"""Embeddings as a face network gives them: four pictures of each person around the person's own place, all of length 1.

data.py COUNT FOLDER writes rows.npy [COUNT, 128] and queries.npy [1000, 128]: other pictures of people who are there.
"""
import sys

import numpy

count, folder = int(sys.argv[1]), sys.argv[2]
rng = numpy.random.default_rng(7)
people = max(1, count // 4)
rows = numpy.lib.format.open_memmap(f"{folder}/rows.npy", "w+", "float32", (count, 128))
asked = numpy.sort(rng.choice(people, min(1000, people), replace=False))
queries = []
step = 1 << 16
for start in range(0, people, step):
    part = min(step, people - start)
    centres = rng.standard_normal((part, 128), dtype="float32")
    own = numpy.repeat(centres, 4, axis=0) + 0.7 * rng.standard_normal((4 * part, 128), dtype="float32")
    rows[4 * start : 4 * (start + part)] = own / numpy.linalg.norm(own, axis=1, keepdims=True)
    for person in asked[(asked >= start) & (asked < start + part)]:
        queries.append(centres[person - start] + 0.7 * rng.standard_normal(128, dtype="float32"))
rows.flush()
queries = numpy.array(queries, "float32")
numpy.save(f"{folder}/queries.npy", queries / numpy.linalg.norm(queries, axis=1, keepdims=True))
