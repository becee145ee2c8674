/// A small gray picture, blurred, in double precision.
struct AlignmentImage {
  let height: Int
  let width: Int
  var values: [Double]

  /// How strongly pictures are blurred while they are aligned, first and then: deviations of 3.2 and 1.6 pixels of 48 on the
  /// shorter side.
  static let blurs = [1.0 / 15, 1.0 / 30]

  /// - Parameter blur: the deviation of a normal blur as a share of the shorter side; 0 leaves the picture as it is.
  init(_ image: PixelImage, blur: Double) {
    (height, width) = (image.height, image.width)
    values = image.pixels.map(Double.init)
    let deviation = blur * Double(min(height, width))
    // Binomial weights: the variance of n coins is n / 4.
    let coins = 2 * Int((2 * deviation * deviation).rounded())
    if coins > 0 { self.blur(by: coins) }
  }

  private init(height: Int, width: Int, values: [Double]) {
    (self.height, self.width, self.values) = (height, width, values)
  }

  private mutating func blur(by coins: Int) {
    var weights = [1.0]
    for _ in 0..<coins {
      var next = [Double](repeating: 0, count: weights.count + 1)
      for (place, weight) in weights.enumerated() {
        next[place] += weight / 2
        next[place + 1] += weight / 2
      }
      weights = next
    }
    let reach = coins / 2
    func summed(_ source: [Double], count: Int, line: (Int) -> Int, lines: Int, step: Int) -> [Double] {
      var result = source
      for start in (0..<lines).map(line) {
        for place in 0..<count {
          var sum = 0.0
          for (offset, weight) in weights.enumerated() {
            let at = max(0, min(count - 1, place + offset - reach))
            sum += weight * source[start + at * step]
          }
          result[start + place * step] = sum
        }
      }
      return result
    }
    values = summed(values, count: width, line: { $0 * width }, lines: height, step: 1)
    values = summed(values, count: height, line: { $0 }, lines: width, step: width)
  }

  func moved(by transform: SimilarityTransform) -> AlignmentImage {
    var result = [Double](repeating: 0, count: values.count)
    for row in 0..<height {
      for column in 0..<width {
        let place = BilinearPlace(
          transform.source(row: row, column: column, height: height, width: width), height: height, width: width)
        result[row * width + column] = place.value { values[$0] }
      }
    }
    return AlignmentImage(height: height, width: width, values: result)
  }

  /// The mean of pictures that were moved, normalised each and as a whole.
  static func mean(of images: [AlignmentImage], moved transforms: [SimilarityTransform], window: AlignmentWindow)
    -> AlignmentImage
  {
    guard var sum = images.first else { return AlignmentImage(height: 0, width: 0, values: []) }
    sum.values = sum.values.map { _ in 0 }
    for (image, transform) in zip(images, transforms) {
      let one = window.normalised(image.moved(by: transform))
      for place in sum.values.indices { sum.values[place] += one.values[place] }
    }
    return window.normalised(sum)
  }
}
