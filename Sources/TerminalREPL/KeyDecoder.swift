/// Keys out of the bytes that a terminal sends for them. What it does not know is one key too, so that the letters of an
/// escape sequence are never taken for answers.
struct KeyDecoder {
  enum Key: Equatable {
    case letter(Character)
    case enter, left, right, backspace, escape
    case other
  }

  private enum State: Equatable {
    case ground, escape
    /// Behind ESC [; `isFirst`: nothing has come since.
    case sequence(isFirst: Bool)
    /// One more byte belongs to it: ESC O D, ESC [ [ A.
    case last(isArrow: Bool)
    /// So many bytes of a character are still to come.
    case character(Int)
  }

  private var state = State.ground

  /// In the middle of a key. An Escape that was pressed alone is too, until nothing follows it for a while.
  var isOpen: Bool { state != .ground }

  /// - Returns: nil in the middle of a key.
  mutating func take(_ byte: UInt8) -> Key? {
    switch state {
    case .ground: return begin(byte)
    case .escape:
      switch byte {
      case UInt8(ascii: "["): state = .sequence(isFirst: true)
      case UInt8(ascii: "O"): state = .last(isArrow: true)
      case 0x1B: return .escape
      default: return end(.other)
      }
    case .sequence(let isFirst):
      // The Linux console's function keys.
      if isFirst, byte == UInt8(ascii: "[") {
        state = .last(isArrow: false)
      } else if (0x40...0x7E).contains(byte) {
        return end(Self.arrow(byte))
      } else if byte < 0x20 {
        return end(.other)
      } else {
        state = .sequence(isFirst: false)
      }
    case .last(let isArrow): return end(isArrow ? Self.arrow(byte) : .other)
    case .character(let left):
      guard byte & 0xC0 == 0x80, left > 1 else { return end(.other) }
      state = .character(left - 1)
    }
    return nil
  }

  /// Nothing more came: an Escape alone, or a sequence that was cut off.
  mutating func close() -> Key { end(state == .escape ? .escape : .other) }

  private mutating func begin(_ byte: UInt8) -> Key? {
    switch byte {
    case 0x1B: state = .escape
    case 10, 13: return .enter
    case 8, 127: return .backspace
    case 0x20..<0x7F: return .letter(Character(Unicode.Scalar(byte)))
    case 0xC0..<0xE0: state = .character(1)
    case 0xE0..<0xF0: state = .character(2)
    case 0xF0...: state = .character(3)
    default: return .other
    }
    return nil
  }

  private mutating func end(_ key: Key) -> Key {
    state = .ground
    return key
  }

  private static func arrow(_ byte: UInt8) -> Key {
    byte == UInt8(ascii: "D") ? .left : byte == UInt8(ascii: "C") ? .right : .other
  }
}
