import Collecting
import Datasets
import Diagnostics
import Faces
import Files
import Gallery
import NeuralNetworks

/// What a folder holds of somebody, and taking it away: their folders of pictures, what lists say is theirs, the lists'
/// lines, and what galleries hold. Nothing is followed out of the folder.
///
/// Made, it is a plan that has touched nothing; `carryOut` does it.
public struct FolderForgetting {
  /// Something that goes.
  public struct Item: Hashable, Sendable {
    /// From the folder: "raw/ann".
    public var place: String
    /// "12 files", "3 lines", "2 references with pictures".
    public var what: String
  }

  /// Something that stays, for a person to look at.
  public struct Remainder: Hashable, Sendable {
    public var place: String
    public var reason: String
  }

  /// What is to be done at a place.
  enum Deed {
    case takeAway(files: [String])
    /// Once nothing is in it.
    case takeFolderAway
    /// The lines that stay.
    case rewrite(String)
    case forgetInGallery(isDatabase: Bool)
  }

  public let folder: String
  public let label: String
  public internal(set) var goes: [Item] = []
  public internal(set) var stays: [Remainder] = []
  var deeds: [(place: String, deed: Deed)] = []
  let name: PersonName
  /// What weights may have learnt them as.
  var learntNames: Set<String>

  /// Looks at everything below a folder.
  ///
  /// - Parameters:
  ///   - passing: a gallery's file that is looked at elsewhere.
  ///   - isGivenUp: asked now and then; true ends with `CancellationError`.
  public init(
    _ label: String, in folder: String, passing: String? = nil, isGivenUp: @escaping () -> Bool = { false }
  ) throws {
    guard label.contains(where: { !$0.isWhitespace }) else { throw ForgettingError.emptyLabel }
    self.label = label
    self.folder = folder
    name = PersonName(label)
    learntNames = Set(name.labels(ofFolder: label)).union([label])
    let held = try HeldFolder(folder, writing: false)
    let entries = try held.walk(isGivenUp: isGivenUp)
    if isGivenUp() { throw CancellationError() }
    let passed = passing.flatMap { FileSystem.identity(of: $0) }
    var taken = try lookThroughLists(held, entries)
    lookThroughFolders(entries, &taken)
    for entry in entries where entry.kind == .file && !taken.contains(entry.path) {
      if isGivenUp() { throw CancellationError() }
      try lookInto(entry, held, passed: passed)
    }
    for entry in entries where taken.contains(entry.path) && entry.names > 1 {
      stays.append(
        Remainder(
          place: entry.path, reason: "is known by \(entry.names) names: what it holds stays under the others"))
    }
    for entry in entries where entry.kind == .closed {
      stays.append(Remainder(place: entry.path, reason: "may not be looked into"))
    }
    for entry in entries where entry.kind == .link && !taken.contains(entry.path) {
      if name.isNamed(in: entry.path) {
        stays.append(Remainder(place: entry.path, reason: "is a link, which is not followed"))
      } else if leadsToAnotherFolder(entry, entries) {
        stays.append(Remainder(place: entry.path, reason: "is a link to a folder, which is not looked into"))
      }
    }
  }

  // MARK: Lists

  private enum List { case sources, faces, review, saved }

  /// - Returns: the files that go.
  private mutating func lookThroughLists(_ held: HeldFolder, _ entries: [HeldFolder.Entry]) throws -> Set<String> {
    let files = Set(entries.filter { $0.kind == .file || $0.kind == .link }.map(\.path))
    var taken: Set<String> = []
    for entry in entries where entry.kind == .file {
      let list: List
      switch FileSystem.name(of: entry.path) {
      case CollectFolder.listName: list = .sources
      case FaceList.name: list = .faces
      case Selection.list.name: list = .review
      case Dataset.savedList.name: list = .saved
      default: continue
      }
      let bytes: [UInt8]
      do { bytes = try held.read(entry.path, limit: 512 << 20) } catch {
        stays.append(Remainder(place: entry.path, reason: error.explanation.message))
        continue
      }
      let pieces = CSV.pieces(String(decoding: bytes, as: UTF8.self))
      guard let head = pieces.first, Self.isHead(head.record.cells, list) else {
        // Somebody else's list: it is looked at like any text.
        continue
      }
      let top = entry.path.contains("/") ? FileSystem.parent(of: entry.path) + "/" : ""
      var kept = head.text
      var own: [String] = []
      var lines = 0
      for piece in pieces.dropFirst() {
        let cells = piece.record.cells.map(CSV.plain)
        if isTheirs(cells, list, below: top) {
          lines += 1
          if let file = cells.first, !file.isEmpty, files.contains(top + file), !taken.contains(top + file) {
            own.append(top + file)
          }
        } else if list == .sources, let reason = cells.last, name.owns(reason.pathOfAnother, below: top) {
          // The picture of somebody else that was the same as one of theirs.
          lines += 1
          kept += CSV.record(cells.dropLast() + [String(reason.dropLast(reason.pathOfAnother.count)) + "another"])
        } else {
          kept += piece.text
        }
      }
      guard lines > 0 else { continue }
      for (place, files) in Dictionary(grouping: own, by: { FileSystem.parent(of: $0) }).sorted(by: { $0.key < $1.key })
      {
        add(place, Self.counted(files.count, "file"), .takeAway(files: files))
      }
      taken.formUnion(own)
      if name.isNamed(in: kept) {
        stays.append(Remainder(place: entry.path, reason: "has the name in lines of others"))
      }
      add(entry.path, Self.counted(lines, "line"), .rewrite(kept))
      taken.insert(entry.path)
    }
    return taken
  }

  private static func isHead(_ cells: [String], _ list: List) -> Bool {
    switch list {
    case .sources: cells == CollectFolder.columns
    case .faces: Array(cells.prefix(FaceList.firstColumns.count)) == FaceList.firstColumns
    case .review: cells == Selection.list.head
    case .saved: Dataset.savedList.isHead(cells)
    }
  }

  private func isTheirs(_ cells: [String], _ list: List, below top: String) -> Bool {
    switch list {
    case .sources: return cells.count > 1 && cells[1] == label
    case .faces: return cells.count > 1 && (name.owns(cells[0], below: top) || name.owns(cells[1]))
    case .review, .saved:
      guard cells.count > 1 else { return false }
      // A class is a folder.
      return name.owns(cells[0], below: top) || name.owns(cells[1] + "/1.png", below: top)
    }
  }

  // MARK: Folders

  private mutating func lookThroughFolders(_ entries: [HeldFolder.Entry], _ taken: inout Set<String>) {
    for entry in entries where entry.kind == .folder {
      guard name.isFolder(at: entry.path) else {
        // Somebody of another name, as far as is known: "ann old", "Ann".
        if name.isNamed(in: FileSystem.name(of: entry.path)) {
          stays.append(
            Remainder(
              place: entry.path,
              reason: "is called alike: take it away yourself, or forget its own name, if it is theirs"))
        }
        continue
      }
      learntNames.formUnion(name.labels(ofFolder: entry.path))
      let inside = entries.filter { $0.path.hasPrefix(entry.path + "/") }
      let isList = { (place: String) in
        [CollectFolder.listName, FaceList.name, Selection.list.name, Dataset.savedList.name]
          .contains(FileSystem.name(of: place))
      }
      // A person's folder has pictures in it, and no folders: this may be everybody's.
      guard !inside.contains(where: { $0.kind == .folder || $0.kind == .closed || isList($0.path) }) else {
        stays.append(
          Remainder(
            place: entry.path,
            reason: "is called so, and has folders or lists in it: take it away yourself if all of it is theirs"))
        continue
      }
      let files = inside.map(\.path).filter { !taken.contains($0) }
      if !files.isEmpty {
        add(entry.path, Self.counted(files.count, "file"), .takeAway(files: files))
        taken.formUnion(files)
      }
      deeds.append((entry.path, .takeFolderAway))
      if inside.isEmpty { goes.append(Item(place: entry.path, what: "an empty folder")) }
    }
  }

  mutating func add(_ place: String, _ what: String, _ deed: Deed) {
    goes.append(Item(place: place, what: what))
    deeds.append((place, deed))
  }

  static func counted(_ count: Int, _ one: String) -> String { "\(count) \(one)\(count == 1 ? "" : "s")" }

  // MARK: Doing it

  /// Takes away what the plan lists. What cannot be is passed over, and named at the end.
  ///
  /// - Throws: `ForgettingError.notAll` where something could not be taken away; the rest is.
  public mutating func carryOut() throws {
    let held = try HeldFolder(folder, writing: true)
    var (done, failed): (Int, [String]) = (0, [])
    func attempt(_ place: String, _ work: () throws -> Void) {
      do {
        try work()
        done += 1
      } catch {
        let words = (error as? any ExplainedError)?.explanation.message ?? "\(error)"
        failed.append(words.contains(place) ? words : "\(place): \(words)")
      }
    }
    for (place, deed) in deeds {
      switch deed {
      case .takeAway(let files):
        for file in files { attempt(file) { try held.remove(file) } }
      case .takeFolderAway:
        attempt(place) {
          // What has come in meanwhile is not of this plan.
          if try !held.removeFolder(place) {
            throw FileError.system(path: place, action: "remove", reason: "something is in it still")
          }
        }
      case .rewrite(let text): attempt(place) { try held.write(Array(text.utf8), to: place) }
      case .forgetInGallery(let isDatabase):
        attempt(place) {
          for reason in try Self.forget(label, in: folder + "/" + place, isDatabase: isDatabase) {
            stays.append(Remainder(place: place, reason: reason))
          }
        }
      }
    }
    deeds = []
    if !failed.isEmpty { throw ForgettingError.notAll(done: done, failed: failed) }
  }
}

extension String {
  /// "ann/1.jpg" of "the same bytes as ann/1.jpg". Labels may have spaces in them.
  fileprivate var pathOfAnother: String {
    for start in ["the same bytes as ", "looks like "] where hasPrefix(start) { return String(dropFirst(start.count)) }
    return ""
  }
}
