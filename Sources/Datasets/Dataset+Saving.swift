import Downloads
import Files
import Images

extension Dataset {
  /// The list of what `write` has written into a folder, so that the next one knows what it may replace. The sum tells
  /// whether a picture is still the one that was written; it is empty where that is not known.
  public static let savedList = WrittenList(
    name: "saved.csv", head: ["file", "class", "sha256"], olderHeads: [["file", "class"]])

  /// Writes every image as a PNG into class folders, so that `Datasets.load` of the folder gives the same dataset again:
  /// "folder/class/001.png" in the order of each class. As prepared, without augmentation.
  ///
  /// Pictures that an earlier call wrote into the folder, by its list, are replaced or taken away. Everything else in it
  /// is the user's and stays. No link in the folder is followed.
  ///
  /// - Parameter shouldStop: asked before each image; true ends with `CancellationError`, and what was written stays.
  /// - Returns: how many pictures of others stand in the folder, which `Datasets.load` will read, too.
  /// - Throws: `DatasetError.badClassName` for a class whose name leads out of the folder, `othersFile` where an image
  ///   would go over somebody else's file, `changedFile` where a picture is no longer what an earlier call wrote; all
  ///   before anything is written. `savedInPart` where some were written and one cannot be.
  @discardableResult
  public func write(to folder: String, shouldStop: () -> Bool = { false }) throws -> Int {
    for name in classNames where !Self.staysWithin(name) { throw DatasetError.badClassName(name) }
    try FileSystem.makeFolder(folder)
    let earlier = try Self.saved(in: folder)
    let files = namesOfFiles
    try checkReplacing(earlier, files, in: folder)
    let own = Set(files)
    let gone = earlier.filter { !own.contains($0.key) }
    // Both, as long as it takes: whatever ends this early, the next call knows what it may replace.
    var sums = [String](repeating: "", count: files.count)
    try writeList(of: files, sums, and: gone, to: folder)
    var written = 0
    do {
      for (file, position) in zip(files, items.indices) {
        if shouldStop() { throw CancellationError() }
        let picture = try image(position).encodePNG()
        try FileSystem.write(picture, to: file, beneath: folder)
        sums[position] = SHA256.hex(picture)
        written += 1
      }
    } catch {
      // What stands there now, old or new. A full disk may refuse the list, too; then the one from above holds.
      for position in files.indices.dropFirst(written) { sums[position] = earlier[files[position]] ?? "" }
      try? writeList(of: files, sums, and: gone, to: folder)
      guard let cause = error as? FileError, written > 0 else { throw error }
      throw DatasetError.savedInPart(
        folder: folder, written: written, count: files.count, isMixed: !earlier.isEmpty, cause: cause)
    }
    // What may not be taken away (in a box, whatever stood there before) is left, and told with the others.
    let left = gone.filter { file, _ in
      guard FileSystem.exists(folder + "/" + file) else { return false }
      return (try? FileSystem.remove(file, beneath: folder)) == nil
    }
    try writeList(of: files, sums, and: left, to: folder)
    return try Datasets.pictures(in: folder).filter { !own.contains($0) }.count
  }

  /// That nothing of the user's would be replaced or taken away.
  ///
  /// - Parameter earlier: what an earlier call wrote, by its list.
  private func checkReplacing(_ earlier: [String: String], _ files: [String], in folder: String) throws {
    func isTheSame(_ picture: [UInt8]?, _ position: Int) throws -> Bool {
      // An earlier call may have ended before it wrote its list, or be of a version that wrote none.
      try picture == image(position).encodePNG()
    }
    for (position, file) in files.enumerated() where earlier[file] == nil {
      let place = folder + "/" + file
      guard FileSystem.exists(place), try !isTheSame(try? FileSystem.read(place), position) else { continue }
      throw DatasetError.othersFile(place)
    }
    let positions = Dictionary(zip(files, files.indices)) { first, _ in first }
    for (file, sum) in earlier.sorted(by: { $0.key < $1.key }) where !sum.isEmpty {
      let place = folder + "/" + file
      guard FileSystem.exists(place) else { continue }
      let picture = try? FileSystem.read(place)
      if let picture, SHA256.hex(picture) == sum { continue }
      if let position = positions[file], try isTheSame(picture, position) { continue }
      throw DatasetError.changedFile(place)
    }
  }

  /// "class/001.png" of each item.
  private var namesOfFiles: [String] {
    var names = [String](repeating: "", count: count)
    for (name, members) in zip(classNames, membersByClass) {
      let digits = max(3, String(members.count).count)
      for (number, position) in members.enumerated() {
        let text = String(number + 1)
        names[position] = name + "/" + String(repeating: "0", count: digits - text.count) + text + ".png"
      }
    }
    return names
  }

  private func writeList(of files: [String], _ sums: [String], and gone: [String: String], to folder: String) throws {
    let written = files.indices.map { [files[$0], classNames[Int(items[$0].label)], sums[$0]] }
    let others = gone.sorted { $0.key < $1.key }.map { [$0.key, FileSystem.parent(of: $0.key), $0.value] }
    try Self.savedList.write(written + others, to: folder)
  }

  /// The files that the list of an earlier call says it wrote, each with its sum; none where there is no list.
  /// - Throws: `DatasetError.othersFile` where a list stands there that is another's.
  private static func saved(in folder: String) throws -> [String: String] {
    guard let records = savedList.records(in: folder) else {
      throw DatasetError.othersFile(folder + "/" + savedList.name)
    }
    let own = records.filter { staysWithin($0[0]) && $0[0].hasSuffix(".png") }
    return Dictionary(own.map { ($0[0], $0[2]) }, uniquingKeysWith: { $0 == $1 ? $0 : "" })
  }

  private static func staysWithin(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return !name.contains("\0") && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && !$0.hasPrefix(".") }
  }
}
