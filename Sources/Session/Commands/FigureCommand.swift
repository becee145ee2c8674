import Files

extension SessionCommand {
  static let figure = SessionCommand(
    "figure",
    usage: "%figure [n] [name.svg]", summary: "List the figures, show figure n again, or write it to a file.",
    details:
      "The file's ending chooses the format: .svg, .png, .pdf, or .txt for characters. A file's name alone takes the last figure.",
    argument: .file
  ) { session, call, _ in
    let words = try call.words(atMost: 2)
    let figures = session.figures
    guard let first = words.first else {
      if figures.isEmpty { return session.say("no figure has been shown yet") }
      for figure in figures {
        let title = figure.fingerprint().split(separator: "\n").first.map(String.init) ?? ""
        session.say("\(figure.number)  \(title)")
      }
      return
    }
    if words.count == 1, Int(first) == nil, first.contains(".") {
      guard let figure = figures.last else { throw SessionError.noFigureYet }
      try figure.save(to: FileSystem.expanded(first))
      return session.say("figure \(figure.number) is in \(first)")
    }
    guard let number = Int(first) else { throw call.badArgument(first, expected: "a figure's number") }
    guard let figure = figures.first(where: { $0.number == number }) else {
      throw SessionError.noSuchFigure(number, count: figures.count)
    }
    guard words.count > 1 else {
      session.output?.show(figure)
      return
    }
    try figure.save(to: FileSystem.expanded(words[1]))
    session.say("figure \(number) is in \(words[1])")
  }
}
