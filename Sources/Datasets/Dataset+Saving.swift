import Files
import Images

extension Dataset {
  /// The list of what `write` has written into a folder, so that the next one knows what it may replace.
  public static let savedListName = "saved.csv"
  /// The first line of the list.
  public static let savedListHead = ["file", "class"]

  /// Writes every image as a PNG into class folders, so that `Datasets.load` of the folder gives the same dataset again:
  /// "folder/class/001.png" in the order of each class. As prepared, without augmentation.
  ///
  /// Pictures that an earlier call wrote into the folder, by its list, are replaced or taken away. Everything else in it
  /// is the user's and stays. No link in the folder is followed.
  ///
  /// - Parameter shouldStop: asked before each image; true ends with `CancellationError`, and what was written stays.
  /// - Returns: how many pictures of others stand in the folder, which `Datasets.load` will read, too.
  /// - Throws: `DatasetError.badClassName` for a class whose name leads out of the folder, `othersFile` where an image
  ///   would go over somebody else's file; both before anything is written.
  @discardableResult
  public func write(to folder: String, shouldStop: () -> Bool = { false }) throws -> Int {
    for name in classNames where !Self.staysWithin(name) { throw DatasetError.badClassName(name) }
    try FileSystem.makeFolder(folder)
    let earlier = try Self.saved(in: folder)
    let files = namesOfFiles
    for (file, position) in zip(files, items.indices) where !earlier.contains(file) {
      let place = folder + "/" + file
      guard FileSystem.exists(place) else { continue }
      // An earlier call may have ended before it wrote its list, or be of a version that wrote none.
      if (try? FileSystem.read(place)) == (try image(position).encodePNG()) { continue }
      throw DatasetError.othersFile(place)
    }
    let gone = earlier.subtracting(files)
    // Both, as long as it takes: whatever ends this early, the next call knows what it may replace.
    try writeList(of: files, and: gone.sorted(), to: folder)
    for (file, position) in zip(files, items.indices) {
      if shouldStop() { throw CancellationError() }
      try FileSystem.write(try image(position).encodePNG(), to: file, beneath: folder)
    }
    // What may not be taken away (in a box, whatever stood there before) is left, and told with the others.
    let left = gone.sorted().filter { file in
      guard FileSystem.exists(folder + "/" + file) else { return false }
      return (try? FileSystem.remove(file, beneath: folder)) == nil
    }
    try writeList(of: files, and: left, to: folder)
    let own = Set(files)
    return try Datasets.pictures(in: folder).filter { !own.contains($0) }.count
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

  private func writeList(of files: [String], and gone: [String], to folder: String) throws {
    var text = Self.savedListHead.joined(separator: ",") + "\n"
    for (file, item) in zip(files, items) { text += CSV.record([file, classNames[Int(item.label)]]) }
    for file in gone { text += CSV.record([file, FileSystem.parent(of: file)]) }
    try FileSystem.write(Array(text.utf8), to: Self.savedListName, beneath: folder, access: .owner)
  }

  /// The files that the list of an earlier call says it wrote; none where there is no list.
  /// - Throws: `DatasetError.othersFile` where a list stands there that is another's.
  private static func saved(in folder: String) throws -> Set<String> {
    let place = folder + "/" + savedListName
    guard FileSystem.exists(place), FileSystem.size(of: place) != 0 else { return [] }
    var records = (try? FileSystem.readText(place)).map(CSV.records) ?? []
    guard records.first?.cells == savedListHead else { throw DatasetError.othersFile(place) }
    records.removeFirst()
    let files = records.filter { $0.cells.count == savedListHead.count }.map { CSV.plain($0.cells[0]) }
    return Set(files.filter { staysWithin($0) && $0.hasSuffix(".png") })
  }

  private static func staysWithin(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return !name.contains("\0") && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && !$0.hasPrefix(".") }
  }
}
