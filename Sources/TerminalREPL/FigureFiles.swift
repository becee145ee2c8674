import Files

/// The files that this session has written its figures to.
struct FigureFiles {
  private var own: Set<String> = []
  /// More files of one number than this, and the folder wants clearing up.
  private static let most = 10_000

  /// Writes "figure-3.svg", or "figure-3-2.svg" and so on where somebody else's figures stand; gives the path. A file
  /// with these very bytes is left as it is.
  mutating func write(_ bytes: [UInt8], number: Int, into folder: String) throws(FileError) -> String {
    for turn in 1...Self.most {
      let path = "\(folder)/figure-\(number)\(turn == 1 ? "" : "-\(turn)").svg"
      if own.contains(path) {
        try FileSystem.write(bytes, to: path)
        return path
      }
      var isOurs = try FileSystem.writeNew(bytes, to: path)
      if !isOurs, let there = try? FileSystem.read(path, limit: 256 << 20) { isOurs = there == bytes }
      if isOurs {
        own.insert(path)
        return path
      }
    }
    throw .system(
      path: "\(folder)/figure-\(number).svg", action: "write",
      reason: "\(Self.most) figures of that name are there already")
  }
}
