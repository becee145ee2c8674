import ArgumentParser

@main
struct Twinbook: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "twinbook", abstract: "A notebook-style REPL for one-shot recognition.")
}
