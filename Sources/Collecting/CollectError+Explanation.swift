import Diagnostics

extension CollectError {
  public var explanation: Explanation {
    switch self {
    case .noLibrary:
      return Explanation("collect needs libcurl, which is not installed", help: "sudo apt-get install libcurl4")
    case .empty(let source):
      return Explanation("\(source) has no address in it", help: "one a line: https://… or, in a CSV, url,label")
    case .badLine(let source, let line, let reason):
      return Explanation("line \(line) of \(source) is no address: \(reason)")
    case .badAddress(let address, let reason): return Explanation("“\(address)” is no address: \(reason)")
    case .tooMany(let source, let count, let limit):
      return Explanation("\(source) has \(count) addresses, more than the \(limit) that are collected at once")
    case .search(let provider, let reason):
      return Explanation("the search at \(provider) failed: \(reason)", help: "try again later; what is there is kept")
    case .nothing(let provider, let keyword):
      return Explanation("\(provider) has no pictures for “\(keyword)”", help: "try other words, or another provider")
    case .notOurs(let path, let reason):
      return Explanation(
        "\(path) is not a list that collect wrote: \(reason)", help: "collect into another folder, or move it away")
    }
  }
}
