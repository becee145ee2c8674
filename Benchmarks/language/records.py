# Records: fields read and changed, counting by name, a list of records.
def step(p, dt):
    p["x"] += p["vx"] * dt
    p["y"] += p["vy"] * dt
    if p["x"] > 10:
        p["vx"] = -p["vx"]
    if p["y"] > 10:
        p["vy"] = -p["vy"]
    return p


def simulate(count):
    p = {"x": 0, "y": 0, "vx": 1, "vy": 0.5}
    for i in range(count):
        p = step(p, 0.001)
    return p


def tally(count):
    counts = {}
    for i in range(count):
        key = f"k{i % 50}"
        counts[key] = counts.get(key, 0) + 1
    return counts


def people(count):
    everyone = []
    for i in range(count):
        everyone.append({"name": f"p{i}", "age": i % 90})
    total = 0
    for p in everyone:
        total += p["age"]
    return total


p = simulate(300000)
c = tally(300000)
print(f"{p['x']:.4f} {p['y']:.4f}", c["k7"], len(c), people(100000))
