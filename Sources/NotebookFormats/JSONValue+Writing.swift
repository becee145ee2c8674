extension JSONValue {
  /// On one line, as a message is sent.
  public var compact: [UInt8] {
    var bytes: [UInt8] = []
    write(into: &bytes, indent: nil)
    return bytes
  }

  /// As nbformat writes notebooks: one blank a level, members by their names, a newline at the end.
  public var indented: [UInt8] {
    var bytes: [UInt8] = []
    write(into: &bytes, indent: 0)
    bytes.append(10)
    return bytes
  }

  private func write(into bytes: inout [UInt8], indent: Int?) {
    switch content {
    case .null: bytes += "null".utf8
    case .bool(let flag): bytes += (flag ? "true" : "false").utf8
    case .number(let digits): bytes += digits.utf8
    case .string(let text): Self.quote(text, into: &bytes)
    case .array(let items):
      Self.list(items, "[", "]", into: &bytes, indent) { item, bytes, indent in
        item.write(into: &bytes, indent: indent)
      }
    case .object(let members):
      let ordered = indent == nil ? members : members.sorted { $0.name < $1.name }
      Self.list(ordered, "{", "}", into: &bytes, indent) { member, bytes, indent in
        Self.quote(member.name, into: &bytes)
        bytes += (indent == nil ? ":" : ": ").utf8
        member.value.write(into: &bytes, indent: indent)
      }
    }
  }

  private static func list<Item>(
    _ items: [Item], _ open: String, _ close: String, into bytes: inout [UInt8], _ indent: Int?,
    _ write: (Item, inout [UInt8], Int?) -> Void
  ) {
    bytes += open.utf8
    func newLine(_ depth: Int) {
      bytes.append(10)
      bytes += [UInt8](repeating: 32, count: depth)
    }
    for (index, item) in items.enumerated() {
      if index > 0 { bytes += ",".utf8 }
      if let indent { newLine(indent + 1) }
      write(item, &bytes, indent.map { $0 + 1 })
    }
    if let indent, !items.isEmpty { newLine(indent) }
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
