extension ReferenceGallery {
  /// What a gallery holds, to go back to. It shares its storage with it until that changes.
  public struct State {
    fileprivate var rows: EmbeddingRows?
    fileprivate var owners: [Int32]
    fileprivate var passed: Int
    fileprivate var labelTable: LabelTable
    fileprivate var inputs: [[Float]]
    fileprivate var calibration: Calibration?
    fileprivate var comparison: Comparison
    fileprivate var isStale: Bool
    fileprivate var embeddedVersion: Int
    /// How far the journal of its file was.
    fileprivate var journal: Int64?
  }

  public var state: State {
    State(
      rows: rows, owners: store == nil ? owners : [], passed: passed, labelTable: labelTable, inputs: inputs,
      calibration: calibration, comparison: comparison, isStale: isCalibrationStale, embeddedVersion: embeddedVersion,
      journal: store?.position)
  }

  /// Takes everything back that was enrolled, removed, renamed or calibrated since; of a gallery in a file there, too. Its
  /// network, where that was changed too, has to be restored before.
  public func restore(_ state: State) throws {
    // What was done to a database on a server stays done: others may have gone on from it.
    if remote != nil { return }
    if let store {
      if let journal = state.journal { try store.goBack(self, to: journal) }
      comparison = state.comparison
      return
    }
    rows = state.rows
    // Rows that came since make room.
    rows?.truncate(state.owners.count)
    owners = state.owners
    passed = state.passed
    labelTable = state.labelTable
    inputs = state.inputs
    calibration = state.calibration
    comparison = state.comparison
    calibratedVersion = state.isStale ? -1 : network.version
    // Another state of the network than that of the rows: everything is embedded again before it is compared.
    embeddedVersion = state.embeddedVersion
    version += 1
  }
}
