#!/usr/bin/env python3
"""What the elementary functions (Sources/ElementaryFunctions) are made from and tested against, computed by mpmath.

    elementary-reference.py tables > Sources/ElementaryFunctions/Tables.swift
    elementary-reference.py polynomials > Sources/ElementaryFunctions/Polynomials.swift
    elementary-reference.py points > Tests/References/elementary.txt

Needs mpmath (pip install mpmath). Everything is computed with 320 bits and rounded once.
"""
import math
import os
import random
import struct
import sys
from fractions import Fraction

from mpmath import mp, mpf

mp.prec = 320


# Doubles and bits

def bits(x):
    return struct.unpack("<Q", struct.pack("<d", x))[0]


def double(pattern):
    return struct.unpack("<d", struct.pack("<Q", pattern))[0]


def exact(x):
    """An mpf as a fraction of integers."""
    sign, mantissa, exponent, _ = x._mpf_
    value = Fraction(mantissa) * (Fraction(2) ** exponent)
    return -value if sign else value


def rounded(x):
    """The nearest double, halves to even, also below the normal numbers."""
    return to_double(exact(mpf(x)))


def to_double(fraction):
    # Python divides whole numbers with one correct rounding, but overflows with an exception.
    try:
        return fraction.numerator / fraction.denominator
    except OverflowError:
        return float("inf") if fraction > 0 else float("-inf")


def literal(x):
    text = float(x).hex()
    head, exponent = text.split("p")
    if "." in head:
        head = head.rstrip("0").rstrip(".")
    return f"{head}p{int(exponent)}"


# Tables

EXP_BITS = 7
LOG_BITS = 7
LOG_START = 0x3FE6950000000000


def exp_table():
    """For i in 0..<128 the double nearest to 2^(i/128), and what is missing of it, relative to it."""
    out = []
    for i in range(1 << EXP_BITS):
        value = mpf(2) ** (mpf(i) / (1 << EXP_BITS))
        near = rounded(value)
        out += [near, rounded((value - mpf(near)) / mpf(near))]
    return out


def log_table():
    """For each of 128 parts of [0.7, 1.4): 1/c for a c in its middle, of ten bits, and −log(1/c) in two parts, the first
    of which is a multiple of 2^-42."""
    out = []
    for i in range(1 << LOG_BITS):
        low = double(LOG_START + (i << (52 - LOG_BITS)))
        high = double(LOG_START + ((i + 1) << (52 - LOG_BITS)))
        inverse = mpf(1)
        if not low <= 1 < high:
            middle = (mpf(low) + mpf(high)) / 2
            inverse = mp.nint(1024 / middle) / 1024
        log = -mp.log(inverse)
        head = mp.nint(log * 2**42) / 2**42
        out += [float(inverse), float(head), rounded(log - head)]
    return out


def atan_table():
    out = []
    for i in range(17):
        value = mp.atan(mpf(i) / 16)
        head = rounded(value)
        out += [head, rounded(value - mpf(head))]
    return out


def sine_table():
    """For c = i/16 up to beyond π/4: sine and cosine, each in two parts."""
    out = []
    for i in range(14):
        for value in (mp.sin(mpf(i) / 16), mp.cos(mpf(i) / 16)):
            head = rounded(value)
            out += [head, rounded(value - mpf(head))]
    return out


def two_over_pi(words):
    whole = int(mp.floor(mp.ldexp(2 / mp.pi, 64 * words)))
    return [(whole >> (64 * (words - 1 - i))) & (2**64 - 1) for i in range(words)]


def array(name, comment, kind, values, each, shown):
    lines = [f"/// {line}" for line in comment]
    lines.append(f"let {name}: [{kind}] = [")
    for at in range(0, len(values), each):
        lines.append("  " + ", ".join(shown(v) for v in values[at : at + each]) + ",")
    lines.append("]")
    return "\n".join(lines)


def hexadecimal(v):
    digits = f"{v:016x}"
    return "0x" + "_".join(digits[i : i + 4] for i in range(0, 16, 4))


def tables():
    mp.prec = 1600
    pi_words = two_over_pi(20)
    mp.prec = 320
    print("// Written by Scripts/maintainers/elementary-reference.py tables: do not edit.\n")
    print(array("exponentialTable", [
        "For i in 0..<128 the double nearest to 2^(i/128), and by how much that number is more, relative to it."],
        "Double", exp_table(), 4, literal))
    print()
    print(array("logarithmTable", [
        "For each of 128 parts of [0.7, 1.4) three numbers: 1/c for a c in its middle, of ten bits, then log c in two parts,",
        "of which the first is a multiple of 2⁻⁴². Where the part contains 1, c is 1."],
        "Double", log_table(), 3, literal))
    print()
    print(array("sineTable", ["For i in 0...13 the sine of i/16 in two parts, then its cosine, likewise."],
        "Double", sine_table(), 4, literal))
    print()
    print(array("arctangentTable", ["The arcus tangent of i/16 for i in 0...16, in two parts."],
        "Double", atan_table(), 4, literal))
    print()
    print(array("twoOverPi", [
        "The bits of 2/π behind the point, first a word of zeros for those before it: enough for the greatest double."],
        "UInt64", [0] + pi_words, 4, hexadecimal))


# Polynomials

def fit(f, low, high, count):
    """Coefficients of the polynomial through f at Chebyshev's points, which is nearly the best one; doubles."""
    low, high = mpf(low), mpf(high)
    nodes = [(low + high) / 2 + (high - low) / 2 * mp.cos(mp.pi * (2 * i + 1) / (2 * count)) for i in range(count)]
    matrix = mp.matrix(count, count)
    values = mp.matrix(count, 1)
    for i, x in enumerate(nodes):
        values[i] = f(x)
        for j in range(count):
            matrix[i, j] = x**j
    solution = mp.lu_solve(matrix, values)
    return [rounded(solution[i]) for i in range(count)]


def deviation(f, low, high, coefficients, weight):
    """The greatest |weight · (polynomial − f)|, as a power of two."""
    worst = mpf(0)
    for i in range(401):
        x = mpf(low) + (mpf(high) - mpf(low)) * i / 400
        if x == 0:
            continue
        value = sum(mpf(c) * x**j for j, c in enumerate(coefficients))
        worst = max(worst, abs(weight(x) * (value - f(x))))
    return float(mp.log(worst, 2))


def estrin(coefficients, variable):
    """The polynomial in an order that leaves a processor several chains to work on; the order is part of the result."""
    lines = []
    names = [literal(c) for c in coefficients]
    power, level = variable, 1
    while len(names) > 2:
        next_names = []
        for i in range(0, len(names), 2):
            if i + 1 < len(names):
                lines.append(f"let p{level}_{i // 2} = {names[i]} + {power} * {sign(names[i + 1])}")
                next_names.append(f"p{level}_{i // 2}")
            else:
                next_names.append(names[i])
        names = next_names
        lines.append(f"let {variable}{2**level} = {power} * {power}")
        power = f"{variable}{2**level}"
        level += 1
    lines.append(f"return {names[0]} + {power} * {sign(names[1])}" if len(names) == 2 else f"return {names[0]}")
    return [line.replace("p1_", "a").replace("p2_", "b").replace("p3_", "c") for line in lines]


def sign(text):
    return f"({text})" if text.startswith("-") else text


def series(f):
    """f near 0 by mpmath's Taylor series, where the formula itself would cancel."""
    terms = mp.taylor(f, 0, 40)

    def value(x, shift):
        return sum(terms[i] * x ** (i - shift) for i in range(shift, 41))

    return value


def polynomial_list():
    sine, cosine = series(mp.sin), series(mp.cos)
    e, ln = series(mp.exp), series(lambda x: mp.log(1 + x))
    sinh = series(mp.sinh)
    quarter = mp.pi / 4 * mpf("1.0001")

    def over(function, z, shift):
        """Σ tᵢ xⁱ⁻ˢʰⁱᶠᵗ of an odd or even function at x = √z: a series in z."""
        return function(mp.sqrt(z), shift)

    def asin_rest(z):
        if z == 0:
            return mpf(1) / 6
        x = mp.sqrt(z)
        return (mp.asin(x) - x) / (x * z)

    def atan_rest(z):
        if z == 0:
            return mpf(-1) / 3
        x = mp.sqrt(z)
        return (mp.atan(x) - x) / (x * z)

    def tanh_rest(z):
        x = mp.sqrt(z)
        return (mp.tanh(x) - x) / (x * z)

    def atanh_rest(z):
        x = mp.sqrt(z)
        return (2 * mp.atanh(x) - 2 * x) / (x * z)

    half = mp.log(2) / 2 * mpf("1.001")
    step = mp.log(2) / 256 * mpf("1.001")
    r = mpf("0.0062")
    # name, comment, function, low, high, coefficients, weight of the deviation
    return [
        ("exponential", "(eʳ − 1 − r)/r² for |r| ≤ log 2/256", lambda x: e(x, 2), -step, step, 4, lambda x: x * x),
        ("exponential2", "(2ʳ − 1 − r log 2)/r² for |r| ≤ 1/256",
         lambda x: (mp.power(2, x) - 1 - x * mp.log(2)) / (x * x) if x != 0 else mp.log(2) ** 2 / 2,
         mpf(-1) / 255, mpf(1) / 255, 4, lambda x: x * x),
        ("exponentialMinusOne", "(eˣ − 1 − x − x²/2)/x³ for |x| ≤ 0.25", lambda x: e(x, 3), -0.251, 0.251, 10,
         lambda x: x * x),
        ("logarithm", "(log(1 + r) − r + r²/2)/r³ for |r| ≤ 0.0062", lambda x: ln(x, 3), -r, r, 6, lambda x: x * x),
        ("sine", "(sin x − x)/x³ of z = x² for |x| ≤ 0.25", lambda z: over(sine, z, 3), 0, mpf("0.0626"), 5, root_weight),
        ("sineNear", "(sin x − x)/x³ of z = x² for |x| ≤ 1/31", lambda z: over(sine, z, 3), 0, mpf(1) / 960, 3,
         root_weight),
        ("cosineNear", "(cos x − 1)/x² of z = x² for |x| ≤ 1/31", lambda z: over(cosine, z, 2), 0, mpf(1) / 960, 4,
         lambda z: z),
        ("arcsine", "(asin x − x)/x³ of z = x² for |x| ≤ 1/2", asin_rest, 0, mpf("0.2501"), 14, root_weight),
        ("arctangent", "(atan x − x)/x³ of z = x² for |x| ≤ 0.22", atan_rest, 0, mpf("0.0485"), 9, root_weight),
        ("arctangentNear", "(atan x − x)/x³ of z = x² for |x| ≤ 1/31", atan_rest, 0, mpf(1) / 960, 4, root_weight),
        ("hyperbolicSine", "(sinh x − x)/x³ of z = x² for |x| ≤ 0.35", lambda z: over(sinh, z, 3), 0, mpf("0.1226"), 5,
         root_weight),
        ("hyperbolicTangent", "(tanh x − x)/x³ of z = x² for |x| ≤ 0.25", lambda z: tanh_rest(z), 0, mpf("0.0626"), 8,
         root_weight),
        ("shortExponential", "(eʳ − 1 − r)/r² for |r| ≤ log 2/2, as near as a Float needs", lambda x: e(x, 2), -half, half,
         8, lambda x: abs(x)),
        ("shortLogarithm", "(2 atanh s − 2 s)/s³ of z = s² for s ≤ 0.1716, as near as a Float needs", atanh_rest, 0,
         mpf("0.02945"), 5, lambda z: z / 2),
        ("shortSine", "(sin x − x)/x³ of z = x² for |x| ≤ π/4, as near as a Float needs", lambda z: over(sine, z, 3), 0,
         quarter**2, 5, root_weight),
        ("shortCosine", "(cos x − 1 + x²/2)/x⁴ of z = x² for |x| ≤ π/4, as near as a Float needs",
         lambda z: over(cosine, z, 4), 0, quarter**2, 5, lambda z: z * z),
    ]


def root_weight(z):
    """The weight of an error in P for x + x³ P(x²), relative to x."""
    return z


def polynomials():
    print("// Written by Scripts/maintainers/elementary-reference.py polynomials: do not edit.\n")
    print("/// Polynomials through Chebyshev's points, rounded to doubles, summed in Estrin's order.")
    print("@usableFromInline\nenum Polynomial {")
    first = True
    for name, comment, f, low, high, count, weight in polynomial_list():
        coefficients = fit(f, low, high, count)
        far = deviation(f, low, high, coefficients, weight)
        variable = "z" if "z = " in comment else "r"
        if not first:
            print()
        first = False
        print(f"  /// {comment}; {far:.1f} bits.".replace("; -", "; exact to "))
        print("  @inlinable @inline(__always)")
        print(f"  static func {name}(_ {variable}: Double) -> Double {{")
        for line in estrin(coefficients, variable):
            print(f"    {line}")
        print("  }")
    print("}")


# Points

def hard_points():
    """The arguments with the greatest errors among two million a function, found by searching with binary128: lines of
    a name and bit patterns, two joined by a comma for a function of two."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "elementary-hard-points.txt")
    found = {}
    for line in open(path):
        name, *points = line.split()
        found[name] = [[double(int(x, 16)) for x in point.split(",")] for point in points]
    return found


class Draw:
    """Arguments by chance, the same each time, spread as a function's difficulties are."""

    def __init__(self, name):
        self.random = random.Random(name)

    def between(self, low, high):
        return self.random.uniform(low, high)

    def sized(self, low, high):
        """Of either sign, with a size from 2^low to 2^high, each power of two as likely."""
        size = 2 ** self.random.uniform(max(low, -1070), min(high, 1023.99)) * self.random.uniform(1, 1.001)
        return min(size, sys.float_info.max) * self.random.choice((-1, 1))

    def any(self):
        """Any positive number, subnormal ones, too."""
        return double(self.random.randrange(1, 0x7FEFFFFFFFFFFFFF))

    def near_one(self):
        return 1 + self.sized(-40, -1)

    def near_quarters(self):
        return self.random.randrange(1 << self.random.randint(1, 24)) * 1.5707963267948966 + self.sized(-50, -1)

    def power(self):
        base = self.random.choice(
            (self.any, lambda: self.between(0.5, 2), self.near_one, lambda: abs(self.sized(-20, 20)),
             lambda: float(1 + self.random.randrange(1000))))()
        reach = self.between(-1075, 1024)
        if base == 1:
            return [base, 1.5]
        full = reach / float(mp.log(base, 2))
        exponent = self.random.choice((full, self.between(-10, 10), self.sized(-10, 0) * full))
        return [base, exponent if abs(exponent) < sys.float_info.max else 1.5]

    def direction(self):
        kind = self.random.randrange(3)
        if kind == 0:
            y = self.sized(-1000, 1000)
            x = self.sized(-70, 70)
            return [y, y * x] if 1e-320 < abs(y * x) < 1e308 else [y, y]
        if kind == 1:
            return [self.between(-1, 1), self.between(-1, 1)]
        return [self.sized(-3, 3), self.sized(-3, 3)]


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def softplus(x):
    return mp.log1p(mp.exp(x))


ANGLES = [lambda d: d.sized(-20, 1023), lambda d: d.between(-0.8, 0.8), lambda d: d.between(-7, 7),
          lambda d: d.sized(0, 25), lambda d: d.near_quarters()]
LOGARITHMS = [lambda d: d.any(), lambda d: d.between(0.5, 2), lambda d: d.near_one(), lambda d: abs(d.sized(-20, 20))]
INVERSES = [lambda d: d.between(-1, 1), lambda d: d.sized(-20, -0.01),
            lambda d: d.random.choice((-1, 1)) * (1 - abs(d.sized(-40, -1)))]
LOGISTIC = [lambda d: d.between(-745, 50), lambda d: d.sized(-20, 5), lambda d: d.between(-3, 3)]
HYPERBOLIC = [lambda d: d.between(-710.4, 710.4), lambda d: d.sized(-20, 5), lambda d: d.between(-1, 1)]

# name, function, draws
FUNCTIONS = [
    ("exp", mp.exp, [lambda d: d.between(-746, 710), lambda d: d.sized(-20, 6), lambda d: d.between(-2, 2)]),
    ("exp2", lambda x: mp.power(2, x), [lambda d: d.between(-1076, 1024), lambda d: d.sized(-20, 6)]),
    ("expm1", mp.expm1, [lambda d: d.between(-38, 709), lambda d: d.sized(-30, 5), lambda d: d.between(-1, 1)]),
    ("log", mp.log, LOGARITHMS),
    ("log2", lambda x: mp.log(x) / mp.ln2, LOGARITHMS),
    ("log10", lambda x: mp.log(x) / mp.ln10, LOGARITHMS),
    ("log1p", mp.log1p, [lambda d: d.any(), lambda d: d.between(-1, 1), lambda d: d.sized(-40, -1),
                         lambda d: abs(d.sized(-20, 20))]),
    ("sin", mp.sin, ANGLES),
    ("cos", mp.cos, ANGLES),
    ("tan", mp.tan, ANGLES),
    ("asin", mp.asin, INVERSES),
    ("acos", mp.acos, INVERSES),
    ("atan", mp.atan, [lambda d: d.between(-2, 2), lambda d: d.sized(-20, 70), lambda d: d.between(-0.3, 0.3)]),
    ("sinh", mp.sinh, HYPERBOLIC),
    ("cosh", mp.cosh, HYPERBOLIC),
    ("tanh", mp.tanh, [lambda d: d.between(-3, 3), lambda d: d.sized(-20, 4)]),
    ("sigmoid", sigmoid, LOGISTIC),
    ("softplus", softplus, LOGISTIC),
    ("pow", mp.power, [lambda d: d.power()]),
    ("atan2", mp.atan2, [lambda d: d.direction()]),
]
EACH = 2000


def line(function, arguments):
    """The arguments, the nearest double and by how many 4096ths of its last place the true value is more; None where it
    is no finite number."""
    value = exact(function(*[mpf(x) for x in arguments]))
    near = to_double(value)
    if near in (float("inf"), float("-inf")):
        return None
    exponent = max(-1074, math.frexp(near)[1] - 53)
    more = round((value - Fraction(near)) / Fraction(2) ** exponent * 4096)
    return " ".join([f"{bits(x):016x}" for x in arguments] + [f"{bits(near):016x}", str(more)])


def points():
    hard = hard_points()
    print("# Written by Scripts/maintainers/elementary-reference.py points. A function's name, then in each line its")
    print("# arguments, the nearest double, and by how many 4096ths of the last place the true value is more.")
    for name, function, draws in FUNCTIONS:
        print(name)
        draw = Draw(name)
        arguments = [draws[i % len(draws)](draw) for i in range(EACH)]
        arguments = hard[name] + [x if isinstance(x, list) else [x] for x in arguments]
        for x in arguments:
            text = line(function, x)
            if text:
                print(text)


def main():
    what = sys.argv[1:]
    actions = {"tables": tables, "polynomials": polynomials, "points": points}
    if len(what) != 1 or what[0] not in actions:
        sys.exit(__doc__)
    actions[what[0]]()


main()
