extension SessionCommand {
  static let quit = SessionCommand(
    "quit", aliases: ["exit"], usage: "%quit", summary: "Leave. Ctrl-D does the same."
  ) { _, call, outcome in
    _ = try call.words(atMost: 0)
    outcome.effect = .quit
  }
}
