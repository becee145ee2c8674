import ElementaryFunctions

/// Reads the tensors of a model, with a limit for all of them.
struct ONNXTensorReader {
  /// In which other files a model may have its tensors.
  private static let fileLimit = 1000

  /// By the names that the model has for them.
  let files: [String: [UInt8]]
  /// Files that would have been needed, too, in the order of the tensors.
  private(set) var missing: [String] = []
  private var total = 0

  init(files: [String: [UInt8]]) { self.files = files }

  mutating func read(_ bytes: [UInt8], _ range: Range<Int>) throws(ONNXError) -> ONNXTensor {
    var reader = ProtobufReader(bytes, range)
    var (name, typeNumber) = ("", 0)
    var shape: [Int] = []
    var raw: Range<Int>?
    var (floats, ints): ([Float], [Int]) = ([], [])
    var doubles: Range<Int>?
    var place = OtherPlace()
    var liesElsewhere = false
    while let (field, value) = try reader.next() {
      switch field {
      case 1: shape += try value.ints(bytes)
      case 2: typeNumber = try value.int()
      case 4: floats += try value.floats(bytes)
      case 5, 7, 11: ints += try value.ints(bytes)
      case 8: name = try value.text(bytes)
      case 9: raw = try value.range()
      case 10: doubles = try value.range()
      case 13: try place.read(bytes, try value.range())
      case 14: liesElsewhere = try value.int() != 0
      default: continue
      }
      guard shape.count <= 32 else { throw .broken(reason: "a tensor in it has more than 32 axes") }
    }
    let shown = "the tensor “\(name.prefix(80))”"
    guard let type = ONNXType(rawValue: typeNumber), type != .none else {
      throw .unsupported(
        reason: "\(shown) is of the kind \(typeNumber), which is not read", help: "export the model in float32")
    }
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow, product <= ONNXModel.byteLimit / 8 else {
        throw .broken(reason: "\(shown) claims the shape \(shape.prefix(8))")
      }
      count = product
    }
    total += 4 * count
    guard total <= ONNXModel.byteLimit else { throw .broken(reason: "its tensors take more than 4 GiB") }
    if liesElsewhere { return try tensor(name, type, shape, count, shown: shown, at: place) }
    let contents: ONNXTensor.Contents
    if let raw {
      guard raw.count == count * type.size else {
        throw .broken(reason: "\(shown) has other than the bytes of its shape")
      }
      contents = ONNXTensor.contents(bytes, raw, type, count)
    } else if type == .double, let doubles {
      guard doubles.count == 8 * count else {
        throw .broken(reason: "\(shown) has other than the numbers of its shape")
      }
      contents = ONNXTensor.contents(bytes, doubles, .double, count)
    } else if type == .float {
      contents = .floats(floats)
    } else if type == .float16 || type == .bfloat16 {
      contents = .floats(
        ints.map { half in
          let bits = UInt16(truncatingIfNeeded: half)
          return type == .float16 ? Float(half: bits) : Float(bitPattern: UInt32(bits) << 16)
        })
    } else {
      contents = .ints(ints)
    }
    let tensor = ONNXTensor(name, type, shape, contents)
    guard tensor.count == count else { throw .broken(reason: "\(shown) has other than the numbers of its shape") }
    return tensor
  }

  /// Where a tensor lies that is not in the model's own file.
  private struct OtherPlace {
    var location = ""
    var offset: String?
    var length: String?

    mutating func read(_ bytes: [UInt8], _ range: Range<Int>) throws(ONNXError) {
      var reader = ProtobufReader(bytes, range)
      var (key, text) = ("", "")
      while let (field, value) = try reader.next() {
        if field == 1 { key = try value.text(bytes) }
        if field == 2 { text = try value.text(bytes) }
      }
      switch key {
      case "location": location = text
      case "offset": offset = text
      case "length": length = text
      default: break
      }
    }
  }

  private mutating func tensor(
    _ name: String, _ type: ONNXType, _ shape: [Int], _ count: Int, shown: String, at place: OtherPlace
  ) throws(ONNXError) -> ONNXTensor {
    guard !place.location.isEmpty, place.location.utf8.count <= 1024 else {
      throw .broken(reason: "\(shown) lies in another file, which is not named")
    }
    guard let bytes = files[place.location] else {
      if !missing.contains(place.location) {
        guard missing.count < Self.fileLimit else {
          throw .broken(reason: "its tensors lie in more than \(Self.fileLimit) files")
        }
        missing.append(place.location)
      }
      return ONNXTensor(name, type, [0], .floats([]))
    }
    let size = count * type.size
    let other = "“\(place.location.prefix(80))”"
    guard let offset = place.offset.map({ Int($0) }) ?? 0, let length = place.length.map({ Int($0) }) ?? size,
      offset >= 0, length == size
    else { throw .broken(reason: "\(shown) has other than the bytes of its shape in \(other)") }
    guard offset <= bytes.count, size <= bytes.count - offset else {
      throw .broken(reason: "\(shown) ends behind the end of \(other), which has \(bytes.count) bytes")
    }
    return ONNXTensor(name, type, shape, ONNXTensor.contents(bytes, offset..<offset + size, type, count))
  }
}

extension ONNXTensor {
  fileprivate static func contents(_ bytes: [UInt8], _ range: Range<Int>, _ type: ONNXType, _ count: Int) -> Contents {
    bytes.withUnsafeBytes { raw in
      func load<Number: FixedWidthInteger>(_ index: Int, as kind: Number.Type) -> Number {
        Number(
          littleEndian: raw.loadUnaligned(
            fromByteOffset: range.lowerBound + index * MemoryLayout<Number>.size, as: Number.self))
      }
      let places = 0..<count
      switch type {
      case .float: return .floats(places.map { Float(bitPattern: load($0, as: UInt32.self)) })
      case .double: return .doubles(places.map { Double(bitPattern: load($0, as: UInt64.self)) })
      case .float16: return .floats(places.map { Float(half: load($0, as: UInt16.self)) })
      case .bfloat16: return .floats(places.map { Float(bitPattern: UInt32(load($0, as: UInt16.self)) << 16) })
      case .uint8, .bool: return .ints(places.map { Int(load($0, as: UInt8.self)) })
      case .int8: return .ints(places.map { Int(load($0, as: Int8.self)) })
      case .uint16: return .ints(places.map { Int(load($0, as: UInt16.self)) })
      case .int16: return .ints(places.map { Int(load($0, as: Int16.self)) })
      case .int32: return .ints(places.map { Int(load($0, as: Int32.self)) })
      case .uint32: return .ints(places.map { Int(load($0, as: UInt32.self)) })
      case .int64: return .ints(places.map { Int(load($0, as: Int64.self)) })
      case .uint64: return .ints(places.map { Int(Int64(bitPattern: load($0, as: UInt64.self))) })
      case .none: return .ints([])
      }
    }
  }
}
