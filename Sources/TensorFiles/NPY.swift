import ElementaryFunctions
import Tensors

/// NumPy's array files. Source: numpy.lib.format, versions 1.0, 2.0 and 3.0.
public enum NPY {
  static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]

  /// Reads f2 f4 f8, i1–i8, u1–u8 and bool, little- or big-endian, C or Fortran order, as float32. Never a pickle.
  /// - Parameter name: what errors call the file.
  public static func decode(_ bytes: [UInt8], name: String = "the array") throws -> Tensor {
    switch try read(bytes, name: name) {
    case .numbers(let tensor): return tensor
    case .texts: throw TensorFileError.unsupported(file: name, type: "text")
    case .unread(let error): throw error
    }
  }

  /// Numbers as `decode` reads them, or texts (U, S).
  /// - Throws: also for kinds that are not read: a file with one array has nothing else to give.
  public static func read(_ bytes: [UInt8], name: String = "the array") throws -> ArrayContent {
    let header = try NPYHeader(bytes, name: name)
    var at = header.dataStart
    let content = try header.content(name: name, available: bytes.count - at) { buffer in
      let count = min(buffer.count, bytes.count - at)
      buffer.copyBytes(from: bytes[at..<(at + count)])
      at += count
      return count
    }
    if case .unread(let error) = content { throw error }
    return content
  }

  /// As npy 1.0, little-endian float32 (int64 for wide whole numbers), C order: what `numpy.load` reads.
  /// - Parameter keepsMasks: a mask's numbers become bools, as NumPy has them.
  public static func encode(_ tensor: Tensor, keepsMasks: Bool = false) -> [UInt8] {
    let type = WideType(tensor, keepsMasks: keepsMasks)
    let shape = tensor.shape.map(String.init).joined(separator: ", ")
    var text =
      "{'descr': '\(type.npy)', 'fortran_order': False, 'shape': (\(shape)\(tensor.shape.count == 1 ? "," : "")), }"
    // Version 2 begins where the header's length no longer fits 16 bits; shapes are never that long.
    text += String(repeating: " ", count: (64 - (text.utf8.count + 11) % 64) % 64) + "\n"
    var bytes = magic + [1, 0, UInt8(text.utf8.count & 255), UInt8(text.utf8.count >> 8)]
    bytes += text.utf8
    append(tensor, as: type, to: &bytes)
    return bytes
  }
}

/// How a tensor's numbers stand in a file.
enum WideType {
  case float32, float64, int64, bool

  /// - Parameter keepsMasks: masks are bools. Files whose tensors are numbers whatever they came from, such as a network's
  ///   weights, have float32.
  init(_ tensor: Tensor, keepsMasks: Bool) {
    guard let wide = tensor.wide else {
      self = tensor.isMask && keepsMasks ? .bool : .float32
      return
    }
    self = wide.allSatisfy { $0 == $0.rounded() && $0.magnitude <= Tensor.largestWhole } ? .int64 : .float64
  }

  var npy: String {
    switch self {
    case .float32: "<f4"
    case .float64: "<f8"
    case .int64: "<i8"
    case .bool: "|b1"
    }
  }
  var safetensors: String {
    switch self {
    case .float32: "F32"
    case .float64: "F64"
    case .int64: "I64"
    case .bool: "BOOL"
    }
  }
  var size: Int {
    switch self {
    case .float32: 4
    case .float64, .int64: 8
    case .bool: 1
    }
  }
}

/// Little-endian float32, as this machine's memory on the platforms there are, written byte by byte elsewhere; or what the
/// type says.
func append(_ tensor: Tensor, as type: WideType, to bytes: inout [UInt8]) {
  bytes.reserveCapacity(bytes.count + type.size * tensor.count)
  if let wide = tensor.wide {
    for number in wide {
      let bits = type == .int64 ? UInt64(bitPattern: Int64(number)) : number.bitPattern
      withUnsafeBytes(of: bits.littleEndian) { bytes.append(contentsOf: $0) }
    }
    return
  }
  tensor.withUnsafeBuffer { values in
    if type == .bool { return bytes.append(contentsOf: values.lazy.map { $0 == 0 ? 0 : 1 }) }
    #if _endian(little)
      bytes.append(contentsOf: UnsafeRawBufferPointer(values))
    #else
      for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
    #endif
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
