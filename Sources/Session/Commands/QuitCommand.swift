extension SessionCommand {
  static let quit = SessionCommand(
    "quit", aliases: ["exit"], usage: "%quit", summary: "Leave. Ctrl-D does the same."
  ) { _, _, outcome in
    outcome.effect = .quit
  }
}
