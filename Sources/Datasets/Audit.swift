import Diagnostics
import Tensors

/// What stands in the way of believing a figure: images or classes on both sides, too few pairs.
public struct Audit: Sendable {
  /// Two images that are too alike, by position in train and test.
  public struct Twin: Hashable, Sendable {
    public var train: Int
    public var test: Int
    /// Correlation of the two in small; 1 where they are equal.
    public var likeness: Double
  }

  /// Classes that stand in both by name.
  public let sharedClasses: [String]
  /// Images of test that are in train pixel by pixel.
  public let identical: [Twin]
  /// Images of test whose like is in train: correlation of at least `limit` at the pixels of `grid`.
  public let alike: [Twin]
  /// At how many pixels images were compared for likeness: 16 to a side, or as many as the smaller images have.
  public let grid: (height: Int, width: Int)
  /// The correlation, from −1 to 1, from which two images are alike.
  public let limit: Double
  /// Images compared for likeness; fewer than all where there are very many.
  public let compared: (train: Int, test: Int)
  /// Pairs that test can show.
  public let samePairs: Int
  public let differentPairs: Int
  /// Classes of test with one image: they take part in no same pair.
  public let lonely: Int

  /// Whether no class and no image stands on both sides.
  public var isClean: Bool { sharedClasses.isEmpty && identical.isEmpty && alike.isEmpty }

  /// The smallest false-accept rate that test can speak of: ten different pairs have to be able to pass.
  public var leastFAR: Double { differentPairs > 0 ? min(1, 10 / Double(differentPairs)) : 1 }

  /// The widest half of a 95 % interval of a rate measured over the same pairs as if they were independent; they are not,
  /// so the truth is wider.
  public var sameMargin: Double { samePairs > 0 ? 1.96 * (0.25 / Double(samePairs)).squareRoot() : 1 }

  /// Most images of one side that are compared for likeness: 4096 × 4096 pairs of 256 numbers take some seconds.
  public static let comparedLimit = 4096

  /// - Parameter limit: of the correlation from which two images count as alike; −1…1.
  public init(train: Dataset, test: Dataset, limit: Double = 0.98) throws {
    guard train.count > 0, test.count > 0 else { throw DatasetError.empty(function: "audit") }
    guard limit >= -1, limit <= 1 else {
      throw DatasetError.badNumber(
        function: "audit", argument: "limit", value: NumberText.written(limit), expected: "between -1 and 1")
    }
    let names = Set(train.classNames.indices.filter { !train.membersByClass[$0].isEmpty }.map { train.classNames[$0] })
    sharedClasses = test.classNames.indices
      .filter { !test.membersByClass[$0].isEmpty && names.contains(test.classNames[$0]) }.map { test.classNames[$0] }
    var byPrint: [UInt64: Int] = [:]
    for (position, print) in try train.fingerprints().enumerated().reversed() { byPrint[print] = position }
    let sameShape = train.shape == test.shape
    var identical: [Twin] = []
    var isIdentical = Set<Int>()
    if sameShape {
      for (position, print) in try test.fingerprints().enumerated() {
        if position % 1024 == 0 { try LongWork.check() }
        // A fingerprint may lie: the pixels decide.
        if let other = byPrint[print], (try? train.image(other)) == (try? test.image(position)) {
          identical.append(Twin(train: other, test: position, likeness: 1))
          isIdentical.insert(position)
        }
      }
    }
    self.identical = identical
    let trainItems = Self.spread(train.count)
    let testItems = Self.spread(test.count).filter { !isIdentical.contains($0) }
    let (own, other) = (train.shape, test.shape)
    let grid = (height: min(Self.side, own[1], other[1]), width: min(Self.side, own[2], other[2]))
    // Of two sizes, equal pictures have to become equal.
    let isResized = own.dropFirst() != other.dropFirst()
    let a = try Thumbnails(train, trainItems, height: grid.height, width: grid.width, isResized: isResized)
    let b = try Thumbnails(test, testItems, height: grid.height, width: grid.width, isResized: isResized)
    let best = try Self.nearest(b.values, testItems.count, a.values, trainItems.count, grid.height * grid.width)
    alike = testItems.indices.compactMap { index in
      guard let (place, likeness) = best[index], Double(likeness) >= limit else { return nil }
      return Twin(train: trainItems[place], test: testItems[index], likeness: Double(likeness))
    }
    self.limit = limit
    self.grid = grid
    compared = (trainItems.count, testItems.count)
    let sizes = test.membersByClass.map(\.count)
    samePairs = sizes.reduce(0) { $0 + $1 * ($1 - 1) / 2 }
    differentPairs = test.count * (test.count - 1) / 2 - samePairs
    lonely = sizes.count { $0 == 1 }
  }

  /// At most `comparedLimit` positions, evenly spread.
  private static func spread(_ count: Int) -> [Int] {
    guard count > comparedLimit else { return Array(0..<count) }
    return (0..<comparedLimit).map { $0 * count / comparedLimit }
  }

  /// The most pixels to a side at which images are compared for likeness.
  public static let side = 16

  /// Of each row of `queries`, the row of `others` with the greatest dot product.
  private static func nearest(
    _ queries: [Float], _ n: Int, _ others: [Float], _ m: Int, _ size: Int
  ) throws -> [(Int, Float)?] {
    var best = [(Int, Float)?](repeating: nil, count: n)
    let block = 256
    var products = [Float](repeating: 0, count: block * m)
    for start in stride(from: 0, to: n, by: block) {
      try LongWork.check()
      let rows = min(block, n - start)
      queries.withUnsafeBufferPointer { q in
        guard let q = q.baseAddress else { return }
        sgemm(q + start * size, others, &products, m: rows, n: m, k: size, transposeB: true)
      }
      for row in 0..<rows {
        for column in 0..<m where products[row * m + column] > best[start + row]?.1 ?? -2 {
          best[start + row] = (column, products[row * m + column])
        }
      }
    }
    return best
  }
}
