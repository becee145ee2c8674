import Diagnostics

extension SessionCommand {
  static let who = SessionCommand(
    "who", aliases: ["whos"],
    usage: "%who [kind]", summary: "List the session's names, what they are, and which are stale.",
    details:
      """
      A name is stale where something that it was made from has changed since (bound again, trained, enrolled), or is \
      stale itself. What a function reads counts for what it gave.
      """,
    argument: .name
  ) { session, call, _ in
    session.say(session.whoTable(kind: try call.words(atMost: 1).first))
  }
}

extension NotebookSession {
  fileprivate func whoTable(kind: String?) -> String {
    let staleNames = cellDependencies().dependencies.staleNames()
    var rows: [[String]] = []
    for name in engine.names.sorted() where !Self.isResultName(name) {
      guard let value = engine.value(of: name), kind == nil || value.typeName == kind else { continue }
      // A function reads the session's names anew whenever it is called.
      let causes = value.asFunction == nil ? staleNames[name] ?? [] : []
      let stale = causes.isEmpty ? "" : "stale: \(causes.joined(separator: ", ")) changed since"
      let cell = nameOrigins.cell(of: name).map { "cell \($0)" } ?? ""
      rows.append([name, value.typeName, engine.summary(value), cell, stale])
    }
    if rows.isEmpty {
      guard let kind else { return "no names yet" }
      let kinds = Set(engine.names.filter { !Self.isResultName($0) }.compactMap { engine.value(of: $0)?.typeName })
      let known = kinds.isEmpty ? "" : "; there are: " + kinds.sorted().joined(separator: ", ")
      return "no names of kind \(kind)\(known)"
    }
    var widths = [Int](repeating: 0, count: 5)
    for row in rows { for (index, text) in row.enumerated() { widths[index] = max(widths[index], text.count) } }
    return rows.map { row in
      var line = ""
      for (index, text) in row.enumerated() where index == 4 || widths[index] > 0 {
        line += text.padded(to: widths[index] + 2)
      }
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }
}
