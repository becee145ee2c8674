import Sandbox

/// Where a rank beside the first one writes: all ranks run the same script, and the first one's files are those that stay.
/// What such a rank has written it reads again, as the first one does; it goes with the run.
public final class RankBox {
  public let policy: AccessPolicy
  private let temporary: TemporaryPlace

  public init() throws(AccessSetupError) {
    temporary = try TemporaryPlace("rank")
    policy = AccessPolicy(
      files: try FileAccess(mirroredIn: temporary.path), allowsNetwork: true, processes: .any, allowsCommands: true)
  }

  deinit { close() }

  public func close() { temporary.remove() }
}
