import Interpreter

/// The page that stands in `Documentation/reference.md`: every builtin and every command of the session, from the same
/// tables that `help(name)` and `%help` show.
public enum ReferencePage {
  /// How the page is made; stands in it and in the test that it is current.
  public static let command = "twinbook reference > Documentation/reference.md"

  public static func text(of registry: BuiltinRegistry) -> String {
    var lines = [
      "# The reference of builtins", "",
      "This page lists every function, method and property of the language: what it does, its parameters, its errors and an "
        + "example. In a session, `?conv` or `help(\"conv\")` shows the same. A line that begins with `#>` shows what the "
        + "example gives; the lines that a saved session keeps of a figure are left out, so that `replay --verify` takes "
        + "such an example for one that differs. The tests run every example. `\(command)` writes this page.", "",
    ]
    let areas = HelpArea.allCases.filter { area in registry.all.contains { $0.area == area } }
    for area in areas { lines.append("- [\(area.rawValue)](#\(anchor(area.rawValue)))") }
    lines += ["- [Commands of the session](#commands-of-the-session)", ""]
    for area in areas {
      lines += ["## \(area.rawValue)", ""]
      for builtin in ordered(registry.all.filter { $0.area == area }) { lines += entry(builtin) }
    }
    lines += [
      "## Commands of the session", "",
      "A line that begins with `%` is a command to the session. A saved script leaves such lines out, except for the code "
        + "behind `%time`, which it keeps.", "",
    ]
    for command in SessionCommand.all {
      lines += ["### `\(command.usage)`", "", command.summary]
      if !command.details.isEmpty { lines += ["", command.details] }
      lines.append("")
    }
    while lines.last == "" { lines.removeLast() }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Functions first, then the members of each type; both by name.
  private static func ordered(_ builtins: [Builtin]) -> [Builtin] {
    builtins.enumerated().sorted { one, other in
      let (a, b) = (one.element, other.element)
      if (a.receiver ?? "") != (b.receiver ?? "") { return (a.receiver ?? "") < (b.receiver ?? "") }
      return a.name == b.name ? one.offset < other.offset : a.name < b.name
    }.map(\.element)
  }

  private static func entry(_ builtin: Builtin) -> [String] {
    var lines = ["### `\(builtin.signature)`", "", builtin.summary]
    if !builtin.details.isEmpty { lines += ["", builtin.details] }
    if !builtin.parameters.isEmpty {
      lines.append("")
      for parameter in builtin.parameters {
        let standard = parameter.defaultText.map { $0.isEmpty ? "" : "; default `\($0)`" } ?? ""
        lines.append("- `\(parameter.name)`: \(parameter.type)\(standard)")
      }
    }
    if !builtin.errors.isEmpty { lines += ["", "Errors: " + builtin.errors.joined(separator: "; ") + "."] }
    if !builtin.example.isEmpty { lines += ["", "```twin", builtin.example, "```"] }
    if !builtin.seeAlso.isEmpty {
      lines += ["", "See also: " + builtin.seeAlso.map { "`\($0)`" }.joined(separator: ", ") + "."]
    }
    return lines + [""]
  }

  /// As the usual renderers of Markdown make them.
  private static func anchor(_ heading: String) -> String {
    heading.lowercased().map { $0 == " " ? "-" : String($0) }.joined()
  }
}
