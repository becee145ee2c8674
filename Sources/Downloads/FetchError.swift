import Diagnostics
import Files

/// Why a file did not come.
public enum FetchError: ExplainedError, Hashable {
  /// `known`: what could be asked for.
  case unknown(name: String, near: String?, known: [String])
  case noLibrary
  /// `reason` is libcurl's.
  case connection(address: String, reason: String)
  case notSecure(address: String, reason: String)
  case status(address: String, status: Int)
  case redirects(address: String)
  /// Nothing, or too little, for so many seconds; `bytes` are kept.
  case stalled(address: String, bytes: Int)
  /// The connection ended early; `bytes` are kept.
  case cutOff(address: String, bytes: Int)
  case tooLarge(address: String, limit: Int)
  case wrongSize(address: String, expected: Int, got: Int)
  case wrongSum(address: String, expected: String, got: String)
  /// The archive does not hold what it should.
  case wrongContents(address: String, reason: String)
  case busy(path: String)
  case failed(address: String, reason: String)

  public var explanation: Explanation {
    switch self {
    case .unknown(let name, let near, let known):
      return Explanation(
        "fetch knows no dataset “\(name)”",
        help: near.map { "did you mean “\($0)”?" }
          ?? "it knows " + known.joined(separator: ", "))
    case .noLibrary:
      return Explanation("fetch needs libcurl, which is not installed", help: "sudo apt-get install libcurl4")
    case .connection(let address, let reason):
      return Explanation(
        "cannot reach \(address): \(reason)",
        help: "check the network; a copy of the file can be put into \(Fetcher.cacheFolder) by hand")
    case .notSecure(let address, let reason):
      return Explanation(
        "the server of \(address) cannot be trusted: \(reason)", help: "sudo apt-get install ca-certificates")
    case .status(let address, let status):
      let words = [401: "it wants a password", 403: "it forbids that", 404: "there is no such file"][status]
      return Explanation(
        "the server of \(address) answered \(status)" + (words.map { ": \($0)" } ?? ""),
        help: status >= 500 ? "try again later" : nil)
    case .redirects(let address):
      return Explanation("\(address) leads in a circle: it redirects again and again")
    case .stalled(let address, let bytes):
      return Explanation(
        "nothing came from \(address) for a while", help: "fetch again: it goes on after \(FileError.size(bytes))")
    case .cutOff(let address, let bytes):
      return Explanation(
        "the connection to \(address) ended early", help: "fetch again: it goes on after \(FileError.size(bytes))")
    case .tooLarge(let address, let limit):
      return Explanation("\(address) is larger than the \(FileError.size(limit)) that it should be; nothing was kept")
    case .wrongSize(let address, let expected, let got):
      return Explanation(
        "\(address) has \(got) bytes where \(expected) are due; nothing was kept",
        help: "the file there has changed, or something between answers in its place")
    case .wrongSum(let address, let expected, let got):
      return Explanation(
        "\(address) has the checksum \(got) where \(expected) is due; nothing was kept",
        help: "the file there has changed, or something between answers in its place")
    case .wrongContents(let address, let reason):
      return Explanation(
        "\(address) is not what it should be: \(reason); nothing was kept",
        help: "the file there has changed, or something between answers in its place")
    case .busy(let path):
      return Explanation("another twinbook is fetching “\(path)” just now", help: "wait until it is there")
    case .failed(let address, let reason): return Explanation("cannot fetch \(address): \(reason)")
    }
  }
}
