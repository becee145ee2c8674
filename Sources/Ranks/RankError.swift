import Diagnostics

/// What can go wrong between the processes of one run. The words stand in `RankError+Explanation.swift`.
public enum RankError: ExplainedError, Hashable {
  case noLibrary(ranks: Int, reason: String)
  /// The launcher has started so many, the library knows of others.
  case otherLauncher(launched: Int, known: Int, library: String)
  case failed(reason: String)
  /// Another rank has ended, or given up, while this one waits for it.
  case left(rank: String, reason: String)
  /// Before the script: a rank differs from the first in what the result depends on.
  case differs(what: String, rank: String, there: String, here: String)
  /// A rank is at another place of the script than the first.
  case astray(rank: String)
  /// In training: ranks that should be alike are not.
  case apart(rank: String, epoch: Int, batch: Int)
  /// Slices of a batch are what ranks share.
  case tooMany(ranks: Int, slices: Int, batch: Int)
  case notShared(what: String)

  static let notWhatWasSent = RankError.failed(reason: "it is not what a rank sends")
}
