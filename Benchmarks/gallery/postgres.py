"""pgvector asked directly, by psycopg, on the tables that the gallery made; prints queries a second and recall."""
import sys
import time

import numpy
import psycopg

folder, address = sys.argv[1], sys.argv[2]
queries, exact = numpy.load(f"{folder}/queries.npy"), numpy.loadtxt(f"{folder}/exact.txt")
with psycopg.connect(address, autocommit=True) as connection:
    # As far as the gallery looks.
    breadth = connection.execute("SELECT number FROM twinbook_setting WHERE name = 'breadth'").fetchone()
    connection.execute(f"SET hnsw.ef_search = {breadth[0] if breadth else 100}")
    asked, found = [], []
    sql = "SELECT id, embedding <-> %s::vector FROM twinbook_reference ORDER BY embedding <-> %s::vector LIMIT 1"
    for query in queries:
        text = "[" + ",".join(map(str, query)) + "]"
        start = time.perf_counter()
        row = connection.execute(sql, (text, text), prepare=True).fetchone()
        asked.append(time.perf_counter() - start)
        found.append(row[1])
print("batch", len(queries) / sum(asked))
print("breadth", breadth[0] if breadth else 100)
print("recall", numpy.mean(numpy.array(found) <= exact * 1.00001))
