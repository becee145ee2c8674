"""Puts what the parts printed into one table. table.py FOLDER COUNT…, FOLDER/COUNT/NAME.out holding lines "name value".

The last column says how a cost grows from the smallest to the largest count: as the count to the power of this, 1 being
linear. Writes FOLDER/costs.txt for the plot over sizes, in milliseconds.
"""
import math
import os
import sys

import numpy

folder, counts = sys.argv[1], [int(text) for text in sys.argv[2:]]


def read(count, name):
    path = f"{folder}/{count}/{name}.out"
    if not os.path.exists(path):
        return {}
    pairs = [line.split() for line in open(path) if len(line.split()) == 2]
    return {key: float(value) for key, value in pairs if value.replace(".", "").replace("e-", "").replace("-", "").isdigit()}


def recall(count, name):
    exact, found = f"{folder}/{count}/exact.txt", f"{folder}/{count}/{name}.txt"
    if not (os.path.exists(exact) and os.path.exists(found)):
        return None
    return float(numpy.mean(numpy.loadtxt(found) <= numpy.loadtxt(exact) * 1.00001))


rows = [
    ("opening", "s", lambda c: read(c, "query").get("open")),
    ("memory after asking", "MB", lambda c: (read(c, "query").get("memory") or 0) / 1024 or None),
    ("enrolling all of them", "s", lambda c: read(c, "enrol").get("enrol")),
    ("one more, on the disk", "ms", lambda c: (read(c, "enrol").get("one") or 0) * 1e3 or None),
    ("exact, one query", "ms", lambda c: (read(c, "query").get("single") or 0) * 1e3 or None),
    ("faiss IndexFlatL2, one query", "ms", lambda c: (read(c, "flat").get("single") or 0) * 1e3 or None),
    ("exact, in a batch of 1000", "queries/s", lambda c: read(c, "query").get("batch")),
    ("faiss IndexFlatL2, in a batch", "queries/s", lambda c: read(c, "flat").get("batch")),
    ("exact: recall beside faiss", "", lambda c: recall(c, "faiss")),
    ("index: making it", "s", lambda c: read(c, "index").get("build")),
    ("hnswlib: making it", "s", lambda c: read(c, "hnsw").get("build")),
    ("index: recall@1 that it states", "", lambda c: read(c, "index").get("recall")),
    ("index: references that find themselves", "", lambda c: read(c, "index").get("own")),
    ("index: breadth", "", lambda c: read(c, "index").get("breadth")),
    ("hnswlib: breadth", "", lambda c: read(c, "hnsw").get("breadth")),
    ("index: recall@1 of these queries", "", lambda c: recall(c, "graph")),
    ("hnswlib: recall@1", "", lambda c: read(c, "hnsw").get("recall")),
    ("index, one query", "ms", lambda c: (read(c, "index").get("single") or 0) * 1e3 or None),
    ("hnswlib, one query", "ms", lambda c: (read(c, "hnsw").get("single") or 0) * 1e3 or None),
    ("index, in a batch", "queries/s", lambda c: read(c, "index").get("batch")),
    ("hnswlib, in a batch", "queries/s", lambda c: read(c, "hnsw").get("batch")),
    ("PostgreSQL: enrolling and indexing", "s", lambda c: read(c, "postgres").get("enrol")),
    ("PostgreSQL and pgvector: breadth", "", lambda c: read(c, "pgvector").get("breadth")),
    ("PostgreSQL: recall@1", "", lambda c: recall(c, "postgres")),
    ("pgvector asked directly: recall@1", "", lambda c: read(c, "pgvector").get("recall")),
    ("PostgreSQL", "queries/s", lambda c: read(c, "postgres").get("batch")),
    ("pgvector asked directly", "queries/s", lambda c: read(c, "pgvector").get("batch")),
]


def shown(value):
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"




def growth(values, unit):
    """Of costs: of rates it is that of their inverse; of shares there is none."""
    if unit == "" or len(values) < 2 or not values[0] or not values[-1]:
        return ""
    ratio = values[-1] / values[0] if unit != "queries/s" else values[0] / values[-1]
    return f"{math.log(ratio) / math.log(counts[-1] / counts[0]):.2f}"


print("| | | " + " | ".join(f"{count:,}" for count in counts) + " | grows with |")
print("|---|---|" + "---:|" * (len(counts) + 1))
for name, unit, get in rows:
    values = [get(count) for count in counts]
    if any(shown(value) for value in values):
        print(f"| {name} | {unit} | " + " | ".join(map(shown, values)) + f" | {growth(values, unit)} |")

SHOWN = {
    "exact, one query": "exact, one",
    "exact, in a batch of 1000": "exact, batch",
    "index, in a batch": "index, batch",
    "faiss IndexFlatL2, in a batch": "faiss flat, batch",
    "hnswlib, in a batch": "hnswlib, batch",
    "PostgreSQL": "PostgreSQL, one",
}
costs = {}
for name, unit, get in rows:
    values = [get(count) for count in counts]
    if name in SHOWN and all(values):
        costs[SHOWN[name]] = [1000 / value if unit == "queries/s" else value for value in values]
with open(f"{folder}/costs.txt", "w") as file:
    print("count", *(math.log10(count) for count in counts), sep="\t", file=file)
    for name, values in costs.items():
        print(name, *values, sep="\t", file=file)
