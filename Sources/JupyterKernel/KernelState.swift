import Downloads
import Files
import Foundation

/// Where a kernel's session keeps its journal: a folder for each connection file, which stays the same when Jupyter
/// starts a kernel anew.
enum KernelState {
  static func folder(in stateFolder: String, connectionFile: String) -> String {
    let folders = stateFolder + "/kernels"
    removeEmpty(in: folders)
    let path =
      connectionFile.hasPrefix("/") ? connectionFile : FileManager.default.currentDirectoryPath + "/" + connectionFile
    return folders + "/" + SHA256.hex(Array(path.utf8)).prefix(16)
  }

  /// Folders of kernels that ended as they should hold nothing.
  private static func removeEmpty(in folders: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folders)) ?? [] {
      // Fails for those that hold something, which is meant.
      rmdir("\(folders)/\(name)/journals")
      rmdir("\(folders)/\(name)")
    }
  }
}
