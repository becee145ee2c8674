/// A cell of a session, as it will be saved.
struct EvaluatedCell {
  /// 0 for one that is no code.
  var number: Int
  var cell: NotebookDocument.Cell
  /// What was typed, commands included: for `%history` and for recall.
  var typed: String
  var status: CellResult.Status
  var names = CellNames()
  /// Names of the session that hold what was made from the time, when the cell has run.
  var namesFromClock: Set<String> = []
  /// Its figures, in the order of their parts.
  var figures: [SessionFigure] = []
  /// Pictures of its value, as long as something holds that.
  var rich: RichValue.Held?
  /// How many seeds it took from the session's sequence.
  var seedsDrawn: UInt64 = 0
  /// The session's seed, and how many had been taken from its sequence when the cell began.
  var randomPlace: RandomPlace?
  /// In seconds.
  var duration = 0.0
  /// Where the session was when it ran.
  var folder: String?
}
