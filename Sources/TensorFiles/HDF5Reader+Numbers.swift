import CZlib
import Tensors

/// Arrays of numbers: in one piece, or in chunks that filters have packed.
extension HDF5Reader {
  private static let harmless = 1 << 28
  private static let tightest = 256

  /// An array's claims, before anything is unpacked for them.
  private struct Plan {
    var name: String
    var shape: [Int]
    var count: Int
    var type: ElementType
    var filters: [Filter]
    /// An element that nobody wrote; nil: zeros.
    var fillValue: [UInt8]?

    /// All of it as if nobody had written any.
    var unwritten: [UInt8] {
      guard let fillValue else { return [UInt8](repeating: 0, count: count * type.size) }
      return [UInt8](unsafeUninitializedCapacity: count * type.size) { bytes, length in
        for index in bytes.indices { bytes.initializeElement(at: index, to: fillValue[index % fillValue.count]) }
        length = bytes.count
      }
    }
  }

  private enum Filter { case deflate, shuffle, fletcher }

  mutating func tensor(_ messages: [HDF5Message], name: String) throws -> Tensor {
    let shown = "“\(name.prefix(120))”"
    if messages.contains(where: { $0.kind == .external }) {
      throw refused("\(shown) keeps its numbers in other files, which are not opened")
    }
    guard let typeMessage = messages.first(where: { $0.kind == .type }),
      let spaceMessage = messages.first(where: { $0.kind == .space }),
      let layout = messages.first(where: { $0.kind == .layout })
    else { throw broken("\(shown) has no type, shape or place") }
    guard !typeMessage.isShared, !spaceMessage.isShared else {
      throw refused("\(shown) has a type with a name of its own")
    }
    let element = try element(typeMessage.range)
    guard case .number(let type) = element else {
      var words = "texts"
      if case .other(let kind) = element { words = kind }
      throw TensorFileError.unsupported(file: "\(shown) in \(file)", type: words)
    }
    guard let shape = try shape(spaceMessage.range) else { throw refused("\(shown) has no numbers") }
    guard let count = elements(shape) else { throw broken("\(shown) claims the shape \(shape.prefix(8))") }
    let plan = Plan(
      name: shown, shape: shape, count: count, type: type, filters: try filters(messages, shown),
      fillValue: try fillValue(messages, shown, size: type.size))
    try claim(count, max(4, type.size))
    return try tensor(plan, layout.range)
  }

  /// Memory for numbers: as much as any file's, and where they stand more tightly than numbers do, only what is harmless.
  private mutating func claim(_ count: Int, _ size: Int) throws {
    let (length, overflow) = count.multipliedReportingOverflow(by: size)
    let (sum, tooMany) = unpacked.addingReportingOverflow(length)
    guard !overflow, !tooMany, sum <= TensorFileError.limit else {
      throw TensorFileError.tooLarge(
        file: file, bytes: overflow || tooMany ? Int.max : sum, limit: TensorFileError.limit)
    }
    unpacked = sum
    if sum > Self.harmless, sum / Self.tightest > bytes.count {
      throw TensorFileError.tooTight(file: file, packed: bytes.count, unpacked: sum)
    }
  }

  private mutating func tensor(_ plan: Plan, _ layout: Range<Int>) throws -> Tensor {
    let at = layout.lowerBound
    let (version, kind) = (try byte(at), try byte(at + 1))
    guard version == 3 || version == 4 else { throw refused("\(plan.name) stands in a way of older versions") }
    let length = plan.count * plan.type.size
    switch kind {
    case 0:
      guard try number(at + 2, 2) >= length else { throw broken("\(plan.name) has fewer numbers than its shape") }
      return try tensor(plan, at: at + 4)
    case 1:
      guard let start = try address(at + 2), length > 0 else {
        return try plan.unwritten.withUnsafeBytes { try plan.type.tensor(plan.shape, in: $0, from: 0) }
      }
      guard try number(at + 10, 8) >= length else { throw broken("\(plan.name) has fewer numbers than its shape") }
      return try tensor(plan, at: start)
    case 2 where version == 3: return try chunked(plan, layout)
    default: throw refused("\(plan.name) stands in a way that is not read (libver=\"latest\", or virtual)")
    }
  }

  private func tensor(_ plan: Plan, at start: Int) throws -> Tensor {
    guard plan.filters.isEmpty else { throw broken("\(plan.name) is packed without chunks") }
    try check(start, plan.count * plan.type.size)
    return try bytes.withUnsafeBytes { try plan.type.tensor(plan.shape, in: $0, from: start) }
  }

  // MARK: Chunks

  private mutating func chunked(_ plan: Plan, _ layout: Range<Int>) throws -> Tensor {
    let (at, rank) = (layout.lowerBound, plan.shape.count)
    guard try byte(at + 2) == rank + 1, rank > 0 else { throw broken("\(plan.name) has chunks of another shape") }
    let sides = try (0..<rank).map { try number(at + 11 + 4 * $0, 4) }
    guard try number(at + 11 + 4 * rank, 4) == plan.type.size, sides.allSatisfy({ $0 > 0 }),
      let size = elements(sides)
    else { throw broken("\(plan.name) has chunks of another size") }
    // All chunks that there can be, those at the edges whole.
    var most = 1
    for (length, side) in zip(plan.shape, sides) {
      let (product, overflow) = most.multipliedReportingOverflow(by: (length + side - 1) / side)
      guard !overflow else { throw broken("\(plan.name) has too many chunks") }
      most = product
    }
    let (all, overflow) = most.multipliedReportingOverflow(by: size)
    try claim(overflow ? Int.max : all, plan.type.size)
    var raw = plan.unwritten
    if plan.count > 0, let tree = try address(at + 3) {
      var left = most
      try chunks(tree, level: nil, plan, sides, size * plan.type.size, &left, &raw)
    }
    return try raw.withUnsafeBytes { try plan.type.tensor(plan.shape, in: $0, from: 0) }
  }

  private mutating func chunks(
    _ tree: Int, level: Int?, _ plan: Plan, _ sides: [Int], _ size: Int, _ left: inout Int, _ raw: inout [UInt8]
  ) throws {
    try spend()
    try expect("TREE", tree, "a tree of chunks")
    guard try byte(tree + 4) == 1, try level == nil || byte(tree + 5) == level else {
      throw broken("a tree of chunks is none")
    }
    let height = try byte(tree + 5)
    guard height <= 16 else { throw broken("a tree of chunks is too high") }
    let rank = sides.count
    let key = 16 + 8 * rank
    for index in 0..<(try number(tree + 6, 2)) {
      let at = tree + 24 + index * (key + 8)
      let child = try number(at + key, 8)
      if height > 0 {
        try chunks(child, level: height - 1, plan, sides, size, &left, &raw)
        continue
      }
      try spend()
      left -= 1
      guard left >= 0 else { throw broken("\(plan.name) has more chunks than its shape") }
      let packed = try number(at, 4)
      guard packed <= 2 * size + 4096 else { throw broken("a chunk of \(plan.name) is longer than its numbers") }
      try check(child, packed)
      let offset = try (0..<rank).map { try number(at + 8 + 8 * $0, 8) }
      guard zip(offset, plan.shape).allSatisfy({ $0 < $1 }) else { throw broken("a chunk lies outside \(plan.name)") }
      let chunk = try unpacked(Array(bytes[child..<child + packed]), plan, mask: try number(at + 4, 4), size)
      Self.place(chunk, sides, offset, plan, &raw)
    }
  }

  /// Rows of a chunk, as far as they lie in the array.
  private static func place(_ chunk: [UInt8], _ sides: [Int], _ offset: [Int], _ plan: Plan, _ raw: inout [UInt8]) {
    let (rank, size) = (sides.count, plan.type.size)
    let width = min(sides[rank - 1], plan.shape[rank - 1] - offset[rank - 1]) * size
    var index = [Int](repeating: 0, count: rank - 1)
    var from = 0
    while true {
      var place = 0
      for axis in 0..<rank - 1 { place = (place + offset[axis] + index[axis]) * plan.shape[axis + 1] }
      let to = (place + offset[rank - 1]) * size
      if zip(index, offset).enumerated().allSatisfy({ $1.0 + $1.1 < plan.shape[$0] }) {
        raw.replaceSubrange(to..<to + width, with: chunk[from..<from + width])
      }
      from += sides[rank - 1] * size
      var axis = rank - 2
      while axis >= 0 {
        index[axis] += 1
        if index[axis] < sides[axis] { break }
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  // MARK: Filters

  private func filters(_ messages: [HDF5Message], _ shown: String) throws -> [Filter] {
    guard let message = messages.first(where: { $0.kind == .filters }) else { return [] }
    var at = message.range.lowerBound
    let (version, count) = (try byte(at), try byte(at + 1))
    guard version == 1 || version == 2, count <= 32 else { throw broken("the filters of \(shown) are none") }
    at += version == 1 ? 8 : 2
    var filters: [Filter] = []
    for _ in 0..<count {
      let number = try self.number(at, 2)
      let isNamed = version == 1 || number >= 256
      let nameLength = isNamed ? try self.number(at + 2, 2) : 0
      at += isNamed ? 4 : 2
      let values = try self.number(at + 2, 2)
      at += 4 + (version == 1 ? (nameLength + 7) / 8 * 8 : nameLength)
      at += 4 * values + (version == 1 && values % 2 == 1 ? 4 : 0)
      guard at <= message.range.upperBound else { throw broken("the filters of \(shown) are cut off") }
      switch number {
      case 1: filters.append(.deflate)
      case 2: filters.append(.shuffle)
      case 3: filters.append(.fletcher)
      default:
        throw refused("\(shown) is packed by the filter \(number): deflate, shuffle and fletcher32 are read")
      }
    }
    return filters
  }

  private func unpacked(_ packed: [UInt8], _ plan: Plan, mask: Int, _ size: Int) throws -> [UInt8] {
    var chunk = packed
    for (index, filter) in plan.filters.enumerated().reversed() where mask >> index & 1 == 0 {
      switch filter {
      case .fletcher:
        guard chunk.count >= 4, Self.fletcher(chunk.dropLast(4)) == Array(chunk.suffix(4)) else {
          throw broken("the numbers of \(plan.name) do not fit their checksum")
        }
        chunk.removeLast(4)
      case .deflate: chunk = try inflated(chunk, size + 4 * plan.filters.count, plan)
      case .shuffle:
        let width = plan.type.size
        let count = chunk.count / width
        var turned = chunk
        for byte in 0..<width { for item in 0..<count { turned[item * width + byte] = chunk[byte * count + item] } }
        chunk = turned
      }
    }
    guard chunk.count == size else { throw broken("a chunk of \(plan.name) has other than its numbers") }
    return chunk
  }

  private func inflated(_ packed: [UInt8], _ limit: Int, _ plan: Plan) throws -> [UInt8] {
    var out = [UInt8](repeating: 0, count: limit)
    var length = uLong(limit)
    let status = packed.withUnsafeBufferPointer { source in
      out.withUnsafeMutableBufferPointer { target in
        uncompress(target.baseAddress, &length, source.baseAddress, uLong(source.count))
      }
    }
    guard status == Z_OK else { throw broken("the numbers of \(plan.name) cannot be unpacked") }
    out.removeLast(limit - Int(length))
    return out
  }

  /// Fletcher's sum of sixteen bits, the first byte of two the higher one; as the file holds it.
  static func fletcher(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    // In ones' complement: 65535 stands for zero, but where all is zero.
    func folded(_ sum: UInt32) -> UInt32 { sum == 0 ? 0 : (sum - 1) % 65535 + 1 }
    var (one, two): (UInt32, UInt32) = (0, 0)
    var at = bytes.startIndex
    while at < bytes.endIndex {
      let low = at + 1 < bytes.endIndex ? UInt32(bytes[at + 1]) : 0
      one = folded(one + (UInt32(bytes[at]) << 8) + low)
      two = folded(two + one)
      at += 2
    }
    let sum = two << 16 | one
    return (0..<4).map { UInt8(truncatingIfNeeded: sum >> UInt32(8 * $0)) }
  }
}
