// Written by Scripts/maintainers/elementary-reference.py polynomials: do not edit.

/// Polynomials through Chebyshev's points, rounded to doubles, summed in Estrin's order.
@usableFromInline
enum Polynomial {
  /// (eʳ − 1 − r)/r² for |r| ≤ log 2/256; exact to 63.7 bits.
  @inlinable @inline(__always)
  static func exponential(_ r: Double) -> Double {
    let a0 = 0x1.fffffffffff57p-2 + r * 0x1.5555555555525p-3
    let a1 = 0x1.55555acf8df82p-5 + r * 0x1.1111143255ff1p-7
    let r2 = r * r
    return a0 + r2 * a1
  }

  /// (2ʳ − 1 − r log 2)/r² for |r| ≤ 1/256; exact to 63.6 bits.
  @inlinable @inline(__always)
  static func exponential2(_ r: Double) -> Double {
    let a0 = 0x1.ebfbdff82c4ebp-3 + r * 0x1.c6b08d704a07fp-5
    let a1 = 0x1.3b2abc11f0be8p-7 + r * 0x1.5d88028049b0ap-10
    let r2 = r * r
    return a0 + r2 * a1
  }

  /// (eˣ − 1 − x − x²/2)/x³ for |x| ≤ 0.25; exact to 60.4 bits.
  @inlinable @inline(__always)
  static func exponentialMinusOne(_ r: Double) -> Double {
    let a0 = 0x1.5555555555555p-3 + r * 0x1.5555555555555p-5
    let a1 = 0x1.1111111111083p-7 + r * 0x1.6c16c16c16bc5p-10
    let a2 = 0x1.a01a01a134c9cp-13 + r * 0x1.a01a01a0bb94ep-16
    let a3 = 0x1.71de2e0fac794p-19 + r * 0x1.27e4f47465c31p-22
    let a4 = 0x1.aed3a2376ea16p-26 + r * 0x1.1f2d26fd09304p-29
    let r2 = r * r
    let b0 = a0 + r2 * a1
    let b1 = a2 + r2 * a3
    let r4 = r2 * r2
    let c0 = b0 + r4 * b1
    let r8 = r4 * r4
    return c0 + r8 * a4
  }

  /// (log(1 + r) − r + r²/2)/r³ for |r| ≤ 0.0062; exact to 66.9 bits.
  @inlinable @inline(__always)
  static func logarithm(_ r: Double) -> Double {
    let a0 = 0x1.5555555555559p-2 + r * (-0x1.0000000000003p-2)
    let a1 = 0x1.999999966d39bp-3 + r * (-0x1.555555527a321p-3)
    let a2 = 0x1.2495a50fc03bep-3 + r * (-0x1.000305ed642fep-3)
    let r2 = r * r
    let b0 = a0 + r2 * a1
    let r4 = r2 * r2
    return b0 + r4 * a2
  }

  /// (sin x − x)/x³ of z = x² for |x| ≤ 0.25; exact to 60.7 bits.
  @inlinable @inline(__always)
  static func sine(_ z: Double) -> Double {
    let a0 = -0x1.5555555555555p-3 + z * 0x1.1111111111086p-7
    let a1 = -0x1.a01a019f04fbep-13 + z * 0x1.71de2e3b8384bp-19
    let z2 = z * z
    let b0 = a0 + z2 * a1
    let z4 = z2 * z2
    return b0 + z4 * (-0x1.adf5dba11697bp-26)
  }

  /// (sin x − x)/x³ of z = x² for |x| ≤ 1/31; exact to 63.0 bits.
  @inlinable @inline(__always)
  static func sineNear(_ z: Double) -> Double {
    let a0 = -0x1.5555555555552p-3 + z * 0x1.11111110245abp-7
    let z2 = z * z
    return a0 + z2 * (-0x1.a017b1d7c03efp-13)
  }

  /// (cos x − 1)/x² of z = x² for |x| ≤ 1/31; exact to 77.4 bits.
  @inlinable @inline(__always)
  static func cosineNear(_ z: Double) -> Double {
    let a0 = -0x1p-1 + z * 0x1.555555555554ap-5
    let a1 = -0x1.6c16c16a71ef1p-10 + z * 0x1.a0178a6406b0ap-16
    let z2 = z * z
    return a0 + z2 * a1
  }

  /// (asin x − x)/x³ of z = x² for |x| ≤ 1/2; exact to 58.8 bits.
  @inlinable @inline(__always)
  static func arcsine(_ z: Double) -> Double {
    let a0 = 0x1.5555555555555p-3 + z * 0x1.3333333333389p-4
    let a1 = 0x1.6db6db6dac0eap-5 + z * 0x1.f1c71c7a5e151p-6
    let a2 = 0x1.6e8ba121b9d5fp-6 + z * 0x1.1c4efd20ebb99p-6
    let a3 = 0x1.c990a42b32b03p-7 + z * 0x1.7b02ef007d23ep-7
    let a4 = 0x1.3b462d121c5d2p-7 + z * 0x1.31777489dfd29p-7
    let a5 = 0x1.8dcdf11997e0fp-9 + z * 0x1.40c91fa8deb7ep-6
    let a6 = -0x1.3bd7e353ddbc2p-6 + z * 0x1.e58a4f278e007p-6
    let z2 = z * z
    let b0 = a0 + z2 * a1
    let b1 = a2 + z2 * a3
    let b2 = a4 + z2 * a5
    let z4 = z2 * z2
    let c0 = b0 + z4 * b1
    let c1 = b2 + z4 * a6
    let z8 = z4 * z4
    return c0 + z8 * c1
  }

  /// (atan x − x)/x³ of z = x² for |x| ≤ 0.22; exact to 60.0 bits.
  @inlinable @inline(__always)
  static func arctangent(_ z: Double) -> Double {
    let a0 = -0x1.5555555555555p-2 + z * 0x1.9999999999964p-3
    let a1 = -0x1.249249248b1c1p-3 + z * 0x1.c71c71bb36421p-4
    let a2 = -0x1.745d12529f4c3p-4 + z * 0x1.3b128865becb5p-4
    let a3 = -0x1.10e80e67d1237p-4 + z * 0x1.db39a45037b5cp-5
    let z2 = z * z
    let b0 = a0 + z2 * a1
    let b1 = a2 + z2 * a3
    let z4 = z2 * z2
    let c0 = b0 + z4 * b1
    let z8 = z4 * z4
    return c0 + z8 * (-0x1.6317d155ca5d3p-5)
  }

  /// (atan x − x)/x³ of z = x² for |x| ≤ 1/31; exact to 60.0 bits.
  @inlinable @inline(__always)
  static func arctangentNear(_ z: Double) -> Double {
    let a0 = -0x1.5555555555546p-2 + z * 0x1.99999998b8093p-3
    let a1 = -0x1.2492389e9d4b2p-3 + z * 0x1.c6561747567c5p-4
    let z2 = z * z
    return a0 + z2 * a1
  }

  /// (sinh x − x)/x³ of z = x² for |x| ≤ 0.35; exact to 58.7 bits.
  @inlinable @inline(__always)
  static func hyperbolicSine(_ z: Double) -> Double {
    let a0 = 0x1.5555555555556p-3 + z * 0x1.1111111110914p-7
    let a1 = 0x1.a01a01a83f54p-13 + z * 0x1.71de0bd4a1c21p-19
    let z2 = z * z
    let b0 = a0 + z2 * a1
    let z4 = z2 * z2
    return b0 + z4 * 0x1.af3d04fd10569p-26
  }

  /// (tanh x − x)/x³ of z = x² for |x| ≤ 0.25; exact to 59.6 bits.
  @inlinable @inline(__always)
  static func hyperbolicTangent(_ z: Double) -> Double {
    let a0 = -0x1.5555555555555p-2 + z * 0x1.111111111109ep-3
    let a1 = -0x1.ba1ba1b9f6064p-5 + z * 0x1.664f485d22182p-6
    let a2 = -0x1.226e22dcef9fep-7 + z * 0x1.d6c9e87e879a1p-9
    let a3 = -0x1.7c29b0e14d1bbp-10 + z * 0x1.17c1f674f0a5fp-11
    let z2 = z * z
    let b0 = a0 + z2 * a1
    let b1 = a2 + z2 * a3
    let z4 = z2 * z2
    return b0 + z4 * b1
  }

  /// (eʳ − 1 − r)/r² for |r| ≤ log 2/2, as near as a Float needs; exact to 42.5 bits.
  @inlinable @inline(__always)
  static func shortExponential(_ r: Double) -> Double {
    let a0 = 0x1.fffffffffe028p-2 + r * 0x1.5555555554f8cp-3
    let a1 = 0x1.55555565dead9p-5 + r * 0x1.11111117140a3p-7
    let a2 = 0x1.6c166b8f94446p-10 + r * 0x1.a019c3324fe13p-13
    let a3 = 0x1.a137426f16cfcp-16 + r * 0x1.72ada50a7cd68p-19
    let r2 = r * r
    let b0 = a0 + r2 * a1
    let b1 = a2 + r2 * a3
    let r4 = r2 * r2
    return b0 + r4 * b1
  }

  /// (2 atanh s − 2 s)/s³ of z = s² for s ≤ 0.1716, as near as a Float needs; exact to 43.1 bits.
  @inlinable @inline(__always)
  static func shortLogarithm(_ z: Double) -> Double {
    let a0 = 0x1.5555555564f23p-1 + z * 0x1.999998ca9ec73p-2
    let a1 = 0x1.2493242f22b76p-2 + z * 0x1.c67ab529f564fp-3
    let z2 = z * z
    let b0 = a0 + z2 * a1
    let z4 = z2 * z2
    return b0 + z4 * 0x1.8c8edd9198f8ep-3
  }

  /// (sin x − x)/x³ of z = x² for |x| ≤ π/4, as near as a Float needs; exact to 45.7 bits.
  @inlinable @inline(__always)
  static func shortSine(_ z: Double) -> Double {
    let a0 = -0x1.555555555516ap-3 + z * 0x1.1111110fd3935p-7
    let a1 = -0x1.a019fd9a9838bp-13 + z * 0x1.71d9a97cd3c34p-19
    let z2 = z * z
    let b0 = a0 + z2 * a1
    let z4 = z2 * z2
    return b0 + z4 * (-0x1.aa28204b8cc64p-26)
  }

  /// (cos x − 1 + x²/2)/x⁴ of z = x² for |x| ≤ π/4, as near as a Float needs; exact to 50.2 bits.
  @inlinable @inline(__always)
  static func shortCosine(_ z: Double) -> Double {
    let a0 = 0x1.5555555555437p-5 + z * (-0x1.6c16c16b612abp-10)
    let a1 = 0x1.a019ff534c684p-16 + z * (-0x1.27e25f0776cc1p-22)
    let z2 = z * z
    let b0 = a0 + z2 * a1
    let z4 = z2 * z2
    return b0 + z4 * 0x1.1c81a3b8d462fp-29
  }
}
