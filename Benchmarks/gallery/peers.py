"""faiss's flat index and hnswlib on the same rows and queries, with two threads; prints figures as the others do.

peers.py FOLDER KIND, KIND being flat or hnsw.
"""
import sys
import time

import numpy

folder, kind = sys.argv[1], sys.argv[2]
rows, queries = numpy.load(f"{folder}/rows.npy"), numpy.load(f"{folder}/queries.npy")


def median(values):
    return sorted(values)[len(values) // 2]


def timed(work, times):
    seconds = []
    for index in range(times):
        start = time.perf_counter()
        work(index)
        seconds.append(time.perf_counter() - start)
    return median(seconds)


if kind == "flat":
    import faiss

    faiss.omp_set_num_threads(2)
    index = faiss.IndexFlatL2(128)
    start = time.perf_counter()
    index.add(rows)
    print("enrol", time.perf_counter() - start)
    print("single", timed(lambda i: index.search(queries[i : i + 1], 1), 200))
    print("batch", len(queries) / timed(lambda i: index.search(queries, 1), 3))
    numpy.savetxt(f"{folder}/faiss.txt", numpy.sqrt(index.search(queries, 1)[0][:, 0]))
else:
    import hnswlib

    exact = numpy.loadtxt(f"{folder}/exact.txt")
    index = hnswlib.Index("l2", 128)
    index.init_index(len(rows), M=16, ef_construction=120, random_seed=1)
    index.set_num_threads(2)
    start = time.perf_counter()
    index.add_items(rows)
    print("build", time.perf_counter() - start)
    for breadth in [16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536]:
        index.set_ef(breadth)
        found = numpy.sqrt(index.knn_query(queries, 1)[1][:, 0])
        recall = numpy.mean(found <= exact * 1.00001)
        if recall >= 0.99:
            break
    print("breadth", breadth)
    print("recall", recall)
    print("batch", len(queries) / timed(lambda i: index.knn_query(queries, 1), 5))
    print("single", timed(lambda i: index.knn_query(queries[i : i + 1], 1, num_threads=1), 200))
