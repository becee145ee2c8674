import Tensors

/// NumPy's array files. Source: numpy.lib.format, versions 1.0, 2.0 and 3.0.
public enum NPY {
  static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]

  /// Reads f2 f4 f8, i1–i8, u1–u8 and bool, little- or big-endian, C or Fortran order, as float32. Never a pickle.
  /// - Parameter name: what errors call the file.
  public static func decode(_ bytes: [UInt8], name: String = "the array") throws -> Tensor {
    let header = try NPYHeader(bytes, name: name)
    let count = header.count
    let (size, start) = (header.element.size, header.dataStart)
    guard bytes.count - start >= count * size else {
      throw TensorFileError.broken(
        file: name, format: "npy",
        reason: "the file ends early: \(bytes.count - start) bytes of numbers where shape \(header.shape) needs "
          + "\(count * size)")
    }
    func numbers<Number>(_ out: UnsafeMutableBufferPointer<Number>, _ value: (UnsafeRawBufferPointer, Int) -> Number) {
      bytes.withUnsafeBytes { source in
        if header.fortran, header.shape.count > 1 {
          // Walks the target in order; the source's strides grow from the first axis.
          var strides = [Int](repeating: 1, count: header.shape.count)
          for axis in 1..<header.shape.count { strides[axis] = strides[axis - 1] * header.shape[axis - 1] }
          var index = [Int](repeating: 0, count: header.shape.count)
          var from = 0
          for to in 0..<count {
            out[to] = value(source, start + from * size)
            var axis = header.shape.count - 1
            while axis >= 0 {
              index[axis] += 1
              from += strides[axis]
              if index[axis] < header.shape[axis] { break }
              from -= strides[axis] * header.shape[axis]
              index[axis] = 0
              axis -= 1
            }
          }
        } else {
          for at in 0..<count { out[at] = value(source, start + at * size) }
        }
      }
    }
    let rounded = try Tensor(shape: header.shape) { out in numbers(out, header.element.value) }
    // Whole numbers that float32 does not have: places that NumPy wrote.
    if header.element.isWide, rounded.mayBeRounded {
      var exact = [Double](repeating: 0, count: count)
      exact.withUnsafeMutableBufferPointer { numbers($0, header.element.number) }
      let wide = try Tensor(numbers: exact, shape: header.shape)
      if wide.wide != nil { return wide }
    }
    return rounded.asMask(header.element.kind == .bool)
  }

  /// As npy 1.0, little-endian float32 (int64 for wide whole numbers), C order: what `numpy.load` reads.
  public static func encode(_ tensor: Tensor) -> [UInt8] {
    let shape = tensor.shape.map(String.init).joined(separator: ", ")
    var text =
      "{'descr': '\(WideType(tensor).npy)', 'fortran_order': False, 'shape': (\(shape)\(tensor.shape.count == 1 ? "," : "")), }"
    // Version 2 begins where the header's length no longer fits 16 bits; shapes are never that long.
    text += String(repeating: " ", count: (64 - (text.utf8.count + 11) % 64) % 64) + "\n"
    var bytes = magic + [1, 0, UInt8(text.utf8.count & 255), UInt8(text.utf8.count >> 8)]
    bytes += text.utf8
    appendFloats(tensor, to: &bytes)
    return bytes
  }
}

/// How a tensor's numbers stand in a file.
enum WideType {
  case float32, float64, int64

  init(_ tensor: Tensor) {
    guard let wide = tensor.wide else {
      self = .float32
      return
    }
    self = wide.allSatisfy { $0 == $0.rounded() && $0.magnitude <= Tensor.largestWhole } ? .int64 : .float64
  }

  var npy: String {
    switch self {
    case .float32: "<f4"
    case .float64: "<f8"
    case .int64: "<i8"
    }
  }
  var safetensors: String {
    switch self {
    case .float32: "F32"
    case .float64: "F64"
    case .int64: "I64"
    }
  }
  var size: Int { self == .float32 ? 4 : 8 }
}

/// Little-endian float32, as this machine's memory on the platforms there are, written byte by byte elsewhere.
func appendFloats(_ tensor: Tensor, to bytes: inout [UInt8]) {
  let type = WideType(tensor)
  bytes.reserveCapacity(bytes.count + type.size * tensor.count)
  if let wide = tensor.wide {
    for number in wide {
      let bits = type == .int64 ? UInt64(bitPattern: Int64(number)) : number.bitPattern
      withUnsafeBytes(of: bits.littleEndian) { bytes.append(contentsOf: $0) }
    }
    return
  }
  tensor.withUnsafeBuffer { values in
    #if _endian(little)
      bytes.append(contentsOf: UnsafeRawBufferPointer(values))
    #else
      for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
    #endif
  }
}

/// The type of a file's elements.
struct ElementType: Sendable {
  enum Kind: Sendable { case float, signed, unsigned, bool, brain }
  var kind: Kind
  var size: Int
  var bigEndian = false

  /// Its numbers may be more than float32 holds.
  var isWide: Bool { size >= 4 && kind != .bool && !(kind == .float && size == 4) }

  func number(_ source: UnsafeRawBufferPointer, _ at: Int) -> Double {
    var bits: UInt64 = 0
    for index in 0..<size {
      bits = bits << 8 | UInt64(source[at + (bigEndian ? index : size - 1 - index)])
    }
    switch kind {
    case .float where size == 8: return Double(bitPattern: bits)
    case .unsigned: return Double(bits)
    case .signed:
      let unused = UInt64(64 - 8 * size)
      return Double(Int64(bitPattern: bits << unused) >> Int64(unused))
    default: return Double(value(source, at))
    }
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
      case 8: return Float(Double(bitPattern: bits))
      default: return Self.half(UInt16(truncatingIfNeeded: bits))
      }
    case .brain: return Float(bitPattern: UInt32(truncatingIfNeeded: bits) << 16)
    case .bool: return bits == 0 ? 0 : 1
    case .unsigned: return Float(bits)
    case .signed:
      let unused = UInt64(64 - 8 * size)
      return Float(Int64(bitPattern: bits << unused) >> Int64(unused))
    }
  }

  /// IEEE 754 binary16; written out, because Float16 is not on every platform.
  static func half(_ bits: UInt16) -> Float {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 31)
    let fraction = Float(bits & 0x3FF)
    if exponent == 0 { return sign * fraction / 16_777_216 }
    if exponent == 31 { return fraction == 0 ? sign * .infinity : .nan }
    return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
  }
}

/// shape as a number of elements, or nil where float32s of it would pass the limit.
func elements(_ shape: [Int]) -> Int? {
  var total = 1
  for size in shape {
    guard size >= 0 else { return nil }
    let (product, overflow) = total.multipliedReportingOverflow(by: size)
    if overflow || product > TensorFileError.limit / 4 { return nil }
    total = product
  }
  return total
}
