import Datasets
import Files

/// Writes what a review kept into a folder of its own.
public enum Selection {
  public static let listName = "review.csv"
  /// The first line of the list.
  public static let head = ["file", "class", "kept", "factor"]

  /// What stands in the folder already is the user's, unless the list of an earlier copy says that it wrote it: only that
  /// is replaced, and taken away where it is dropped now. No link in the folder is followed.
  ///
  /// - Returns: how many pictures were copied, and how many of others stand in the folder, which `Datasets.load` will read, too.
  /// - Throws: `FacesError.othersFile` where a picture would go over somebody else's file, before anything is written.
  public static func copy(
    _ review: FolderReview, from folder: String, into target: String, isGivenUp: () -> Bool = { false }
  ) throws -> (count: Int, strangers: Int) {
    try FileSystem.makeFolder(target)
    try FaceExtraction.checkApart(folder, target)
    let own = try written(in: target)
    for item in review.items where !item.isDropped && !own.contains(item.file) {
      let place = target + "/" + item.file
      // An earlier copy may have been interrupted before it wrote its list.
      guard FileSystem.exists(place), (try? FileSystem.read(place)) != (try FileSystem.read(folder + "/" + item.file))
      else { continue }
      throw FacesError.othersFile(place)
    }
    var lines = [head.joined(separator: ",")]
    var copied: Set<String> = []
    for item in review.items {
      if isGivenUp() { throw CancellationError() }
      let factor = item.oddness.map { $0.isFinite ? String(($0 * 100).rounded() / 100) : "" } ?? ""
      lines.append(
        [CSV.cell(item.file), CSV.cell(item.className), item.isDropped ? "no" : "yes", factor].joined(separator: ","))
      if item.isDropped {
        // A selection that was made again drops what an earlier one copied.
        if own.contains(item.file), FileSystem.exists(target + "/" + item.file) {
          // What may not be taken away (in a box, whatever stood there before) is counted with the others.
          try? FileSystem.remove(item.file, beneath: target)
        }
        continue
      }
      try FileSystem.write(try FileSystem.read(folder + "/" + item.file), to: item.file, beneath: target)
      copied.insert(item.file)
    }
    try FileSystem.write(
      Array((lines.joined(separator: "\n") + "\n").utf8), to: listName, beneath: target, access: .owner)
    return (copied.count, try Datasets.pictures(in: target).filter { !copied.contains($0) }.count)
  }

  /// The files that the list of an earlier copy says it wrote; none where there is no list.
  /// - Throws: `FacesError.othersFile` where a list stands there that is another's.
  private static func written(in target: String) throws -> Set<String> {
    let place = target + "/" + listName
    guard FileSystem.exists(place), FileSystem.size(of: place) != 0 else { return [] }
    var records = (try? FileSystem.readText(place)).map(CSV.records) ?? []
    guard records.first?.cells == head else { throw FacesError.othersFile(place) }
    records.removeFirst()
    return Set(records.filter { $0.cells.count == head.count && $0.cells[2] == "yes" }.map { CSV.plain($0.cells[0]) })
  }
}
