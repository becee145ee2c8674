extension Tensor {
  /// An axis counted from the end if negative.
  static func checkedAxis(_ axis: Int, _ shape: [Int], _ function: String, extra: Int = 0) throws -> Int {
    let rank = shape.count + extra
    guard axis >= -rank, axis < rank else { throw TensorError.axis(function: function, axis: axis, shape: shape) }
    return axis < 0 ? axis + rank : axis
  }

  /// Axes in rising order, each once; nil and [] mean all.
  public static func checkedAxes(_ axes: [Int]?, _ shape: [Int], _ function: String) throws -> [Int] {
    guard let axes, !axes.isEmpty else { return Array(shape.indices) }
    var found: [Int] = []
    for axis in axes {
      let checked = try checkedAxis(axis, shape, function)
      if found.contains(checked) { throw TensorError.repeatedAxis(function: function, axis: axis) }
      found.append(checked)
    }
    return found.sorted()
  }

  /// The same numbers under another shape; one length may be -1 and is worked out.
  public func reshaped(_ lengths: [Int]) throws -> Tensor {
    if lengths == shape { return self }
    var target = lengths
    if let hole = lengths.firstIndex(of: -1) {
      var others = lengths
      others.remove(at: hole)
      guard !others.contains(where: { $0 < 0 }) else { throw TensorError.reshape(shape, to: lengths) }
      let known = try Tensor.checkedCount(others)
      guard known > 0 ? count % known == 0 : count == 0 else { throw TensorError.reshape(shape, to: lengths) }
      target[hole] = known > 0 ? count / known : 0
    }
    guard !target.contains(where: { $0 < 0 }), (try? Tensor.checkedCount(target)) == count else {
      throw TensorError.reshape(shape, to: lengths)
    }
    return try viewed(as: target).recorded(.reshape, self)
  }

  /// From `start` on all axes as one.
  public func flattened(from start: Int = 0) throws -> Tensor {
    let first = rank == 0 ? 0 : try Tensor.checkedAxis(start, shape, "flatten")
    return try reshaped(Array(shape[..<first]) + [try Tensor.checkedCount(Array(shape[first...]))])
  }

  /// Axes in another order: the new axis i is the old axis `axes[i]`; reversed where nil.
  public func transposed(_ axes: [Int]? = nil) throws -> Tensor {
    let order = try (axes ?? shape.indices.reversed()).map { try Tensor.checkedAxis($0, shape, "transpose") }
    guard order.count == rank, Set(order).count == rank else {
      throw TensorError.permutation(axes: axes ?? [], shape: shape)
    }
    if order == Array(shape.indices) { return self }
    let own = strides(of: shape)
    let target = order.map { shape[$0] }
    let steps = order.map { own[$0] }
    if let exact = try movedExactly(to: target, { try copyStrided($0, shape: target, steps: steps, to: $1) }) {
      return exact
    }
    return try Tensor(shape: target) { out in
      guard let to = out.baseAddress, out.count > 0 else { return }
      try copyStrided(storage.header.start, shape: target, steps: steps, to: to)
    }.asMask(isMask).recorded(.transpose(axes: order), self)
  }

  /// Stretched to a larger shape as NumPy broadcasts.
  public func broadcast(to target: [Int]) throws -> Tensor {
    if target == shape { return self }
    guard broadcastShape(shape, target) == target else { throw TensorError.broadcast(shape, to: target) }
    let own = strides(of: shape)
    let lead = target.count - rank
    let steps = target.indices.map { $0 < lead || shape[$0 - lead] == 1 ? 0 : own[$0 - lead] }
    if let exact = try movedExactly(to: target, { try copyStrided($0, shape: target, steps: steps, to: $1) }) {
      return exact
    }
    return try Tensor(shape: target) { out in
      guard let to = out.baseAddress, out.count > 0 else { return }
      try copyStrided(storage.header.start, shape: target, steps: steps, to: to)
    }.asMask(isMask).recorded(.broadcast, self)
  }

  /// Without axes of length 1: all of them, or those named.
  public func squeezed(_ axes: [Int]? = nil) throws -> Tensor {
    guard let axes else { return try reshaped(shape.filter { $0 != 1 }) }
    let dropped = try axes.isEmpty ? [] : Tensor.checkedAxes(axes, shape, "squeeze")
    for axis in dropped where shape[axis] != 1 { throw TensorError.squeeze(axis: axis, shape: shape) }
    return try reshaped(shape.indices.filter { !dropped.contains($0) }.map { shape[$0] })
  }

  /// With an axis of length 1 more, at `axis` of the result.
  public func expanded(_ axis: Int) throws -> Tensor {
    var target = shape
    target.insert(1, at: try Tensor.checkedAxis(axis, shape, "expand", extra: 1))
    return try reshaped(target)
  }

  /// Tensors after each other along an existing axis; all other lengths equal.
  public static func concat(_ parts: [Tensor], axis: Int = 0) throws -> Tensor {
    guard let first = parts.first else { throw TensorError.empty(function: "concat") }
    guard first.rank > 0 else { throw TensorError.rank(function: "concat", expected: "1 or more axes", shape: []) }
    let axis = try checkedAxis(axis, first.shape, "concat")
    var target = first.shape
    target[axis] = 0
    for part in parts {
      var expected = part.shape
      if expected.count == target.count { expected[axis] = first.shape[axis] }
      guard expected == first.shape else {
        throw TensorError.join(function: "concat", axis: axis, first.shape, part.shape)
      }
      let (sum, overflow) = target[axis].addingReportingOverflow(part.shape[axis])
      if overflow { throw TensorError.tooLarge(shape: first.shape) }
      target[axis] = sum
    }
    if let exact = try inParts(parts, { try concat($0, axis: axis) }) { return exact }
    let outer = target[..<axis].reduce(1, &*)
    let inner = target[(axis + 1)...].reduce(1, &*)
    let row = target[axis] &* inner
    return try Tensor(shape: target) { out in
      guard let to = out.baseAddress, out.count > 0 else { return }
      var offset = 0
      for part in parts {
        let width = part.shape[axis] * inner
        for o in 0..<outer { (to + o * row + offset).update(from: part.storage.header.start + o * width, count: width) }
        offset += width
      }
    }.asMask(parts.allSatisfy(\.isMask)).recorded(.concat(axis: axis), parts)
  }

  /// Tensors of one shape along a new axis.
  public static func stack(_ parts: [Tensor], axis: Int = 0) throws -> Tensor {
    guard let first = parts.first else { throw TensorError.empty(function: "stack") }
    let axis = try checkedAxis(axis, first.shape, "stack", extra: 1)
    for part in parts where part.shape != first.shape {
      throw TensorError.join(function: "stack", axis: axis, first.shape, part.shape)
    }
    return try concat(parts.map { try $0.expanded(axis) }, axis: axis)
  }
}
