import Files
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// Where a script's figures go: never over a file that is there already.
enum FigureFile {
  /// Writes `stem.svg`; where that stands and is another picture, `stem-2.svg` and so on.
  /// - Returns: the name that holds the picture now.
  static func write(named stem: String, save: (String) throws -> Void) throws -> String {
    // The ending chooses the format.
    let new = "\(stem).\(getpid())-new.svg"
    defer { unlink(new) }
    try save(new)
    for count in 1...100_000 {
      let path = count == 1 ? "\(stem).svg" : "\(stem)-\(count).svg"
      // A link fails where the name is taken, also by somebody who takes it at this moment.
      if link(new, path) == 0 { return path }
      let code = errno
      if code == EEXIST {
        if isSame(new, path) { return path }
        continue
      }
      // File systems without links.
      if !FileSystem.exists(path) {
        guard rename(new, path) == 0 else { throw FileSystem.writingError(path, errno) }
        return path
      }
      if isSame(new, path) { return path }
    }
    throw FileSystem.writingError("\(stem).svg", EEXIST)
  }

  /// The same picture, made by another run of the same script.
  private static func isSame(_ path: String, _ other: String) -> Bool {
    guard FileSystem.size(of: path) == FileSystem.size(of: other), let first = try? FileSystem.read(path) else {
      return false
    }
    return first == (try? FileSystem.read(other))
  }
}
