import ElementaryFunctions
import Testing

struct AccuracyTests {
  @Test(arguments: Function.all) func errorIsWithinWhatIsStated(_ function: Function) throws {
    let points = try #require(try ReferenceFile.shared.get().functions[function.name])
    #expect(points.count > 1900)
    var (worst, at) = (0.0, ReferencePoint(x: 0, z: 0, nearest: 0, more: 0))
    for point in points {
      let error = point.error(of: function.value(point.x, point.z))
      if !(error <= worst) { (worst, at) = (error, point) }
    }
    // The file gives the true value to a 4096th of the last place.
    #expect(worst <= function.stated + 0.0002, "\(function.name)(\(at.x), \(at.z)) is off by \(worst) ulp")
  }

  /// The same numbers on every machine, with every compiler: a change of a bit is a change of the numerics' version.
  @Test func bitsAreThoseOfTheContract() throws {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ bits: UInt64) {
      for shift in stride(from: UInt64(0), to: 64, by: 8) { hash = (hash ^ (bits >> shift & 0xFF)) &* 0x100_0000_01b3 }
    }
    for function in Function.all {
      for point in try #require(try ReferenceFile.shared.get().functions[function.name]) {
        add(function.value(point.x, point.z).bitPattern)
      }
    }
    for step in 0..<20_000 {
      let x = (Float(step) - 10_000) * 0.0137
      for y in [
        Elementary.exp(x), Elementary.log(abs(x) + 0.001), Elementary.tanh(x * 0.1), Elementary.sigmoid(x * 0.3),
        Elementary.sin(x), Elementary.cos(x), Elementary.pow(abs(x), 0.37),
      ] { add(UInt64(y.bitPattern)) }
    }
    #expect(String(hash, radix: 16) == "dc2603b1fe0e51d5")
  }
}

struct FloatTests {
  /// Floats of all sizes and signs, subnormal ones, too.
  static let samples = stride(from: UInt32(0), to: .max - 40_000, by: 39_119).map { Float(bitPattern: $0) }

  @Test func shortPathsAreTheDoubleRounded() {
    for (name, short, full) in [
      ("exp", { Elementary.exp($0) }, { Elementary.exp($0) }), ("log", { Elementary.log($0) }, { Elementary.log($0) }),
      ("tanh", { Elementary.tanh($0) }, { Elementary.tanh($0) }),
      ("sigmoid", { Elementary.sigmoid($0) }, { Elementary.sigmoid($0) }),
      ("sin", { Elementary.sin($0) }, { Elementary.sin($0) }), ("cos", { Elementary.cos($0) }, { Elementary.cos($0) }),
    ] as [(String, (Float) -> Float, (Double) -> Double)] {
      let wrong = Self.samples.filter { x in
        let (a, b) = (short(x), Float(full(Double(x))))
        return a.bitPattern != b.bitPattern && !(a.isNaN && b.isNaN)
      }
      #expect(wrong.isEmpty, "\(name) of \(wrong.prefix(3))")
    }
  }

  @Test func signOfZeroStays() {
    #expect(Elementary.sin(-0.0 as Float).sign == .minus)
    #expect(Elementary.tanh(-0.0 as Float).sign == .minus)
  }
}
