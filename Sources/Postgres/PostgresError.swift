import Diagnostics
import Sandbox

/// What can go wrong with a database on a server.
public enum PostgresError: ExplainedError, Hashable {
  case noLibrary(reason: String)
  /// A policy keeps the script from the network.
  case refused(AccessError)
  /// Nobody answers there, or it does not let this one in.
  case noConnection(address: String, reason: String)
  /// It was there, and is not any more.
  case lost(address: String)
  /// The role may not do this.
  case forbidden(address: String, reason: String)
  case noVector(address: String)
  case diskFull(address: String)
  /// Something stands there already that may be there once.
  case taken(reason: String)
  /// PostgreSQL's text has no character of number zero.
  case zeroCharacter
  case failed(address: String, state: String, reason: String)

  public var explanation: Explanation {
    switch self {
    case .noLibrary(let reason):
      Explanation(
        "galleries in PostgreSQL need its client library, and \(reason)",
        help: "apt-get install libpq5 (Scripts/setup.sh does)")
    case .refused(let error): error.explanation
    case .noConnection(let address, let reason):
      Explanation(
        "\(address) cannot be reached: \(reason)",
        help: "is the server running, and are name and password right? libpq also reads PGPASSFILE and PGSSLMODE")
    case .lost(let address):
      Explanation("\(address) went away in the middle", help: "the next question connects again")
    case .forbidden(let address, let reason):
      Explanation("\(address) does not allow this: \(reason)", help: "the role needs rights on the gallery's tables")
    case .noVector(let address):
      Explanation(
        "\(address) has no pgvector, by which embeddings are kept and found",
        help: "apt-get install postgresql-15-pgvector on the server, then CREATE EXTENSION vector as a superuser")
    case .diskFull(let address): Explanation("the disk of \(address) is full", help: "make room there, and try again")
    case .taken(let reason): Explanation("two writers met: \(reason)", help: "try again")
    case .zeroCharacter: Explanation("PostgreSQL keeps no text with a character of number zero in it")
    case .failed(let address, let state, let reason): Explanation("\(address): \(reason) (\(state))")
    }
  }

  init(address: String, state: String, reason: String) {
    let line = reason.split(separator: "\n").first.map { String($0.drop { $0 == " " }) } ?? ""
    let short = line.hasPrefix("ERROR:") ? String(line.dropFirst(6).drop { $0 == " " }) : line
    switch state {
    case "42501": self = .forbidden(address: address, reason: short)
    case "23505": self = .taken(reason: short)
    case "53100": self = .diskFull(address: address)
    case "0A000" where short.contains("vector"), "58P01" where short.contains("vector"):
      self = .noVector(address: address)
    case "57P01", "57P02", "57P03", "08000", "08003", "08006": self = .lost(address: address)
    default: self = .failed(address: address, state: state, reason: short)
    }
  }
}
