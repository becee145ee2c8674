"""scikit-learn's figures for clusters: python3 Tests/References/clustering.py > Tests/References/clustering.txt (1.9.0).

Each line: classes, clusters (comma-separated), normalized_mutual_info_score, adjusted_mutual_info_score. Item i has class
(a·i·i + b·i) mod c mod d, so that no file of data is needed.
"""
from sklearn.metrics import adjusted_mutual_info_score, normalized_mutual_info_score


def numbers(count, a, b, c, d):
    return [(a * i * i + b * i) % c % d for i in range(count)]


for count, classes, clusters in [
    (12, (1, 0, 7, 3), (0, 1, 5, 4)),
    (60, (0, 1, 60, 6), (0, 1, 60, 6)),
    (60, (0, 1, 60, 6), (0, 1, 60, 12)),
    (200, (3, 5, 101, 10), (1, 2, 67, 8)),
    (200, (0, 1, 10, 10), (1, 0, 11, 4)),
    (50, (0, 0, 1, 1), (0, 1, 7, 7)),
    (50, (0, 0, 1, 1), (0, 0, 1, 1)),
    (30, (0, 1, 30, 30), (0, 1, 30, 30)),
    (30, (0, 1, 30, 30), (0, 1, 5, 5)),
]:
    a, b = numbers(count, *classes), numbers(count, *clusters)
    print(
        ",".join(map(str, a)), ",".join(map(str, b)), f"{normalized_mutual_info_score(a, b):.12g}",
        f"{adjusted_mutual_info_score(a, b):.12g}")
