# Nested loops over numbers: Pythagorean triples and a sum of remainders.
def triples(limit):
    found = 0
    for a in range(1, limit + 1):
        for b in range(a, limit + 1):
            c = a * a + b * b
            r = c % 97
            if r < 3:
                found += r + 1
    return found


def collatz(limit):
    longest = 0
    for start in range(1, limit):
        n = start
        steps = 0
        while n != 1:
            if n % 2 == 0:
                n = n // 2
            else:
                n = 3 * n + 1
            steps += 1
        if steps > longest:
            longest = steps
    return longest


print(triples(1500), collatz(20000))
