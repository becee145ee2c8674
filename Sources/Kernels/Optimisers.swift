import KernelInterface

/// One pass each: gradient (times `scale`, for clipping), weight decay, state and weight.

extension Compilation {
  public static func sgdUpdate(
    _ w: MutableFloats, _ g: Floats, _ velocity: MutableFloats, count: Int, rate: Float, momentum: Float,
    nesterov: Bool,
    decay: Float, scale: Float
  ) {
    for index in 0..<count {
      let gradient = g[index] * scale + decay * w[index]
      let v = momentum * velocity[index] + gradient
      velocity[index] = v
      w[index] -= rate * (nesterov ? gradient + momentum * v : v)
    }
  }

  /// w ← w − rate · g / (√(s + inside) + outside): Keras has its epsilon inside, PyTorch outside.
  public static func rmspropUpdate(
    _ w: MutableFloats, _ g: Floats, _ square: MutableFloats, count: Int, rate: Float, keep: Float, inside: Float,
    outside: Float, decay: Float, scale: Float
  ) {
    var index = 0
    while index < count {
      let weight = load(w + index)
      let gradient = load(g + index) * scale + weight * decay
      let s = load(square + index) * keep + gradient * gradient * (1 - keep)
      store(s, square + index, count: count - index)
      let root = (s + inside).squareRoot() + outside
      store(weight - gradient * rate / root, w + index, count: count - index)
      index += 8
    }
  }

  /// `rate` has the bias corrections of both moments in it; `shrink` is what decoupled decay leaves of a weight.
  public static func adamUpdate(
    _ w: MutableFloats, _ g: Floats, _ mean: MutableFloats, _ square: MutableFloats, count: Int, rate: Float,
    beta1: Float, beta2: Float, epsilon: Float, decay: Float, shrink: Float, scale: Float
  ) {
    var index = 0
    while index < count {
      let weight = load(w + index)
      let gradient = load(g + index) * scale + weight * decay
      let m = load(mean + index) * beta1 + gradient * (1 - beta1)
      let s = load(square + index) * beta2 + gradient * gradient * (1 - beta2)
      store(m, mean + index, count: count - index)
      store(s, square + index, count: count - index)
      store(weight * shrink - m * rate / (s.squareRoot() + epsilon), w + index, count: count - index)
      index += 8
    }
  }
}
