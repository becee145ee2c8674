import ElementaryFunctions
import Tensors

/// The type of a file's elements.
struct ElementType: Sendable {
  enum Kind: Sendable, Equatable {
    case float, signed, unsigned, bool, brain
    /// UCS-4, and bytes; `size` is that of a whole text.
    case unicode, text
    /// Not read; the words are those of the error.
    case other(TensorFileError)
  }
  var kind: Kind
  var size: Int
  var bigEndian = false

  var isText: Bool { kind == .unicode || kind == .text }

  /// A number's bytes are those of a `Float` in memory.
  var isFloatInMemory: Bool {
    #if _endian(little)
      kind == .float && size == 4 && !bigEndian
    #else
      false
    #endif
  }

  /// Its numbers may be more than float32 holds.
  var isWide: Bool {
    switch kind {
    case .float: size == 8
    case .signed, .unsigned: size >= 4
    case .bool, .brain, .unicode, .text, .other: false
    }
  }

  func number(_ source: UnsafeRawBufferPointer, _ at: Int) -> Double {
    var bits: UInt64 = 0
    for index in 0..<size {
      bits = bits << 8 | UInt64(source[at + (bigEndian ? index : size - 1 - index)])
    }
    switch kind {
    case .float where size == 8: return Double(bitPattern: bits)
    case .unsigned: return Self.number(bits)
    case .signed:
      let unused = UInt64(64 - 8 * size)
      return Self.number(Int64(bitPattern: bits << unused) >> Int64(unused))
    default: return Double(value(source, at))
    }
  }

  /// A whole number beyond 2⁵³ that double precision has not is rounded to odd: such a double is above 2⁵³, and no float, so
  /// that it counts as rounded below. To the nearest, 2⁵³ + 1 would pass for 2⁵³, and 2⁶⁰ + 1 for a float.
  @inline(__always)
  private static func number<Whole: FixedWidthInteger>(_ whole: Whole) -> Double {
    let near = Double(whole)
    return Whole(exactly: near) == whole ? near : Double(bitPattern: near.bitPattern | 1)
  }

  @inline(__always)
  func value(_ source: UnsafeRawBufferPointer, _ at: Int) -> Float {
    var bits: UInt64 = 0
    for index in 0..<size {
      bits = bits << 8 | UInt64(source[at + (bigEndian ? index : size - 1 - index)])
    }
    switch kind {
    case .float:
      switch size {
      case 4: return Float(bitPattern: UInt32(truncatingIfNeeded: bits))
      case 8: return Overflow.narrowed(Double(bitPattern: bits))
      default: return Float(half: UInt16(truncatingIfNeeded: bits))
      }
    case .brain: return Float(bitPattern: UInt32(truncatingIfNeeded: bits) << 16)
    case .bool: return bits == 0 ? 0 : 1
    case .unsigned: return Float(bits)
    case .unicode, .text, .other: return .nan
    case .signed:
      let unused = UInt64(64 - 8 * size)
      return Float(Int64(bitPattern: bits << unused) >> Int64(unused))
    }
  }
}

// MARK: Tensors

extension ElementType {
  /// Numbers of a file as a tensor: as float32, or exactly where they are whole numbers that float32 does not have.
  /// - Parameter places: where in `source` each element begins. Whoever calls has checked that all of it is there.
  @inline(__always)
  func tensor(_ shape: [Int], in source: UnsafeRawBufferPointer, at places: StridedPlaces) throws -> Tensor {
    let tensor = try Tensor(shape: shape) { out in
      var places = places
      for index in 0..<out.count { out[index] = value(source, places.next()) }
    }
    return try exactly(tensor) {
      var places = places
      return (0..<tensor.count).map { _ in number(source, places.next()) }
    }
  }

  /// The tensor, which was read as float32, with its exact numbers where they are whole and float32 has not got them.
  func exactly(_ tensor: Tensor, _ numbers: () -> [Double]) throws -> Tensor {
    let isWhole = kind == .signed || kind == .unsigned
    let isLarge = isWhole ? tensor.withUnsafeBuffer { $0.contains { $0.magnitude >= 0x1p24 } } : tensor.mayBeRounded
    guard isWide, isLarge else { return tensor.asMask(kind == .bool) }
    let numbers = numbers()
    // Whole numbers beyond 2⁵³ may be rounded already: with one of them, none counts as exact.
    if !isWhole || numbers.allSatisfy({ $0.magnitude <= Tensor.largestWhole }) {
      let wide = try Tensor(numbers: numbers, shape: tensor.shape)
      if wide.wide != nil { return wide }
    }
    if isWhole { Overflow.rounded(numbers.count { Double(Float($0)) != $0 }) }
    return tensor
  }

  /// Numbers that stand one after the other, from `start` on.
  func tensor(_ shape: [Int], in source: UnsafeRawBufferPointer, from start: Int) throws -> Tensor {
    guard isFloatInMemory else {
      return try tensor(
        shape, in: source, at: StridedPlaces(shape: [shape.reduce(1, *)], strides: [size], first: start))
    }
    return try Tensor(shape: shape) { out in
      let bytes = UnsafeMutableRawBufferPointer(out)
      bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[start..<start + bytes.count]))
    }
  }
}
