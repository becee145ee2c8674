import Diagnostics

/// Why a file is no notebook that can be read; the words stand in NotebookFormatError+Words.swift.
public enum NotebookFormatError: ExplainedError, Equatable {
  /// JSON of another kind, or no JSON at all.
  case notNotebook(file: String, line: Int)
  case cutOff(file: String, line: Int)
  /// "UTF-16": the file's encoding.
  case encoding(file: String, String)
  /// A byte of the line belongs to no UTF-8.
  case notUTF8(file: String, line: Int)
  case olderVersion(file: String, Int)
  case newerVersion(file: String, Int)
  case foreignLanguage(file: String, String)
  case unknownCell(file: String, line: Int, kind: String)
  case unknownOutput(file: String, line: Int, kind: String)
  /// A member that is missing or of the wrong kind.
  case badMember(file: String, line: Int, name: String, expected: String)
  case noSession(file: String)
  case brokenSession(file: String)
  /// The page shows something other than the session in it.
  case changedPage(file: String)
  /// It was drawn by a Twinbook that draws pages otherwise.
  case otherPageVersion(file: String)
}
