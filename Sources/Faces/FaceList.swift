import FaceDetection
import Files

/// `faces.csv` of a folder: one line for each face that an extraction wrote there, with its photograph, its place, how certain
/// the detector was, and landmarks. Faces of earlier extractions stay in it for as long as they stand in the folder.
public struct FaceList: Sendable {
  public static let name = "faces.csv"
  /// What the first line begins with; places of landmarks follow.
  public static let firstColumns = ["file", "photograph", "left", "top", "width", "height", "confidence"]
  private static let head = firstColumns + DetectedFace.landmarkNames.flatMap { ["\($0)_x", "\($0)_y"] }

  private let folder: String
  /// The lines of faces that earlier extractions wrote and that are still there, as they stand in the list.
  private let earlier: [(file: String, line: String)]
  private let own: Set<String>

  /// - Throws: `FacesError.othersFace` where a list stands there that is another's.
  init(in folder: String) throws {
    self.folder = folder
    let place = folder + "/" + Self.name
    guard FileSystem.exists(place), FileSystem.size(of: place) != 0 else {
      (earlier, own) = ([], [])
      return
    }
    let pieces = CSV.pieces((try? FileSystem.readText(place, limit: 512 << 20)) ?? "")
    guard pieces.first?.record.cells == Self.head else { throw FacesError.othersFace(place) }
    // An extraction that ended early added lines to those of an earlier one: the last word on a file counts.
    var last: [String: Int] = [:]
    let lines = pieces.dropFirst().filter { $0.record.isWhole && $0.record.cells.count == Self.head.count }
      .map { (file: CSV.plain($0.record.cells[0]), line: $0.text) }
    for (number, entry) in lines.enumerated() { last[entry.file] = number }
    earlier = lines.enumerated().filter { number, entry in
      last[entry.file] == number && FileSystem.exists(folder + "/" + entry.file)
    }.map(\.element)
    own = Set(earlier.map(\.file))
  }

  /// Whether nothing of the user's would be replaced. An earlier extraction's list may have been taken away: what stands
  /// there and is the same may be written again.
  func mayWrite(_ file: String, _ png: [UInt8]) -> Bool {
    if own.contains(file) { return true }
    let place = folder + "/" + file
    return !FileSystem.exists(place) || (try? FileSystem.read(place)) == png
  }

  /// Writes the list as it was found, to which `add` adds.
  func begin() throws(FileError) { try write(earlier.map(\.line)) }

  func add(_ entries: [FaceExtraction.Written]) throws(FileError) {
    guard !entries.isEmpty else { return }
    try FileSystem.append(entries.map(Self.line).joined(), to: folder + "/" + Self.name, access: .owner)
  }

  /// Writes the list anew, with one line for each face: those of this extraction first.
  func end(_ entries: [FaceExtraction.Written]) throws(FileError) {
    let written = Set(entries.map(\.file))
    try write(entries.map(Self.line) + earlier.filter { !written.contains($0.file) }.map(\.line))
  }

  private func write(_ lines: [String]) throws(FileError) {
    let text = Self.head.joined(separator: ",") + "\n" + lines.joined()
    try FileSystem.write(Array(text.utf8), to: Self.name, beneath: folder, access: .owner)
  }

  private static func line(_ entry: FaceExtraction.Written) -> String {
    func number(_ value: Double, _ parts: Double = 100) -> String {
      let rounded = (value * parts).rounded() / parts
      return rounded == rounded.rounded() && rounded.magnitude < 1e15 ? String(Int(rounded)) : String(rounded)
    }
    let box = entry.face.box
    let numbers =
      [
        number(box.left), number(box.top), number(box.width), number(box.height),
        number(entry.face.confidence, 10_000),
      ]
      + entry.face.landmarks.flatMap { [number($0.x), number($0.y)] }
    return ([CSV.cell(entry.file), CSV.cell(entry.source)] + numbers).joined(separator: ",") + "\n"
  }
}
