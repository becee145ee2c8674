/// A regular part of a tensor: along each axis `lengths` places from `starts` in `steps`.
struct SliceRange {
  /// Shape of the whole.
  var whole: [Int]
  var starts: [Int]
  var lengths: [Int]
  var steps: [Int]
}

/// Rows along an axis, by number.
struct TakePlan {
  var axis: Int
  /// Length of that axis in the whole.
  var size: Int
  var indexes: [Int]

  /// The rows of each of `outer` parts; `inner` numbers a row.
  func copy<Number: BitwiseCopyable>(
    _ from: UnsafePointer<Number>, to: UnsafeMutablePointer<Number>, outer: Int, inner: Int
  ) throws {
    try indexes.withUnsafeBufferPointer { indexes in
      for o in 0..<outer {
        if o & 0xFFF == 0xFFF { try LongWork.check() }
        let (source, target) = (from + o * size * inner, to + o * indexes.count * inner)
        try LongWork.stretches(indexes.count) { rows in
          if inner == 1 {
            for row in rows { target[row] = source[indexes[row]] }
          } else {
            for row in rows { (target + row * inner).update(from: source + indexes[row] * inner, count: inner) }
          }
        }
      }
    }
  }
}

/// One of the things between the brackets of `x[2:5, :, 0]`.
public enum TensorIndex: Sendable, Hashable {
  /// Drops its axis.
  case at(Int)
  /// Clamped as Python does; nil is the end on that side.
  case slice(start: Int?, stop: Int?, step: Int)
  /// These places along the axis; the axis becomes those of `shape`, which has as many places.
  case places([Int], shape: [Int])
  case newAxis
  case all
  /// Names no axis and makes none, but stands between lists of places: NumPy's `...` where no axis is left for it.
  case nothing

  /// These places along the axis.
  public static func list(_ places: [Int]) -> TensorIndex { .places(places, shape: [places.count]) }

  /// Whether it is taken together with other lists of places.
  var isList: Bool { if case .places = self { true } else { false } }
  var isNumber: Bool { if case .at = self { true } else { false } }
  var namesAxis: Bool { self != .newAxis && self != .nothing }
}

extension Tensor {
  /// `x[…]`: whole numbers drop their axis, slices keep it, a list takes rows; several lists (and numbers beside them)
  /// are taken pairwise, broadcast against each other, as NumPy does; axes not named stay whole.
  public func subscripted(_ indexes: [TensorIndex]) throws -> Tensor {
    let used = indexes.count { $0.namesAxis }
    guard used <= rank else { throw TensorError.tooManyIndexes(used, shape: shape) }
    let lists = indexes.count { $0.isList }
    if lists > 1 || lists == 1 && indexes.contains(where: \.isNumber) { return try gathered(indexes) }
    var range = SliceRange(
      whole: shape, starts: shape.map { _ in 0 }, lengths: shape, steps: shape.map { _ in 1 })
    var target: [Int] = []
    var list: (axis: Int, indexes: [Int], shape: [Int])?
    var axis = 0
    for index in indexes {
      switch index {
      case .nothing: break
      case .newAxis: target.append(1)
      case .at(let place):
        range.starts[axis] = try Tensor.checkedIndex(place, axis: axis, size: shape[axis])
        range.lengths[axis] = 1
        axis += 1
      case .slice(let start, let stop, let step):
        (range.starts[axis], range.lengths[axis]) = try Tensor.sliceBounds(start, stop, step, shape[axis])
        range.steps[axis] = step
        target.append(range.lengths[axis])
        axis += 1
      case .places(let places, let form):
        let size = shape[axis]
        let checked = try LongWork.map(places) { try Tensor.checkedIndex($0, axis: axis, size: size) }
        list = (target.count, checked, form)
        target.append(size)
        axis += 1
      case .all:
        target.append(shape[axis])
        axis += 1
      }
    }
    target += shape[axis...]
    var result = range.lengths == shape && range.steps.allSatisfy { $0 == 1 } ? self : try sliced(range)
    if result.shape != target { result = try result.reshaped(target) }
    guard let list else { return result }
    result = try result.taken(list.indexes, axis: list.axis)
    if list.shape.count == 1 { return result }
    return try result.reshaped(Array(target[..<list.axis]) + list.shape + Array(target[(list.axis + 1)...]))
  }

  /// Several lists of places, and numbers beside them, taken pairwise. Their axes become one where they stood together,
  /// and otherwise the first, as in NumPy.
  private func gathered(_ indexes: [TensorIndex]) throws -> Tensor {
    // Slices and new axes first; an axis that is chosen from stays whole.
    let rest = try subscripted(indexes.map { $0.isList || $0.isNumber ? .all : $0 })
    // The axis is that of `rest`; the slot is the place between the brackets, which says what stands together.
    var chosen: [(axis: Int, slot: Int, size: Int, places: [Int], shape: [Int])] = []
    var (axis, sourceAxis) = (0, 0)
    for (slot, index) in indexes.enumerated() {
      switch index {
      case .at(let place): chosen.append((axis, slot, shape[sourceAxis], [place], []))
      case .places(let places, let form): chosen.append((axis, slot, shape[sourceAxis], places, form))
      default: break
      }
      // Also where the places beside it are none, so that it is never looked up.
      if let one = chosen.last, one.slot == slot {
        for place in one.places { _ = try Tensor.checkedIndex(place, axis: sourceAxis, size: one.size) }
      }
      if index != .nothing { axis += 1 }
      if index.namesAxis { sourceAxis += 1 }
    }
    guard let first = chosen.first, let last = chosen.last else { return rest }
    var form: [Int] = []
    for one in chosen {
      guard let wider = broadcastShape(form, one.shape) else {
        throw TensorError.pairedIndexes(chosen.map(\.shape).filter { !$0.isEmpty })
      }
      form = wider
    }
    let count = try Tensor.checkedCount(form)
    var flat = [Int](repeating: 0, count: count)
    for one in chosen {
      let walk = BroadcastIndex(from: one.shape, to: form)
      try LongWork.stretches(count) { range in
        for i in range {
          flat[i] =
            flat[i] * one.size + (try Tensor.checkedIndex(one.places[walk.offset(i)], axis: one.axis, size: one.size))
        }
      }
    }
    let axes = chosen.map(\.axis)
    let others = rest.shape.indices.filter { !axes.contains($0) }
    let otherShape = others.map { rest.shape[$0] }
    let rows = try rest.transposed(axes + others).reshaped([chosen.reduce(1) { $0 * $1.size }] + otherShape)
    let taken = try rows.taken(flat).reshaped(form + otherShape)
    guard last.slot - first.slot == chosen.count - 1, first.axis > 0 else { return taken }
    // They stood together: back to where the first of them was.
    let before = others.filter { $0 < first.axis }.count
    let lead = Array(0..<form.count)
    let tail = Array(form.count..<taken.rank)
    return try taken.transposed(Array(tail[..<before]) + lead + Array(tail[before...]))
  }

  static func checkedIndex(_ index: Int, axis: Int, size: Int) throws -> Int {
    guard index >= -size, index < size else { throw TensorError.index(index, axis: axis, size: size) }
    return index < 0 ? index + size : index
  }

  /// First place and number of places of a slice, as Python clamps them.
  static func sliceBounds(_ start: Int?, _ stop: Int?, _ step: Int, _ size: Int) throws -> (Int, Int) {
    guard step != 0 else { throw TensorError.stepZero }
    func clamped(_ bound: Int, _ low: Int, _ high: Int) -> Int {
      Swift.min(Swift.max(bound < 0 ? bound + size : bound, low), high)
    }
    if step > 0 {
      let first = clamped(start ?? 0, 0, size)
      let end = stop.map { clamped($0, 0, size) } ?? size
      return (first, end > first ? (end - first - 1) / step + 1 : 0)
    }
    let first = start.map { clamped($0, -1, size - 1) } ?? size - 1
    let end = stop.map { clamped($0, -1, size - 1) } ?? -1
    let back = step == .min ? Int.max : -step
    return (Swift.max(0, first), first > end ? (first - end - 1) / back + 1 : 0)
  }

  func sliced(_ range: SliceRange) throws -> Tensor {
    let own = strides(of: shape)
    let offset = zip(range.starts, own).reduce(0) { $0 + $1.0 * $1.1 }
    let steps = zip(own, range.steps).map { $0 &* $1 }
    if let exact = try movedExactly(
      to: range.lengths, { try copyStrided($0 + offset, shape: range.lengths, steps: steps, to: $1) })
    {
      return exact
    }
    return try Tensor(shape: range.lengths) { out in
      guard let to = out.baseAddress, out.count > 0 else { return }
      try copyStrided(storage.header.start + offset, shape: range.lengths, steps: steps, to: to)
    }.asMask(isMask).recorded(.slice(range), self)
  }

  /// The opposite of `sliced`: zeros of the whole's shape, with these numbers at the slice's places.
  func embedded(_ range: SliceRange) throws -> Tensor {
    if let exact = try Tensor.inParts([self], { try $0[0].embedded(range) }) { return exact }
    let own = strides(of: range.whole)
    return try Tensor(shape: range.whole) { out in
      out.update(repeating: 0)
      guard count > 0, let to = out.baseAddress else { return }
      guard let width = range.lengths.last, let step = range.steps.last else {
        to[0] = storage.header.start[0]
        return
      }
      // Row by row; whole rows one after the other in one piece, as the halves of what twins gave are.
      let outer = range.lengths.count - 1
      let rowStart = range.starts[outer] * own[outer]
      let isWhole = step == 1 && width == range.whole[outer]
      let piece = isWhole && outer > 0 && range.steps[outer - 1] == 1 ? range.lengths[outer - 1] : 1
      for row in stride(from: 0, to: count / width, by: piece) {
        var (rest, place) = (row, rowStart)
        for axis in stride(from: outer - 1, through: 0, by: -1) {
          place += (range.starts[axis] + rest % range.lengths[axis] * range.steps[axis]) * own[axis]
          rest /= range.lengths[axis]
        }
        let from = storage.header.start + row * width
        if step == 1 {
          (to + place).update(from: from, count: piece * width)
        } else {
          for i in 0..<width { to[place + i * step] = from[i] }
        }
      }
    }.asMask(isMask).recorded(.embed(range), self)
  }

  /// Rows along an axis, by number (counted from the end if negative).
  public func taken(_ indexes: [Int], axis: Int = 0) throws -> Tensor {
    let axis = try Tensor.checkedAxis(axis, shape, "take")
    let size = shape[axis]
    return try taken(
      TakePlan(
        axis: axis, size: size,
        indexes: LongWork.map(indexes) { try Tensor.checkedIndex($0, axis: axis, size: size) }))
  }

  func taken(_ plan: TakePlan) throws -> Tensor {
    var target = shape
    target[plan.axis] = plan.indexes.count
    let inner = shape[(plan.axis + 1)...].reduce(1, &*)
    let outer = shape[..<plan.axis].reduce(1, &*)
    if let exact = try movedExactly(to: target, { try plan.copy($0, to: $1, outer: outer, inner: inner) }) {
      return exact
    }
    return try Tensor(shape: target) { out in
      guard let to = out.baseAddress, out.count > 0 else { return }
      try plan.copy(storage.header.start, to: to, outer: outer, inner: inner)
    }.asMask(isMask).recorded(.take(plan), self)
  }

  /// The opposite of `taken`: each row added to its place among zeros.
  func scatterAdded(_ plan: TakePlan) throws -> Tensor {
    var target = shape
    target[plan.axis] = plan.size
    let inner = shape[(plan.axis + 1)...].reduce(1, &*)
    return try Tensor(shape: target) { out in
      out.update(repeating: 0)
      guard let to = out.baseAddress, count > 0 else { return }
      let from = storage.header.start
      for o in 0..<count / (plan.indexes.count * inner) {
        for (row, index) in plan.indexes.enumerated() {
          let source = from + (o * plan.indexes.count + row) * inner
          let target = to + (o * plan.size + index) * inner
          for i in 0..<inner { target[i] += source[i] }
        }
      }
    }.recorded(.scatterAdd(plan), self)
  }

  /// The numbers (rows, for a mask of fewer axes) where the mask is not 0, along one axis.
  public func masked(_ mask: Tensor) throws -> Tensor {
    guard mask.rank <= rank, Array(shape[..<mask.rank]) == mask.shape else {
      throw TensorError.maskShape(mask.shape, shape: shape)
    }
    let chosen = mask.withUnsafeBuffer { values in values.indices.filter { values[$0] != 0 } }
    return try reshaped([mask.count] + shape[mask.rank...]).taken(chosen)
  }
}
