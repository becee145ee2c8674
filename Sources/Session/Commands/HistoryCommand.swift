import Diagnostics
import Foundation

extension SessionCommand {
  static let history = SessionCommand(
    "history", aliases: ["hist"],
    usage: "%history [n | first-last | word]", summary: "List the cells of this session.",
    details: "All, the last n, a range of numbers, or those that contain a word."
  ) { session, call, _ in
    let rest = call.rest
    let expected = "a number of cells, a range like 3-5, or a word"
    // IPython's options, which would be looked for in the cells.
    if rest.hasPrefix("-") { throw call.badArgument(rest, expected: expected) }
    var shown = session.entries.filter { !$0.typed.isEmpty }
    let count = Int(rest)
    let range = count == nil ? try call.range(rest, expected: expected) : nil
    if let count {
      shown = Array(shown.suffix(max(0, count)))
    } else if let range {
      shown = shown.filter { range.contains($0.number) }
    } else if !rest.isEmpty {
      shown = shown.filter { $0.typed.contains(rest) }
    }
    if shown.isEmpty {
      guard let last = session.entries.last(where: { $0.number > 0 })?.number else {
        return session.say("no cell has run yet")
      }
      let isNumeric = count != nil || range != nil
      let reason = isNumeric ? "there is no such cell: the last is \(last)" : "no cell contains \"\(rest.prefix(60))\""
      return session.say(rest.isEmpty ? "no cell was typed" : reason + "; %history alone lists all")
    }
    let width = max(3, String(shown.last?.number ?? 0).count)
    for entry in shown {
      let lines = entry.typed.split(separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated() {
        let number = index == 0 ? String(entry.number) : ""
        let mark = entry.status == .finished ? " " : index == 0 ? "!" : " "
        session.say(number.paddedLeft(to: width) + mark + " " + line)
      }
    }
  }
}
