import Memory

extension Tensor {
  /// Along an axis, rising; NaN last. Equal numbers keep their order.
  public func sorted(axis: Int = -1, descending: Bool = false) throws -> Tensor {
    if rank == 0, axis == 0 || axis == -1 { return self }
    let checked = try Tensor.checkedAxis(axis, shape, "sort")
    if count == 0 { return self }
    let inner = shape[(checked + 1)...].reduce(1, &*)
    var places = try sortedPlaces(axis: checked, descending: descending)
    try LongWork.stretches(places.count) { range in
      for i in range {
        let line = i / (shape[checked] * inner) * shape[checked] * inner + i % inner
        places[i] = line + places[i] * inner
      }
    }
    return try reshaped([count]).taken(places).reshaped(shape)
  }

  /// Places of the numbers in rising order along an axis; NaN last, equal ones in their order.
  public func argsort(axis: Int = -1, descending: Bool = false) throws -> Tensor {
    if rank == 0, axis == 0 || axis == -1 { return Tensor(scalar: 0) }
    let checked = try Tensor.checkedAxis(axis, shape, "argsort")
    return try Tensor(places: sortedPlaces(axis: checked, descending: descending), shape: shape)
  }

  /// In row-major order of this tensor: place along the axis of what comes first, second, ….
  func sortedPlaces(axis: Int, descending: Bool) throws -> [Int] {
    guard count > 0 else { return [] }
    try MemoryBudget.charge(count * MemoryLayout<Int>.stride + 3 * shape[axis] * MemoryLayout<Int>.stride)
    let length = shape[axis]
    let inner = shape[(axis + 1)...].reduce(1, &*)
    let wide = wide
    var result = [Int](repeating: 0, count: count)
    var keys = [UInt64](repeating: 0, count: length)
    var sorter = RadixSorter(length)
    try withUnsafeBuffer { numbers in
      for outer in 0..<count / (length * inner) {
        if outer & 0xFFF == 0xFFF { try LongWork.check() }
        for i in 0..<inner {
          let first = outer * length * inner + i
          try LongWork.stretches(length) { steps in
            for step in steps {
              let at = first + step * inner
              keys[step] =
                wide.map { RadixSorter.key($0[at], descending) } ?? RadixSorter.key(numbers[at], descending)
            }
          }
          let order = try sorter.order(of: keys, bits: wide == nil ? 32 : 64)
          for step in 0..<length { result[first + step * inner] = order[step] }
        }
      }
    }
    return result
  }
}

/// Sorts places by keys: each byte of the keys in turn, the lowest first, so that equal keys keep their order.
private struct RadixSorter {
  private var order: [Int]
  private var other: [Int]

  init(_ count: Int) {
    order = Array(0..<count)
    other = order
  }

  /// Rises with the number; NaN has the last one, both zeros have the same.
  static func key(_ number: Float, _ descending: Bool) -> UInt64 {
    if number.isNaN { return UInt64(UInt32.max) }
    let bits = (number == 0 ? 0 : number).bitPattern
    let rising = bits >> 31 == 1 ? ~bits : bits | 1 << 31
    return UInt64(descending ? ~rising : rising)
  }

  static func key(_ number: Double, _ descending: Bool) -> UInt64 {
    if number.isNaN { return .max }
    let bits = (number == 0 ? 0 : number).bitPattern
    let rising = bits >> 63 == 1 ? ~bits : bits | 1 << 63
    return descending ? ~rising : rising
  }

  mutating func order(of keys: [UInt64], bits: Int) throws -> [Int] {
    let count = keys.count
    for place in 0..<count { order[place] = place }
    // A short line is sorted sooner by comparing.
    if count < 256 {
      order.sort { keys[$0] == keys[$1] ? $0 < $1 : keys[$0] < keys[$1] }
      return order
    }
    for shift in stride(from: 0, to: bits, by: 8) {
      try LongWork.check()
      var starts = [Int](repeating: 0, count: 256)
      for key in keys { starts[Int(key >> UInt64(shift) & 255)] += 1 }
      if starts.contains(count) { continue }
      var sum = 0
      for digit in 0..<256 { (starts[digit], sum) = (sum, sum + starts[digit]) }
      try LongWork.stretches(count) { range in
        for index in range {
          let place = order[index]
          let digit = Int(keys[place] >> UInt64(shift) & 255)
          other[starts[digit]] = place
          starts[digit] += 1
        }
      }
      swap(&order, &other)
    }
    return order
  }
}
