import ONNXFormat
import Tensors

/// Items in another shape, or fewer numbers of them.
extension ONNXReader {
  mutating func reshaped(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    guard let target = try sizes(step, 1) ?? step.ints("shape") else { throw step.bad("has no shape") }
    guard (1...9).contains(target.count) else { throw step.bad("makes \(target.count) axes") }
    let keepsZeros = try step.int("allowzero", 0) != 0
    let count = shape.reduce(1, *)
    var sizes: [Int] = []
    var open: Int?
    for (index, size) in target.enumerated().dropFirst() {
      guard var size else { throw step.bad("puts the batch's axis elsewhere than first") }
      if size == 0, !keepsZeros {
        guard index - 1 < shape.count else { throw step.bad("keeps an axis that is not there") }
        size = shape[index - 1]
      }
      if size == -1 {
        guard open == nil else { throw step.bad("leaves two axes open") }
        open = sizes.count
        size = 1
      }
      guard size > 0 else { throw step.bad("makes an axis of \(size)") }
      sizes.append(size)
    }
    guard let known = Self.count(sizes), known > 0 else { throw step.bad("makes an axis that is none") }
    if let open {
      guard count % known == 0 else { throw step.bad("makes \(target.map { $0 ?? 0 }) of items \(shape)") }
      sizes[open] = count / known
    }
    // [-1] or [batch]: one number an item.
    guard Self.count(sizes) == count, target.count > 1 || count == 1 else {
      throw step.bad("makes \(target.map { $0 ?? 0 }) of items \(shape): the batch's axis has to stay")
    }
    let layer = sizes.count <= 1 ? .flatten : Layer(ReshapeLayer(shape: sizes))
    return try standing(add([layer], [], to: place, shape), sizes)
  }

  /// Remembers of a result whether it is [batch] in the graph, which is [batch, 1] here.
  private mutating func standing(_ value: Value, _ sizes: [Int]) -> Value {
    guard case .data(let place, _) = value else { return value }
    if sizes.isEmpty { batchAlone.insert(place) } else { batchAlone.remove(place) }
    return value
  }

  mutating func squeezed(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    let axes = try whole(step, 1, "axes")
    var sizes = shape
    if step.node.op == "Squeeze" {
      let wanted = try axes?.map { try step.axis($0, shape) } ?? shape.indices.filter { shape[$0] == 1 }
      guard wanted.allSatisfy({ shape[$0] == 1 }) else { throw step.bad("takes away an axis that is longer than 1") }
      sizes = shape.indices.filter { !wanted.contains($0) }.map { shape[$0] }
    } else {
      guard let axes, axes.count <= 8 else { throw step.bad("has no axes") }
      // [batch] is held as [batch, 1].
      if batchAlone.contains(place) { sizes = [] }
      let rank = sizes.count + 1 + axes.count
      for axis in axes.map({ $0 < 0 ? $0 + rank : $0 }).sorted() {
        guard axis >= 1, axis - 1 <= sizes.count else { throw step.bad("puts an axis where the batch's is") }
        sizes.insert(1, at: axis - 1)
      }
    }
    guard sizes.count <= 8 else { throw step.bad("makes \(sizes.count) axes") }
    return try standing(add([Layer(ReshapeLayer(shape: sizes.isEmpty ? [1] : sizes))], [], to: place, shape), sizes)
  }

  mutating func expanded(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    guard let target = try sizes(step, 1), target.count <= shape.count + 1 else {
      throw step.bad("makes more axes than it takes")
    }
    // The last axes meet; a shorter list leaves the batch and the first axes as they are.
    var sizes = [Int](repeating: 1, count: max(0, shape.count - target.count))
    for size in target.suffix(shape.count) {
      guard let size, (1...Layer.sizeLimit).contains(size) else { throw step.bad("makes an axis that is none") }
      sizes.append(size)
    }
    guard let whole = ElementOperation.shape(shape, sizes) else { throw step.bad("makes \(sizes) of items \(shape)") }
    if whole == shape { return .data(place, shape) }
    guard Self.count(whole) != nil else { throw step.bad("makes too many numbers") }
    return try add([Layer(RepeatLayer(shape: whole))], [], to: place, shape)
  }

  mutating func reduced(_ step: ONNXStep, _ kind: ReductionLayer.Kind) throws -> Value {
    let (place, shape) = try data(step)
    guard let given = try whole(step, 1, "axes"), !given.isEmpty else { throw step.bad("goes over the batch's axis") }
    let axes = try given.map { try step.axis($0, shape) }
    let keeps = try step.int("keepdims", 1) != 0
    if kind == .mean, shape.count == 3, axes.sorted() == [1, 2] {
      let layers = keeps ? [.globalPool, Layer(ReshapeLayer(shape: [shape[0], 1, 1]))] : [Layer.globalPool]
      return try add(layers, [], to: place, shape)
    }
    let value = try add([Layer(ReductionLayer(kind: kind, axes: axes, keepsAxes: keeps))], [], to: place, shape)
    return standing(value, keeps || axes.count < shape.count ? shape : [])
  }
}
