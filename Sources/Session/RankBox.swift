import Foundation
import Sandbox

/// Where a rank beside the first one writes: all ranks run the same script, and the first one's files are those that stay.
/// What such a rank has written it reads again, as the first one does; it goes with the run.
public final class RankBox {
  public let policy: AccessPolicy
  private let folder: String

  public init() throws(AccessSetupError) {
    folder = try ReplayBox.temporaryFolder(in: ReplayBox.temporaryPlace() ?? NSTemporaryDirectory(), name: "rank")
    policy = AccessPolicy(
      files: try FileAccess(mirroredIn: folder), allowsNetwork: true, processes: .any, allowsCommands: true)
  }

  deinit { close() }

  public func close() { try? FileManager.default.removeItem(atPath: folder) }
}
