/// The calls that led to an error, one line each: repeats of recursion are folded, and of many the innermost and the
/// outermost are shown.
extension Diagnostic {
  /// Lines at the inner end, before those at the outer end.
  private static let inner = 6
  private static let outer = 3
  /// Longest cycle of calls that is folded: f calls g calls h calls f.
  private static let longestCycle = 6

  var callLines: [String] {
    let folded = Self.folded(calls)
    guard folded.count > Self.inner + Self.outer + 1 else { return folded.map(\.text) }
    let hidden = folded[Self.inner..<(folded.count - Self.outer)].reduce(0) { $0 + $1.calls }
    return folded.prefix(Self.inner).map(\.text) + ["… and \(hidden) more calls"]
      + folded.suffix(Self.outer).map(\.text)
  }

  private struct Line {
    var text: String
    /// How many calls it stands for.
    var calls: Int
  }

  private struct Site: Hashable {
    var source: ObjectIdentifier
    var span: Span
  }

  private static func folded(_ calls: [Call]) -> [Line] {
    let sites = calls.map { Site(source: ObjectIdentifier($0.place.source), span: $0.place.span) }
    var lines: [Line] = []
    var index = 0
    while index < calls.count {
      let (length, repeats) = cycle(sites, from: index)
      for call in calls[index..<(index + length)] {
        let line = call.place.source.location(of: call.place.span.start).line
        let code = call.place.source.slice(call.place.span).split(separator: "\n").first.map(String.init) ?? ""
        lines.append(Line(text: "called by \(call.place.source.name), line \(line): \(code)", calls: 1))
      }
      if repeats > 1 {
        let what = length == 1 ? "the same call" : "the same \(length) calls"
        lines.append(
          Line(
            text: repeats == 2 ? "… and \(what) once more" : "… and \(what) \(repeats - 1) times more",
            calls: length * (repeats - 1)))
      }
      index += length * repeats
    }
    return lines
  }

  /// The cycle that stands at `start` and saves the most lines: its length, and how often it is repeated.
  private static func cycle(_ sites: [Site], from start: Int) -> (length: Int, repeats: Int) {
    var best = (length: 1, repeats: 1)
    for length in 1...longestCycle where start + 2 * length <= sites.count {
      var end = start + length
      while end < sites.count, sites[end] == sites[end - length] { end += 1 }
      let repeats = (end - start) / length
      // One repeat of one call is as long as the words for it.
      guard length * (repeats - 1) > 1 else { continue }
      if length * (repeats - 1) > best.length * (best.repeats - 1) + best.length { best = (length, repeats) }
    }
    return best
  }
}
