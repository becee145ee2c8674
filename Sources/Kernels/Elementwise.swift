import KernelInterface

/// The factor of the index in a coin.
private let golden: UInt32 = 0x9E37_79B1

/// A hash of (key, index) with good avalanche (after integer mixers found by Wellons): dropout's coin, independent of order.
@inline(__always)
private func coin(_ indexTimesGolden: SIMD8<UInt32>, _ key: UInt32) -> SIMD8<UInt32> {
  var h = indexTimesGolden ^ SIMD8(repeating: key)
  h = (h ^ (h &>> 16)) &* 0x7FEB_352D
  h = (h ^ (h &>> 15)) &* 0x846C_A68B
  return h ^ (h &>> 16)
}

extension Compilation {
  /// y = x · scale where the coin of element `first + i` is at least `threshold` (of 2³²), else 0.
  public static func dropoutApply(
    _ x: Floats, _ y: MutableFloats, count: Int, first: UInt32, key: UInt32, threshold: UInt32, scale: Float
  ) {
    let limit = SIMD8<UInt32>(repeating: threshold)
    var place = (SIMD8(repeating: first) &+ SIMD8<UInt32>(0, 1, 2, 3, 4, 5, 6, 7)) &* golden
    var index = 0
    while index < count {
      let kept = (load(x + index) * scale).replacing(with: 0, where: coin(place, key) .< limit)
      store(kept, y + index, count: count - index)
      place &+= 8 &* golden
      index += 8
    }
  }

  /// y = max(x, 0), or slope · x below 0.
  public static func reluForward(_ x: Floats, _ y: MutableFloats, _ count: Int, slope: Float) {
    var index = 0
    while index < count {
      let value = load(x + index)
      store(value.replacing(with: value * slope, where: value .<= 0), y + index, count: count - index)
      index += 8
    }
  }

  /// dx = dy where y > 0, else slope · dy.
  public static func reluBackward(_ y: Floats, _ dy: Floats, _ dx: MutableFloats, _ count: Int, slope: Float) {
    var index = 0
    while index < count {
      let gradient = load(dy + index)
      let result = gradient.replacing(with: gradient * slope, where: load(y + index) .<= 0)
      store(result, dx + index, count: count - index)
      index += 8
    }
  }

  /// y += x
  public static func accumulate(_ x: Floats, into y: MutableFloats, _ count: Int) {
    var index = 0
    while index < count {
      store(load(y + index) + load(x + index), y + index, count: count - index)
      index += 8
    }
  }

  /// y = scale · x + shift
  public static func affine(_ x: Floats, _ y: MutableFloats, _ count: Int, scale: Float, shift: Float) {
    var index = 0
    while index < count {
      store(multiplyAdd(splat(shift), load(x + index), splat(scale)), y + index, count: count - index)
      index += 8
    }
  }

  /// y = a · x + b · z + c
  public static func affine2(_ x: Floats, _ z: Floats, _ y: MutableFloats, _ count: Int, a: Float, b: Float, c: Float) {
    var index = 0
    while index < count {
      let value = multiplyAdd(multiplyAdd(splat(c), load(x + index), splat(a)), load(z + index), splat(b))
      store(value, y + index, count: count - index)
      index += 8
    }
  }

  /// Σ x, in eight running sums.
  public static func sum(_ x: Floats, _ count: Int) -> Float {
    var total = V8.zero
    var index = 0
    while index + 8 <= count {
      total += load(x + index)
      index += 8
    }
    var result = total.sum()
    while index < count {
      result += x[index]
      index += 1
    }
    return result
  }

  /// Σ (x − mx)(y − my), in eight running sums.
  public static func centredDot(_ x: Floats, _ y: Floats, _ count: Int, _ mx: Float, _ my: Float) -> Float {
    var total = V8.zero
    var index = 0
    while index + 8 <= count {
      total = multiplyAdd(total, load(x + index) - mx, load(y + index) - my)
      index += 8
    }
    var result = total.sum()
    while index < count {
      result += (x[index] - mx) * (y[index] - my)
      index += 1
    }
    return result
  }
}
