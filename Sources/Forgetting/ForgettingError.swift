import Diagnostics

/// What can go wrong while somebody is forgotten.
public enum ForgettingError: ExplainedError, Hashable {
  /// A name without a letter in it.
  case emptyLabel
  /// Nothing is held of them anywhere that was looked at.
  case nobody(label: String, folder: String)
  /// Nothing can be taken away, and a person has to look at what may be theirs.
  case nothingGoes(label: String, folder: String, stays: [String])
  /// The rest is done.
  case notAll(done: Int, failed: [String])

  public var explanation: Explanation {
    switch self {
    case .emptyLabel: Explanation("forget expects a name, got an empty one")
    case .nobody(let label, let folder):
      Explanation(
        "nothing in “\(folder)” is of \"\(label.asOneLine)\"",
        help:
          "a person is a folder of that name, a line of sources.csv, faces.csv, review.csv or saved.csv, or a label of a gallery"
      )
    case .nothingGoes(let label, let folder, let stays):
      Explanation(
        "nothing in “\(folder)” is \"\(label.asOneLine)\"'s for certain, and \(stays.count) place\(stays.count == 1 ? "" : "s") may be",
        help: "look yourself: " + stays.prefix(5).joined(separator: "; ") + (stays.count > 5 ? "; …" : ""))
    case .notAll(let done, let failed):
      Explanation(
        "\(failed.count) of \(done + failed.count) could not be done, the first because \(failed.first ?? "of nothing")",
        help: "the rest is done; mend that (a mode, a program that has the file open), and call it again")
    }
  }
}
