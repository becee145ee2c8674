import Datasets
import Files

/// Writes what a review kept into a folder of its own.
public enum Selection {
  public static let list = WrittenList(name: "review.csv", head: ["file", "class", "kept", "factor"])

  /// What stands in the folder already is the user's, unless the list of an earlier copy says that it wrote it: only that
  /// is replaced, and taken away where it is dropped now. No link in the folder is followed.
  ///
  /// - Returns: how many pictures were copied, and how many of others stand in the folder, which `Datasets.load` will read, too.
  /// - Throws: `FacesError.othersFile` where a picture would go over somebody else's file, before anything is written.
  public static func copy(
    _ review: FolderReview, from folder: String, into target: String, isGivenUp: () -> Bool = { false }
  ) throws -> (count: Int, strangers: Int) {
    try FaceExtraction.makeApart(folder, target, function: "copy")
    let own = try written(in: target)
    for item in review.items where !item.isDropped && !own.contains(item.file) {
      let place = target + "/" + item.file
      // An earlier copy may have been interrupted before it wrote its list.
      guard FileSystem.exists(place), (try? FileSystem.read(place)) != (try FileSystem.read(folder + "/" + item.file))
      else { continue }
      throw FacesError.othersFile(place)
    }
    var records: [[String]] = []
    var copied: Set<String> = []
    // Two files may be called alike ("é" of one letter, and of two): the set has them once.
    var count = 0
    for item in review.items {
      if isGivenUp() { throw CancellationError() }
      let factor = item.oddness.map { $0.isFinite ? String(($0 * 100).rounded() / 100) : "" } ?? ""
      records.append([item.file, item.className, item.isDropped ? "no" : "yes", factor])
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
      count += 1
    }
    try list.write(records, to: target)
    return (count, try Datasets.pictures(in: target).filter { !copied.contains($0) }.count)
  }

  /// The files that the list of an earlier copy says it wrote; none where there is no list.
  /// - Throws: `FacesError.othersFile` where a list stands there that is another's.
  private static func written(in target: String) throws -> Set<String> {
    guard let records = list.records(in: target) else { throw FacesError.othersFile(target + "/" + list.name) }
    return Set(records.filter { $0[2] == "yes" }.map { $0[0] })
  }
}
