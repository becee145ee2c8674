import JSON

/// A cell's metadata in a notebook, taken apart: what the percent format has signs for, and the rest, which stands behind
/// the title.
struct JupyterCellMetadata {
  var title = ""
  var allowsFailure = false
  /// What Twinbook keeps there.
  var own = JSONValue.emptyObject
  /// What is left, as it is written on a marker.
  var text = ""

  /// - Parameter attachments: pictures of a markdown cell, which a notebook has beside the metadata. On a marker they are
  ///   metadata like all else.
  init(_ metadata: JSONValue, attachments: JSONValue? = nil) {
    var rest = Self.withoutTimes(metadata.sorted)
    own = rest[JupyterNotebook.key] ?? .emptyObject
    rest[JupyterNotebook.key] = nil
    if let attachments, attachments.members?.isEmpty == false {
      rest["attachments"] = attachments
      rest = rest.sorted
    }
    title = Self.title(rest["title"]?.string ?? "")
    if rest["title"]?.string != nil { rest["title"] = nil }
    if let tags = rest["tags"]?.array?.compactMap(\.string), tags.contains("raises-exception") {
      allowsFailure = true
      let others = tags.filter { $0 != "raises-exception" }
      rest["tags"] = others.isEmpty ? nil : .strings(others)
    }
    if own["varies"]?.bool == true, let tags = rest["tags"]?.array?.compactMap(\.string) {
      let others = tags.filter { $0 != "nbval-ignore-output" }
      rest["tags"] = others.isEmpty ? nil : .strings(others)
    }
    text = MarkerMetadata.text(rest)
    // The words that it was made from, as long as they still say the same.
    if let marker = own["marker"]?.string, var meant = MarkerMetadata.object(marker)?.sorted {
      meant["title"] = meant["title"]?.string == nil ? meant["title"] : nil
      if let tags = meant["tags"]?.array?.compactMap(\.string), tags.contains("raises-exception") {
        let others = tags.filter { $0 != "raises-exception" }
        meant["tags"] = others.isEmpty ? nil : .strings(others)
      }
      meant["cell_type"] = nil
      meant = Self.withoutTimes(meant)
      if MarkerMetadata.text(meant) == text { text = marker }
    }
  }

  /// As a marker has it: on one line, without blanks around it, before which a mark would not be seen as a title's.
  private static func title(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    let start = line.drop(while: \.isWhitespace)
    return String(start.reversed().drop(while: \.isWhitespace).reversed())
  }

  /// Without the times at which nbconvert and JupyterLab ran the cell: they say nothing of the session, and each run has
  /// others.
  private static func withoutTimes(_ metadata: JSONValue) -> JSONValue {
    guard let times = metadata["execution"]?.members, !times.isEmpty,
      times.allSatisfy({ $0.name.hasPrefix("iopub.") || $0.name.hasPrefix("shell.") })
    else { return metadata }
    var rest = metadata
    rest["execution"] = nil
    return rest
  }
}
