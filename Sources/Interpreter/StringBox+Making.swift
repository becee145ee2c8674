/// New texts of old ones.
extension StringBox {
  /// ASCII text with its letters from `first` to `last` changed from small to capital, or back; nil for other text.
  public func changingCase(from first: UInt8, to last: UInt8) -> Value? {
    guard isASCII else { return nil }
    let count = byteCount
    return withBytes { bytes in
      .string(
        StringBox(asciiCount: count) { target in
          for index in 0..<count {
            let byte = bytes[index]
            target[index] = byte >= first && byte <= last ? byte ^ 0x20 : byte
          }
        })
    }
  }

  /// ASCII text, each byte changed by itself and the one before it, which is 0 before the first; nil for other text.
  public func changing(_ change: (_ byte: UInt8, _ before: UInt8) -> UInt8) -> Value? {
    guard isASCII else { return nil }
    let count = byteCount
    return withBytes { bytes in
      .string(
        StringBox(asciiCount: count) { target in
          var before: UInt8 = 0
          for index in 0..<count {
            target[index] = change(bytes[index], before)
            before = bytes[index]
          }
        })
    }
  }

  /// ASCII text with a byte of ASCII so many times before and behind it; nil for other text.
  /// - Parameter kept: how many bytes of the text stay before the first of them.
  public func padded(with filling: UInt8, left: Int, right: Int, behind kept: Int = 0) -> Value? {
    guard isASCII, filling < 128 else { return nil }
    let count = byteCount
    return withBytes { bytes in
      .string(
        StringBox(asciiCount: left + count + right) { target in
          for index in 0..<kept { target[index] = bytes[index] }
          (target + kept).update(repeating: filling, count: left)
          for index in kept..<count { target[left + index] = bytes[index] }
          (target + left + count).update(repeating: filling, count: right)
        })
    }
  }

  /// `a + b`.
  static func sum(_ first: StringBox, _ second: StringBox) -> StringBox {
    guard first.isASCII, second.isASCII else { return StringBox(first.text + second.text) }
    let size = first.byteCount + second.byteCount
    return StringBox(asciiCount: size) { target in
      let end = max(0, first.copyASCII(to: target, room: size))
      _ = second.copyASCII(to: target + end, room: size - end)
    }
  }

  /// `a * 3`.
  func repeated(_ times: Int) -> StringBox {
    guard isASCII else { return StringBox(String(repeating: text, count: times)) }
    return withBytes { bytes in
      StringBox(asciiCount: bytes.count * times) { target in
        guard let from = bytes.baseAddress else { return }
        for turn in 0..<times { (target + turn * bytes.count).update(from: from, count: bytes.count) }
      }
    }
  }

  // MARK: Of the strings in a list

  /// Where the first item stands that is no string; nil where all are.
  public static func firstOther(among items: [Value]) -> Int? {
    items.withUnsafeBufferPointer { items in
      guard let base = items.baseAddress else { return nil }
      for index in 0..<items.count where UnsafeMutablePointer(mutating: base + index).kind != ValueKind.string {
        return index
      }
      return nil
    }
  }

  /// How many bytes the strings of a list have with another between them.
  public static func size(of items: [Value], between separator: StringBox) -> Int {
    var size = max(0, items.count - 1) * separator.byteCount
    forEach(items) { size += $0.byteCount }
    return size
  }

  /// The strings of a list with another between them.
  public static func joined(_ items: [Value], between separator: StringBox) -> StringBox {
    let size = size(of: items, between: separator)
    var isASCII = separator.isASCII
    forEach(items) { isASCII = isASCII && $0.isASCII }
    var isFirst = true
    if isASCII {
      return StringBox(asciiCount: size) { target in
        var end = 0
        forEach(items) { part in
          if !isFirst { end += max(0, separator.copyASCII(to: target + end, room: size - end)) }
          isFirst = false
          end += max(0, part.copyASCII(to: target + end, room: size - end))
        }
      }
    }
    let text = String(unsafeUninitializedCapacity: size) { buffer in
      var end = 0
      func write(_ box: StringBox) {
        box.withBytes { bytes in
          let added = min(bytes.count, size - end)
          guard added > 0, let from = bytes.baseAddress, let to = buffer.baseAddress else { return }
          (to + end).initialize(from: from, count: added)
          end += added
        }
      }
      forEach(items) { part in
        if !isFirst, !separator.isEmpty { write(separator) }
        isFirst = false
        write(part)
      }
      return end
    }
    return StringBox(text)
  }

  /// The strings of a list where they stand: a loop over the list would count a reference to each.
  @inline(__always)
  private static func forEach(_ items: [Value], _ body: (StringBox) -> Void) {
    items.withUnsafeBufferPointer { items in
      guard let base = items.baseAddress else { return }
      for index in 0..<items.count {
        let item = UnsafeMutablePointer(mutating: base + index)
        if item.kind == ValueKind.string { item.unmanaged(StringBox.self)._withUnsafeGuaranteedRef { body($0) } }
      }
    }
  }
}
