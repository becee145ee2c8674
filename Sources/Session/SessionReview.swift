import Diagnostics
import FaceBindings
import Faces
import Images
import Interpreter
import Plotting

/// What `%review` goes through with a person, and the cell that their decisions come to.
public struct SessionReview: Sendable, Equatable {
  /// Before the first decision.
  public let walk: ReviewWalk
  /// As the cell names it.
  public let folder: String
  /// Files that are no pictures, which nobody is asked about.
  public let brokenCount: Int
  let path: String
  /// What the cell calls its value.
  let name: String
  /// What measures the distances, as it was typed; nil: the pixels.
  let network: String?

  init(_ object: ReviewObject, name: String, network: String?) {
    walk = ReviewWalk(object.review)
    folder = object.folder
    brokenCount = object.broken.count
    path = object.path
    self.name = name
    self.network = network
  }

  /// The cell that holds the decisions, as a person would type it: a file a line where they are many. It shows its
  /// value, so that a replay has something to compare.
  public func cell(for walk: ReviewWalk) -> String {
    let call = Self.call(folder, network: network).dropLast()
    let names = walk.dropped.map(quoted)
    var line = "\(name) = \(call)"
    if !names.isEmpty {
      let short = "\(line), drop=[\(names.joined(separator: ", "))]"
      line = short.count < 100 ? short : "\(line), drop=[\n  \(names.joined(separator: ",\n  "))\n]"
    }
    return "\(line))\n\(name)"
  }

  /// - Parameter dropped: what an earlier review dropped.
  static func call(_ folder: String, network: String?, dropped: [String] = []) -> String {
    let drop = dropped.isEmpty ? "" : ", drop=[\(dropped.map(quoted).joined(separator: ", "))]"
    return "review(\(quoted(folder))\(network.map { ", network=\($0)" } ?? "")\(drop))"
  }

  /// How many pictures stand beside one another at most.
  private static let mostBeside = 6

  /// The picture, before those that are nearly the same, as bytes to write to a terminal as they are. Empty where the
  /// window has no room for it.
  /// - Parameter rows: how many are free.
  public func picture(
    of item: Int, in walk: ReviewWalk, as pictures: SessionFigure.Pictures, columns: Int, rows: Int, color: Bool
  ) throws -> [UInt8] {
    let items = walk.review.items
    let doubles = walk.doubles(of: item).filter { $0 != item }.prefix(Self.mostBeside - 1)
    func label(_ index: Int) -> String? {
      if doubles.isEmpty { return nil }
      if index == item { return "this: " + items[index].file }
      return (walk.decision(of: index) == .dropped ? "dropped: " : "") + items[index].file
    }
    var tiles = [try ReviewObject.tile(path + "/" + items[item].file, label: label(item))]
    // A double that has gone since is no reason to show nothing.
    for index in doubles {
      if let tile = try? ReviewObject.tile(path + "/" + items[index].file, label: label(index)) { tiles.append(tile) }
    }
    let graphics = SessionFigure.graphics(pictures, columns: columns, rows: rows, color: color)
    if graphics.pictures != .none {
      return try Renderer().inline(Figure(.montage(MontagePlot(tiles, columns: tiles.count))), in: graphics)
    }
    let text = Self.characters(tiles, columns: columns - 1, rows: rows, colors: graphics.colors)
    if text.isEmpty, tiles.count > 1 {
      tiles[0].label = nil
      return Array(Self.characters([tiles[0]], columns: columns - 1, rows: rows, colors: graphics.colors).utf8)
    }
    return Array(text.utf8)
  }

  /// Characters are as wide as the window lets them be: here its rows decide. Two pixels stand in one character.
  private static func characters(
    _ tiles: [MontagePlot.Tile], columns: Int, rows: Int, colors: TerminalGraphics.Colors
  ) -> String {
    let ratio = tiles.map { Double($0.height) / Double(max(1, $0.width)) }.max() ?? 1
    let labelled = tiles.count > 1 ? 1 : 0
    let room = Double(2 * max(1, rows - labelled)) / max(ratio, 0.01)
    // Narrower ones would not stand beside one another.
    let width = max(tiles.count > 1 ? 12 : 8, Int(min(room, 32)))
    let text = TextGraphics.thumbnails(
      tiles, columns: min(columns, tiles.count * (width + 1) - 1), rows: rows, colors: colors)
    return text.utf8.reduce(0) { $0 + ($1 == 10 ? 1 : 0) } > rows ? "" : text
  }
}
