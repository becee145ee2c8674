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
  /// Which of its lines are figures and the value.
  public var parts: [ResultPart] = []
  /// The value's text leaves some of the value out; `%show` gives all of it.
  public var isShortened = false
  /// Pictures that stand for the value, where a terminal can show them.
  public var rich: RichValue?
  /// It was interrupted because the script says that it was: a training run, paused after so many batches.
  public var wasPausedAsRecorded = false
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
  /// Show this text, which may be longer than the window.
  case page(String)
  /// Go through these pictures with the person, and evaluate the cell that their decisions come to.
  case review(SessionReview)
}
