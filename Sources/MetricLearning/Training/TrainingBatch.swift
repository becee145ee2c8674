import Tensors

/// One step's work: the images to embed, and what the loss has to know of them.
struct TrainingBatch {
  /// Items of the source, each embedded once.
  var items: [Int]
  /// Rows of `items` for the left and right of each pair; empty without pairs.
  var left: [Int] = []
  var right: [Int] = []
  var same: [Bool] = []
  /// Of each item; empty for pairs.
  var labels: [Int] = []

  var pairs: Int { same.count }
}

/// Cuts an epoch into batches. Everything follows from (seed, epoch, step), so that an interrupted epoch can go on.
struct BatchPlan {
  let data: TrainingData
  let batch: Int
  let perClass: Int
  /// Batches of several images of each of some classes, rather than every image in turn.
  let balanced: Bool
  /// Whether an image that occurs in several pairs of a batch is embedded once.
  let shares: Bool
  /// Share of the balanced batches whose classes come from one group.
  let withinGroups: Double
  let seed: UInt64
  private let classes: [[Int]]
  /// Indexes into `classes` of each group; those with one class are left out.
  private let groups: [[Int]]
  private let labels: [Int]
  private var order: [Int] = []
  private var orderEpoch = -1

  init(
    data: TrainingData, batch: Int, perClass: Int, balanced: Bool, shares: Bool, withinGroups: Double = 0,
    seed: UInt64, function: String = "trainer"
  ) throws(MetricError) {
    self.data = data
    self.perClass = perClass
    self.balanced = balanced
    self.shares = shares
    self.withinGroups = withinGroups
    self.seed = seed
    labels = data.source.labels
    guard balanced else {
      self.batch = batch
      classes = []
      groups = []
      return
    }
    classes = Pairs.itemsByClass(data.source).filter { $0.count >= 2 }
    guard classes.count >= 2 else {
      let all = data.source.classNames.count
      if classes.isEmpty { throw .noSamePairs(function: function, classes: all, items: data.count) }
      throw all == 1
        ? .noDifferentPairs(function: function, classes: 1, items: data.count)
        : .tooFewClasses(function: function, ways: 2, able: classes.count, imagesNeeded: 2, shots: 1, group: nil)
    }
    self.batch = min(batch, classes.count * perClass)
    var byGroup: [String: [Int]] = [:]
    if withinGroups > 0 {
      let names = data.source.classNames
      for (index, members) in classes.enumerated() {
        byGroup[groupName(of: names[labels[members[0]]]), default: []].append(index)
      }
    }
    groups = byGroup.sorted { $0.key < $1.key }.map(\.value).filter { $0.count >= 2 }
  }

  /// Images of the largest batch.
  var mostItems: Int {
    if case .pairs(let pairs) = data { return 2 * min(batch, pairs.count) }
    return min(batch, max(balanced ? batch : data.count, 1))
  }

  var steps: Int { max(1, (data.count + batch - 1) / batch) }

  mutating func batch(epoch: Int, step: Int) -> TrainingBatch {
    if balanced { return balancedBatch(epoch: epoch, step: step) }
    if orderEpoch != epoch {
      order = Array(0..<data.count)
      var random = RandomStream(seed: seed, stream: 0x657063).split(UInt64(epoch))
      random.shuffle(&order)
      orderEpoch = epoch
    }
    let chosen = order[min(order.count, step * batch)..<min(order.count, (step + 1) * batch)]
    switch data {
    case .images: return TrainingBatch(items: Array(chosen), labels: chosen.map { labels[$0] })
    case .pairs(let pairs): return Self.pairBatch(pairs, chosen, shares: shares)
    }
  }

  static func pairBatch(_ pairs: Pairs, _ chosen: some Sequence<Int>, shares: Bool) -> TrainingBatch {
    var batch = TrainingBatch(items: [])
    var rows: [Int: Int] = [:]
    func row(_ item: Int) -> Int {
      if shares, let known = rows[item] { return known }
      rows[item] = batch.items.count
      batch.items.append(item)
      return batch.items.count - 1
    }
    for index in chosen {
      batch.left.append(row(Int(pairs.first[index])))
      batch.right.append(row(Int(pairs.second[index])))
      batch.same.append(pairs.same[index])
    }
    return batch
  }

  private func balancedBatch(epoch: Int, step: Int) -> TrainingBatch {
    var random = RandomStream(seed: seed, stream: 0x62616C).split(UInt64(epoch) << 32 | UInt64(step))
    let wanted = max(2, min(classes.count, batch / perClass))
    var result = TrainingBatch(items: [])
    var chosen: [Int] = []
    if withinGroups > 0, !groups.isEmpty, random.uniform() < withinGroups {
      // A group has its turn as often as it has classes; where it has too few, others fill the batch.
      var ticket = random.int(below: groups.reduce(0) { $0 + $1.count })
      var group = groups[0]
      for candidate in groups {
        group = candidate
        if ticket < candidate.count { break }
        ticket -= candidate.count
      }
      chosen = Episodes.distinct(min(wanted, group.count), below: group.count, &random).map { group[$0] }
    }
    if chosen.count < wanted {
      let taken = Set(chosen)
      let others = taken.isEmpty ? nil : classes.indices.filter { !taken.contains($0) }
      chosen += Episodes.distinct(wanted - chosen.count, below: others?.count ?? classes.count, &random).map {
        others?[$0] ?? $0
      }
    }
    for index in chosen {
      let members = classes[index]
      for pick in Episodes.distinct(min(perClass, members.count), below: members.count, &random) {
        result.items.append(members[pick])
        result.labels.append(labels[members[pick]])
      }
    }
    return result
  }
}

/// What stands before the last / of a class's name (Omniglot's alphabets); nothing where there is none.
public func groupName(of name: String) -> String { name.lastIndex(of: "/").map { String(name[..<$0]) } ?? "" }
