import Glibc

/// What a script may do to the machine that it runs on. Each kind of access is asked about in one place: files where
/// `FileSystem` opens them, the network where a transfer begins and a server listens, processes where one is started,
/// commands where the session looks one up.
///
/// The policy counts for what runs inside `bind`, on that thread and on the threads of `Workers`; whoever starts a thread
/// of another kind for a script's work binds it there again.
public struct AccessPolicy: Sendable {
  public enum Processes: Sendable {
    case any
    /// gnuplot alone, with scripts that this program writes.
    case figures
    case none
  }

  /// Nil: whatever its user may.
  public var files: FileAccess?
  public var allowsNetwork: Bool
  public var processes: Processes
  /// Commands that write scripts, run others or leave the folder (`%save`, `%run`, `%cd`).
  public var allowsCommands: Bool

  /// What a person types, and a script that is run on purpose.
  public static let free = AccessPolicy(files: nil, allowsNetwork: true, processes: .any, allowsCommands: true)

  public init(files: FileAccess?, allowsNetwork: Bool, processes: Processes, allowsCommands: Bool) {
    self.files = files
    self.allowsNetwork = allowsNetwork
    self.processes = processes
    self.allowsCommands = allowsCommands
  }

  /// That of a script which somebody else may have written.
  public static func boxed(_ files: FileAccess) -> AccessPolicy {
    AccessPolicy(files: files, allowsNetwork: false, processes: .figures, allowsCommands: false)
  }

  public var isFree: Bool {
    guard case .any = processes else { return false }
    return files == nil && allowsNetwork && allowsCommands
  }

  /// That of the work under way.
  @TaskLocal public static var current = AccessPolicy.free

  /// Runs work under this policy.
  public func bind<Result>(_ work: () throws -> Result) rethrows -> Result {
    // Free within free: the rule, and thousands of times a second where a loop calls the library.
    if isFree, Self.current.isFree { return try work() }
    return try Self.$current.withValue(self, operation: work)
  }

  /// - Parameter purpose: "download", "listen": what was wanted, for the error.
  public static func checkNetwork(_ purpose: AccessError.Network) throws(AccessError) {
    if !current.allowsNetwork { throw .network(purpose) }
  }

  public static func checkProcess(_ program: String, drawsFigures: Bool = false) throws(AccessError) {
    switch current.processes {
    case .any: return
    case .figures where drawsFigures: return
    default: throw .process(program)
    }
  }
}
