import Diagnostics
import Interpreter
import NeuralNetworks
import Ranks
import Tensors

/// A value as bytes, for another rank or a file, and back: numbers, texts, bools, none, lists, records, ranges, tensors and
/// networks. What comes back is a copy.
enum ValueBytes {
  private enum Kind: UInt8 { case none, no, yes, number, text, list, record, range, tensor, network }

  /// Deeper values are refused, so that reading them takes no deep stack.
  private static let deepest = 200

  /// - Throws: `SpreadError.cannotBeSent` for a function, or an object other than a network.
  static func encoded(_ value: Value) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try write(value, depth: 0, to: &bytes)
    return bytes
  }

  /// - Throws: `SpreadError.damaged` for bytes that `encoded` did not write.
  static func decoded(_ bytes: [UInt8]) throws -> Value {
    var reader = ByteReader(bytes)
    let value = try read(&reader, depth: 0)
    guard reader.isAtEnd else { throw SpreadError.damaged }
    return value
  }

  private static func write(_ value: Value, depth: Int, to bytes: inout [UInt8]) throws {
    guard depth < deepest else { throw SpreadError.tooDeep }
    func begin(_ kind: Kind) { bytes.append(kind.rawValue) }
    switch value {
    case .none: begin(.none)
    case .bool(let bool): begin(bool ? .yes : .no)
    case .number(let number):
      begin(.number)
      bytes.add(number.bitPattern)
    case .string(let box):
      begin(.text)
      bytes.add(text: box.text)
    case .list(let box):
      begin(.list)
      bytes.add(UInt64(box.items.count))
      for item in box.items { try write(item, depth: depth + 1, to: &bytes) }
    case .record(let box):
      begin(.record)
      bytes.add(UInt64(box.fields.count))
      for (name, value) in box.fields {
        bytes.add(text: name)
        try write(value, depth: depth + 1, to: &bytes)
      }
    case .range(let box):
      begin(.range)
      bytes.add(box.start.bitPattern)
      bytes.add(box.stop.bitPattern)
      bytes.append(box.closed ? 1 : 0)
    case .tensor(let box):
      begin(.tensor)
      bytes.add(UInt64(box.tensor.shape.count))
      for length in box.tensor.shape { bytes.add(UInt64(length)) }
      for number in box.tensor.values { bytes.add(UInt64(number.bitPattern), count: 4) }
    case .object(let object):
      guard let network = (object as? NetworkObject)?.network else {
        throw SpreadError.cannotBeSent(value.inWords)
      }
      begin(.network)
      let file = try network.encoded()
      bytes.add(UInt64(file.count))
      bytes += file
    case .function, .unset: throw SpreadError.cannotBeSent(value.inWords)
    }
  }

  private static func read(_ reader: inout ByteReader, depth: Int) throws -> Value {
    guard depth < deepest, let kind = Kind(rawValue: try reader.byte()) else { throw SpreadError.damaged }
    switch kind {
    case .none: return .none
    case .no: return Value(false)
    case .yes: return Value(true)
    case .number: return Value(Double(bitPattern: try reader.word()))
    case .text: return Value(try reader.text())
    case .list:
      let count = try reader.count(each: 1)
      return Value(try (0..<count).map { _ in try read(&reader, depth: depth + 1) })
    case .record:
      let count = try reader.count(each: 9)
      return Value(
        fields: try (0..<count).map { _ in (try reader.text(), try read(&reader, depth: depth + 1)) })
    case .range:
      let (start, stop) = (Double(bitPattern: try reader.word()), Double(bitPattern: try reader.word()))
      return .range(try RangeBox.checked(start, stop, closed: try reader.byte() == 1))
    case .tensor:
      let rank = try reader.count(each: 8)
      let shape = try (0..<rank).map { _ in try reader.count(each: 0) }
      var count = 1
      for length in shape {
        let (product, isTooLarge) = count.multipliedReportingOverflow(by: length)
        guard !isTooLarge else { throw SpreadError.damaged }
        count = product
      }
      let numbers = try reader.take(try reader.checked(count, each: 4) * 4)
      return Value(
        try Tensor(
          stride(from: 0, to: numbers.count, by: 4).map { start in
            Float(bitPattern: (0..<4).reversed().reduce(0) { $0 << 8 | UInt32(numbers[start + $1]) })
          }, shape: shape))
    case .network:
      let count = try reader.count(each: 1)
      return Value(NetworkObject(try Network.decoded(Array(try reader.take(count)), path: "a rank's result")))
    }
  }
}
