/// What is done to pictures before a network sees them, as far as a graph can say it. `Datasets` knows the steps; this is
/// what it hands over.
public struct ImagePreparation: Sendable {
  /// What is done to a picture of 8-bit samples.
  public enum Step: Sendable, Hashable {
    /// As Pillow's convert("L").
    case gray
    /// Pillow's bilinear with antialiasing, to the bit.
    case resize(height: Int, width: Int)
    /// Every second pixel.
    case halve
    case crop(top: Int, left: Int, height: Int, width: Int)
    case invert
  }

  /// In the order in which they are done.
  public var steps: [Step]
  /// After division by 255, (x − mean) / deviation.
  public var mean: Float
  public var deviation: Float

  public init(steps: [Step], mean: Float, deviation: Float) {
    self.steps = steps
    self.mean = mean
    self.deviation = deviation
  }
}
