import Diagnostics
import NeuralNetworks
import Tensors

/// Pairs of images of one source, as indexes: nine bytes a pair, however large the images.
public struct Pairs: Sendable {
  /// What the indexes of the pairs are of.
  public let source: any ImageSource
  /// Indexes of the left images.
  public let first: [Int32]
  /// Indexes of the right images.
  public let second: [Int32]
  /// Whether left and right are of one class (1 in the saved file).
  public let same: [Bool]

  /// Number of pairs.
  public var count: Int { same.count }

  /// Pairs (first[i], second[i]) of a source's items.
  public init(source: any ImageSource, first: [Int32], second: [Int32], same: [Bool]) {
    self.source = source
    self.first = first
    self.second = second
    self.same = same
  }

  /// The most pairs that one call draws: 900 MB of indexes.
  public static let limit = 100_000_000

  private static func check(count: Int, share: Double) throws {
    guard count >= 1, count <= limit else {
      throw MetricError.outOfRange(function: "pairs", argument: "count", got: "\(count)", expected: "1 to \(limit)")
    }
    guard share >= 0, share <= 1 else {
      throw MetricError.outOfRange(
        function: "pairs", argument: "same", got: NumberText.written(share), expected: "a share from 0 to 1")
    }
  }

  /// Draws pairs from a seed. Same: a class with two or more images, each as likely, then two of its images. Different:
  /// two classes, each as likely, then an image of each. The kinds are spread evenly, so that each batch has its share.
  ///
  /// - Parameters:
  ///   - share: the part of the pairs that are the same, 0…1.
  public init(_ source: any ImageSource, count: Int, seed: UInt64, same share: Double = 0.5) throws {
    try Self.check(count: count, share: share)
    guard source.count > 0, source.count <= Int(Int32.max) else { throw MetricError.emptyData(function: "pairs") }
    let classes = Self.itemsByClass(source)
    let able = classes.filter { $0.count >= 2 }
    if share > 0, able.isEmpty {
      throw MetricError.noSamePairs(function: "pairs", classes: classes.count, items: source.count)
    }
    if share < 1, classes.count < 2 {
      throw MetricError.noDifferentPairs(function: "pairs", classes: classes.count, items: source.count)
    }
    var random = RandomStream(seed: seed, stream: 0x706169)
    var first: [Int32] = []
    var second: [Int32] = []
    var same: [Bool] = []
    first.reserveCapacity(count)
    second.reserveCapacity(count)
    same.reserveCapacity(count)
    for index in 0..<count {
      if index % 65_536 == 0 { try LongWork.check() }
      let isSame = Int(Double(index + 1) * share + 1e-9) > Int(Double(index) * share + 1e-9)
      same.append(isSame)
      if isSame {
        let items = able[random.int(below: able.count)]
        let i = random.int(below: items.count)
        let j = (i + 1 + random.int(below: items.count - 1)) % items.count
        first.append(Int32(items[i]))
        second.append(Int32(items[j]))
      } else {
        let a = random.int(below: classes.count)
        let b = (a + 1 + random.int(below: classes.count - 1)) % classes.count
        first.append(Int32(classes[a][random.int(below: classes[a].count)]))
        second.append(Int32(classes[b][random.int(below: classes[b].count)]))
      }
    }
    self.init(source: source, first: first, second: second, same: same)
  }

  /// Pairs of an image that asks and one of a gallery, drawn from a seed. Same: a class that both have, each as likely, then
  /// an image of either. Different: a class of the queries and another of the gallery, then an image of each.
  ///
  /// - Parameters:
  ///   - share: the part of the pairs that are the same, 0…1.
  public init(_ joined: JoinedSource, count: Int, seed: UInt64, same share: Double = 0.5) throws {
    try Self.check(count: count, share: share)
    guard joined.count <= Int(Int32.max) else { throw MetricError.emptyData(function: "pairs") }
    let start = joined.queries.count
    let classes = Self.itemsByClass(joined).map { items in
      (queries: items.filter { $0 < start }, gallery: items.filter { $0 >= start })
    }
    let able = classes.filter { !$0.queries.isEmpty && !$0.gallery.isEmpty }
    let asking = classes.indices.filter { !classes[$0].queries.isEmpty }
    let shown = classes.indices.filter { !classes[$0].gallery.isEmpty }
    if share > 0, able.isEmpty {
      throw MetricError.noSharedClass(
        function: "pairs", queries: asking.count, gallery: shown.count, imagesNeeded: 1)
    }
    // A class that asks needs another that is shown.
    let others = asking.filter { shown.count > (classes[$0].gallery.isEmpty ? 0 : 1) }
    if share < 1, others.isEmpty {
      throw MetricError.noDifferentPairs(function: "pairs", classes: classes.count, items: joined.count)
    }
    var random = RandomStream(seed: seed, stream: 0x7061_696C)
    var (first, second, same): ([Int32], [Int32], [Bool]) = ([], [], [])
    func pick(_ items: [Int]) -> Int32 { Int32(items[random.int(below: items.count)]) }
    for index in 0..<count {
      if index % 65_536 == 0 { try LongWork.check() }
      same.append(Int(Double(index + 1) * share + 1e-9) > Int(Double(index) * share + 1e-9))
      if same[index] {
        let both = able[random.int(below: able.count)]
        first.append(pick(both.queries))
        second.append(pick(both.gallery))
      } else {
        let one = others[random.int(below: others.count)]
        var other = shown[random.int(below: shown.count)]
        while other == one { other = shown[random.int(below: shown.count)] }
        first.append(pick(classes[one].queries))
        second.append(pick(classes[other].gallery))
      }
    }
    self.init(source: joined, first: first, second: second, same: same)
  }

  /// Of the left and of the right image of each pair.
  public var classes: (first: [Int], second: [Int]) {
    let labels = source.labels
    return (first.map { labels[Int($0)] }, second.map { labels[Int($0)] })
  }

  /// How many of them are of one class.
  public var sameCount: Int { same.reduce(0) { $0 + ($1 ? 1 : 0) } }

  /// How many are of two images that another pair before them shows, in either order: pairs are drawn with replacement.
  /// Of more than four million pairs at least so many.
  public func repeats() throws -> Int {
    guard count <= 1 << 22 else {
      let (items, overflow) = source.count.multipliedReportingOverflow(by: source.count - 1)
      return overflow ? 0 : max(0, count - items / 2)
    }
    var seen = Set<UInt64>(minimumCapacity: min(count, 1 << 20))
    for index in 0..<count {
      if index % 65_536 == 0 { try LongWork.check() }
      let (a, b) = (UInt32(bitPattern: first[index]), UInt32(bitPattern: second[index]))
      seen.insert(UInt64(min(a, b)) << 32 | UInt64(max(a, b)))
    }
    return count - seen.count
  }

  /// How many show one image twice, which stands among the queries and in the gallery.
  public func showingOneImageTwice() throws -> Int {
    guard let joined = source as? JoinedSource, try joined.queriesInGallery() > 0 else { return 0 }
    let prints = try LearningRecord.fingerprints(of: joined)
    return (0..<count).count { prints[Int(first[$0])] == prints[Int(second[$0])] }
  }

  /// Names of classes with one image, which no same pair can show.
  public static func classesOfOneImage(_ source: any ImageSource) -> [String] {
    let labels = source.labels
    return itemsByClass(source).filter { $0.count == 1 }.map { source.classNames[labels[$0[0]]] }
  }

  /// Items of each class that has any, in the classes' order.
  static func itemsByClass(_ source: any ImageSource) -> [[Int]] {
    var groups = [[Int]](repeating: [], count: source.classNames.count)
    for (item, label) in source.labels.enumerated() where groups.indices.contains(label) { groups[label].append(item) }
    return groups.filter { !$0.isEmpty }
  }

  /// The pairs at these places.
  public func subset(_ indexes: some Sequence<Int>) throws -> Pairs {
    var (a, b, s): ([Int32], [Int32], [Bool]) = ([], [], [])
    for index in indexes {
      if a.count % 262_144 == 0 { try LongWork.check() }
      a.append(first[index])
      b.append(second[index])
      s.append(same[index])
    }
    return Pairs(source: source, first: a, second: b, same: s)
  }

  /// Two parts by pair: the last has `fraction` of the pairs, drawn from the seed, at least one on each side. Both show
  /// the same people: what the last part measures is not what strangers would give.
  public func split(fraction: Double, seed: UInt64) throws -> (Pairs, Pairs) {
    guard fraction > 0, fraction < 1, count >= 2 else {
      throw MetricError.outOfRange(
        function: "split", argument: "fraction", got: "\(NumberText.written(fraction)) of \(count) pairs",
        expected: "between 0 and 1, with 2 pairs or more")
    }
    var order = Array(0..<count)
    var random = RandomStream(seed: seed, stream: 0x73706C)
    try random.shuffleInterruptibly(&order)
    let held = min(count - 1, max(1, Int((Double(count) * fraction).rounded())))
    // In the order of the pairs: which are held, and which are not.
    var isHeld = [Bool](repeating: false, count: count)
    for index in order[(count - held)...] { isHeld[index] = true }
    return (try subset((0..<count).lazy.filter { !isHeld[$0] }), try subset((0..<count).lazy.filter { isHeld[$0] }))
  }

  /// Classes that pairs of both show.
  public func sharedClasses(with other: Pairs) -> Int {
    func classes(_ pairs: Pairs) -> Set<String> {
      let (labels, names) = (pairs.source.labels, pairs.source.classNames)
      return Set(Set((pairs.first + pairs.second).map { labels[Int($0)] }).map { names[$0] })
    }
    return classes(self).intersection(classes(other)).count
  }
}
