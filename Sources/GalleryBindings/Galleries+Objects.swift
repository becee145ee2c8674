import CoreLibrary
import DataBindings
import Datasets
import Diagnostics
import Foundation
import Gallery
import Images
import Interpreter
import LearningBindings
import NeuralNetworks
import PlotBindings
import Plotting
import Tensors

/// Known people by reference images.
final class GalleryObject: HostObject {
  let gallery: ReferenceGallery
  let network: NetworkObject
  /// That it is shown on, beside the prompt.
  var page: ServerObject?
  /// Its file was not there when it was opened: nothing of what cells did before stands in it.
  var isMadeAnew = false

  init(_ gallery: ReferenceGallery, _ network: NetworkObject) {
    self.gallery = gallery
    self.network = network
    super.init()
  }

  override var typeName: String { "gallery" }
  /// Training the network changes its answers as enrolling does.
  override var version: Int? { gallery.version + gallery.network.version }

  override func checkpoint() -> (() throws -> Void)? {
    let state = gallery.state
    return { [gallery] in try gallery.restore(state) }
  }

  override var length: Int? { gallery.labelCount }
  override var summary: String {
    let (labels, references) = (gallery.labelCount, gallery.referenceCount)
    return "gallery of \(labels) label\(labels == 1 ? "" : "s"), \(references) reference\(references == 1 ? "" : "s")"
  }

  override func describe(_ style: DisplayStyle) -> String {
    var lines = [summary + (gallery.measure == .init() ? "" : ", by \(gallery.measure.words)")]
    let most = style.full ? Self.shownInFull : 8
    // A file that has gone has no names to show.
    let labels = ((try? gallery.page(offset: 0, limit: most, references: 0))?.list ?? []).map {
      style.full ? $0.label.asOneLine : shortLabel($0.label)
    }
    if !labels.isEmpty {
      lines.append(labels.joined(separator: ", ") + (gallery.labelCount > labels.count ? ", …" : ""))
    }
    let expired = gallery.expiredCount
    if expired > 0 {
      lines.append(
        "\(expired) reference\(expired == 1 ? " has expired and answers" : "s have expired and answer") no more")
    }
    if let calibration = gallery.calibration {
      lines.append(
        "threshold \(fixed(calibration.threshold, 4)) for FAR \(formatNumber(100 * calibration.far)) % of "
          + (calibration.counts == .query ? "strangers' queries, from " : "pairs, from ")
          + calibration.source
          + (calibration.samePairs > 0
            ? ": \(percent(calibration.tar)) of \(calibration.samePairs) same pairs pass" : ", without same pairs"))
      if let learnt = calibration.learnt { lines.append("! " + learnt) }
      if gallery.isCalibrationStale { lines.append("the network was trained since: calibrate again") }
    } else {
      lines.append("no threshold: calibrate(dataset, far=0.01) sets one")
    }
    return lines.joined(separator: "\n")
  }

  /// Names of a gallery that is shown whole.
  private static let shownInFull = 1000

  override func binary(
    _ op: HostOperator, with other: Value, reversed: Bool, _ context: ExecutionContext
  ) -> Value? {
    guard op == .contains, let name = other.asText else { return nil }
    return (try? gallery.contains(name)).map { Value($0) }
  }
}

extension MatchesObject: TableConvertible {
  /// With the references' pictures.
  var table: ValueTable? {
    guard let nearest = matches.first else { return nil }
    let pictures = pictures
    return ValueTable(
      columns: [
        ValueTable.Column("rank", isNumeric: true), ValueTable.Column("label"),
        ValueTable.Column("distance", isNumeric: true),
      ],
      rows: matches.enumerated().map { rank, match in
        let picture = pictures.indices.contains(rank) ? pictures[rank] : nil
        return ValueTable.Row(
          ["\(rank + 1)", match.label, fixed(match.distance, 4)],
          tile: picture.map {
            MontagePlot.Tile(
              width: $0.width, height: $0.height, channels: $0.channels, pixels: $0.pixels, label: match.label)
          })
      }, notes: threshold.map { [verdict(nearest, $0)] } ?? [])
  }
}

/// A label on its line: newlines as the language writes them, and no more of it than tells whom it means.
func shortLabel(_ label: String) -> String {
  let line = label.asOneLine
  return line.count > 60 ? line.prefix(59) + "…" : line
}

/// The answer to a query: labels with their distances, nearest first.
final class MatchesObject: HostObject {
  let matches: [ReferenceGallery.Match]
  /// Of a calibrated gallery: what `identify` goes by, said below the distances. A probability beside each would be that of
  /// one pair, and seem to say something else.
  let threshold: Double?

  /// Whose pictures stand beside the answers where a front end shows them; nil: none do.
  private let gallery: ReferenceGallery?
  /// Of the gallery when it was asked: after a change another reference may stand in a place.
  private let askedVersion: Int?

  /// - Parameter gallery: whose pictures stand beside the answers; they are read when they are shown.
  init(_ matches: [ReferenceGallery.Match], threshold: Double? = nil, picturesOf gallery: ReferenceGallery? = nil) {
    self.matches = matches
    self.threshold = threshold
    self.gallery = gallery
    askedVersion = gallery?.version
    super.init()
  }

  /// Of the nearest references; nil where none is kept, none at all where the gallery has changed since.
  fileprivate var pictures: [PixelImage?] {
    guard let gallery, gallery.version == askedVersion else { return [] }
    guard let shape = gallery.network.inputShape, shape.count == 3, shape[0] == 1 || shape[0] == 3 else { return [] }
    let preparation = QueryPreparation(kept: gallery.network.preprocessing, shape: shape)
    return matches.prefix(Self.picturesShown).map { match in
      (try? gallery.input(ofReference: match.reference)).flatMap { $0 }.flatMap { preparation.picture(of: $0) }
    }
  }

  private static let picturesShown = 10

  override var typeName: String { "matches" }
  override func isEqual(to other: HostObject) -> Bool {
    (other as? MatchesObject).map { $0.matches == matches && $0.threshold == threshold } ?? false
  }
  override var length: Int? { matches.count }
  override var summary: String {
    matches.first.map { "\(shortLabel($0.label)) at \(fixed($0.distance, 4))" } ?? "no matches"
  }

  /// A bar as long as the distance: the shortest is the nearest.
  override func describe(_ style: DisplayStyle) -> String {
    let labels = matches.map { shortLabel($0.label) }
    let width = labels.map(\.count).max() ?? 0
    let farthest = max(matches.map(\.distance).max() ?? 0, 1e-12)
    var lines: [String] = []
    for (rank, match) in matches.enumerated() {
      let label = labels[rank] + String(repeating: " ", count: width - labels[rank].count)
      let share = 20 * match.distance / farthest
      // Where a distance is no number, its bar is a whole one.
      let length = share.isFinite ? Int(share.rounded()) : 20
      let bar = String(repeating: "▇", count: max(match.distance > 0 ? 1 : 0, length))
      var line = "\(rank + 1)  \(label)  \(fixed(match.distance, 4))"
      if !bar.isEmpty { line += "  " + bar }
      lines.append(line)
    }
    if let threshold, let nearest = matches.first { lines.append(verdict(nearest, threshold)) }
    return lines.joined(separator: "\n")
  }

  private func verdict(_ nearest: ReferenceGallery.Match, _ threshold: Double) -> String {
    guard nearest.distance < threshold else { return "threshold \(fixed(threshold, 4)): nobody is near enough" }
    let tied = matches.dropFirst().first { $0.distance == nearest.distance }
    return "threshold \(fixed(threshold, 4)): \(shortLabel(nearest.label)) "
      + (tied.map { "and \(shortLabel($0.label)) are near enough, and equally near" } ?? "is near enough")
  }

  static func record(_ match: ReferenceGallery.Match) -> Value {
    Value(fields: [
      ("label", Value(match.label)), ("distance", Value(Float(match.distance))), ("reference", Value(match.reference)),
    ])
  }

  override func index(_ subscripts: [IndexValue], _ context: ExecutionContext) throws -> Value {
    Self.record(matches[try subscripts.place(in: matches.count, of: typeName)])
  }

  override func iterate(_ context: ExecutionContext) -> ValueIterator? {
    var next = 0
    return ValueIterator { [matches] in
      guard next < matches.count else { return nil }
      next += 1
      return Self.record(matches[next - 1])
    }
  }
}

extension GalleryBindings {
  /// Whether a change is left out because a lost session is brought back, and the gallery's file or database has it.
  static func passesOver(_ call: String, _ object: GalleryObject, _ context: ExecutionContext) -> Bool {
    object.gallery.path != nil && !object.isMadeAnew && context.passesOver(call)
  }
}
