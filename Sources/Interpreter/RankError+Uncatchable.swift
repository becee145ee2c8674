import Ranks

/// A rank that others do not go on with cannot go on alone: its script could not end as theirs.
extension RankError: UncatchableError {
  public var isUncatchable: Bool {
    switch self {
    case .left, .apart, .astray, .failed, .differs: true
    case .noLibrary, .otherLauncher, .tooMany, .notShared: false
    }
  }
}
