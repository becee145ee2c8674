import Diagnostics

extension SessionCommand {
  static let help = SessionCommand(
    "help",
    usage: "%help [command]", summary: "List the commands, or explain one.", argument: .command, actsOnCells: false
  ) { session, call, _ in
    if let word = try call.words(atMost: 1).first {
      return session.explain(try find(word.hasPrefix("%") ? String(word.dropFirst()) : word).page)
    }
    let width = all.map(\.usage.count).max() ?? 0
    var lines = all.map { $0.usage.padded(to: width + 2) + $0.summary }
    lines.append("")
    lines.append("?name describes a name, ??name shows a function's source, help() begins a tour, Tab completes.")
    session.explain(lines.joined(separator: "\n"))
  }
}
