import Files
import Images

extension Datasets {
  /// Files of a zip by their names within it; nil for one that is not there.
  /// - Throws: `DatasetError.brokenArchive` where the zip, or a file in it, is damaged or lies about its size.
  public static func read(_ names: [String], fromZip path: String) throws -> [[UInt8]?] {
    let archive = try ZipSource(path)
    let listed = try archive.list()
    return try names.map { name in try listed.first { $0.path == name }.map { try archive.read($0, isPicture: false) } }
  }

  /// Files of a folder, at any depth, that look like pictures by their name or are ones by their content, in natural
  /// order; hidden ones are left out.
  /// - Returns: paths from the folder's top.
  public static func pictures(in folder: String) throws -> [String] {
    try FolderSource(root: folder).list().filter { file in
      if file.looksLikeImage { return true }
      // Downloaded pictures often have no ending, or a false one.
      guard let start = try? FileSystem.readStart(folder + "/" + file.path, count: 16) else { return false }
      return PixelImage.format(of: start) != nil
    }.map(\.path).sorted(by: naturallyBefore)
  }
}
