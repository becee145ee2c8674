import JSON

/// What other programs keep in a notebook's metadata (`authors`, `title`, `toc`), as one line of a script's header:
/// `# jupyter: {"authors": […]}`. Jupytext reads and writes it under that key, in as many lines as it likes.
enum JupyterForeignMetadata {
  private static let start = "# jupyter: {"
  /// These are Twinbook's to write.
  private static let own: Set<String> = ["kernelspec", "language_info", JupyterNotebook.key]

  /// A header's lines, as they were kept, brought to what the notebook says now.
  static func lines(_ kept: [String], with metadata: JSONValue) -> [String] {
    let foreign = object((metadata.members ?? []).filter { !own.contains($0.name) }.map { ($0.name, $0.value) })
    let known = object(kept.flatMap(members))
    if known == foreign { return kept }
    let others = kept.filter { members(of: $0).isEmpty }
    guard foreign != .emptyObject else { return others }
    return others + ["# jupyter: " + String(decoding: foreign.compact, as: UTF8.self)]
  }

  /// None where a header's line is not of this kind.
  static func members(of line: String) -> [(name: String, value: JSONValue)] {
    guard line.hasPrefix(start), let value = try? JSONValue(reading: String(line.dropFirst(start.count - 1))) else {
      return []
    }
    return (value.members ?? []).map { ($0.name, $0.value) }.filter { !own.contains($0.name) }
  }

  private static func object(_ members: [(name: String, value: JSONValue)]) -> JSONValue {
    var object = JSONValue.emptyObject
    for member in members { object[member.name] = member.value }
    return object.sorted
  }
}
