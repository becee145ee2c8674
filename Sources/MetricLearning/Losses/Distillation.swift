import NeuralNetworks
import Tensors

/// How far a batch's embeddings are from a teacher's: themselves, their distances, or the angles among them. Park, Kim, Lu
/// and Cho 2019.
struct Distillation: BatchLoss, LossKind {
  let teacher: Teacher
  let relation: EmbeddingLoss.Relation

  static let declaration = Declaration<EmbeddingLoss>(
    "distill",
    Parameter<Network>("teacher", type: "network", standard: nil) { arguments, place in
      guard let network = arguments.made(place, as: Network.self) else {
        throw arguments.mismatch(place, expected: "a network that has learnt")
      }
      return network
    }, .word("by", default: EmbeddingLoss.Relation.distances),
    summary: "Loss of a network that learns to embed as another, a larger one, does.",
    details: """
      The teacher embeds the images of each batch as they are augmented for the network that learns. by="distances": the \
      mean over pairs of h(d/μ − d'/μ'), d the distance of two of the batch's embeddings, μ the batch's mean distance, ' the \
      teacher's. by="angles": the mean over triples of h(cos θ − cos θ'), θ the angle at one embedding between two others. \
      h(x) = ½x² for |x| < 1, else |x| − ½: relational knowledge distillation (Park, Kim, Lu and Cho 2019), for which both \
      networks' embeddings may differ in size. by="embeddings": the mean of the numbers' squared differences, of embeddings \
      of one size. The teacher is copied as it is now, and never learns; the network remembers whom the teacher has learnt \
      from. Labels do not matter to it: distill(teacher) + 2 * distill(teacher, by="angles") + supcon() adds a loss to \
      which they do. In a loop by hand the teacher's embeddings are the third argument: loss(net(x), labels, teacher(x)).
      """,
    example: """
      letters = glyphs(8, 6, seed=1, size=16)
      teacher = whiten(hog(4) >> flatten, letters)
      loop = trainer(flatten >> dense(16), letters, loss=distill(teacher), optimizer=adam(0.005), batch=12, seed=3)
      loop.run(epochs=6)
      loop.history.loss[-1] < loop.history.loss[0]
      #> true
      """,
    errors: ["the teacher has no weights yet, or takes images of another shape"],
    seeAlso: ["freeze", "supcon", "trainer"]
  ) { EmbeddingLoss(Distillation(teacher: try Teacher($0), relation: $1)) }

  var text: String { "distill(network \(teacher.fingerprint), by=\"\(relation.rawValue)\")" }
  var needsMatrix: Bool { relation != .embeddings }
  var teachers: [Teacher] { [teacher] }

  func value(_ batch: LabelledBatch) throws(MetricError) -> Double {
    guard let rows = batch.lessons.rows[teacher] else { throw .needsTeacher(loss: text) }
    let width = rows.count / max(1, batch.count)
    for k in 0..<batch.count * batch.width { batch.gradient[k] = 0 }
    switch relation {
    case .embeddings:
      guard width == batch.width else { throw .teacherWidth(teacher: width, width: batch.width) }
      return embeddings(batch, rows)
    case .distances: return rows.withUnsafeBufferPointer { distances(batch, $0, width) }
    case .angles: return rows.withUnsafeBufferPointer { angles(batch, $0, width) }
    }
  }

  private func embeddings(_ batch: LabelledBatch, _ taught: [Float]) -> Double {
    var total = 0.0
    let scale = 2 / Float(max(1, taught.count))
    for (k, value) in taught.enumerated() {
      let difference = batch.embeddings[k] - value
      total += Double(difference) * Double(difference)
      batch.gradient[k] = scale * difference
    }
    return total / Double(max(1, taught.count))
  }

  private func distances(_ batch: LabelledBatch, _ taught: UnsafeBufferPointer<Float>, _ width: Int) -> Double {
    let n = batch.count
    guard n > 1 else { return 0 }
    let own = batch.distances()
    let other = BatchDistances(taught, count: n, anchors: n, width: width)
    let pairs = (0..<n).flatMap { i in (i + 1..<n).map { i * n + $0 } }
    func mean(_ values: [Float]) -> Float { Float(pairs.reduce(0.0) { $0 + Double(values[$1]) } / Double(pairs.count)) }
    let (middle, otherMiddle) = (mean(own.values), mean(other.values))
    var slopes = [Float](repeating: 0, count: n * n)
    var (total, along) = (0.0, 0.0)
    let share = 1 / Float(pairs.count)
    for place in pairs {
      let difference = own.values[place] / middle - other.values[place] / otherMiddle
      total += Double(Self.huber(difference))
      slopes[place] = share * Self.slope(difference) / middle
      along += Double(slopes[place]) * Double(own.values[place])
    }
    // Each distance is in the mean, too.
    let back = Float(along) / middle * share
    for place in pairs { slopes[place] -= back }
    own.back(slopes, batch.gradient)
    return total / Double(pairs.count)
  }

  private func angles(_ batch: LabelledBatch, _ taught: UnsafeBufferPointer<Float>, _ width: Int) -> Double {
    let n = batch.count
    guard n > 2 else { return 0 }
    let share = 1 / Float(n * (n - 1) * (n - 2))
    var total = 0.0
    for vertex in 0..<n {
      let own = Directions(from: vertex, batch.embeddings, count: n, width: batch.width)
      let other = Directions(from: vertex, taught, count: n, width: width)
      var cosines = own.cosines
      let expected = other.cosines
      for i in 0..<n {
        for k in 0..<n {
          let place = i * n + k
          guard i != k, i != vertex, k != vertex else {
            cosines[place] = 0
            continue
          }
          let difference = cosines[place] - expected[place]
          total += Double(Self.huber(difference))
          cosines[place] = share * Self.slope(difference)
        }
      }
      own.back(cosines, to: batch.gradient)
    }
    return total * Double(share)
  }

  private static func huber(_ x: Float) -> Float { abs(x) < 1 ? x * x / 2 : abs(x) - 0.5 }
  private static func slope(_ x: Float) -> Float { max(-1, min(1, x)) }
}

/// Where a batch's embeddings lie from one of them, at length 1.
private struct Directions {
  private let vertex: Int
  private let rows: UnitRows

  init(from vertex: Int, _ embeddings: UnsafeBufferPointer<Float>, count: Int, width: Int) {
    var differences = [Float](repeating: 0, count: count * width)
    for i in 0..<count {
      for k in 0..<width {
        differences[i * width + k] = embeddings[i * width + k] - embeddings[vertex * width + k]
      }
    }
    self.vertex = vertex
    rows = differences.withUnsafeBufferPointer { UnitRows($0, count: count, width: width) }
  }

  var cosines: [Float] { rows.products(rows) }

  /// Adds what the embeddings get from slopes of the cosines, which are symmetric.
  func back(_ slopes: [Float], to gradient: UnsafeMutableBufferPointer<Float>) {
    let (n, width) = (rows.count, rows.width)
    guard n > 0, width > 0 else { return }
    var direction = [Float](repeating: 0, count: n * width)
    sgemm(slopes, rows.values, &direction, m: n, n: width, k: n)
    for k in direction.indices { direction[k] *= 2 }
    var own = [Float](repeating: 0, count: n * width)
    own.withUnsafeMutableBufferPointer { rows.back(direction, $0) }
    for i in 0..<n where i != vertex {
      for k in 0..<width {
        gradient[i * width + k] += own[i * width + k]
        gradient[vertex * width + k] -= own[i * width + k]
      }
    }
  }
}

extension EmbeddingLoss {
  /// What of a teacher's embeddings is imitated.
  public enum Relation: String, Hashable, Sendable, CaseIterable {
    case distances, angles, embeddings
  }

  /// Learns what a network that has weights says of the same images.
  ///
  /// - Throws: `NetworkError.notBuilt`.
  public static func distillation(of teacher: Network, by relation: Relation) throws -> EmbeddingLoss {
    EmbeddingLoss(Distillation(teacher: try Teacher(teacher), relation: relation))
  }

  /// The networks whose embeddings it imitates.
  public var teachers: [Teacher] { kind.teachers }
}
