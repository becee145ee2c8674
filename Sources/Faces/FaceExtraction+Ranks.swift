import FaceDetection
import Files
import Ranks
import Synchronization
import Tensors

extension FaceExtraction {
  /// What was found in one photograph.
  enum Finding: Sendable {
    /// Each face with its picture as a PNG; none where the photograph has none.
    case faces([(face: DetectedFace, png: [UInt8])])
    case broken(String)
  }

  /// Photographs whose faces a rank finds before it asks for more.
  static let portion = 16
  /// Such portions for each rank between two writings: what all have found fits into memory.
  private static let portionsOfRank = 8

  /// How many photographs are worked on between two writings.
  static func stretch(_ ranks: Ranks?) -> Int { portion * (ranks.map { portionsOfRank * $0.count } ?? 1) }

  /// Finds the faces of some photographs together with other ranks: whoever has nothing to do takes the next portion, and
  /// all hear what was found.
  ///
  /// - Parameters:
  ///   - identity: of what is looked for, and where.
  ///   - progress: on the first rank, photographs done, and ranks that were lost, in words.
  ///   - find: the faces of some photographs, alone.
  static func shared(
    _ range: Range<Int>, _ ranks: Ranks, identity: UInt64, progress: (Int, [String]) -> Void,
    find: (Range<Int>) throws -> [Finding]
  ) throws -> [Finding] {
    let portions = stride(from: range.lowerBound, to: range.upperBound, by: portion).map { start in
      start..<min(range.upperBound, start + portion)
    }
    let results = try ranks.jobs(
      portions.count, identity: identity,
      progress: { progress(min(range.count, $0.finished * portion), $0.lost) },
      perform: { job in try Ranks.alone { try bytes(of: find(portions[job])) } })
    return try zip(portions, results).flatMap { portion, bytes in try findings(in: bytes, count: portion.count) }
  }

  // MARK: As bytes

  private static func bytes(of findings: [Finding]) -> [UInt8] {
    var bytes: [UInt8] = []
    for finding in findings {
      switch finding {
      case .broken(let reason):
        bytes.append(0)
        bytes.add(text: reason)
      case .faces(let faces):
        bytes.append(1)
        bytes.add(UInt64(faces.count))
        for (face, png) in faces {
          let box = face.box
          for number in [box.left, box.top, box.right, box.bottom, face.confidence] { bytes.add(number.bitPattern) }
          bytes.add(UInt64(face.landmarks.count))
          for point in face.landmarks {
            bytes.add(point.x.bitPattern)
            bytes.add(point.y.bitPattern)
          }
          bytes.add(UInt64(png.count))
          bytes += png
        }
      }
    }
    return bytes
  }

  private static func findings(in bytes: [UInt8], count: Int) throws(RankError) -> [Finding] {
    var reader = ByteReader(bytes)
    var findings: [Finding] = []
    for _ in 0..<count {
      guard try reader.byte() == 1 else {
        findings.append(.broken(try reader.text()))
        continue
      }
      var faces: [(face: DetectedFace, png: [UInt8])] = []
      for _ in 0..<(try reader.count(each: 56)) {
        let box = FaceBox(
          left: try reader.number(), top: try reader.number(), right: try reader.number(), bottom: try reader.number())
        let confidence = try reader.number()
        var landmarks: [DetectedFace.Point] = []
        for _ in 0..<(try reader.count(each: 16)) {
          landmarks.append(DetectedFace.Point(x: try reader.number(), y: try reader.number()))
        }
        let face = DetectedFace(box: box, confidence: confidence, landmarks: landmarks)
        faces.append((face, try reader.take(try reader.count(each: 1))))
      }
      findings.append(.faces(faces))
    }
    return findings
  }
}
