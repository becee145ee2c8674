import Diagnostics
import Files
import Foundation

/// A command of the session, `%name`: its help, what Tab offers behind it, and what it does. Each stands in a file of its
/// own in `Commands/`; `%help`, completion, the near name of a slip and the reference read the table here.
public struct SessionCommand: Sendable {
  public let name: String
  /// How it is written: "%undo [n]".
  public let usage: String
  /// One line.
  public let summary: String
  /// What `%help name` adds; empty where the line says all.
  public let details: String
  /// Other names that it answers to.
  let aliases: [String]
  let argument: Argument
  /// Sees or changes the cells of the session: what stands above it in its cell is recorded first.
  let actsOnCells: Bool
  /// Writes scripts, runs others, or leaves the folder: no command for a script that somebody else may have written.
  public let needsTrust: Bool
  let body: @Sendable (NotebookSession, CommandCall, inout NotebookSession.Evaluation) throws -> Void

  /// What stands behind the name.
  enum Argument: Sendable {
    case words
    /// Code, which may go over several lines. Recorded code goes into a saved script without the command.
    case code(isRecorded: Bool)
    case file
    case folder
    /// A name of the session.
    case name
    case command
    /// Completed by its own function, which is given how many words stand before the last one, and that one.
    case special(@Sendable (NotebookSession, Int, String) -> Completion)

    /// A name that may have blanks in it.
    var isPath: Bool {
      switch self {
      case .file, .folder: true
      default: false
      }
    }
  }

  init(
    _ name: String, aliases: [String] = [], usage: String, summary: String, details: String = "",
    argument: Argument = .words, actsOnCells: Bool = true, needsTrust: Bool = false,
    body: @escaping @Sendable (NotebookSession, CommandCall, inout NotebookSession.Evaluation) throws -> Void
  ) {
    self.name = name
    self.aliases = aliases
    self.usage = usage
    self.summary = summary
    self.details = details
    self.argument = argument
    self.actsOnCells = actsOnCells
    self.needsTrust = needsTrust
    self.body = body
  }

  /// In the order in which `%help` lists them.
  public static let all: [SessionCommand] = [
    save, run, rerun, replay, history, who, time, timeit, code, undo, reset, edit, load, seed, figure, show, review,
    changeFolder, listFolder, clear, help, quit,
  ]

  /// By its name or another that it answers to.
  public static func named(_ name: String) -> SessionCommand? {
    all.first { $0.name == name || $0.aliases.contains(name) }
  }

  /// - Throws: `unknownCommand`, with the name that was probably meant.
  static func find(_ name: String) throws(SessionError) -> SessionCommand {
    guard let command = named(name) else { throw .unknownCommand(name, near: nearName(name, among: all.map(\.name))) }
    return command
  }

  /// What follows is code, which may go over several lines.
  public var takesCode: Bool { if case .code = argument { true } else { false } }

  /// The code behind it is recorded as if it stood alone.
  var recordsCode: Bool { if case .code(isRecorded: true) = argument { true } else { false } }

  /// What begins with two dashes in its usage: "--verify".
  var options: [String] {
    usage.split { " []".contains($0) }.filter { $0.hasPrefix("--") }.map(String.init)
  }

  /// What `%help name` and `?%name` show.
  var page: String { usage + "\n" + summary + (details.isEmpty ? "" : "\n\n" + details) }
}

/// One use of a command.
struct CommandCall {
  var command: SessionCommand
  /// What stands behind its name.
  var rest: String
  /// The line, for the places of errors.
  var source: SourceText

  /// Split at blanks; quotes keep blanks.
  var words: [String] { NotebookSession.words(rest) }

  /// The words of a command that takes no more of them. A word that would be left out was meant to do something.
  func words(atMost limit: Int) throws(SessionError) -> [String] {
    let words = words
    guard words.count > limit else { return words }
    throw tooManyWords(words, limit: limit)
  }

  /// - Parameters:
  ///   - words: those behind the command's options.
  ///   - limit: how many of them it takes; the last of these may be a file's name.
  func tooManyWords(_ words: [String], limit: Int) -> SessionError {
    // A name whose blanks parted it is written again as one word; one that is there has no blanks.
    var quoted: String?
    if limit > 0, command.argument.isPath, !FileSystem.exists(FileSystem.expanded(words[limit - 1])),
      !words.contains(where: { $0.hasPrefix("-") })
    {
      let name = words[(limit - 1)...].joined(separator: " ")
      let quote = name.contains("\"") ? "'" : "\""
      if !name.contains(quote) {
        quoted = (words[..<(limit - 1)] + [quote + name + quote]).joined(separator: " ")
      }
    }
    return .tooManyWords(
      command: command.name, word: words[min(limit, words.count - 1)], usage: command.usage, quoted: quoted)
  }

  /// The code behind the command, with its own place.
  var code: SourceText { SourceText(name: source.name, text: rest, firstLine: source.firstLine) }

  var missingArgument: SessionError { .missingArgument(command: command.name, usage: command.usage) }

  func badArgument(_ argument: String, expected: String) -> SessionError {
    .badArgument(command: command.name, argument: argument, expected: expected)
  }

  /// Cells by their numbers: "3", "3..5", "3..", also with a minus between.
  /// - Returns: nil for what is no range.
  /// - Throws: `badArgument` for one that begins before the first cell or ends before it begins.
  func range(_ text: String, expected: String) throws(SessionError) -> ClosedRange<Int>? {
    let parts = text.replacingOccurrences(of: "..", with: "-").split(separator: "-", omittingEmptySubsequences: false)
      .map { $0.trimmingCharacters(in: .whitespaces) }
    guard (1...2).contains(parts.count), let first = Int(parts[0]) else { return nil }
    var last = first
    if parts.count == 2 {
      guard let end = parts[1].isEmpty ? Int.max : Int(parts[1]) else { return nil }
      last = end
    }
    guard first >= 1, last >= first else { throw badArgument(text, expected: expected) }
    return first...last
  }
}
