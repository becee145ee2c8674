import Tensors

/// Numbers in ascending order, on several threads: tens of millions of distances, which a comparing sort would take
/// longer over than everything before it.
///
/// Equal shares of the range from least to greatest become buckets, and each bucket is sorted by its bits (three
/// passes of eleven) while it is in the cache. Needs as much memory again until it is done. Finite numbers only.
///
/// - Throws: `TensorError.interrupted`, between the passes.
func sortedAscending(_ values: [Float]) throws -> [Float] {
  let count = values.count
  guard count >= 1 << 16, let least = values.min(), let greatest = values.max(), least < greatest else {
    return values.sorted()
  }
  let buckets = 4096
  let scale = Float(buckets) / (greatest - least)
  guard scale.isFinite, scale > 0 else { return values.sorted() }
  @inline(__always) func bucket(_ value: Float) -> Int {
    min(buckets - 1, max(0, Int((value - least) * scale)))
  }
  let parts = 16
  let size = (count + parts - 1) / parts
  // Where each part's numbers of each bucket go: bucket by bucket, in them part by part.
  var places = [Int](repeating: 0, count: parts * buckets)
  var starts = [Int](repeating: 0, count: buckets + 1)
  try LongWork.check()
  let isGivenUp = LongWork.isGivenUp
  let result = [Float](unsafeUninitializedCapacity: count) { sorted, initialized in
    values.withUnsafeBufferPointer { values in
      places.withUnsafeMutableBufferPointer { places in
        let shared = SharedBuffers(values: values, sorted: sorted, places: places)
        Workers.shared.parallel(slices: parts) { part in
          for index in min(count, part * size)..<min(count, (part + 1) * size) {
            shared.places[part * buckets + bucket(shared.values[index])] += 1
          }
        }
        var place = 0
        for bucket in 0..<buckets {
          starts[bucket] = place
          for part in 0..<parts {
            let length = places[part * buckets + bucket]
            places[part * buckets + bucket] = place
            place += length
          }
        }
        starts[buckets] = place
        Workers.shared.parallel(slices: parts) { part in
          for index in min(count, part * size)..<min(count, (part + 1) * size) {
            let value = shared.values[index]
            let at = part * buckets + bucket(value)
            let place = shared.places[at]
            shared.places[at] = place + 1
            shared.sorted.baseAddress.map { $0 + place }?.initialize(to: value)
          }
        }
        let ends = starts
        Workers.shared.parallel(slices: buckets) { bucket in
          if let isGivenUp, isGivenUp() { return }
          sortByBits(UnsafeMutableBufferPointer(rebasing: shared.sorted[ends[bucket]..<ends[bucket + 1]]))
        }
      }
    }
    initialized = count
  }
  try LongWork.check()
  return result
}

/// Slices write to places of their own.
private struct SharedBuffers: @unchecked Sendable {
  let values: UnsafeBufferPointer<Float>
  let sorted: UnsafeMutableBufferPointer<Float>
  let places: UnsafeMutableBufferPointer<Int>
}

/// Radix sort, least significant bits first.
private func sortByBits(_ values: UnsafeMutableBufferPointer<Float>) {
  guard values.count > 200 else {
    var few = values
    return few.sort()
  }
  /// The bits in an order in which greater numbers have greater keys, negative ones too.
  @inline(__always) func key(_ value: Float) -> UInt32 {
    let bits = value.bitPattern
    return bits & 0x8000_0000 == 0 ? bits | 0x8000_0000 : ~bits
  }
  withUnsafeTemporaryAllocation(of: Float.self, capacity: values.count) { other in
    withUnsafeTemporaryAllocation(of: Int.self, capacity: 2048) { counts in
      var (from, to) = (values, other)
      var passes = 0
      for shift in [UInt32(0), 11, 22] {
        counts.initialize(repeating: 0)
        for value in from { counts[Int(key(value) >> shift & 2047)] += 1 }
        if counts[Int(key(from[0]) >> shift & 2047)] == from.count { continue }
        var place = 0
        for digit in 0..<2048 {
          let length = counts[digit]
          counts[digit] = place
          place += length
        }
        for value in from {
          let digit = Int(key(value) >> shift & 2047)
          to.baseAddress.map { $0 + counts[digit] }?.initialize(to: value)
          counts[digit] += 1
        }
        swap(&from, &to)
        passes += 1
      }
      if passes % 2 == 1 { _ = values.update(from: from) }
    }
  }
}

/// The places of finite numbers in ascending order, equal ones in the order of their places; on several threads.
///
/// - Throws: `TensorError.interrupted`.
func ascendingOrder(of values: [Float]) throws -> [Int] {
  /// The number's bits, so that greater numbers have greater keys, before its place.
  func key(_ place: Int) -> UInt64 {
    let bits = (values[place] + 0).bitPattern
    return UInt64(bits & 0x8000_0000 == 0 ? bits | 0x8000_0000 : ~bits) << 32 | UInt64(place)
  }
  // By the keys' first sixteen bits, then each such bucket by itself.
  var starts = [Int](repeating: 0, count: 65_537)
  for place in values.indices {
    if place % 1_000_000 == 0 { try LongWork.check() }
    starts[Int(key(place) >> 48) + 1] += 1
  }
  for bucket in 0..<65_536 { starts[bucket + 1] += starts[bucket] }
  var next = starts
  var keys = [UInt64](repeating: 0, count: values.count)
  for place in values.indices {
    if place % 1_000_000 == 0 { try LongWork.check() }
    let key = key(place)
    keys[next[Int(key >> 48)]] = key
    next[Int(key >> 48)] += 1
  }
  let isGivenUp = LongWork.isGivenUp
  keys.withUnsafeMutableBufferPointer { keys in
    // Each task sorts a stretch of its own.
    nonisolated(unsafe) let shared = keys
    let ends = starts
    Workers.shared.parallel(slices: 65_536) { bucket in
      if let isGivenUp, isGivenUp() { return }
      var mine = UnsafeMutableBufferPointer(rebasing: shared[ends[bucket]..<ends[bucket + 1]])
      if mine.count > 1 { mine.sort() }
    }
  }
  try LongWork.check()
  return keys.map { Int($0 & 0xFFFF_FFFF) }
}

extension RandomStream {
  /// The order that `shuffle` gives, of lists that may be long.
  mutating func shuffleInterruptibly<T>(_ values: inout [T]) throws {
    guard values.count > 1 else { return }
    for last in stride(from: values.count - 1, to: 0, by: -1) {
      if last % 262_144 == 0 { try LongWork.check() }
      values.swapAt(last, int(below: last + 1))
    }
  }
}
