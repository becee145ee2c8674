import Diagnostics

extension SessionCommand {
  static let help = SessionCommand(
    "help",
    usage: "%help [command]", summary: "List the commands, or explain one.", argument: .command, actsOnCells: false
  ) { session, call, _ in
    if let word = try call.words(atMost: 1).first {
      return session.explain(try find(word.hasPrefix("%") ? String(word.dropFirst()) : word).page)
    }
    let width = (all.map(\.usage.count).max() ?? 0) + 2
    // Two columns where the second has room enough; else each summary stands under its command.
    let isNarrow = (session.output?.width ?? 80) < 2 * width
    var lines = all.flatMap { command in
      isNarrow ? [command.usage, "  " + command.summary] : [command.usage.padded(to: width) + command.summary]
    }
    lines.append("")
    lines.append("?name describes a name, ??name shows a function's source, help() begins a tour, Tab completes.")
    session.explain(lines.joined(separator: "\n"))
  }
}
