import Datasets
import Diagnostics
import Files
import Foundation
import Sandbox

/// The box in which a script runs that somebody else may have written: what it may read, a fresh folder for what it
/// writes, and what becomes of that folder.
public final class ReplayBox {
  public let policy: AccessPolicy
  public let files: FileAccess
  /// Where what it writes goes.
  public var folder: String { files.scratch }
  /// This user's folder of such folders, which has to be written to take one away again.
  public let place: String
  private let isKept: Bool
  private var isOpen = true

  /// - Parameters:
  ///   - script: its path; what stands in its folder it may read.
  ///   - keep: where what it writes is to stay, a folder that is new or empty; nil: in a temporary folder, which goes with
  ///     the box.
  /// - Throws: `AccessSetupError`, `FileError`.
  public init(script: String, keep: String? = nil) throws {
    let folder: String
    if let keep {
      folder = FileSystem.expanded(keep)
      place = folder
      try FileSystem.makeFolder(folder)
      guard try FileSystem.list(folder).isEmpty else { throw AccessSetupError.notFresh(keep) }
    } else {
      let own = Self.temporaryPlace()
      folder = try Self.temporaryFolder(in: own ?? NSTemporaryDirectory())
      place = own ?? folder
    }
    isKept = keep != nil
    files = try FileAccess(
      scriptFolder: FileSystem.parent(of: Self.withoutLinks(FileSystem.expanded(script))),
      folders: [Datasets.dataFolder, Datasets.cacheFolder].compactMap { $0 }.map(FileSystem.expanded), scratch: folder)
    policy = .boxed(files)
  }

  deinit { _ = close() }

  /// Where the script itself stands: a link to it may stand anywhere. A shell's `<(…)` gives the name of a pipe, which
  /// stands nowhere: it counts as a file of the current folder.
  private static func withoutLinks(_ path: String) -> String {
    guard let real = realpath(path, nil) else {
      var status = stat()
      return stat(path, &status) == 0 ? "standard input" : path
    }
    defer { free(real) }
    return String(cString: real)
  }

  /// A folder for this user alone in the temporary one; nil where somebody else has taken its name.
  static func temporaryPlace() -> String? {
    let temporary = NSTemporaryDirectory()
    let place = (temporary.hasSuffix("/") ? temporary : temporary + "/") + "twinbook-\(geteuid())"
    mkdir(place, 0o700)
    var status = stat()
    let isOurs =
      lstat(place, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid()
      && status.st_mode & 0o077 == 0
    return isOurs ? place : nil
  }

  /// Of a name that nobody can guess, and for this user alone.
  static func temporaryFolder(in place: String, name: String = "replay") throws(AccessSetupError) -> String {
    do { return try FileSystem.makeTemporaryFolder(name, in: place) } catch {
      throw .cannotMake(place, reason: error.reason)
    }
  }

  /// Ends it: a temporary folder is removed with what is in it.
  /// - Returns: what the script wrote, in words; nil: nothing.
  public func close() -> String? {
    guard isOpen else { return nil }
    isOpen = false
    let names = written(in: folder, below: "").sorted()
    if !isKept { try? FileManager.default.removeItem(atPath: folder) }
    guard let first = names.first else { return nil }
    let shown = names.prefix(3).map(\.asOneLine).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
    let count = names.count == 1 ? "one file" : "\(names.count) files"
    if isKept { return "the script wrote \(count) into \(folder): \(names.count == 1 ? first.asOneLine : shown)" }
    return "the script wrote \(count) (\(shown)), gone with its folder \(folder); --keep FOLDER keeps such files"
  }

  /// Links are not followed: the script cannot have made any.
  private func written(in folder: String, below: String) -> [String] {
    var names: [String] = []
    for entry in (try? FileSystem.list(folder)) ?? [] {
      if entry.kind == .folder {
        names += written(in: folder + "/" + entry.name, below: below + entry.name + "/")
      } else {
        names.append(below + entry.name)
      }
    }
    return names
  }
}
