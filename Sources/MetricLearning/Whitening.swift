import NeuralNetworks

/// Within-class covariance normalisation, or whitening of all. The first: the linear map under which embeddings of one class differ alike in all
/// directions. What varies within a class (pose, light, the hand that writes) then counts for little, and what does not
/// for much; for that few classes are enough, and nothing is trained. Source: Hatch, Kajarekar and Stolcke 2006; with the
/// principal components before it, as Fisherfaces take them (Belhumeur, Hespanha and Kriegman 1997). The second needs no
/// classes: embeddings as a whole then vary alike in all directions, so that what many have in common counts for little
/// (Jégou and Chum 2012).
public struct Whitening: Sendable {
  /// About what embeddings vary: the mean of their class, or that of all.
  public enum Scatter: String, Sendable, CaseIterable {
    case within, total
  }

  /// [outputs, width], row by row.
  public let weights: [Float]
  /// So that the mean of the data comes to 0.
  public let bias: [Float]
  /// Numbers of an embedding that comes out.
  public var outputs: Int { bias.count }

  /// Of rows or of numbers a row, whichever are fewer: a matrix of their square is taken apart.
  public static let limit = 4096

  /// - Parameters:
  ///   - components: at most so many principal components are kept.
  ///   - shrink: so much of the mean variance is added to each direction's, so that directions in which the few images at
  ///     hand happen not to vary do not count without bound.
  ///   - scatter: which variance is meant.
  public init(
    _ data: Embeddings, components: Int, shrink: Double, scatter about: Scatter = .within
  ) throws(MetricError) {
    let (count, width) = (data.count, data.width)
    let classes = data.rowsByClass()
    guard about == .total || classes.contains(where: { $0.rows.count > 1 }) else {
      throw .noSamePairs(function: "whiten", classes: classes.count, items: count)
    }
    guard min(count, width) <= Self.limit else {
      throw .outOfRange(
        function: "whiten", argument: "the lesser of the images and the numbers of an embedding",
        got: "\(min(count, width))", expected: "at most \(Self.limit)")
    }
    var mean = [Double](repeating: 0, count: width)
    for at in data.values.indices { mean[at % width] += Double(data.values[at]) / Double(count) }
    var centred = [Double](repeating: 0, count: count * width)
    for at in centred.indices { centred[at] = Double(data.values[at]) - mean[at % width] }
    let axes = try Self.principalAxes(centred, count: count, width: width, most: components)
    let kept = axes.count / max(1, width)
    let projected = rowProducts(centred, axes, inner: width, rows: count, columns: kept)

    // Rows about their mean (all have that of 0 already), then their scatter.
    var centredRows = projected
    for (_, rows) in about == .within ? classes : [] {
      for k in 0..<kept {
        let middle = rows.reduce(0) { $0 + projected[$1 * kept + k] } / Double(rows.count)
        for row in rows { centredRows[row * kept + k] -= middle }
      }
    }
    let columns = Self.transposed(centredRows, rows: count, columns: kept)
    var scatter = rowProducts(columns, columns, inner: count, rows: kept, columns: kept)
    let variance = (0..<kept).reduce(0) { $0 + scatter[$1 * kept + $1] } / Double(kept)
    guard variance > 0 else { throw Self.allAlike }
    for k in 0..<kept { scatter[k * kept + k] += max(shrink, 1e-6) * variance }
    guard let within = SymmetricEigen(scatter, size: kept) else { throw .notFinite(function: "whiten", item: 0) }
    var map = within.vectors
    for k in 0..<kept {
      let scale = (Double(count) / max(within.values[k], .leastNormalMagnitude)).squareRoot()
      for j in 0..<kept { map[k * kept + j] *= scale }
    }
    let whole = rowProducts(
      map, Self.transposed(axes, rows: kept, columns: width), inner: kept, rows: kept, columns: width)
    weights = whole.map(Float.init)
    bias = (0..<kept).map { k in Float(-(0..<width).reduce(0) { $0 + whole[k * width + $1] * mean[$1] }) }
  }

  private static let allAlike = MetricError.outOfRange(
    function: "whiten", argument: "the images of a class", got: "the same embedding for all of them",
    expected: "different")

  /// Rows of length 1, those along which the data vary most first.
  private static func principalAxes(
    _ data: [Double], count: Int, width: Int, most: Int
  ) throws(MetricError) -> [Double] {
    let isWide = width > count
    let turned = isWide ? data : transposed(data, rows: count, columns: width)
    let size = min(count, width)
    guard
      let eigen = SymmetricEigen(
        rowProducts(turned, turned, inner: max(count, width), rows: size, columns: size), size: size),
      let greatest = eigen.values.last
    else { throw .notFinite(function: "whiten", item: 0) }
    guard greatest > 0 else { throw Self.allAlike }
    let chosen = (0..<size).reversed().filter { eigen.values[$0] > 1e-10 * greatest }.prefix(most)
    var rows: [Double] = []
    for k in chosen { rows += eigen.vectors[k * size..<(k + 1) * size] }
    guard isWide else { return rows }
    // From a mixture of images to the direction: Zᵀu / √λ.
    let images = transposed(data, rows: count, columns: width)
    var axes = rowProducts(rows, images, inner: count, rows: chosen.count, columns: width)
    for (place, k) in chosen.enumerated() {
      let scale = 1 / eigen.values[k].squareRoot()
      for j in 0..<width { axes[place * width + j] *= scale }
    }
    return axes
  }

  private static func transposed(_ a: [Double], rows: Int, columns: Int) -> [Double] {
    var result = [Double](repeating: 0, count: a.count)
    for row in 0..<rows { for column in 0..<columns { result[column * rows + row] = a[row * columns + column] } }
    return result
  }
}
