import Diagnostics
import Files

/// What can go wrong around the cells; the words stand in SessionError+Explanation.swift.
public enum SessionError: ExplainedError, Equatable {
  case newerFormat(file: String, format: Int, version: String?)
  case brokenHeader(file: String, line: Int)
  case badHeaderValue(file: String, line: Int, String, String)
  case file(FileError)
  /// A session is to be written under a name of another kind of file.
  case otherFormat(file: String, help: String)
  /// Not text in UTF-8, by its first bytes; `kind` in words: "a picture (PNG)".
  case notText(file: String, kind: String)
  /// Lines end in CR alone.
  case oldLineEnds(file: String)
  /// A line of the header whose key a line before it has.
  case repeatedHeaderValue(file: String, line: Int, String)
  /// No cell of the file is code.
  case nothingToVerify(file: String)
  /// What was to be written to a file is no figure.
  case noFigure(String)
  case wouldReplace(file: String, what: Replaced)
  case unknownCommand(String, near: String?)
  case missingArgument(command: String, usage: String)
  case badArgument(command: String, argument: String, expected: String)
  /// The first word that the command has no use for; `quoted` is what stands behind it with a name's blanks in quotes.
  case tooManyWords(command: String, word: String, usage: String, quoted: String?)
  case nothingToSave
  case nothingToUndo
  case undoTooFar(cells: Int)
  case tooLargeToUndo(String)
  case nothingToShow
  case tooMuchToShow(Int)
  case unknownName(String, near: String?)
  case noSource(String)
  /// What was to be disassembled, and what it is.
  case noInstructions(String, kind: String)
  case noSuchCell(Int, count: Int)
  case noSuchFigure(Int, count: Int)
  case noFigureYet
  case commandInsideReplay(String)
  /// In a script that is replayed in a box.
  case commandNeedsTrust(String)
  case nobodyToAsk(folder: String)
  case nothingToReview(folder: String, reason: String)
  /// `%reset` would lose what nobody has saved.
  case cannotKeep(reason: String)
  case outputClosed(reason: String)
  case shellInScript
  case cannotChange(folder: String, reason: String)
  /// A percent sign alone.
  case commandWithoutName
  /// `% time 1`, as it should be written.
  case blankInCommand(String)

  /// What stands where `%save` is to write.
  public enum Replaced: Sendable, Equatable { case noSession, anotherSession, changed }
}
