# Lists: building, comprehensions, sorting with and without a key, a sort by hand, indexing.
def build(count):
    xs = []
    seed = 7
    for i in range(count):
        seed = (seed * 16807) % 2147483647
        xs.append(seed % 100000)
    return xs


def insertion(xs):
    for i in range(1, len(xs)):
        x = xs[i]
        j = i - 1
        while j >= 0 and xs[j] > x:
            xs[j + 1] = xs[j]
            j -= 1
        xs[j + 1] = x
    return xs


xs = build(400000)
ys = sorted(xs)
zs = sorted(xs, key=lambda x: x % 1000)
evens = [y * 2 for y in ys if y % 2 == 0]
short = insertion(build(1200))
total = 0
for i, z in enumerate(zs):
    total += i * z % 7
print(ys[1000], zs[5], len(evens), sum(evens), short[10], total)
