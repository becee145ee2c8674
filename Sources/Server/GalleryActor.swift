import Datasets
import Diagnostics
import Foundation
import Gallery
import Images

/// A gallery that its owner promises not to touch until `GalleryServer.stop` has returned: the last job is done then.
///
/// Unchecked: the compiler cannot follow that promise. It holds because the actor alone asks the gallery meanwhile.
public struct LentGallery: @unchecked Sendable {
  let gallery: ReferenceGallery

  public init(_ gallery: ReferenceGallery) { self.gallery = gallery }
}

/// What the person in a picture agreed to.
public struct Agreement: Hashable, Sendable {
  public var consent: String?
  /// Seconds since 1970; nil: the reference does not expire.
  public var expires: Double?

  public init(consent: String? = nil, expires: Double? = nil) { (self.consent, self.expires) = (consent, expires) }
}

/// Something that was done from the page.
public enum GalleryChange: Sendable {
  case enrolled(label: String, input: [Float], shape: [Int], agreement: Agreement)
  case removed(label: String)
  case forgotten(label: String)

  var label: String {
    switch self {
    case .enrolled(let label, _, _, _), .removed(let label), .forgotten(let label): label
    }
  }
}

/// The one place where the gallery is asked and changed, one request after the other, on a thread of its own.
actor GalleryActor {
  private let queue = WorkQueue()
  let gallery: ReferenceGallery
  let options: ServerOptions
  let preparation: QueryPreparation
  /// Distances between references, as the gallery was at a version.
  private var distances: (version: Int, answer: Answer.Distances)?
  private let serial = String(UInt32.random(in: .min ... .max), radix: 36)
  private(set) var queries = 0
  var enrolled = 0
  var removed = 0
  /// People, not references.
  var forgotten = 0
  /// What was done to the gallery, in order, for the owner of the one that this is a copy of; nothing where it is none.
  var changes: [GalleryChange] = []

  /// What is wrong with the gallery's place, as the log has it; nil: nothing that is known.
  private var trouble: String?

  nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

  init(_ lent: LentGallery, _ preparation: QueryPreparation, _ options: ServerOptions) {
    gallery = lent.gallery
    self.preparation = preparation
    self.options = options
  }

  private var threshold: Double? { options.threshold ?? gallery.calibration?.threshold }

  /// Whether the probabilities are of the network as it is.
  private func probability(_ distance: Double) -> Double? {
    gallery.isCalibrationStale ? nil : gallery.probability(distance)
  }

  /// Another address for each server and each change, so that browsers may keep pictures.
  func picture(_ reference: Int) -> String { "/api/references/\(reference)?v=\(serial)-\(gallery.version)" }

  // MARK: Asking

  /// For each face the nearest `k` people.
  func query(_ picture: PreparedPicture, k: Int) throws -> [Answer.Face] {
    queries += 1
    let threshold = threshold
    // All faces of a picture at once: the gallery is gone through one time.
    let all =
      gallery.answeringCount == 0 || picture.faces.isEmpty
      ? [] : try gallery.query(all: picture.faces.flatMap(\.input), shape: preparation.shape, k: max(2, k))
    trouble = nil
    return try picture.faces.enumerated().map { place, face in
      var answer = Answer.Face(
        box: face.box, confidence: face.confidence, landmarks: face.landmarks, label: nil, known: nil, tied: nil,
        matches: [])
      guard all.indices.contains(place) else { return answer }
      let matches = all[place]
      answer.matches = try matches.prefix(k).map {
        Answer.Match(
          label: $0.label, distance: $0.distance, probability: probability($0.distance),
          picture: try gallery.keepsPicture(ofReference: $0.reference) ? self.picture($0.reference) : nil)
      }
      guard let nearest = matches.first else { return answer }
      let isNear = threshold.map { ReferenceGallery.isBelow(nearest.distance, $0) }
      // A tie names nobody, as with `identify`.
      if isNear ?? true { answer.tied = matches.dropFirst().first { $0.distance == nearest.distance }?.label }
      answer.known = isNear.map { $0 && answer.tied == nil }
      answer.label = answer.known == true ? nearest.label : nil
      return answer
    }
  }

  func verify(_ a: [Float], _ b: [Float]) throws -> (same: Bool?, distance: Double, probability: Double?) {
    let verdict = try gallery.verify(a, b, shape: preparation.shape, threshold: threshold ?? 0)
    return (threshold == nil ? nil : verdict.same, verdict.distance, probability(verdict.distance))
  }

  var thresholdInUse: Double? { threshold }

  func contains(_ label: String) throws -> Bool { try gallery.contains(label) }

  // MARK: Looking

  static let picturesOfOne = 12

  /// - Parameters:
  ///   - search: what a label has to contain, whatever its case.
  ///   - isTrusted: whoever asks may know where the references came from.
  func overview(search: String, offset: Int, limit: Int, isTrusted: Bool) throws -> Answer.Gallery {
    let page = try gallery.page(
      search: search, offset: offset, limit: limit, references: gallery.keepsPictures ? Self.picturesOfOne : 0)
    let list = try page.list.map { person in
      let known = try gallery.summary(of: person.label)
      return Answer.Person(
        label: person.label, references: person.count, pictures: person.references.map { picture($0) },
        expired: known.expired, enrolled: known.enrolled.map(CalendarDate.day),
        expires: known.expires.map(CalendarDate.text), sources: isTrusted ? known.sources : nil,
        consent: isTrusted ? known.consents : nil)
    }
    return Answer.Gallery(
      people: gallery.labelCount, references: gallery.referenceCount, expired: gallery.expiredCount,
      version: gallery.version, threshold: threshold,
      calibration: calibrationWords, input: preparation.shape, preparation: preparation.preprocessing.words,
      finder: options.finder.name, enrolling: options.allowsEnrolling, guarded: options.guardsPictures,
      found: page.found, list: list)
  }

  private var calibrationWords: String? {
    if options.threshold != nil { return "given when the server was started" }
    guard let calibration = gallery.calibration else { return nil }
    let what = calibration.counts == .query ? "strangers' queries" : "different pairs"
    return
      "at most \(NumberText.percent(calibration.far, trimmed: true)) of \(what) pass, measured on \(calibration.source)"
      + (calibration.learnt.map { "; " + $0 } ?? "")
      + (gallery.isCalibrationStale ? "; the network was trained since: calibrate again" : "")
  }

  /// - Throws: where its file or its database is not there any more, or does not answer.
  func health(waiting: Int, connections: Int) throws -> Answer.Health {
    try gallery.checkPlace()
    trouble = nil
    return Answer.Health(
      people: gallery.labelCount, references: gallery.referenceCount, waiting: waiting, connections: connections,
      queries: queries)
  }

  /// As the network sees it; nil: there is no such reference.
  func png(_ reference: Int) throws -> [UInt8]? {
    guard let input = try gallery.input(ofReference: reference), !input.isEmpty else { return nil }
    return try preparation.picture(of: input)?.encodePNG()
  }

  /// Writes into the log what is wrong with the gallery's place: once, and again after it was well.
  func tell(_ error: any Error) {
    guard let words = (error as? any ExplainedError)?.explanation.message.asOneLine, words != trouble else { return }
    trouble = words
    options.log?("\(ISO8601DateFormatter().string(from: Date())) the gallery cannot be used: \(words)")
  }

  static let bins = 40

  func histogram() throws -> Answer.Distances {
    let version = gallery.version + gallery.network.version
    if let distances, distances.version == version { return distances.answer }
    let (same, different, count) = try gallery.referenceDistances()
    let most = Double(max(same.max() ?? 0, different.max() ?? 0))
    let end = max(most, (threshold ?? 0) * 1.05, 1e-9)
    let width = end / Double(Self.bins)
    func counts(_ values: [Float]) -> [Int] {
      var counts = [Int](repeating: 0, count: Self.bins)
      for value in values where value.isFinite {
        counts[max(0, min(Self.bins - 1, Int(Double(value) / width)))] += 1
      }
      return counts
    }
    let answer = Answer.Distances(
      from: 0, width: width, same: counts(same), different: counts(different), samePairs: same.count,
      differentPairs: different.count, references: count, threshold: threshold)
    distances = (version, answer)
    return answer
  }
}

/// A picture that was decoded, its faces found and prepared: all that needs no gallery.
struct PreparedPicture: Sendable {
  struct Face: Sendable {
    var box: PictureFace.Box
    var confidence: Double?
    var landmarks: [PictureFace.Point]
    /// As the network takes it.
    var input: [Float]
  }

  var width: Int
  var height: Int
  var faces: [Face]

  init(_ bytes: [UInt8], finder: FaceFinder, preparation: QueryPreparation, limits: ServerLimits) throws {
    guard !bytes.isEmpty else { throw RequestProblem.noImage }
    let picture = try PixelImage.decode(bytes, name: "the picture", limit: limits.pixels)
    width = picture.width
    height = picture.height
    faces = try finder.find(picture).prefix(Self.faceLimit).map { face in
      Face(
        box: face.box, confidence: face.confidence, landmarks: face.landmarks,
        input: try preparation.values(face.crop))
    }
  }

  /// Of a photograph of a crowd.
  static let faceLimit = 200

  /// The one meant where a picture is to show one: the largest.
  var main: Int? {
    faces.indices.max {
      faces[$0].box.width * faces[$0].box.height < faces[$1].box.width * faces[$1].box.height
    }
  }
}
