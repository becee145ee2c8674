"""Compares faces (and times) with those of another detector, for faces-figures.sh. Nothing but the standard library."""
import json
import sys

NAMES = ["left_eye", "right_eye", "nose", "mouth_left", "mouth_right"]


def read(path):
    faces, times = {}, {}
    for line in open(path):
        kind, file, *numbers = line.strip().split(",")
        numbers = [float(x) for x in numbers]
        if kind == "time":
            times[file] = numbers[0]
            faces.setdefault(file, [])
        else:
            faces.setdefault(file, []).append((numbers[:4], [numbers[5 + 2 * i : 7 + 2 * i] for i in range(5)]))
    return faces, times


def overlap(a, b):
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    common = max(0, width) * max(0, height)
    return common / (a[2] * a[3] + b[2] * b[3] - common)


reference = json.load(open(sys.argv[1]))
ours, times = read(sys.argv[2])
_, peer = read(sys.argv[3])
total = found = extra = 0
overlaps, distances = [], []
for file, expected in sorted(reference.items()):
    free = list(ours.get(file, []))
    for face in expected:
        total += 1
        best = max(free, key=lambda f: overlap(face["box"], f[0]), default=None)
        if best is None or overlap(face["box"], best[0]) < 0.8:
            print(f"not found: {file} {face['box']} (confidence {face['confidence']})")
            continue
        free.remove(best)
        found += 1
        overlaps.append(overlap(face["box"], best[0]))
        for name, point in zip(NAMES, best[1]):
            x, y = face["keypoints"][name]
            size = max(face["box"][2:])
            distances.append(((x - point[0]) ** 2 + (y - point[1]) ** 2) ** 0.5 / size)
    extra += len(free)
    for box, _ in free:
        print(f"extra: {file} {box}")
print(f"photographs              {len(reference)}")
print(f"boxes of mtcnn 1.0       {total}")
print(f"found (overlap >= 0.8)   {found}  {100 * found / total:.1f} %   least overlap {min(overlaps):.3f}")
print(f"extra                    {extra}  {100 * extra / total:.1f} %")
print(f"landmarks                mean {100 * sum(distances) / len(distances):.2f} %, worst {100 * max(distances):.2f} % of the box's longer side")
print(f"time, all photographs    {1000 * sum(times.values()):.0f} ms")
if peer:
    ratios = sorted(peer[file] / times[file] for file in times)
    print(f"mtcnn 1.0 (TensorFlow)   {1000 * sum(peer.values()):.0f} ms")
    print(f"times as fast            {sum(peer.values()) / sum(times.values()):.1f} over all; a photograph {ratios[0]:.1f} to {ratios[-1]:.1f}, median {ratios[len(ratios) // 2]:.1f}")
