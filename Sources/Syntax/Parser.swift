import Diagnostics

/// Reads Twin. The grammar stands in Documentation/language.md; each function below is topped by its production.
public struct Parser {
  public enum Completeness: Sendable {
    case complete
    /// More lines may make it right: an open bracket, an open `"""`, or an operator at the end.
    case incomplete
    case invalid([Diagnostic])
  }

  /// The program, or every syntax error that was found, in the order of the text.
  public static func parse(_ source: SourceText) -> Result<Program, SyntaxErrors> {
    .success(Program(statements: [], hidesValue: false))
  }

  public static func completeness(of source: SourceText) -> Completeness {
    .complete
  }
}

/// One syntax error or more.
public struct SyntaxErrors: Error, Sendable {
  public var diagnostics: [Diagnostic]
}
