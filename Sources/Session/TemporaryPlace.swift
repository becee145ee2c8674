import Files
import Foundation
import Sandbox

/// A folder of one run below the temporary folder, for this user alone. It goes with the run; of a run that was killed, the
/// next one takes it away: a lock on the folder, which ends with its process however that ends, says whether anybody has it.
final class TemporaryPlace {
  let path: String
  /// This user's folder of such folders, which has to be written to take one away again; where somebody else has taken its
  /// name, the folder itself.
  let place: String
  /// Holds the lock.
  private let descriptor: Int32
  private var isThere = true

  /// Makes it, and clears those away that nobody has any more.
  /// - Parameter name: what its own name begins with: "replay".
  init(_ name: String) throws(AccessSetupError) {
    let own = Self.ofUser()
    // One run after the other: a folder that is made and not locked yet looks like one that nobody has.
    let door = own.map { open($0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) } ?? -1
    defer { if door >= 0 { close(door) } }
    if door >= 0, let own, Self.isLocked(door) { Self.clear(door, own) }
    let above = own ?? FileSystem.temporaryFolder
    do { path = try FileSystem.makeTemporaryFolder(name, in: above) } catch {
      throw .cannotMake(above, reason: error.reason)
    }
    place = own ?? path
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    if descriptor >= 0 { _ = flock(descriptor, LOCK_EX | LOCK_NB) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Takes it away, with all that is in it.
  func remove() {
    guard isThere else { return }
    isThere = false
    try? FileManager.default.removeItem(atPath: path)
  }

  /// A folder for this user alone in the temporary one; nil where somebody else has taken all its names.
  private static func ofUser() -> String? {
    let temporary = FileSystem.temporaryFolder
    let first = (temporary.hasSuffix("/") ? temporary : temporary + "/") + "twinbook-\(geteuid())"
    return ([first] + (1..<10).map { first + "-\($0)" }).first { place in
      mkdir(place, 0o700)
      var status = stat()
      return lstat(place, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid()
        && status.st_mode & 0o077 == 0
    }
  }

  /// Who is stopped while it holds the lock stops nobody else: the others clear nothing then.
  private static func isLocked(_ door: Int32) -> Bool {
    for _ in 0..<100 {
      if flock(door, LOCK_EX | LOCK_NB) == 0 { return true }
      if errno != EWOULDBLOCK && errno != EINTR { return false }
      usleep(20_000)
    }
    return false
  }

  private static let names = ["replay-", "rank-"]

  /// Looked at when a run starts, at most: after a hundred crashes it still starts at once.
  private static let most = 1000

  /// Folders whose run is over. Nobody else can have put anything there: the place is this user's alone.
  private static func clear(_ door: Int32, _ place: String) {
    guard let entries = try? FileSystem.list(place) else { return }
    for entry in entries.prefix(most) where entry.kind == .folder && names.contains(where: entry.name.hasPrefix) {
      let folder = openat(door, entry.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard folder >= 0 else { continue }
      defer { close(folder) }
      guard flock(folder, LOCK_EX | LOCK_NB) == 0 else { continue }
      try? FileManager.default.removeItem(atPath: place + "/" + entry.name)
    }
  }
}
