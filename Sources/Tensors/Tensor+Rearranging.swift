import Diagnostics

/// What puts a tensor's numbers to other places: all of it through `taken`, `sliced` and their like, so that gradients go
/// back the same way.
extension Tensor {
  /// A tensor of `shape` with the number at `places[i]` (in row-major order) at place i; 0 where that is -1.
  func picked(_ places: [Int], shape target: [Int]) throws -> Tensor {
    let flat = try reshaped([count])
    guard places.contains(-1) else { return try flat.taken(places).reshaped(target) }
    let count = count
    return try Tensor.concat([flat, Tensor(scalar: 0).asMask(isMask).reshaped([1])])
      .taken(LongWork.map(places) { $0 < 0 ? count : $0 }).reshaped(target)
  }

  /// Backwards along the axes (all where nil).
  public func flipped(_ axes: [Int]? = nil) throws -> Tensor {
    let chosen = try axes.map { $0.isEmpty ? [] : try Tensor.checkedAxes($0, shape, "flip") } ?? Array(shape.indices)
    return try subscripted(shape.indices.map { chosen.contains($0) ? .slice(start: nil, stop: nil, step: -1) : .all })
  }

  /// Moved along axes, what leaves at the end coming in at the beginning; nil: all numbers in row-major order.
  public func rolled(_ shifts: [Int], _ axes: [Int]?) throws -> Tensor {
    guard let axes else { return try flattened().rolled([shifts.reduce(0, &+)], [0]).reshaped(shape) }
    // Along no axis nothing moves, as with `flip`.
    if axes.isEmpty, shifts.count <= 1 { return self }
    guard !shifts.isEmpty, shifts.count == axes.count || shifts.count == 1 || axes.count == 1 else {
      throw TensorError.argument(
        function: "roll", name: "shift", expected: "one number, or one for each axis", got: "\(shifts)")
    }
    var result = self
    for index in 0..<Swift.max(shifts.count, axes.count) {
      let axis = try Tensor.checkedAxis(axes[axes.count == 1 ? 0 : index], shape, "roll")
      let length = shape[axis]
      guard length > 0 else { continue }
      let shift = shifts[shifts.count == 1 ? 0 : index] % length
      result = try result.taken(LongWork.map(0..<length) { (($0 - shift) % length + length) % length }, axis: axis)
    }
    return result
  }

  /// Repeated as a whole along each axis.
  public func tiled(_ times: [Int]) throws -> Tensor {
    for number in times where number < 0 {
      throw TensorError.argument(function: "tile", name: "reps", expected: "0 or more", got: "\(number)")
    }
    let rank = Swift.max(rank, times.count)
    let lengths = Array(repeating: 1, count: rank - self.rank) + shape
    let times = Array(repeating: 1, count: rank - times.count) + times
    // Each axis as a pair: how often, how long.
    let spread = try reshaped(lengths.flatMap { [1, $0] })
    let whole = zip(times, lengths).flatMap { [$0, $1] }
    _ = try Tensor.checkedCount(whole)
    return try spread.broadcast(to: whole).reshaped(zip(times, lengths).map { $0 &* $1 })
  }

  /// Each item so often, one after the other, along an axis (of all numbers where nil): one number, or one for each item.
  public func repeated(_ times: [Int], axis: Int? = nil) throws -> Tensor {
    guard let axis else { return try flattened().repeated(times, axis: 0) }
    let checked = try Tensor.checkedAxis(axis, shape, "repeat")
    let length = shape[checked]
    guard times.allSatisfy({ $0 >= 0 }), times.count == 1 || times.count == length else {
      throw TensorError.argument(
        function: "repeat", name: "repeats", expected: "0 or more: one number, or \(length) of them", got: "\(times)")
    }
    var target = shape
    let (total, overflow) =
      times.count == 1
      ? length.multipliedReportingOverflow(by: times[0])
      : times.reduce((0, false)) { sum, next in
        let (value, over) = sum.0.addingReportingOverflow(next)
        return (value, sum.1 || over)
      }
    if overflow { throw TensorError.tooLarge(shape: shape) }
    target[checked] = total
    _ = try Tensor.checkedCount(target)
    if trace != nil {
      // The gradient goes back as it does for rows that are taken.
      let places = (0..<length).flatMap { Array(repeating: $0, count: times[times.count == 1 ? 0 : $0]) }
      return try taken(places, axis: checked)
    }
    let runs = RepeatPlan(
      times: times, length: length, outer: shape[..<checked].reduce(1, &*), inner: shape[(checked + 1)...].reduce(1, &*)
    )
    if let exact = try movedExactly(to: target, { try runs.copy($0, to: $1) }) { return exact }
    return try Tensor(shape: target) { out in
      guard let to = out.baseAddress, out.count > 0 else { return }
      try runs.copy(storage.header.start, to: to)
    }.asMask(isMask)
  }

  /// A vector as the k-th diagonal of a square of zeros, or a matrix's k-th diagonal.
  public func diagonal(_ k: Int = 0) throws -> Tensor {
    guard rank == 1 || rank == 2 else {
      throw TensorError.rank(function: "diag", expected: "a vector or a matrix", shape: shape)
    }
    guard k.magnitude <= 1 << 31 else { throw TensorError.tooLarge(shape: [k]) }
    if rank == 2 { return try reshaped([count]).taken(Tensor.diagonalPlaces(shape[0], shape[1], k)) }
    let side = shape[0] + Int(k.magnitude)
    var places = [Int](repeating: -1, count: try Tensor.checkedCount([side, side]))
    for (item, place) in Tensor.diagonalPlaces(side, side, k).enumerated() { places[place] = item }
    return try picked(places, shape: [side, side])
  }

  private static func diagonalPlaces(_ rows: Int, _ columns: Int, _ k: Int) -> [Int] {
    (0..<rows).filter { $0 + k >= 0 && $0 + k < columns }.map { $0 * columns + $0 + k }
  }

  /// The sum of the k-th diagonal of the first two axes.
  public func trace(_ k: Int = 0) throws -> Tensor {
    guard rank >= 2 else { throw TensorError.rank(function: "trace", expected: "2 or more axes", shape: shape) }
    guard k.magnitude <= 1 << 31 else { throw TensorError.tooLarge(shape: [k]) }
    return try reshaped([shape[0] * shape[1]] + shape[2...]).taken(Tensor.diagonalPlaces(shape[0], shape[1], k))
      .total([0])
  }

  /// With zeros below (`upper`) or above the k-th diagonal of the last two axes. A vector counts as a row for each item.
  public func triangle(upper: Bool, _ k: Int = 0) throws -> Tensor {
    guard rank >= 1 else {
      throw TensorError.rank(function: upper ? "triu" : "tril", expected: "1 or more axes", shape: shape)
    }
    if rank == 1 { return try broadcast(to: [shape[0], shape[0]]).triangle(upper: upper, k) }
    let (rows, columns) = (shape[rank - 2], shape[rank - 1])
    let kept = try Tensor(shape: [rows, columns]) { out in
      for i in out.indices {
        let over = i % columns - i / columns
        out[i] = (upper ? over >= k : over <= k) ? 1 : 0
      }
    }
    return try selected(where: kept, else: Tensor(scalar: 0).asMask(isMask))
  }

  /// How `padded` fills what it adds.
  public enum Padding: String, CaseIterable, Sendable { case constant, edge, reflect, symmetric, wrap }

  /// So many numbers more before and behind along each axis.
  public func padded(_ widths: [(Int, Int)], _ mode: Padding = .constant, value: Tensor = Tensor(scalar: 0)) throws
    -> Tensor
  {
    guard widths.count == rank, widths.allSatisfy({ $0.0 >= 0 && $0.1 >= 0 }) else {
      throw TensorError.argument(
        function: "pad", name: "pad_width", expected: "numbers of 0 or more: one, two, or two for each of \(rank) axes",
        got: "\(widths.map { [$0.0, $0.1] })")
    }
    let whole = try zip(shape, widths).map { length, width in
      let (sum, first) = width.0.addingReportingOverflow(width.1)
      let (all, second) = sum.addingReportingOverflow(length)
      if first || second { throw TensorError.tooLarge(shape: shape) }
      return all
    }
    _ = try Tensor.checkedCount(whole)
    if mode == .constant {
      let range = SliceRange(
        whole: whole, starts: widths.map(\.0), lengths: shape, steps: Array(repeating: 1, count: rank))
      let result = try embedded(range)
      if value.trace == nil, value.item == 0 { return result }
      let isTruth = value.isMask || value.item == 1
      return try result.selected(where: Tensor.ones(shape).embedded(range), else: value.asMask(isTruth))
    }
    var result = self
    for (axis, width) in widths.enumerated() where width.0 + width.1 > 0 {
      let length = shape[axis]
      if length == 0 { throw TensorError.empty(function: "pad of an axis") }
      result = try result.taken(LongWork.map(-width.0..<length + width.1) { mode.source($0, length) }, axis: axis)
    }
    return result
  }

  /// Along an axis the `count` largest (or smallest) numbers, in their order, and their places.
  public func top(_ count: Int, axis: Int = -1, largest: Bool = true) throws -> (values: Tensor, places: Tensor) {
    guard rank > 0 else { throw TensorError.rank(function: "topk", expected: "1 or more axes", shape: shape) }
    let checked = try Tensor.checkedAxis(axis, shape, "topk")
    guard count >= 0, count <= shape[checked] else {
      throw TensorError.argument(
        function: "topk", name: "k", expected: "from 0 to \(shape[checked]), the length of the axis", got: "\(count)")
    }
    let order = try Tensor(places: sortedPlaces(axis: checked, descending: largest), shape: shape)
    let places = try order.subscripted(
      shape.indices.map { $0 == checked ? .slice(start: 0, stop: count, step: 1) : .all })
    return (try takenAlong(places, axis: checked), places)
  }

  /// For each line along an axis the numbers at places of its own, as `argsort` gives them.
  public func takenAlong(_ places: Tensor, axis: Int) throws -> Tensor {
    let checked = try Tensor.checkedAxis(axis, shape, "take_along_axis")
    var (own, other) = (shape, places.shape)
    if own.count == other.count { (own[checked], other[checked]) = (1, 1) }
    guard own.count == other.count, let lines = broadcastShape(own, other) else {
      throw TensorError.shapes(verb: "take along an axis of", shape, places.shape)
    }
    var wholeLines = lines
    wholeLines[checked] = shape[checked]
    var target = lines
    target[checked] = places.shape[checked]
    let source = try broadcast(to: wholeLines)
    let wanted = try places.broadcast(to: target).exactValues
    let inner = target[(checked + 1)...].reduce(1, &*)
    let (length, taken) = (shape[checked], target[checked])
    var flat: [Int] = []
    flat.reserveCapacity(wanted.count)
    for (i, number) in wanted.enumerated() {
      if i % LongWork.stretch == 0 { try LongWork.check() }
      guard let place = Int(exactly: number) else {
        throw TensorError.argument(
          function: "take_along_axis", name: "indices", expected: "whole numbers", got: NumberText.written(number))
      }
      let outer = i / Swift.max(1, taken * inner)
      flat.append(
        (outer * length + (try Tensor.checkedIndex(place, axis: checked, size: length))) * inner + i % inner)
    }
    return try source.picked(flat, shape: target)
  }

  /// Places of the numbers that are not 0: for each axis a list of them.
  public func nonzero() throws -> [Tensor] {
    let chosen = withUnsafeBuffer { values in values.indices.filter { values[$0] != 0 } }
    if rank == 0 { throw TensorError.rank(function: "nonzero", expected: "1 or more axes", shape: shape) }
    let own = strides(of: shape)
    return try shape.indices.map { axis in
      try Tensor(places: chosen.map { $0 / own[axis] % Swift.max(1, shape[axis]) }, shape: [chosen.count])
    }
  }

  /// These numbers, with others at the places that `x[…]` means; where a place is named twice, the last one counts.
  public func replacing(_ indexes: [TensorIndex], with values: Tensor) throws -> Tensor {
    // Float32 has the places of nearly every tensor; a loop that sets one number after the other asks for them each time.
    let numbered =
      count <= Int(Tensor.largestExact)
      ? try Tensor(shape: shape) { out in for place in out.indices { out[place] = Float(place) } }
      : try Tensor(places: Array(0..<count), shape: shape)
    return try replacing(numbered.subscripted(indexes), with: values)
  }

  /// - Parameter places: in row-major order; their shape is that of what is replaced.
  private func replacing(_ places: Tensor, with values: Tensor) throws -> Tensor {
    guard broadcastShape(places.shape, values.shape) == places.shape else {
      throw TensorError.broadcast(values.shape, to: places.shape)
    }
    let new = try values.broadcast(to: places.shape)
    if trace == nil, values.trace == nil, wide == nil, values.wide == nil {
      return try Tensor(shape: shape) { out in
        withUnsafeBuffer { old in _ = out.update(fromContentsOf: old) }
        try new.withUnsafeBuffer { new in
          for (index, place) in places.exactValues.enumerated() {
            if index % LongWork.stretch == 0 { try LongWork.check() }
            out[Int(place)] = new[index]
          }
        }
      }.asMask(isMask && values.isMask)
    }
    // Gradients, and exact numbers, follow what is taken from where.
    var sources = Array(0..<count)
    for (i, place) in places.exactValues.enumerated() { sources[Int(place)] = count + i }
    return try Tensor.concat([reshaped([count]), new.reshaped([new.count])]).taken(sources).reshaped(shape)
  }

  /// These numbers, with others where the mask is not 0: one for all, or one for each in row-major order.
  public func replacing(where mask: Tensor, with values: Tensor) throws -> Tensor {
    guard mask.rank <= rank, Array(shape[..<mask.rank]) == mask.shape else {
      throw TensorError.maskShape(mask.shape, shape: shape)
    }
    let rest = Array(shape[mask.rank...])
    let inner = rest.reduce(1, &*)
    if trace == nil, values.trace == nil, wide == nil, values.wide == nil {
      return try overwritten(where: mask, rest, inner, with: values)
    }
    let chosen = mask.withUnsafeBuffer { values in values.indices.filter { values[$0] != 0 } }
    let places = chosen.flatMap { row in (0..<inner).map { row * inner + $0 } }
    return try replacing(Tensor(places: places, shape: [chosen.count] + rest), with: values)
  }

  /// The same of floats alone, without a list of places.
  /// - Parameter inner: how many numbers belong to one of the mask's; `rest` is their shape.
  private func overwritten(where mask: Tensor, _ rest: [Int], _ inner: Int, with values: Tensor) throws -> Tensor {
    let target = [mask.withUnsafeBuffer { $0.reduce(0) { $1 != 0 ? $0 + 1 : $0 } }] + rest
    guard broadcastShape(target, values.shape) == target else {
      throw TensorError.broadcast(values.shape, to: target)
    }
    let isOne = values.count == 1
    let new = isOne ? values : try values.broadcast(to: target)
    return try Tensor(shape: shape) { out in
      withUnsafeBuffer { old in _ = out.update(fromContentsOf: old) }
      try mask.withUnsafeBuffer { mask in
        try new.withUnsafeBuffer { new in
          var next = 0
          try LongWork.stretches(mask.count) { rows in
            for row in rows where mask[row] != 0 {
              for place in row * inner..<(row + 1) * inner {
                out[place] = new[isOne ? 0 : next]
                next += 1
              }
            }
          }
        }
      }
    }.asMask(isMask && values.isMask)
  }
}

/// Items that are each repeated: how often (one number for all, or one each) in each of `outer` parts; `inner` numbers an item.
private struct RepeatPlan {
  var times: [Int]
  var length: Int
  var outer: Int
  var inner: Int

  func copy<Number: BitwiseCopyable>(_ from: UnsafePointer<Number>, to: UnsafeMutablePointer<Number>) throws {
    var (source, target) = (from, to)
    var written = 0
    for _ in 0..<outer {
      for item in 0..<length {
        var left = times[times.count == 1 ? 0 : item]
        while left > 0 {
          let part = inner == 1 ? Swift.min(left, LongWork.stretch) : 1
          if inner == 1 {
            target.update(repeating: source.pointee, count: part)
          } else {
            target.update(from: source, count: inner)
          }
          target += part * inner
          left -= part
          written += part * inner
          if written >= LongWork.stretch {
            try LongWork.check()
            written = 0
          }
        }
        source += inner
      }
    }
  }
}

extension Tensor.Padding {
  /// Which of `length` numbers stands at a place that may lie outside.
  func source(_ place: Int, _ length: Int) -> Int {
    func modulo(_ a: Int, _ n: Int) -> Int { (a % n + n) % n }
    switch self {
    case .constant, .edge: return min(max(place, 0), length - 1)
    case .wrap: return modulo(place, length)
    case .symmetric:
      let at = modulo(place, 2 * length)
      return at < length ? at : 2 * length - 1 - at
    case .reflect:
      if length == 1 { return 0 }
      let at = modulo(place, 2 * length - 2)
      return at < length ? at : 2 * length - 2 - at
    }
  }
}
