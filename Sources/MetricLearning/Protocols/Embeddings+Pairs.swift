import Tensors

extension Embeddings {
  /// Calls `body` once for each row i, on several threads at a time, with its distances to the rows after it:
  /// `distances[j - first]` is that to row j, for j in i + 1 ..< count.
  ///
  /// - Throws: `TensorError.interrupted`.
  func forEachUpperRow(_ body: (_ row: Int, _ distances: UnsafePointer<Float>, _ first: Int) -> Void) throws {
    let (count, width, metric) = (self.count, self.width, self.metric)
    let isGivenUp = LongWork.isGivenUp
    values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      if metric == .euclidean {
        RowDistances(values, count: count, width: width).forEachUpperRow(isGivenUp: isGivenUp, body)
        return
      }
      forEachLine(count: count, isGivenUp) { row, line in
        for other in row + 1..<max(count, row + 1) {
          line[other] = metric.distance(base + row * width, base + other * width, width)
        }
        body(row, UnsafePointer(line), 0)
      }
    }
    try LongWork.check()
  }

  /// Calls `body` once for each of some rows of numbers (its own where none are given), on several threads at a time,
  /// with the distances to all embeddings.
  ///
  /// - Throws: `TensorError.interrupted`.
  public func forEachRow(
    of others: [Float]? = nil, _ body: (_ row: Int, _ distances: UnsafePointer<Float>) -> Void
  ) throws {
    let (count, width, metric) = (self.count, self.width, self.metric)
    let isGivenUp = LongWork.isGivenUp
    values.withUnsafeBufferPointer { values in
      (others ?? self.values).withUnsafeBufferPointer { others in
        guard let base = values.baseAddress, let from = others.baseAddress else { return }
        if metric == .euclidean {
          RowDistances(values, count: count, width: width).forEachRow(
            of: from, count: others.count / width, isGivenUp: isGivenUp, body)
          return
        }
        forEachLine(count: others.count / width, isGivenUp) { row, line in
          for other in 0..<count { line[other] = metric.distance(from + row * width, base + other * width, width) }
          body(row, UnsafePointer(line))
        }
      }
    }
    try LongWork.check()
  }

  /// Rows on several threads, each with a line of `count` numbers to write on.
  private func forEachLine(
    count rows: Int, _ isGivenUp: (() -> Bool)?,
    _ body: (_ row: Int, _ line: UnsafeMutablePointer<Float>) -> Void
  ) {
    let size = 16
    Workers.shared.parallel(slices: (rows + size - 1) / size) { task in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: max(1, count)) { line in
        line.initialize(repeating: 0)
        guard let distances = line.baseAddress else { return }
        for row in task * size..<min(rows, (task + 1) * size) {
          if let isGivenUp, isGivenUp() { return }
          body(row, distances)
        }
      }
    }
  }

  /// The means of some groups of rows as embeddings, labelled by the groups' places; a group of one row is that row.
  func means(of groups: [[Int]]) throws -> Embeddings {
    var means = [Float](repeating: 0, count: groups.count * width)
    for (place, rows) in groups.enumerated() {
      if place % 1024 == 0 { try LongWork.check() }
      for k in 0..<width {
        var sum: Float = 0
        for row in rows { sum += values[row * width + k] }
        means[place * width + k] = rows.count == 1 ? sum : sum / Float(rows.count)
      }
    }
    return try Embeddings(values: means, width: width, labels: Array(groups.indices), metric: metric)
  }

  /// The numbers of some rows, one after the other.
  func numbers(of rows: [Int]) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(rows.count * width)
    for row in rows { result += values[row * width..<(row + 1) * width] }
    return result
  }
}

/// Results of rows that several threads work on, each written once.
public final class RowResults<Element>: @unchecked Sendable {
  private let base: UnsafeMutableBufferPointer<Element>

  /// `count` rows, each with this value at first.
  public init(_ count: Int, _ value: Element) {
    base = .allocate(capacity: count)
    base.initialize(repeating: value)
  }

  deinit {
    base.deinitialize()
    base.deallocate()
  }

  /// The result of a row; each row is written by one thread.
  public subscript(row: Int) -> Element {
    get { base[row] }
    set { base[row] = newValue }
  }

  /// A copy of all results, once the threads are done.
  public var all: [Element] { Array(base) }
}
