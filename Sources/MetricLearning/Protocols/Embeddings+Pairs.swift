import NeuralNetworks
import Tensors

extension Embeddings {
  /// Calls `body` once for each row i, on several threads at a time, with its distances to the rows after it:
  /// `distances[j - first]` is that to row j, for j in i + 1 ..< count.
  func forEachUpperRow(_ body: (_ row: Int, _ distances: UnsafePointer<Float>, _ first: Int) -> Void) {
    let (count, width, metric) = (self.count, self.width, self.metric)
    values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      if metric == .euclidean {
        PairDistances(values, count: count, width: width).forEachUpperRow(body)
        return
      }
      let size = 64
      Workers.shared.parallel(slices: (count + size - 1) / size) { task in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { line in
          line.initialize(repeating: 0)
          guard let distances = line.baseAddress else { return }
          for row in task * size..<min(count, (task + 1) * size) {
            for other in row + 1..<max(count, row + 1) {
              distances[other] = metric.distance(base + row * width, base + other * width, width)
            }
            body(row, UnsafePointer(distances), 0)
          }
        }
      }
    }
  }
}
