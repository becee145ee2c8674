extension ReferenceGallery {
  /// What a gallery holds, to go back to. The references share their storage with it until they change.
  public struct State {
    fileprivate var references: [Reference]
    fileprivate var calibration: Calibration?
    fileprivate var comparison: Comparison
    fileprivate var isStale: Bool
  }

  public var state: State {
    State(references: references, calibration: calibration, comparison: comparison, isStale: isCalibrationStale)
  }

  /// Takes everything back that was enrolled, removed, renamed or calibrated since. Its network, where that was changed
  /// too, has to be restored before.
  public func restore(_ state: State) {
    references = state.references
    calibration = state.calibration
    comparison = state.comparison
    calibratedVersion = state.isStale ? -1 : network.version
    // Another number than the network's: everything is embedded again before it is compared.
    embeddedVersion = -1
    version += 1
  }
}
