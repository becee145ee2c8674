import Testing

@testable import Session

@Suite struct CommandTableTests {
  /// Each command is listed, explained and completed from its own entry.
  @Test(arguments: SessionCommand.all.map(\.name))
  func helpAndCompletionKnowIt(_ name: String) throws {
    let desk = Desk()
    let command = try #require(SessionCommand.named(name))
    #expect(command.usage.hasPrefix("%\(name)") && !command.summary.isEmpty)
    #expect(desk.says("%help \(name)") == command.page + "\n" && desk.says("?%\(name)") == command.page + "\n")
    #expect(desk.says("%help").contains(command.usage))
    #expect(desk.says("help(\"%\(name)\")") == command.page + "\n")
    #expect(desk.session.complete("%" + name.dropLast()).candidates.contains { $0.text == "%" + name })
  }

  /// In a window without room for two columns a summary stands under its command, and no entry goes on in another's line.
  @Test func narrowWindowsHaveOneColumn() {
    let desk = Desk()
    desk.front.width = 20
    let lines = desk.says("%help").split(separator: "\n").map(String.init)
    for command in SessionCommand.all {
      let place = lines.firstIndex(of: command.usage)
      #expect(place.map { lines[$0 + 1] } == "  " + command.summary)
    }
  }

  @Test func sourcesOfCommandsAreNotShown() {
    #expect(Desk().says("??%save").hasSuffix("(built in; there is no source to show)\n"))
  }

  /// A window breaks a paragraph's lines; breaks of its own would stand between those.
  @Test func helpIsOneParagraph() {
    for command in SessionCommand.all { #expect(!command.details.contains("\n"), "\(command.page)") }
  }

  @Test func noNameIsGivenTwice() {
    let names = SessionCommand.all.flatMap { [$0.name] + $0.aliases }
    #expect(Set(names).count == names.count)
  }

  @Test func aliasesAndSlips() {
    #expect(SessionCommand.named("exit")?.name == "quit" && SessionCommand.named("whos")?.name == "who")
    #expect(SessionCommand.named("hist")?.name == "history")
    #expect(Desk().says("help(\"%unde\")") == "error: there is no command %unde\n")
    #expect(throws: SessionError.unknownCommand("unde", near: "undo")) { try SessionCommand.find("unde") }
  }
}
