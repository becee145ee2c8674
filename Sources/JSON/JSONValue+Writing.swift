extension JSONValue {
  /// On one line, as a message is sent.
  public var compact: [UInt8] {
    var bytes: [UInt8] = []
    write(into: &bytes, Layout())
    return bytes
  }

  /// One item a line, with so many blanks a level, and a newline at the end.
  public func indented(by blanks: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    write(into: &bytes, Layout(blanks: blanks))
    bytes.append(10)
    return bytes
  }

  /// How deep a value stands, and whether that is shown.
  private struct Layout {
    var blanks = 0
    var depth = 0

    var inner: Layout { Layout(blanks: blanks, depth: depth + 1) }

    func newLine(into bytes: inout [UInt8]) {
      guard blanks > 0 else { return }
      bytes.append(10)
      bytes.append(contentsOf: repeatElement(32, count: blanks * depth))
    }
  }

  private func write(into bytes: inout [UInt8], _ layout: Layout) {
    switch content {
    case .null: bytes += "null".utf8
    case .bool(let flag): bytes += (flag ? "true" : "false").utf8
    case .number(let digits): bytes += digits.utf8
    case .string(let text): Self.quote(text, into: &bytes)
    case .array(let items):
      Self.list(items, "[", "]", into: &bytes, layout) { item, bytes in item.write(into: &bytes, layout.inner) }
    case .object(let members):
      Self.list(members, "{", "}", into: &bytes, layout) { member, bytes in
        Self.quote(member.name, into: &bytes)
        bytes += (layout.blanks == 0 ? ":" : ": ").utf8
        member.value.write(into: &bytes, layout.inner)
      }
    }
  }

  private static func list<Item>(
    _ items: [Item], _ open: String, _ close: String, into bytes: inout [UInt8], _ layout: Layout,
    _ write: (Item, inout [UInt8]) -> Void
  ) {
    bytes += open.utf8
    for (index, item) in items.enumerated() {
      if index > 0 { bytes += ",".utf8 }
      layout.inner.newLine(into: &bytes)
      write(item, &bytes)
    }
    if !items.isEmpty { layout.newLine(into: &bytes) }
    bytes += close.utf8
  }

  private static func quote(_ text: String, into bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { utf8 in
      bytes.reserveCapacity(bytes.count + utf8.count + 2)
      for byte in utf8 {
        switch byte {
        case UInt8(ascii: "\""): bytes += "\\\"".utf8
        case UInt8(ascii: "\\"): bytes += "\\\\".utf8
        case 10: bytes += "\\n".utf8
        case 13: bytes += "\\r".utf8
        case 9: bytes += "\\t".utf8
        case 0..<32, 127:
          let digits = String(byte, radix: 16)
          bytes += ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8
        default: bytes.append(byte)
        }
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
