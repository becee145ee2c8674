import Diagnostics

/// What can go wrong with jobs that ranks share, and with the folder of their results.
enum SpreadError: ExplainedError, Hashable {
  /// A function, or an object of another kind than those that have a form as bytes.
  case cannotBeSent(String)
  case tooDeep
  case damaged
  case otherJobs(folder: String, job: Int)
  case damagedFile(path: String)

  var explanation: Explanation {
    switch self {
    case .cannotBeSent(let value):
      Explanation(
        "spread: the function's value is \(value), which cannot go from one rank to another",
        help: "give numbers, texts, lists, records, tensors or a network: loop.network, loop.history, people.threshold")
    case .tooDeep: Explanation("spread: lists or records lie more than 200 deep in the function's value")
    case .damaged: Explanation("spread: a result came in that no rank has sent")
    case .otherJobs(let folder, let job):
      Explanation(
        "spread: “\(folder)” holds results of another function or other items (item \(job))",
        help: "name another folder")
    case .damagedFile(let path):
      Explanation("spread: “\(path)” is no result, or is damaged", help: "delete it, and its job is done again")
    }
  }
}
