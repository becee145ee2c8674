/// A stretch of UTF-8 bytes in one `SourceText`, half open.
public struct Span: Hashable, Sendable {
  public var start: Int
  public var end: Int

  public init(_ start: Int, _ end: Int) {
    self.start = start
    self.end = end
  }

  /// The least span that covers both.
  public func joined(with other: Span) -> Span {
    Span(Swift.min(start, other.start), Swift.max(end, other.end))
  }
}

/// A named text that spans point into: a cell of a session ("cell 4") or a file ("faces.twin").
///
/// A class, because every compiled function keeps the text that it came from, for its errors and for `??`.
public final class SourceText: Sendable {
  public let name: String
  public let text: String
  /// The text as UTF-8, which spans count in.
  public let bytes: [UInt8]
  /// Byte offset of the first byte of each line; never empty.
  private let lineStarts: [Int]
  /// Added to line numbers, for a cell that stands inside a file.
  public let firstLine: Int
  /// The cell of a session that it stands in ("cell 4"), and its first line there. Nil in a file that is no session.
  public let cell: (name: String, firstLine: Int)?

  public init(name: String, text: String, firstLine: Int = 1, cell: (name: String, firstLine: Int)? = nil) {
    self.name = name
    self.text = text
    self.bytes = Array(text.utf8)
    self.firstLine = firstLine
    self.cell = cell
    var starts = [0]
    for (index, byte) in bytes.enumerated() where byte == 10 { starts.append(index + 1) }
    self.lineStarts = starts
  }

  /// Line and column, both from 1; the column counts characters, as an editor does.
  public func location(of offset: Int) -> (line: Int, column: Int) {
    let offset = max(0, min(offset, bytes.count))
    var low = 0
    var high = lineStarts.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle - 1 }
    }
    let column = String(decoding: bytes[lineStarts[low]..<offset], as: UTF8.self).count + 1
    return (low + firstLine, column)
  }

  /// The text of a line (counted as `location` counts), without its newline.
  public func line(_ number: Int) -> String {
    let index = number - firstLine
    guard lineStarts.indices.contains(index) else { return "" }
    let end = index + 1 < lineStarts.count ? lineStarts[index + 1] - 1 : bytes.count
    var slice = bytes[lineStarts[index]..<max(lineStarts[index], end)]
    if slice.last == 13 { slice = slice.dropLast() }
    return String(decoding: slice, as: UTF8.self)
  }

  public func slice(_ span: Span) -> String {
    let start = max(0, min(span.start, bytes.count))
    return String(decoding: bytes[start..<max(start, min(span.end, bytes.count))], as: UTF8.self)
  }
}
