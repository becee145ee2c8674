import ElementaryFunctions
import Testing

/// What C99, Annex F (and IEEE 754, section 9.2) ask for.
struct SpecialValueTests {
  private static let least = Double.leastNonzeroMagnitude
  private static let most = Double.greatestFiniteMagnitude
  private static let infinity = Double.infinity

  private func expect(
    _ name: String, _ function: (Double) -> Double, _ rows: [(Double, Double)],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for (x, wanted) in rows + [(.nan, .nan)] {
      let got = function(x)
      #expect(
        got.isNaN && wanted.isNaN || got.bitPattern == wanted.bitPattern, "\(name)(\(x)) is \(got), not \(wanted)",
        sourceLocation: sourceLocation)
    }
  }

  @Test func exponentials() {
    let (least, most, infinity) = (Self.least, Self.most, Self.infinity)
    expect(
      "exp", { Elementary.exp($0) },
      [
        (0, 1), (-0.0, 1), (infinity, infinity), (-infinity, 0), (most, infinity), (-most, 0), (least, 1),
        (709.782712893384, 0x1.fffffffffff2ap1023), (709.7827128933841, infinity), (-745.1332191019411, least),
        (-745.1332191019412, 0), (-708.3964185322641, 0x1.000000000007cp-1022),
      ])
    expect(
      "exp2", { Elementary.exp2($0) },
      [
        (0, 1), (-0.0, 1), (infinity, infinity), (-infinity, 0), (1024, infinity), (-1074, least), (-1075, 0),
        (-1023, 0x1p-1023), (1023, 0x1p1023),
      ])
    expect(
      "expm1", { Elementary.expm1($0) },
      [
        (0, 0), (-0.0, -0.0), (infinity, infinity), (-infinity, -1), (least, least), (-most, -1), (most, infinity),
        (1e-300, 1e-300), (-50, -1),
      ])
    expect(
      "sinh", { Elementary.sinh($0) },
      [
        (0, 0), (-0.0, -0.0), (infinity, infinity), (-infinity, -infinity), (most, infinity), (-least, -least),
        (711, infinity), (-1e300, -infinity),
      ])
    expect(
      "cosh", { Elementary.cosh($0) },
      [(0, 1), (-0.0, 1), (infinity, infinity), (-infinity, infinity), (-most, infinity), (least, 1), (711, infinity)])
    expect(
      "tanh", { Elementary.tanh($0) },
      [(0, 0), (-0.0, -0.0), (infinity, 1), (-infinity, -1), (-most, -1), (least, least), (25, 1)])
    expect(
      "sigmoid", { Elementary.sigmoid($0) },
      [(0, 0.5), (-0.0, 0.5), (infinity, 1), (-infinity, 0), (most, 1), (-most, 0), (least, 0.5)])
    expect(
      "softplus", { Elementary.softplus($0) },
      [(0, 0x1.62e42fefa39efp-1), (infinity, infinity), (-infinity, 0), (most, most), (-most, 0), (100, 100)])
  }

  @Test func logarithms() {
    let (least, most, infinity) = (Self.least, Self.most, Self.infinity)
    for (name, function) in [
      ("log", { Elementary.log($0) }), ("log2", { Elementary.log2($0) }), ("log10", { Elementary.log10($0) }),
    ] as [(String, (Double) -> Double)] {
      expect(
        name, function,
        [
          (0, -infinity), (-0.0, -infinity), (1, 0), (infinity, infinity), (-1, .nan), (-infinity, .nan),
          (-least, .nan),
        ])
    }
    expect("log", { Elementary.log($0) }, [(least, -744.4400719213812), (most, 709.782712893384)])
    expect("log2", { Elementary.log2($0) }, [(least, -1074), (0x1p-1022, -1022), (most, 1024)])
    expect(
      "log1p", { Elementary.log1p($0) },
      [
        (0, 0), (-0.0, -0.0), (-1, -infinity), (-1.5, .nan), (-infinity, .nan), (infinity, infinity), (least, least),
        (most, 709.782712893384),
      ])
  }

  @Test func angles() {
    let (least, most, infinity) = (Self.least, Self.most, Self.infinity)
    expect(
      "sin", { Elementary.sin($0) },
      [
        (0, 0), (-0.0, -0.0), (infinity, .nan), (-infinity, .nan), (-least, -least), (1e-9, 1e-9),
        // Payne and Hanek's reduction: known values of huge angles.
        (most, 0.004961954789184062), (1e22, -0.8522008497671888),
      ])
    expect(
      "cos", { Elementary.cos($0) },
      [(0, 1), (-0.0, 1), (infinity, .nan), (-infinity, .nan), (least, 1), (1e22, 0.523214785395139)])
    expect(
      "tan", { Elementary.tan($0) },
      [
        (0, 0), (-0.0, -0.0), (infinity, .nan), (least, least), (1e22, -1.6287782256068988),
        (1.5707963267948966, 1.633123935319537e16),
      ])
    expect("asin", { Elementary.asin($0) }, [(0, 0), (-0.0, -0.0), (1, .pi / 2), (-1, -.pi / 2), (1.1, .nan)])
    expect("acos", { Elementary.acos($0) }, [(1, 0), (-1, .pi), (0, .pi / 2), (-1.1, .nan), (infinity, .nan)])
    expect(
      "atan", { Elementary.atan($0) },
      [(0, 0), (-0.0, -0.0), (infinity, .pi / 2), (-infinity, -.pi / 2), (1, .pi / 4), (most, .pi / 2)])
  }

  @Test func directions() {
    let infinity = Self.infinity
    let rows: [(Double, Double, Double)] = [
      (0, -0.0, .pi), (-0.0, -0.0, -.pi), (0, 0, 0), (-0.0, 0, -0.0), (0, -1, .pi), (-0.0, -1, -.pi),
      (0, 1, 0), (-0.0, 1, -0.0), (-1, 0, -.pi / 2), (-1, -0.0, -.pi / 2), (1, 0, .pi / 2), (1, -0.0, .pi / 2),
      (1, -infinity, .pi), (-1, -infinity, -.pi), (1, infinity, 0), (-1, infinity, -0.0), (infinity, 1, .pi / 2),
      (-infinity, 1, -.pi / 2), (infinity, -infinity, 2.356194490192345), (-infinity, -infinity, -2.356194490192345),
      (infinity, infinity, .pi / 4), (-infinity, infinity, -.pi / 4), (.nan, 1, .nan), (1, .nan, .nan),
      (Self.least, 1, Self.least), (Self.least, Self.most, 0), (Self.most, Self.least, .pi / 2),
      (Self.least, Self.least, .pi / 4), (1, -1, 2.356194490192345), (Self.least, -1, .pi),
    ]
    for (y, x, wanted) in rows {
      let got = Elementary.atan2(y, x)
      #expect(
        got.isNaN && wanted.isNaN || got.bitPattern == wanted.bitPattern, "atan2(\(y), \(x)) is \(got), not \(wanted)")
    }
  }

  @Test func powers() {
    let (least, most, infinity) = (Self.least, Self.most, Self.infinity)
    let rows: [(Double, Double, Double)] = [
      (0, -1, infinity), (-0.0, -1, -infinity), (-0.0, -2, infinity), (0, -0.5, infinity), (0, -infinity, infinity),
      (-0.0, 3, -0.0), (-0.0, 2, 0), (0, 0.5, 0), (-0.0, 0.5, 0), (-1, infinity, 1), (-1, -infinity, 1), (1, .nan, 1),
      (.nan, 0, 1), (.nan, -0.0, 1), (-8, 1.0 / 3, .nan), (0.5, -infinity, infinity), (2, -infinity, 0),
      (0.5, infinity, 0), (2, infinity, infinity), (-0.5, infinity, 0), (-2, infinity, infinity), (-infinity, -3, -0.0),
      (-infinity, -2, 0), (-infinity, 3, -infinity), (-infinity, 2, infinity), (-infinity, 0.5, infinity),
      (infinity, -1, 0), (infinity, 1, infinity), (.nan, 1, .nan), (2, .nan, .nan), (-2, 3, -8), (-2, -1, -0.5),
      (2, -1074, least), (2, -1075, 0), (-2, -1075, -0.0), (2, 1024, infinity), (-2, 1025, -infinity),
      (most, 1, most), (least, 1, least), (least, -1, infinity), (most, 2, infinity), (2, least, 1), (10, -324, 0),
      (-3, 0x1p53, infinity), (-3, 0x1p52 + 1, -infinity), (0.9, 1e300, 0), (1.0000000000000002, -1e300, 0),
    ]
    for (x, y, wanted) in rows {
      let got = Elementary.pow(x, y)
      #expect(
        got.isNaN && wanted.isNaN || got.bitPattern == wanted.bitPattern, "pow(\(x), \(y)) is \(got), not \(wanted)")
    }
  }
}

/// Where the true value is a double it is the result.
struct ExactnessTests {
  @Test func powersOfWholeNumbers() {
    for base in -40...40 {
      var (exact, exponent) = (1, 0)
      while exact.magnitude < 1 << 53, exponent < 64 {
        #expect(Elementary.pow(Double(base), Double(exponent)) == Double(exact), "\(base) ^ \(exponent)")
        if exact != 0, exact.magnitude & (exact.magnitude - 1) == 0 {
          #expect(Elementary.pow(Double(base), -Double(exponent)) == 1 / Double(exact), "\(base) ^ -\(exponent)")
        }
        (exact, exponent) = (exact * base, exponent + 1)
      }
    }
    for root in 1...2000 {
      #expect(Elementary.pow(Double(root * root), 0.5) == Double(root))
      #expect(Elementary.pow(Double(root) / 8, 3) == Double(root * root * root) / 512)
    }
  }

  @Test func logarithmsOfPowers() {
    for exponent in -1074...1023 {
      let power = Elementary.exp2(Double(exponent))
      #expect(power == (exponent < -1022 ? 0x1p-1074 * Double(1 << (exponent + 1074)) : powerOfTwo(exponent)))
      #expect(Elementary.log2(power) == Double(exponent))
    }
    var power = 1.0
    for exponent in 0...22 {
      #expect(Elementary.log10(power) == Double(exponent))
      #expect(Elementary.pow(10, Double(exponent)) == power)
      power *= 10
    }
  }

  private func powerOfTwo(_ exponent: Int) -> Double { Double(bitPattern: UInt64(exponent + 1023) << 52) }

  /// What Python prints for these; a user who compares sees the same digits.
  @Test func familiarValues() {
    let rows: [(Double, Double)] = [
      (Elementary.exp(1), 2.718281828459045), (Elementary.log(2), 0.6931471805599453),
      (Elementary.log(10), 2.302585092994046), (Elementary.sin(1), 0.8414709848078965),
      (Elementary.cos(1), 0.5403023058681398), (Elementary.sin(.pi), 1.2246467991473532e-16),
      (Elementary.cos(.pi), -1), (Elementary.tan(.pi / 4), 0.9999999999999999), (Elementary.atan(1), .pi / 4),
      (Elementary.pow(2, 0.5), 1.4142135623730951), (Elementary.pow(10, -5), 1e-05),
      (Elementary.pow(1.05, 20), 2.653297705144422), (Elementary.sinh(1), 1.1752011936438014),
      (Elementary.cosh(1), 1.5430806348152437), (Elementary.tanh(0.5), 0.46211715726000974),
      (Elementary.acos(0.5), 1.0471975511965979), (Elementary.asin(0.5), 0.5235987755982989),
    ]
    for (got, wanted) in rows { #expect(got == wanted) }
  }
}
