import Datasets
import Diagnostics
import FaceDetection
import Files
import Images
import Ranks
import Synchronization
import Tensors

/// Faces of a folder of photographs, cut out into another folder: what was written, and what was not.
public struct FaceExtraction: Sendable {
  /// Which face of a photograph, where there are several.
  public enum Pick: String, CaseIterable, Sendable {
    case largest
    /// Nearest to the photograph's middle.
    case central
    case confident
    case all
  }

  /// A face that was written as a picture.
  public struct Written: Sendable {
    /// From the top of the folder that is written to.
    public var file: String
    /// From the top of the photographs' folder.
    public var source: String
    /// Where it stands in the photograph, in pixels.
    public var face: DetectedFace
  }

  /// A file that gave no face, and why, in words.
  public struct Broken: Sendable {
    public var file: String
    public var reason: String

    public init(file: String, reason: String) {
      self.file = file
      self.reason = reason
    }
  }

  public var folder: String
  public var target: String
  /// How many pictures were looked at.
  public var photographs: Int
  public var written: [Written] = []
  /// Photographs in which no face was found.
  public var without: [String] = []
  /// Files that could not be read, and faces that could not be cut out.
  public var broken: [Broken] = []
  /// Pictures that stood in the target and are not of this run.
  public var strangers = 0

  /// Cuts the faces out of every picture of `folder`, at any depth, into `target`, whose folders mirror it. Each face is
  /// a PNG named after its photograph ("a-2.png" for the second face of a.jpg where all are wanted), and stands in
  /// `target`/faces.csv with its place, confidence and landmarks.
  ///
  /// What stands in the target already is the user's, unless its list says that an earlier extraction wrote it: only that
  /// is replaced. No link below the target is followed.
  ///
  /// - Parameters:
  ///   - ranks: those that find the faces together; each writes all of them.
  ///   - progress: photographs done, photographs in all, faces written.
  ///   - lost: a rank that does not go on, in words; the others do its part.
  ///   - isGivenUp: asked now and then, from any thread; true ends with `CancellationError`, and what was written stays.
  /// - Throws: `FacesError.noPhotographs`, `.sameFolder`, `.othersFace` before a face goes over somebody else's file, and
  ///   what stops all of it: a full disk, a folder that cannot be written. What is wrong with a single photograph stands
  ///   in `broken`.
  public static func run(
    _ folder: String, into target: String, crop: FaceCrop, pick: Pick, detector: FaceDetector,
    ranks: Ranks? = Ranks.sharing, progress: (Int, Int, Int) -> Void = { _, _, _ in },
    lost: (String) -> Void = { _ in }, isGivenUp: @escaping @Sendable () -> Bool = { false }
  ) throws -> FaceExtraction {
    guard FileSystem.isFolder(folder) else {
      if let refusal = FileSystem.refusal(ofReading: folder) { throw refusal }
      throw FileSystem.exists(folder) ? FileError.notFolder(path: folder) : FileSystem.missing(folder, at: folder)
    }
    let photographs = try Datasets.pictures(in: folder)
    guard !photographs.isEmpty else { throw FacesError.noPhotographs(folder: folder) }
    try makeApart(folder, target, function: "extract")
    let list = try FaceList(in: target)
    for place in Set(photographs.map(Self.place)).sorted() where !place.isEmpty {
      try FileSystem.makeFolder(target + "/" + place)
    }
    let names = Self.names(photographs)
    let taken = Set(names)
    try list.begin()
    var result = FaceExtraction(folder: folder, target: target, photographs: photographs.count)
    func find(_ range: Range<Int>) throws -> [Finding] {
      try parallel(range) { index in
        try Self.find(in: folder + "/" + photographs[index], crop, pick, detector, isGivenUp)
      }
    }
    progress(0, photographs.count, 0)
    let stretch = Self.stretch(ranks)
    for start in stride(from: 0, to: photographs.count, by: stretch) {
      if isGivenUp() { throw CancellationError() }
      let range = start..<min(photographs.count, start + stretch)
      let findings: [Finding]
      if let ranks {
        let identity = Self.identity(
          photographs[range].joined(separator: "\0") + "\(crop) \(pick) \(detector.settings)")
        findings = try shared(
          range, ranks, identity: identity,
          progress: { done, words in
            progress(start + done, photographs.count, result.written.count)
            words.forEach(lost)
          }, find: find)
      } else {
        findings = try find(range)
      }
      let placed = range.map { index in
        Self.placed(findings[index - start], of: photographs[index], as: names[index], taken: taken)
      }
      _ = try parallel(range) { index in
        for face in placed[index - start] where !list.mayWrite(face.entry.file, face.png) {
          throw FacesError.othersFace(target + "/" + face.entry.file)
        }
      }
      // Before the faces, so that whatever ends this early, the next extraction knows what it may replace.
      try list.add(placed.flatMap { $0.map(\.entry) })
      _ = try parallel(range) { index in
        for face in placed[index - start] { try FileSystem.write(face.png, to: face.entry.file, beneath: target) }
      }
      for (index, faces) in zip(range, placed) {
        result.written += faces.map(\.entry)
        switch findings[index - start] {
        case .faces(let faces): if faces.isEmpty { result.without.append(photographs[index]) }
        case .broken(let reason): result.broken.append(Broken(file: photographs[index], reason: reason))
        }
      }
      progress(range.upperBound, photographs.count, result.written.count)
    }
    try list.end(result.written)
    let ours = Set(result.written.map(\.file))
    result.strangers = try Datasets.pictures(in: target).filter { !ours.contains($0) }.count
    return result
  }

  /// The work of each place of a range, on all threads.
  /// - Throws: the error of the first place that has one.
  private static func parallel<Value: Sendable>(
    _ range: Range<Int>, _ work: (Int) throws -> Value
  ) throws -> [Value] {
    let results = Mutex([Result<Value, any Error>?](repeating: nil, count: range.count))
    Workers.shared.parallel(slices: range.count) { slice in
      let result = Result { try work(range.lowerBound + slice) }
      results.withLock { $0[slice] = result }
    }
    return try results.withLock { $0 }.compactMap { try $0?.get() }
  }

  /// The faces of one photograph, cut out. What is wrong with the photograph is its finding.
  private static func find(
    in path: String, _ crop: FaceCrop, _ pick: Pick, _ detector: FaceDetector,
    _ isGivenUp: @escaping @Sendable () -> Bool
  ) throws -> Finding {
    do {
      let picture = try PixelImage.read(path)
      let faces = chosen(try detector.faces(in: picture, isGivenUp: isGivenUp), pick, picture)
      return .faces(try faces.map { ($0, try crop.apply($0, in: picture).encodePNG()) })
    } catch let error as any ExplainedError { return .broken(error.explanation.message) }
  }

  /// The faces of one photograph, each with the file that it goes into.
  private static func placed(
    _ finding: Finding, of photograph: String, as name: String, taken: Set<String>
  ) -> [(entry: Written, png: [UInt8])] {
    guard case .faces(let faces) = finding else { return [] }
    return faces.enumerated().map { number, found in
      var own = name + (number > 0 ? "-\(number + 1)" : "")
      // A photograph may be called as another one's second face would be.
      while number > 0, taken.contains(own) { own += "_" }
      return (Written(file: own + ".png", source: photograph, face: found.face), found.png)
    }
  }

  private static func identity(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// The faces that are wanted; of equal ones the surest.
  static func chosen(_ faces: [DetectedFace], _ pick: Pick, _ picture: PixelImage) -> [DetectedFace] {
    func distance(_ face: DetectedFace) -> Double {
      let x = (face.box.left + face.box.right) / 2 - Double(picture.width) / 2
      let y = (face.box.top + face.box.bottom) / 2 - Double(picture.height) / 2
      return x * x + y * y
    }
    switch pick {
    case .all: return faces
    case .confident: return Array(faces.prefix(1))
    case .largest: return faces.min { $0.box.area > $1.box.area }.map { [$0] } ?? []
    case .central: return faces.min { distance($0) < distance($1) }.map { [$0] } ?? []
    }
  }

  private static func place(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
  }

  /// Without their endings; with them where two would be called alike (a.jpg and a.png).
  static func names(_ paths: [String]) -> [String] {
    func stem(_ path: String) -> String {
      guard let dot = path.lastIndex(of: "."), dot > (path.lastIndex(of: "/") ?? path.startIndex) else { return path }
      return String(path[..<dot])
    }
    var counts: [String: Int] = [:]
    for path in paths { counts[stem(path).lowercased(), default: 0] += 1 }
    return paths.map { path in
      let short = stem(path)
      return counts[short.lowercased(), default: 0] > 1 ? path : short
    }
  }

  /// Makes the target, which is neither the folder nor one in it: pictures that are written there would be read the next
  /// time.
  static func makeApart(_ folder: String, _ target: String, function: String) throws {
    // Asked before, so that nothing is made, and after: ".." of a folder that was not there leads somewhere only then.
    func check() throws {
      guard isWithin(folder, target) else { return }
      throw FacesError.sameFolder(folder: folder, target: target, function: function)
    }
    try check()
    try FileSystem.makeFolder(target)
    try check()
  }

  /// Whether the target is the folder, or one in it, there or not.
  private static func isWithin(_ folder: String, _ target: String) -> Bool {
    guard let top = FileSystem.identity(of: folder) else { return false }
    var place = target
    for _ in 0..<64 {
      if FileSystem.identity(of: place) == top { return true }
      let above = place.hasSuffix("..") || place == "." ? place + "/.." : FileSystem.parent(of: place)
      if FileSystem.identity(of: above) == FileSystem.identity(of: place), above == "/" { return false }
      place = above
    }
    return false
  }
}
