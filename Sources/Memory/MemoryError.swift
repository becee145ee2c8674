import Diagnostics

/// Memory that a process asks for, and may not have.
public enum MemoryError: ExplainedError, Hashable {
  /// `wanted` bytes more beside those `held` would pass a limit; `limit` is nil where the system itself refused.
  case exhausted(wanted: Int, held: Int, limit: MemoryLimit?)

  public var explanation: Explanation {
    switch self {
    case .exhausted(let wanted, let held, let limit):
      let more = wanted < 10_000_000 ? "" : ", and \(Self.size(wanted)) more are wanted"
      let bound = limit.map { " of the \(Self.size($0.bytes)) that \($0.kind.rawValue)" } ?? ""
      return Explanation(
        "out of memory: the session holds \(Self.size(held))\(bound)\(more)",
        help: "work in smaller parts, and let go of what is not needed (`xs = none`)")
    }
  }

  /// "3.4 GB", "712 MB".
  static func size(_ bytes: Int) -> String {
    let megabytes = (Double(bytes) / 1e6).rounded()
    if megabytes < 1000 { return "\(Int(megabytes)) MB" }
    let tenths = Int((Double(bytes) / 1e8).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10) GB" : "\(tenths / 10).\(tenths % 10) GB"
  }
}

/// A bound of the process's memory, and who set it.
public struct MemoryLimit: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable {
    case machine = "this machine gives one process"
    case container = "the container gives one process"
    case addressSpace = "`ulimit -v` allows"
    case data = "`ulimit -d` allows"
  }
  public var bytes: Int
  public var kind: Kind

  public init(bytes: Int, kind: Kind) {
    self.bytes = bytes
    self.kind = kind
  }
}
