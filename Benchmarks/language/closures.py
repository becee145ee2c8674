# Closures: counters that share a variable, functions made by functions, map and filter.
def counter():
    n = 0

    def tick():
        nonlocal n
        n += 1
        return n

    return tick


def adder(k):
    return lambda x: x + k


def run(count):
    tick = counter()
    total = 0
    for i in range(count):
        add = adder(i)
        total += add(tick())
    return total


squares = list(map(lambda x: x * x, range(300000)))
odd = list(filter(lambda x: x % 2 == 1, squares))
print(run(500000), len(odd), sum(odd))
