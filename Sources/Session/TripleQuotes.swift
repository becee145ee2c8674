/// Whether a line begins inside a `"""` string, so that a `# %%` there is text. Reads only as much as that needs: remarks,
/// strings, and the code in the braces of strings.
struct TripleQuotes {
  private enum Place: Equatable {
    case string(quote: UInt8, isTriple: Bool)
    /// Code in a string's braces, with so many brackets open; `inFormat`: behind the colon.
    case braces(depth: Int, inFormat: Bool)
  }

  private var places: [Place] = []

  var isOpen: Bool { places.contains { if case .string(_, true) = $0 { true } else { false } } }

  mutating func read(_ line: Substring) {
    let bytes = Array(line.utf8)
    var index = 0
    while index < bytes.count { index += step(bytes, index) }
    // A string in single quotes ends with its line, and what is open within.
    if let open = places.firstIndex(where: { if case .string(_, false) = $0 { true } else { false } }) {
      places.removeSubrange(open...)
    }
  }

  /// The same for text that is no code: nothing but the closing quotes counts.
  mutating func readText(_ line: Substring) {
    var rest = line
    while let place = rest.firstRange(of: "\"\"\"") {
      places = isOpen ? [] : [.string(quote: UInt8(ascii: "\""), isTriple: true)]
      rest = rest[place.upperBound...]
    }
  }

  /// How many bytes were read.
  private mutating func step(_ bytes: [UInt8], _ index: Int) -> Int {
    let byte = bytes[index]
    switch places.last {
    case .string(let quote, let isTriple):
      switch byte {
      case UInt8(ascii: "\\"): return 2
      case UInt8(ascii: "{"):
        if index + 1 < bytes.count, bytes[index + 1] == byte { return 2 }
        places.append(.braces(depth: 0, inFormat: false))
      case quote where !isTriple: places.removeLast()
      case quote where Self.isTriple(bytes, index):
        places.removeLast()
        return 3
      default: break
      }
      return 1
    case .braces(let depth, let inFormat):
      if depth == 0, byte == UInt8(ascii: "}") {
        places.removeLast()
        return 1
      }
      if inFormat { return 1 }
      if depth == 0, byte == UInt8(ascii: ":") {
        places[places.count - 1] = .braces(depth: 0, inFormat: true)
        return 1
      }
      if "([{".utf8.contains(byte) { places[places.count - 1] = .braces(depth: depth + 1, inFormat: false) }
      if ")]}".utf8.contains(byte) { places[places.count - 1] = .braces(depth: max(0, depth - 1), inFormat: false) }
    case nil: break
    }
    switch byte {
    // A CR alone ends a remark as it does in the language.
    case UInt8(ascii: "#"): return (bytes[index...].firstIndex(of: 13) ?? bytes.count) - index
    case UInt8(ascii: "'"): places.append(.string(quote: byte, isTriple: false))
    case UInt8(ascii: "\""):
      let isTriple = Self.isTriple(bytes, index)
      places.append(.string(quote: byte, isTriple: isTriple))
      return isTriple ? 3 : 1
    default: break
    }
    return 1
  }

  private static func isTriple(_ bytes: [UInt8], _ index: Int) -> Bool {
    bytes[index] == UInt8(ascii: "\"") && index + 2 < bytes.count && bytes[index + 1] == bytes[index]
      && bytes[index + 2] == bytes[index]
  }
}
