import Files
import Images

extension Dataset {
  /// Writes every image as a PNG into class folders, so that `Datasets.load` of the folder gives the same dataset again:
  /// "folder/class/001.png" in the order of each class. As prepared, without augmentation.
  ///
  /// - Parameter shouldStop: asked before each image; true ends with `CancellationError`, and what was written stays.
  /// - Throws: `DatasetError.badClassName` for a class whose name leads out of the folder.
  public func write(to folder: String, shouldStop: () -> Bool = { false }) throws {
    for name in classNames where !Self.staysWithin(name) { throw DatasetError.badClassName(name) }
    try FileSystem.makeFolder(folder)
    for (name, members) in zip(classNames, membersByClass) where !members.isEmpty {
      let place = folder + "/" + name
      try FileSystem.makeFolder(place)
      let digits = max(3, String(members.count).count)
      for (number, position) in members.enumerated() {
        if shouldStop() { throw CancellationError() }
        let text = String(number + 1)
        let padded = String(repeating: "0", count: digits - text.count) + text
        try image(position).write(to: "\(place)/\(padded).png")
      }
    }
  }

  private static func staysWithin(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return !name.contains("\0") && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && !$0.hasPrefix(".") }
  }
}
