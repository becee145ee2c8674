/// A list, kept in a folder, of the files that an earlier call wrote there: those may be replaced or taken away. All else in
/// the folder is the user's.
public struct WrittenList: Sendable {
  /// The file's name within its folder.
  public let name: String
  /// The cells of its first line, by which a list of somebody else is told from one of ours. The first is "file".
  public let head: [String]
  /// First lines that earlier versions wrote: beginnings of `head`.
  private let olderHeads: [[String]]

  public init(name: String, head: [String], olderHeads: [[String]] = []) {
    (self.name, self.head, self.olderHeads) = (name, head, olderHeads)
  }

  /// Whether a list with this first line is one of ours.
  public func isHead(_ cells: [String]) -> Bool { cells == head || olderHeads.contains(cells) }

  /// The whole records of the list in a folder, without the apostrophes of `CSV.cell`; none where there is no list, nil
  /// where one stands there that is another's. What an older list does not say is empty.
  public func records(in folder: String) -> [[String]]? {
    let place = folder + "/" + name
    guard FileSystem.exists(place), FileSystem.size(of: place) != 0 else { return [] }
    let records = (try? FileSystem.readText(place)).map(CSV.records) ?? []
    guard let first = records.first?.cells, isHead(first) else { return nil }
    return records.dropFirst().filter { $0.cells.count == first.count }.map { record in
      record.cells.map(CSV.plain) + [String](repeating: "", count: head.count - first.count)
    }
  }

  /// Writes the list, readable by its owner alone, whole or not at all. No link in the folder is followed.
  public func write(_ records: [[String]], to folder: String) throws(FileError) {
    let text = ([head] + records).map(CSV.record).joined()
    try FileSystem.write(Array(text.utf8), to: name, beneath: folder, access: .owner)
  }
}
