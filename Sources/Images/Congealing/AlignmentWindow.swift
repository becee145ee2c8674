/// Which pixels count, and how much: those in the middle wholly, those at the border hardly.
struct AlignmentWindow {
  private let height: Int
  private let width: Int
  private let weights: [Double]
  private let total: Double
  /// How many independent measurements a whole window is worth: neighbouring pixels say the same. Chosen on validation people.
  private static let evidence = 26.0
  /// Deviations of growth, turn and shifts that are expected before a picture is seen.
  private static let prior = [0.08, 0.08, 0.065, 0.065]

  init(height: Int, width: Int) {
    (self.height, self.width) = (height, width)
    func fourth(_ place: Int, of count: Int) -> Double {
      let x = (Double(place) - Double(count - 1) / 2) / (Double(count) * 0.42)
      return x * x * x * x
    }
    var weights: [Double] = []
    for row in 0..<height {
      for column in 0..<width { weights.append(1 / (1 + fourth(row, of: height) + fourth(column, of: width))) }
    }
    self.weights = weights
    total = weights.reduce(0, +)
  }

  /// With mean 0 and deviation 1 under the window; a picture of one gray becomes 0.
  func normalised(_ image: AlignmentImage) -> AlignmentImage {
    var (sum, squares) = (0.0, 0.0)
    for (value, weight) in zip(image.values, weights) { sum += value * weight }
    let mean = sum / total
    for (value, weight) in zip(image.values, weights) { squares += (value - mean) * (value - mean) * weight }
    let deviation = (squares / total).squareRoot()
    var result = image
    result.values = image.values.map { deviation < 1e-6 ? 0 : ($0 - mean) / deviation }
    return result
  }

  /// The movement after which the picture is most like the template.
  func transform(of image: AlignmentImage, to template: AlignmentImage, from start: SimilarityTransform, steps: Int)
    -> SimilarityTransform
  {
    var transform = start
    for _ in 0..<steps {
      let moved = normalised(image.moved(by: transform))
      guard let step = step(from: moved, to: template, at: transform) else { return transform }
      transform = transform.after(step).limited()
    }
    return transform
  }

  /// One Gauss–Newton step: the normal equations of the weighted squared difference, with the prior.
  private func step(from image: AlignmentImage, to template: AlignmentImage, at transform: SimilarityTransform)
    -> SimilarityTransform?
  {
    let side = Double(min(height, width))
    let (middleRow, middleColumn) = (Double(height - 1) / 2, Double(width - 1) / 2)
    var matrix = [Double](repeating: 0, count: 16)
    var right = [Double](repeating: 0, count: 4)
    let values = image.values
    for row in 0..<height {
      for column in 0..<width {
        let at = row * width + column
        let down = slope(values, at, row, of: height, step: width)
        let across = slope(values, at, column, of: width, step: 1)
        let (y, x) = (Double(row) - middleRow, Double(column) - middleColumn)
        let changes = (down * y + across * x, down * x - across * y, down * side, across * side)
        let rest = (template.values[at] - values[at]) * weights[at]
        withUnsafeBytes(of: changes) { bytes in
          let changes = bytes.bindMemory(to: Double.self)
          for first in 0..<4 {
            right[first] += changes[first] * rest
            let weighted = changes[first] * weights[at]
            for second in first..<4 { matrix[4 * first + second] += weighted * changes[second] }
          }
        }
      }
    }
    let scale = Self.evidence / total
    let now = [transform.growth, transform.turn, transform.down, transform.right]
    for first in 0..<4 {
      let precision = 1 / (Self.prior[first] * Self.prior[first])
      right[first] = right[first] * scale - precision * now[first]
      for second in first..<4 {
        matrix[4 * first + second] *= scale
        matrix[4 * second + first] = matrix[4 * first + second]
      }
      matrix[5 * first] += precision
    }
    return Self.solve(&matrix, &right)
  }

  /// Half the difference of the neighbours; at the border the whole difference to the only one.
  private func slope(_ values: [Double], _ at: Int, _ place: Int, of count: Int, step: Int) -> Double {
    if count < 2 { return 0 }
    if place == 0 { return values[at + step] - values[at] }
    if place == count - 1 { return values[at] - values[at - step] }
    return (values[at + step] - values[at - step]) / 2
  }

  /// Cholesky's decomposition of a positive 4×4 matrix; nil where rounding has left none.
  private static func solve(_ matrix: inout [Double], _ right: inout [Double]) -> SimilarityTransform? {
    for column in 0..<4 {
      var diagonal = matrix[5 * column]
      for k in 0..<column { diagonal -= matrix[4 * column + k] * matrix[4 * column + k] }
      guard diagonal > 0, diagonal.isFinite else { return nil }
      let root = diagonal.squareRoot()
      matrix[5 * column] = root
      for row in column + 1..<4 {
        var sum = matrix[4 * row + column]
        for k in 0..<column { sum -= matrix[4 * row + k] * matrix[4 * column + k] }
        matrix[4 * row + column] = sum / root
      }
    }
    for row in 0..<4 {
      for k in 0..<row { right[row] -= matrix[4 * row + k] * right[k] }
      right[row] /= matrix[5 * row]
    }
    for row in (0..<4).reversed() {
      for k in row + 1..<4 { right[row] -= matrix[4 * k + row] * right[k] }
      right[row] /= matrix[5 * row]
    }
    return SimilarityTransform(growth: right[0], turn: right[1], down: right[2], right: right[3])
  }
}
