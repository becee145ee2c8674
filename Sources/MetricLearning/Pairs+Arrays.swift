import Diagnostics
import Datasets
import Tensors

/// Images of pairs that were saved as arrays. Equal images, as they stand in many pairs, count as one; images that pairs
/// call the same, by however many steps, are one class.
struct PairImages: ImageSource {
  let images: Tensor
  /// The row of each item among the 2 · pairs rows.
  let rows: [Int]
  let shape: [Int]
  let labels: [Int]
  let classNames: [String]

  var count: Int { rows.count }
  var isAugmented: Bool { false }

  func fill(_ out: UnsafeMutablePointer<Float>, items: [Int], draw: UInt64?) throws {
    let size = shape.reduce(1, *)
    images.withUnsafeBuffer { values in
      guard let base = values.baseAddress else { return }
      for (place, item) in items.enumerated() {
        (out + place * size).update(from: base + rows[item] * size, count: size)
      }
    }
  }
}

extension Pairs {
  /// Pairs as `save` writes them, and as the Keras recipe keeps them.
  /// - Parameters:
  ///   - images: [pairs, 2, channels, height, width].
  ///   - same: [pairs, 1] or [pairs]; 1 for same, 0 for different.
  public init(images: Tensor, same: Tensor) throws {
    guard images.rank == 5, images.shape[1] == 2, images.count > 0, images.shape[0] <= Self.limit else {
      throw MetricError.outOfRange(
        function: "pairs", argument: "images", got: "\(images.shape)",
        expected: "of shape [pairs, 2, channels, height, width]")
    }
    let count = images.shape[0]
    guard same.count == count, same.shape == [count] || same.shape == [count, 1] else {
      throw MetricError.outOfRange(
        function: "pairs", argument: "labels", got: "\(same.shape)", expected: "[\(count), 1], one for each pair")
    }
    let truths = same.values
    if let wrong = truths.first(where: { $0 != 0 && $0 != 1 }) {
      throw MetricError.outOfRange(
        function: "pairs", argument: "labels",
        got: wrong == wrong.rounded() && wrong.magnitude < 1e9 ? "\(Int(wrong))" : "\(wrong)",
        expected: "1 for same and 0 for different")
    }
    let shape = Array(images.shape.dropFirst(2))
    let (rows, items) = try Self.distinctRows(images, count: 2 * count, size: shape.reduce(1, *))
    // Classes: what same pairs join.
    var sets = DisjointSets(rows.count)
    for pair in 0..<count where truths[pair] == 1 { sets.join(items[2 * pair], items[2 * pair + 1]) }
    var number: [Int: Int] = [:]
    let labels = rows.indices.map { index in
      let top = sets.root(index)
      if let known = number[top] { return known }
      number[top] = number.count
      return number.count - 1
    }
    self.init(
      source: PairImages(
        images: images, rows: rows, shape: shape, labels: labels,
        classNames: number.values.sorted().map { "class\($0 + 1)" }),
      first: (0..<count).map { Int32(items[2 * $0]) }, second: (0..<count).map { Int32(items[2 * $0 + 1]) },
      same: truths.map { $0 == 1 })
  }

  /// Pairs called different whose images other pairs make one class, as where a is b, and b is c, but a is not c.
  public var contradictions: [Int] {
    let labels = source.labels
    return same.indices.filter { !same[$0] && labels[Int(first[$0])] == labels[Int(second[$0])] }
  }

  /// The first row of each different image, and for each row which of them it is.
  private static func distinctRows(_ images: Tensor, count: Int, size: Int) throws -> (rows: [Int], items: [Int]) {
    var byHash: [UInt64: [Int]] = [:]
    var rows: [Int] = []
    var items: [Int] = []
    items.reserveCapacity(count)
    try images.withUnsafeBuffer { values in
      for row in 0..<count {
        if row % 256 == 0 { try LongWork.check() }
        let own = UnsafeBufferPointer(rebasing: values[row * size..<(row + 1) * size])
        var hash = FNVHash()
        for value in own { hash.add(value.bitPattern) }
        let like = byHash[hash.value]?.first { item in
          let other = rows[item] * size
          return own.indices.allSatisfy { own[$0].bitPattern == values[other + $0].bitPattern }
        }
        if let like {
          items.append(like)
        } else {
          byHash[hash.value, default: []].append(rows.count)
          guard own.allSatisfy(\.isFinite) else {
            throw MetricError.outOfRange(
              function: "pairs", argument: "images",
              got:
                "a pixel that is NaN or infinite in the \(row % 2 == 0 ? "first" : "second") image of pair \(row / 2)",
              expected: "numbers")
          }
          items.append(rows.count)
          rows.append(row)
        }
      }
    }
    return (rows, items)
  }
}
