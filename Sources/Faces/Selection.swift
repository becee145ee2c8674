import Files

/// Writes what a review kept into a folder of its own.
public enum Selection {
  /// - Returns: how many pictures were copied.
  public static func copy(
    _ review: FolderReview, from folder: String, into target: String, isGivenUp: () -> Bool = { false }
  ) throws -> Int {
    try FileSystem.makeFolder(target)
    try FaceExtraction.checkApart(folder, target)
    var lines = ["file,class,kept,factor"]
    var copied = 0
    for item in review.items {
      if isGivenUp() { throw CancellationError() }
      let factor = item.oddness.map { $0.isFinite ? String(($0 * 100).rounded() / 100) : "" } ?? ""
      lines.append(
        [CSV.cell(item.file), CSV.cell(item.className), item.isDropped ? "no" : "yes", factor].joined(separator: ","))
      if item.isDropped {
        // A selection that was made again drops what an earlier one copied.
        if FileSystem.exists(target + "/" + item.file) { try FileSystem.remove(target + "/" + item.file) }
        continue
      }
      if item.file.contains("/") { try FileSystem.makeFolder(target + "/" + FileSystem.parent(of: item.file)) }
      try FileSystem.write(try FileSystem.read(folder + "/" + item.file), to: target + "/" + item.file)
      copied += 1
    }
    try FileSystem.write(lines.joined(separator: "\n") + "\n", to: target + "/review.csv")
    return copied
  }
}
