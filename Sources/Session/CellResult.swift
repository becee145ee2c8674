import Diagnostics

/// What became of a cell.
public struct CellResult {
  public enum Status: Sendable, Equatable { case finished, failed, interrupted }

  public var number: Int
  public var status: Status
  /// What stands under the cell; nil where there is no value, or `;` hides it.
  public var value: String?
  /// What it printed; the front end has had it already.
  public var output: String
  public var diagnostics: [Diagnostic]
  public var warnings: [Explanation]
  public var figures: [SessionFigure]
  /// In seconds.
  public var duration: Double
  /// The time that the same cell took when it last ran, if it did.
  public var lastDuration: Double?
  /// What `%save` writes and replay compares.
  public var recorded: String
  /// What the front end is asked to do.
  public var effect: SessionEffect?
}

/// A session command's wish that only a front end can fulfil.
public enum SessionEffect: Sendable, Equatable {
  case quit
  /// Open this text in the user's editor and evaluate what comes back.
  case edit(String)
  /// Put this text into the next prompt.
  case prefill(String)
}
