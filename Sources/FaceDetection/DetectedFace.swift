/// A face in a picture; places in pixels from its upper left corner, x to the right, y down.
public struct DetectedFace: Hashable, Sendable {
  /// A place between pixels.
  public struct Point: Hashable, Sendable {
    public var x, y: Double

    public init(x: Double, y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// Cut off at the picture's border.
  public var box: FaceBox
  /// 0…1: O-Net's softmax.
  public var confidence: Double
  /// Left eye, right eye, nose, left and right corner of the mouth, as one sees them; may lie outside the picture.
  public var landmarks: [Point]

  public init(box: FaceBox, confidence: Double, landmarks: [Point]) {
    self.box = box
    self.confidence = confidence
    self.landmarks = landmarks
  }

  /// The landmarks in their order, as lists of faces name them.
  public static let landmarkNames = ["left_eye", "right_eye", "nose", "mouth_left", "mouth_right"]
}

/// A box by its corners, in pixels.
public struct FaceBox: Hashable, Sendable {
  public var left, top, right, bottom: Double

  public init(left: Double, top: Double, right: Double, bottom: Double) {
    self.left = left
    self.top = top
    self.right = right
    self.bottom = bottom
  }

  public var width: Double { right - left }
  public var height: Double { bottom - top }
  /// In pixels; 0 where the corners are the wrong way round.
  public var area: Double { max(0, width) * max(0, height) }

  /// Of what both cover: 0 where they do not meet.
  public func intersection(_ other: FaceBox) -> Double {
    max(0, min(right, other.right) - max(left, other.left)) * max(0, min(bottom, other.bottom) - max(top, other.top))
  }

  /// The area that both cover over the area that either does, 0…1.
  public func overlap(_ other: FaceBox) -> Double {
    let common = intersection(other)
    return common > 0 ? common / (area + other.area - common) : 0
  }

  /// As long as its longer side each way, about the same middle.
  var squared: FaceBox {
    let side = max(width, height)
    let (x, y) = (left + width / 2 - side / 2, top + height / 2 - side / 2)
    return FaceBox(left: x, top: y, right: x + side, bottom: y + side)
  }

  /// Each side moved by its share of the box's size. The sizes count the last pixel in, as the networks were taught.
  func corrected(_ shares: [Float]) -> FaceBox {
    let (w, h) = (width + 1, height + 1)
    return FaceBox(
      left: left + Double(shares[0]) * w, top: top + Double(shares[1]) * h, right: right + Double(shares[2]) * w,
      bottom: bottom + Double(shares[3]) * h)
  }

  /// The part that lies within a picture of this size.
  func clipped(width: Int, height: Int) -> FaceBox {
    let (w, h) = (Double(width - 1), Double(height - 1))
    return FaceBox(
      left: max(0, min(w, left)), top: max(0, min(h, top)), right: max(0, min(w, right)),
      bottom: max(0, min(h, bottom)))
  }
}
