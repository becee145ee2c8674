import JSON
import NotebookFormats
import Session

/// What of the session's cells is asked for: the last ones, a range, or those that look like a pattern.
struct HistoryRequest {
  private let content: JSONValue

  init(_ content: JSONValue) { self.content = content }

  func answer(_ cells: [PastCell]) -> JSONValue {
    var found: [PastCell]
    switch content["hist_access_type"]?.string {
    case "range":
      let isThisSession = [0, 1].contains(content["session"]?.int ?? 0)
      let start = content["start"]?.int ?? 0
      let stop = content["stop"]?.int ?? .max
      found = isThisSession ? cells.filter { $0.number >= start && $0.number < stop } : []
    case "search":
      let pattern = Array((content["pattern"]?.string ?? "*").unicodeScalars)
      found = cells.filter { Self.matches(pattern[...], Array($0.source.unicodeScalars)[...]) }
      if content["unique"]?.bool ?? false {
        var seen: Set<String> = []
        found = found.reversed().filter { seen.insert($0.source).inserted }.reversed()
      }
      if let count = content["n"]?.int { found = Array(found.suffix(max(0, count))) }
    default: found = Array(cells.suffix(max(0, content["n"]?.int ?? 10)))
    }
    let wantsOutput = content["output"]?.bool ?? false
    return .object([
      "status": .string("ok"),
      "history": .array(
        found.map { cell in
          let source = JSONValue.string(cell.source)
          let result = cell.result.map { JSONValue.string($0) } ?? .null
          return .array([.int(1), .int(cell.number), wantsOutput ? .array([source, result]) : source])
        }),
    ])
  }

  /// As a shell matches names: `*` is anything, `?` one character.
  static func matches(_ pattern: ArraySlice<Unicode.Scalar>, _ text: ArraySlice<Unicode.Scalar>) -> Bool {
    var (p, t) = (pattern.startIndex, text.startIndex)
    var star: (pattern: Int, text: Int)?
    while t < text.endIndex {
      if p < pattern.endIndex, pattern[p] == "*" {
        star = (p + 1, t)
        p += 1
      } else if p < pattern.endIndex, pattern[p] == "?" || pattern[p] == text[t] {
        p += 1
        t += 1
      } else if let last = star {
        star = (last.pattern, last.text + 1)
        (p, t) = (last.pattern, last.text + 1)
      } else {
        return false
      }
    }
    return pattern[p...].allSatisfy { $0 == "*" }
  }
}
