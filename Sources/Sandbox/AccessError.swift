import Diagnostics

/// What a policy does not allow.
public enum AccessError: ExplainedError, Hashable {
  public enum Network: Sendable { case download, listen }

  case network(Network)
  case process(String)

  public var explanation: Explanation {
    switch self {
    case .network(.download):
      Explanation(
        "this script may not use the network: it is replayed in a box",
        help: "fetch or collect what it needs before; " + Self.wayOut)
    case .network(.listen):
      Explanation("this script may not listen on the network: it is replayed in a box", help: Self.wayOut)
    case .process(let program):
      Explanation("this script may not start “\(program)”: it is replayed in a box", help: Self.wayOut)
    }
  }

  /// How a person lifts the box.
  public static let wayOut = "--trust lifts that, where you trust who wrote the script"
}
