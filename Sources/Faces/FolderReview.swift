import Datasets
import Diagnostics
import Images
import Synchronization
import Tensors

/// The pictures of a folder, those first that look unlike the rest of their class, and those that are nearly the same
/// grouped: for a person who decides what to drop.
public struct FolderReview: Sendable, Equatable {
  /// A picture, and how unusual it is.
  public struct Item: Sendable, Equatable {
    /// From the folder's top.
    public var file: String
    /// The folder that it stands in.
    public var className: String
    /// The distance to the mean of its class's other kept pictures, over the median of those distances in the class: 1
    /// is usual, 2 is twice as far as usual. Nil where fewer than three are kept in the class.
    public var oddness: Double?
    /// Another class whose mean is nearer than that of its own.
    public var nearer: String?
    /// Whether the person takes it out; the file stays.
    public var isDropped: Bool
  }

  /// Kept and dropped ones, in the folder's order.
  public let items: [Item]
  /// Positions of kept pictures that are nearly the same, first the one that stands first.
  public let groups: [[Int]]

  /// - Parameters:
  ///   - vectors: what each picture looks like: embeddings, or pixels. All of one length.
  ///   - hashes: for near-duplicates, which are looked for in all classes together.
  ///   - pixels: as the function of that name gives them: pictures of which the hashes alone are alike, as those of simple
  ///     drawings often are, are no near-duplicates.
  ///   - dropped: positions.
  public init(
    files: [String], classNames: [String], vectors: [[Float]], hashes: [PerceptualHash], pixels: [[Float]],
    dropped: Set<Int>
  ) throws {
    let kept = files.indices.filter { !dropped.contains($0) }
    var members: [String: [Int]] = [:]
    for index in kept { members[classNames[index], default: []].append(index) }
    let size = vectors.first?.count ?? 0
    var sums: [String: [Double]] = [:]
    for (name, positions) in members {
      var sum = [Double](repeating: 0, count: size)
      for position in positions { for k in 0..<size { sum[k] += Double(vectors[position][k]) } }
      sums[name] = sum
    }
    /// To the mean of a class, the picture itself left out where it is counted in.
    func distance(_ index: Int, to name: String) -> Double? {
      guard let sum = sums[name] else { return nil }
      let own = name == classNames[index] && !dropped.contains(index)
      let count = Double((members[name]?.count ?? 0) - (own ? 1 : 0))
      guard count > 0 else { return nil }
      var squares = 0.0
      for k in 0..<size {
        let value = Double(vectors[index][k])
        let mean = ((own ? sum[k] - value : sum[k])) / count
        squares += (value - mean) * (value - mean)
      }
      return squares.squareRoot()
    }
    var own: [Double?] = []
    for index in files.indices {
      if index % 256 == 0 { try LongWork.check() }
      own.append(distance(index, to: classNames[index]))
    }
    var medians: [String: Double] = [:]
    for (name, positions) in members where positions.count >= 3 {
      let sorted = positions.compactMap { own[$0] }.sorted()
      if !sorted.isEmpty { medians[name] = sorted[sorted.count / 2] }
    }
    // The nearest mean of another class, among those with enough pictures to have one.
    let others = members.keys.filter { medians[$0] != nil }.sorted()
    let nearest = try Self.nearestOthers(vectors, classNames, others, sums, members.mapValues(\.count), size)
    var items: [Item] = []
    for index in files.indices {
      var item = Item(file: files[index], className: classNames[index], isDropped: dropped.contains(index))
      if let median = medians[classNames[index]], let mine = own[index] {
        item.oddness = median > 0 ? mine / median : mine > 0 ? .infinity : 1
        if let place = nearest[index], let other = distance(index, to: others[place]), other < mine {
          item.nearer = others[place]
        }
      }
      items.append(item)
    }
    self.items = items
    groups = try Self.groups(kept, hashes, pixels)
  }

  /// Of each picture the class among `names`, other than its own, whose mean is nearest. On all threads.
  private static func nearestOthers(
    _ vectors: [[Float]], _ classNames: [String], _ names: [String], _ sums: [String: [Double]],
    _ counts: [String: Int], _ size: Int
  ) throws -> [Int?] {
    guard names.count > 0, size > 0, !vectors.isEmpty else { return vectors.map { _ in nil } }
    let means = names.flatMap { name in (sums[name] ?? []).map { Float($0 / Double(max(1, counts[name] ?? 1))) } }
    let place = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    let own = classNames.map { place[$0] ?? -1 }
    let found = Mutex([Int?](repeating: nil, count: vectors.count))
    means.withUnsafeBufferPointer { means in
      let columns = RowDistances(means, count: names.count, width: size)
      vectors.flatMap { $0 }.withUnsafeBufferPointer { rows in
        guard let rows = rows.baseAddress else { return }
        columns.forEachRow(of: rows, count: vectors.count, isGivenUp: LongWork.isGivenUp) { row, line in
          var best: Int?
          for column in names.indices where column != own[row] {
            if best.map({ line[column] < line[$0] }) ?? true { best = column }
          }
          found.withLock { $0[row] = best }
        }
      }
    }
    try LongWork.check()
    return found.withLock { $0 }
  }

  /// Kept ones, the oddest first.
  public var ranked: [Int] {
    items.indices.filter { !items[$0].isDropped && items[$0].oddness != nil }.sorted {
      let (a, b) = (items[$0].oddness ?? 0, items[$1].oddness ?? 0)
      return a == b ? $0 < $1 : a > b
    }
  }

  /// What tells of a picture whether it is nearly the same as another one. A frame that alignment left does not count.
  public struct Look: Sendable {
    public var hash: PerceptualHash
    /// As `FolderReview.pixels` gives them.
    public var pixels: [Float]

    public init(_ image: PixelImage) throws(ImageError) {
      let seen = image.grayWithoutFrame()
      hash = try PerceptualHash(seen)
      pixels = try FolderReview.pixels(seen)
    }
  }

  /// All of each group but its first.
  public var repeats: [Int] { groups.flatMap { $0.dropFirst() }.sorted() }

  /// Pictures that are joined by a chain of near ones.
  ///
  /// Of two hashes that differ in at most six of their 64 bits, one of the four quarters differs in at most one bit: only
  /// those that share such a quarter are compared (Norouzi, Punjani and Fleet 2012), not all with all.
  private static func groups(_ kept: [Int], _ hashes: [PerceptualHash], _ pixels: [[Float]]) throws -> [[Int]] {
    var sets = DisjointSets(kept.count)
    var seen = [[UInt16: [Int]]](repeating: [:], count: 4)
    for b in kept.indices {
      if b % 64 == 0 { try LongWork.check() }
      let hash = hashes[kept[b]]
      for quarter in 0..<4 {
        let own = UInt16(truncatingIfNeeded: hash.bits >> UInt64(16 * quarter))
        for flipped in [0] + (0..<16).map({ UInt16(1) << UInt16($0) }) {
          for (number, a) in (seen[quarter][own ^ flipped] ?? []).enumerated() {
            if number % 4096 == 4095 { try LongWork.check() }
            guard sets.root(a) != sets.root(b), hashes[kept[a]].distance(to: hash) <= PerceptualHash.nearDuplicate,
              likeness(pixels[kept[a]], pixels[kept[b]]) >= leastLikeness
            else { continue }
            sets.join(a, b)
          }
        }
        seen[quarter][own, default: []].append(b)
      }
    }
    var groups: [Int: [Int]] = [:]
    for index in kept.indices { groups[sets.root(index), default: []].append(kept[index]) }
    return groups.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }
  }

  /// Correlation of the pixels of two pictures that are nearly the same, at least.
  static let leastLikeness: Float = 0.95

  /// The product of two vectors of length 1; pictures without any contrast are alike.
  private static func likeness(_ a: [Float], _ b: [Float]) -> Float {
    if a == b { return 1 }
    return zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// What a picture looks like where no network says so: 32×32 gray pixels about their mean, of length 1.
  public static func pixels(_ image: PixelImage) throws(ImageError) -> [Float] {
    let small = try image.gray().resized(width: 32, height: 32)
    var values = small.pixels.map(Float.init)
    let mean = values.reduce(0, +) / Float(values.count)
    for index in values.indices { values[index] -= mean }
    let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    if length > 0 { for index in values.indices { values[index] /= length } }
    return values
  }
}
