extension SessionCommand {
  static let clear = SessionCommand(
    "clear",
    usage: "%clear", summary: "Clear the screen, or what the cell has shown so far in a notebook.",
    details: "Names and results stay. At the prompt Ctrl-L does the same.", actsOnCells: false
  ) { session, call, _ in
    _ = try call.words(atMost: 0)
    session.output?.clear()
  }
}
