import Images
import TensorFiles
import Tensors

/// Finds points of a face inside its box by cascaded regression trees: each level looks at differences of pixels near
/// where the points are thought to be, and moves them.
///
/// Source: Kazemi and Sullivan, "One Millisecond Face Alignment with an Ensemble of Regression Trees", 2014, as dlib has
/// it. The result is the same to the pixel.
public struct ShapePredictor: Sendable {
  /// x and y of each point, as shares of the box; two numbers a point.
  let initial: [Float]
  let levels: [Level]

  /// One level of the cascade. Trees are full: node i has its children at 2i + 1 and 2i + 2, leaves follow the nodes.
  struct Level: Sendable {
    /// For each pixel that is looked at, the point that it goes with, and how far from it, as shares of the box.
    var anchors: [Int]
    var offsets: [Float]
    /// [trees, nodes]: pixels compared, and the difference above which the first child follows.
    var first: [Int]
    var second: [Int]
    var thresholds: [Float]
    /// [trees, nodes + 1, 2 · points]
    var leaves: [Float]
    var nodes: Int
  }

  public typealias Point = DetectedFace.Point

  /// How many points it finds.
  public var pointCount: Int { initial.count / 2 }

  /// The points of a face in a box, in whole pixels of the picture; some may lie outside it.
  public func points(in picture: PixelImage, box: FaceBox) -> [Point] {
    let (width, height, channels) = (picture.width, picture.height, picture.channels)
    let (left, top) = (box.left.rounded(), box.top.rounded())
    let (across, down) = (box.right.rounded() - left, box.bottom.rounded() - top)
    guard across.isFinite, down.isFinite, across > 0, down > 0, abs(left) < 1e7, abs(top) < 1e7, across < 1e7,
      down < 1e7
    else { return [] }
    let start = Self.points(initial)
    var shape = initial
    var values: [Float] = []
    for level in levels {
      // The similarity from the first guess to the current one turns the places that are looked at.
      let form = Similarity(from: start, to: Self.points(shape))
      let (a, b) = (Float(form?.a ?? 1), Float(form?.b ?? 0))
      values.removeAll(keepingCapacity: true)
      picture.pixels.withUnsafeBufferPointer { pixels in
        for (index, anchor) in level.anchors.enumerated() {
          let (u, v) = (level.offsets[2 * index], level.offsets[2 * index + 1])
          let x = Double(a * u - b * v + shape[2 * anchor])
          let y = Double(b * u + a * v + shape[2 * anchor + 1])
          let column = (left + x * across + 0.5).rounded(.down)
          let row = (top + y * down + 0.5).rounded(.down)
          guard column >= 0, row >= 0, column < Double(width), row < Double(height) else {
            values.append(0)
            continue
          }
          let at = (Int(row) * width + Int(column)) * channels
          values.append(
            channels == 1
              ? Float(pixels[at]) : Float((Int(pixels[at]) + Int(pixels[at + 1]) + Int(pixels[at + 2])) / 3))
        }
      }
      let (nodes, size) = (level.nodes, initial.count)
      let trees = level.first.count / max(1, nodes)
      for tree in 0..<trees {
        var node = 0
        while node < nodes {
          let at = tree * nodes + node
          let difference = values[level.first[at]] - values[level.second[at]]
          node = 2 * node + (difference > level.thresholds[at] ? 1 : 2)
        }
        let leaf = (tree * (nodes + 1) + node - nodes) * size
        for index in 0..<size { shape[index] += level.leaves[leaf + index] }
      }
    }
    return Self.points(shape).map { point in
      Point(x: (left + point.x * across + 0.5).rounded(.down), y: (top + point.y * down + 0.5).rounded(.down))
    }
  }

  private static func points(_ shape: [Float]) -> [Point] {
    stride(from: 0, to: shape.count - 1, by: 2).map { Point(x: Double(shape[$0]), y: Double(shape[$0 + 1])) }
  }
}

/// As safetensors.
extension ShapePredictor {
  /// Arrays by name, "level1.anchors" and so on.
  public func checkpoint(metadata: [String: String]) throws -> Safetensors {
    var tensors: [(name: String, tensor: Tensor)] = [("initial", try Tensor(initial, shape: [initial.count]))]
    for (index, level) in levels.enumerated() {
      let prefix = "level\(index + 1)."
      let trees = level.first.count / max(1, level.nodes)
      func whole(_ numbers: [Int], _ shape: [Int]) throws -> Tensor {
        try Tensor(numbers.map(Float.init), shape: shape)
      }
      tensors.append((prefix + "anchors", try whole(level.anchors, [level.anchors.count])))
      tensors.append((prefix + "offsets", try Tensor(level.offsets, shape: [level.anchors.count, 2])))
      tensors.append((prefix + "first", try whole(level.first, [trees, level.nodes])))
      tensors.append((prefix + "second", try whole(level.second, [trees, level.nodes])))
      tensors.append((prefix + "thresholds", try Tensor(level.thresholds, shape: [trees, level.nodes])))
      tensors.append((prefix + "leaves", try Tensor(level.leaves, shape: [trees, level.nodes + 1, initial.count])))
    }
    return Safetensors(tensors: tensors, metadata: metadata)
  }

  /// What `checkpoint` wrote; nothing of it is trusted.
  ///
  /// - Parameter file: what errors call it.
  public init(_ weights: Safetensors, file: String) throws(FacesError) {
    let tensors = Dictionary(weights.tensors.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
    func array(_ name: String) throws(FacesError) -> Tensor {
      guard let tensor = tensors[name] else { throw .missingWeight(file: file, name: name) }
      return tensor
    }
    func bad(_ name: String, _ expected: [Int], _ got: Tensor) -> FacesError {
      .wrongShape(file: file, name: name, expected: expected, got: got.shape)
    }
    let start = try array("initial")
    guard start.shape.count == 1, (4...512).contains(start.count), start.count % 2 == 0,
      start.values.allSatisfy(\.isFinite)
    else { throw bad("initial", [10], start) }
    initial = start.values
    var levels: [Level] = []
    while levels.count < 64, tensors["level\(levels.count + 1).anchors"] != nil {
      let prefix = "level\(levels.count + 1)."
      func whole(_ name: String, _ limit: Int) throws(FacesError) -> Tensor {
        let tensor = try array(prefix + name)
        guard tensor.values.allSatisfy({ $0 >= 0 && $0 < Float(limit) && $0 == $0.rounded() }) else {
          throw .missingWeight(file: file, name: prefix + name)
        }
        return tensor
      }
      let anchors = try whole("anchors", initial.count / 2)
      let offsets = try array(prefix + "offsets")
      guard offsets.shape == [anchors.count, 2] else { throw bad(prefix + "offsets", [anchors.count, 2], offsets) }
      let (first, second) = (try whole("first", anchors.count), try whole("second", anchors.count))
      let (thresholds, leaves) = (try array(prefix + "thresholds"), try array(prefix + "leaves"))
      let shape = first.shape
      // A tree is full: 2ⁿ − 1 nodes.
      guard shape.count == 2, shape[1] > 0, shape[1] < 1 << 16, (shape[1] + 1) & shape[1] == 0, second.shape == shape,
        thresholds.shape == shape
      else { throw bad(prefix + "first", [500, 15], first) }
      guard leaves.shape == [shape[0], shape[1] + 1, initial.count] else {
        throw bad(prefix + "leaves", [shape[0], shape[1] + 1, initial.count], leaves)
      }
      levels.append(
        Level(
          anchors: anchors.values.map { Int($0) }, offsets: offsets.values, first: first.values.map { Int($0) },
          second: second.values.map { Int($0) }, thresholds: thresholds.values, leaves: leaves.values, nodes: shape[1]))
    }
    guard !levels.isEmpty else { throw .missingWeight(file: file, name: "level1.anchors") }
    self.levels = levels
  }
}
