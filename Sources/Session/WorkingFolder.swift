import Foundation

import Glibc

/// The folder that names of files are meant from.
public enum WorkingFolder {
  /// Nil where it was removed.
  public static var path: String? {
    let path = FileManager.default.currentDirectoryPath
    return path.isEmpty ? nil : path
  }

  /// - Returns: whether it could be gone to.
  static func change(to folder: String) -> Bool { folder == path || chdir(folder) == 0 }
}
