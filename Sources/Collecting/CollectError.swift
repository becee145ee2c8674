import Diagnostics

/// Why nothing can be collected. What goes wrong with one picture stands in `sources.csv`, and is no error.
public enum CollectError: ExplainedError, Hashable {
  case noLibrary
  /// A list without any address.
  case empty(source: String)
  /// `line` from 1. Not what stands there: the file may be none of addresses, and somebody's secret.
  case badLine(source: String, line: Int, reason: String)
  case badAddress(String, reason: String)
  case tooMany(source: String, count: Int, limit: Int)
  /// The provider did not answer, or not as it should.
  case search(provider: String, reason: String)
  /// Nothing was found.
  case nothing(provider: String, keyword: String)
  /// `sources.csv` is there, and is something else.
  case notOurs(path: String, reason: String)
}
