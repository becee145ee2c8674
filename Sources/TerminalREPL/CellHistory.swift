import Diagnostics
import Files
import Session

/// Cells of this and earlier sessions, the oldest first, in a file of our own: libedit's becomes unreadable when it is
/// truncated. One cell a line, with `\` and newlines escaped; several sessions may append to it.
final class CellHistory {
  private(set) var cells: [String] = []
  private let path: String?
  static let limit = 2000

  init(path: String?) {
    self.path = path
    guard let path, let bytes = try? FileSystem.read(path, limit: 64 << 20) else { return }
    let lines = bytes.split(separator: 10)
    cells = lines.suffix(Self.limit).map { Self.unescaped(String(decoding: $0, as: UTF8.self)) }
    // Rewritten only when it has grown to twice the limit.
    if lines.count > 2 * Self.limit {
      let kept = cells.map(Self.escaped).joined(separator: "\n") + "\n"
      try? FileSystem.write(kept, to: path)
    }
  }

  func add(_ cell: String) {
    guard !cell.allSatisfy(\.isWhitespace), cells.last != cell else { return }
    cells.append(cell)
    // A history that cannot be written is no reason to stop.
    if let path { try? FileSystem.append(Self.escaped(cell) + "\n", to: path, access: .owner) }
  }

  /// The nearest cell before `index` that begins with `prefix`, and is not what is shown.
  func index(before index: Int, prefix: String, not shown: String) -> Int? {
    var next = index - 1
    while next >= 0 {
      if cells[next].hasPrefix(prefix), cells[next] != shown { return next }
      next -= 1
    }
    return nil
  }

  func index(after index: Int, prefix: String, not shown: String) -> Int? {
    var next = index + 1
    while next < cells.count {
      if cells[next].hasPrefix(prefix), cells[next] != shown { return next }
      next += 1
    }
    return nil
  }

  static func escaped(_ cell: String) -> String {
    var result = ""
    for scalar in cell.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  static func unescaped(_ line: String) -> String {
    var result = ""
    var isEscape = false
    for scalar in line.unicodeScalars {
      if isEscape {
        result.unicodeScalars.append(scalar == "n" ? "\n" : scalar == "r" ? "\r" : scalar)
        isEscape = false
      } else if scalar == "\\" {
        isEscape = true
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
