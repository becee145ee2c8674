import Diagnostics

/// Why a box cannot be made. The script is not run then.
public enum AccessSetupError: ExplainedError, Hashable {
  case noScratch(String)
  case notFresh(String)
  case cannotMake(String, reason: String)

  public var explanation: Explanation {
    switch self {
    case .noScratch(let path): Explanation("“\(path)” is no folder in which a script could write")
    case .notFresh(let path):
      Explanation("“\(path)” is not empty", help: "--keep wants a folder that is new, or has nothing in it")
    case .cannotMake(let path, let reason):
      Explanation(
        "the folder “\(path)” cannot be made: \(reason)", help: "set TMPDIR to a folder that you may write to")
    }
  }
}
