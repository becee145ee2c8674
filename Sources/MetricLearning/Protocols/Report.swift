/// All protocols on one dataset, in one pass over its images. What a dataset is too small for is left out, with the reason.
public struct Report: Sendable {
  /// Of what was judged.
  public let name: String
  /// How many images it has.
  public let images: Int
  /// How many classes it has.
  public let classes: Int
  /// How far the embeddings spread (`Embeddings.spread`); 0 is a collapse.
  public let spread: Double
  /// Of all its pairs.
  public let distances: Distances
  /// For several numbers of classes and of shots.
  public let episodes: [Episodes]
  /// Each image asking for its likes.
  public let retrieval: Retrieval
  /// With strangers among the questions; nil where there are too few images.
  public let identification: Identification?
  /// Which class was taken for which; nil where there are too few or too many.
  public let confusion: Confusion?
  /// What could not be measured, in words.
  public let missing: [String]

  /// - Parameters:
  ///   - names: of each label.
  ///   - groups: of each label, for episodes within a group; none: over all classes.
  public init(
    _ embeddings: Embeddings, name: String, names: [String], trials: Int = 1000, seed: UInt64 = 0,
    groups: [Int: String]? = nil
  ) throws {
    let distances = try Distances(embeddings, function: "report")
    let retrieval = try Retrieval(embeddings)
    let sizes = embeddings.rowsByClass()
    var missing: [String] = []
    var episodes: [Episodes] = []
    for (ways, shots) in [(5, 1), (5, 5), (10, 1), (20, 1)] {
      do {
        episodes.append(
          try Episodes(embeddings, ways: ways, shots: shots, trials: trials, seed: seed, groups: groups))
      } catch MetricError.tooFewClasses(_, _, let able, let needed, _, _) {
        missing.append(
          "\(ways)-way \(shots)-shot (\(able) \(able == 1 ? "class has" : "classes have") \(needed) image\(needed == 1 ? "" : "s"))"
        )
      }
    }
    self.name = name
    self.images = embeddings.count
    self.classes = sizes.count
    self.spread = embeddings.spread
    self.distances = distances
    self.retrieval = retrieval
    do {
      let found = try Identification(embeddings, seed: seed)
      identification = found
      // Whoever is enrolled alone is found by any network; what passes a threshold still says something.
      if found.enrolled == 1 { missing.append("rank 1 of half (one class is enrolled)") }
    } catch is MetricError {
      identification = nil
      missing.append("open-set identification (half of the classes need 2 images)")
    }
    do { confusion = try Confusion(embeddings, names: names, seed: seed) } catch is MetricError {
      confusion = nil
      missing.append("confusion (too few or too many classes)")
    }
    self.episodes = episodes
    self.missing = missing
  }
}
