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
  public var place: String { temporary?.place ?? folder }
  /// Nil where what the script writes is kept.
  private let temporary: TemporaryPlace?
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
      temporary = nil
      try FileSystem.makeFolder(folder)
      guard try FileSystem.list(folder).isEmpty else { throw AccessSetupError.notFresh(keep) }
    } else {
      let made = try TemporaryPlace("replay")
      (temporary, folder) = (made, made.path)
    }
    let full = FileSystem.expanded(script)
    files = try FileAccess(
      scriptFolder: FileSystem.parent(of: Self.withoutLinks(full)), named: FileSystem.parent(of: full),
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

  /// Ends it: a temporary folder is removed with what is in it.
  /// - Returns: what the script wrote, in words; nil: nothing.
  public func close() -> String? {
    guard isOpen else { return nil }
    isOpen = false
    let names = written(in: folder, below: "").sorted()
    temporary?.remove()
    guard let first = names.first else { return nil }
    let shown = names.prefix(3).map(\.asOneLine).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
    let count = names.count == 1 ? "one file" : "\(names.count) files"
    if temporary == nil {
      return "the script wrote \(count) into \(folder): \(names.count == 1 ? first.asOneLine : shown)"
    }
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
