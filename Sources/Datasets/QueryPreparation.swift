import Images

/// Makes of any picture what a network takes: fits it to the form that the training images had, and prepares it as they
/// were. The page and the language ask the same, so that one photograph has one distance.
public struct QueryPreparation: Hashable, Sendable {
  public let preprocessing: Preprocessing

  public init(_ preprocessing: Preprocessing) { self.preprocessing = preprocessing }

  /// - Parameters:
  ///   - kept: the preparation as the network carries it (JSON). One that it lacks, or that gives another shape, is none:
  ///     a network that learnt from tensors knows the bare size alone.
  ///   - shape: what the network takes, [channels, height, width].
  public init(kept: String?, shape: [Int]) {
    let known = kept.flatMap(Preprocessing.init(json:))
    self.init(known.flatMap { $0.shape == shape ? $0 : nil } ?? Preprocessing(shape: shape))
  }

  /// The network's input, [channels, height, width] in one row.
  /// - Parameter prepared: what was done to the picture already. Where it is what is due here, nothing is done twice.
  public func values(_ picture: PixelImage, prepared: Preprocessing? = nil) throws -> [Float] {
    if let prepared, prepared.steps == preprocessing.steps, prepared.shape == shape {
      return try preprocessing.prepare(picture, alreadyPrepared: true).values
    }
    return try preprocessing.prepare(try fitted(picture)).values
  }

  /// [channels, height, width]
  public var shape: [Int] { preprocessing.shape }

  /// A picture that fits is left as it is. Another is cut to the form of the training images about its middle and, where
  /// the preparation does not resize by itself, resized to theirs.
  func fitted(_ picture: PixelImage) throws -> PixelImage {
    if isAligned { return picture }
    let wanted = expectedSize
    if !wanted.isAnySize, picture.width == wanted.width, picture.height == wanted.height { return picture }
    let form = Double(wanted.width) / Double(max(1, wanted.height))
    var (width, height) = (picture.width, picture.height)
    let own = Double(width) / Double(height)
    // A tenth more or less is how photographs of one series differ.
    if abs(own / form - 1) > 0.1 {
      if own > form {
        width = max(1, min(width, Int((Double(height) * form).rounded())))
      } else {
        height = max(1, min(height, Int((Double(width) / form).rounded())))
      }
    }
    var result = picture
    if width != picture.width || height != picture.height {
      result = try result.cropped(
        left: (picture.width - width) / 2, top: (picture.height - height) / 2, width: width, height: height)
    }
    return wanted.isAnySize ? result : try result.resized(width: wanted.width, height: wanted.height)
  }

  /// Whether the preparation finds by itself what is drawn or who is seen, wherever it stands: cutting could only lose.
  private var isAligned: Bool {
    for step in preprocessing.steps {
      switch step {
      case .gray, .invert, .congeal: continue
      case .align, .face: return true
      case .halve, .crop, .resize: return false
      }
    }
    return false
  }

  /// The size that the steps begin with, as far as they tell: walked backwards from the network's input.
  private var expectedSize: (width: Int, height: Int, isAnySize: Bool) {
    var (height, width) = (preprocessing.shape[1], preprocessing.shape[2])
    var isAnySize = false
    for step in preprocessing.steps.reversed() {
      switch step {
      case .gray, .invert, .congeal: break
      case .halve:
        // Every second pixel of 2n or 2n − 1; the even one is what cameras and detectors give.
        height = min(height, 1 << 20) * 2
        width = min(width, 1 << 20) * 2
      case .crop(let top, let left, let cropHeight, let cropWidth):
        // What was cut off below and on the right is not known: as much as above and on the left.
        height = min(1 << 21, max(1, 2 * max(0, min(top, 1 << 20)) + cropHeight))
        width = min(1 << 21, max(1, 2 * max(0, min(left, 1 << 20)) + cropWidth))
        isAnySize = false
      case .resize(let toHeight, let toWidth), .align(let toHeight, let toWidth, _):
        // From any size; of its form, nothing is known but the target's.
        (height, width) = (toHeight, toWidth)
        isAnySize = true
      case .face(let size, _):
        (height, width) = (size, size)
        isAnySize = true
      }
    }
    return (max(1, width), max(1, height), isAnySize)
  }

  /// The longer side of the pictures that the network was trained on, where the preparation tells.
  public var expectedSide: Int? {
    let size = expectedSize
    return size.isAnySize ? nil : max(size.width, size.height)
  }

  /// What the network saw, as a picture.
  public func picture(of input: [Float]) -> PixelImage? {
    let (channels, height, width) = (shape[0], shape[1], shape[2])
    guard input.count == channels * height * width else { return nil }
    var pixels = [UInt8](repeating: 0, count: input.count)
    let area = height * width
    for channel in 0..<channels {
      for pixel in 0..<area {
        let sample = (input[channel * area + pixel] * preprocessing.deviation + preprocessing.mean) * 255
        if sample.isFinite { pixels[pixel * channels + channel] = UInt8(max(0, min(255, sample.rounded()))) }
      }
    }
    return PixelImage(width: width, height: height, channels: channels, pixels: pixels)
  }
}
