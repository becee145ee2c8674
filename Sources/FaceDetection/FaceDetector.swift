import ElementaryFunctions
import Images
import TensorFiles

/// Finds faces by a cascade of three networks, each of which looks closer at what the one before let through: MTCNN.
///
/// Source: Zhang, Zhang, Li and Qiao, "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional
/// Networks", 2016. Sizes, sampling and suppression are those of the Python package `mtcnn` 1.0; the weights are
/// facenet-pytorch's.
public struct FaceDetector: Sendable {
  /// What is looked for, and how sure the networks must be.
  public struct Settings: Hashable, Sendable {
    /// Pixels of the smallest face that is looked for; at least 12.
    public var smallest = 20.0
    /// One size of the picture to the next.
    public var factor = 0.709
    /// How sure the first network must be, 0…1.
    public var proposalThreshold = 0.6
    /// The same of the second network.
    public var refiningThreshold = 0.7
    /// The same of the third, whose certainty a face is given.
    public var outputThreshold = 0.8

    public init() {}
  }

  public var settings = Settings()
  private let proposals: ProposalNetwork
  private let refining: CropNetwork
  private let output: CropNetwork

  /// - Parameters:
  ///   - weights: as `MTCNNWeights` keeps them.
  ///   - file: what errors call it.
  /// - Throws: `FacesError.missingWeight`, `.wrongShape`.
  public init(_ weights: Safetensors, file: String) throws(FacesError) {
    let weights = DetectorWeights(weights, file: file)
    proposals = try weights.proposalNetwork()
    refining = try weights.refiningNetwork()
    output = try weights.outputNetwork()
  }

  /// The faces of a picture, the surest first.
  /// - Parameter isGivenUp: asked now and then, from any thread; true ends with `CancellationError`.
  public func faces(in picture: PixelImage, isGivenUp: @escaping @Sendable () -> Bool = { false }) throws
    -> [DetectedFace]
  {
    let image = picture.rgb()
    func check() throws { if isGivenUp() { throw CancellationError() } }
    var boxes = try proposed(image, isGivenUp)
    try check()
    if boxes.isEmpty { return [] }
    let refined = refining.run(image, boxes.map { crop($0, image, side: refining.side) }, isGivenUp: isGivenUp)
    try check()
    var found: [(box: FaceBox, score: Double)] = []
    for (box, answer) in zip(boxes, refined) where Double(answer.probability) > settings.refiningThreshold {
      found.append((box.corrected(answer.numbers), Double(answer.probability)))
    }
    boxes = Suppression.kept(found.map(\.box), scores: found.map(\.score), threshold: 0.7, measure: .union)
      .map { found[$0].box.squared }
    let judged = output.run(image, boxes.map { crop($0, image, side: output.side) }, isGivenUp: isGivenUp)
    try check()
    var faces: [DetectedFace] = []
    for (box, answer) in zip(boxes, judged) where Double(answer.probability) > settings.outputThreshold {
      let (w, h) = (box.width + 1, box.height + 1)
      let landmarks = (0..<5).map { index in
        DetectedFace.Point(
          x: box.left - 1 + w * Double(answer.numbers[4 + index]),
          y: box.top - 1 + h * Double(answer.numbers[9 + index]))
      }
      faces.append(
        DetectedFace(
          box: box.corrected(answer.numbers), confidence: Double(answer.probability), landmarks: landmarks))
    }
    return Suppression.kept(
      faces.map(\.box), scores: faces.map(\.confidence), threshold: 0.7, measure: .smaller
    ).compactMap { index in
      var face = faces[index]
      face.box = face.box.clipped(width: image.width, height: image.height)
      // Corrections may turn a box inside out, or out of the picture.
      return face.box.width >= 1 && face.box.height >= 1 ? face : nil
    }
  }

  /// What P-Net lets through, squared.
  private func proposed(_ image: PixelImage, _ isGivenUp: @Sendable () -> Bool) throws -> [FaceBox] {
    let scales = self.scales(width: image.width, height: image.height)
    let sizes = scales.map { (height: Int(Double(image.height) * $0), width: Int(Double(image.width) * $0)) }
    let windows = proposals.run(
      image, sizes: sizes, threshold: Float(settings.proposalThreshold), isGivenUp: isGivenUp)
    var boxes: [FaceBox] = []
    var scores: [Double] = []
    for (scale, found) in zip(scales, windows) {
      if isGivenUp() { throw CancellationError() }
      let own = found.map { window in
        // The window's corners counted from 1, as the networks were taught.
        let (left, top) = (Double(2 * window.column + 1), Double(2 * window.row + 1))
        let c = window.corrections
        return FaceBox(
          left: (left + Double(c.0) * 11) / scale, top: (top + Double(c.1) * 11) / scale,
          right: (left + 11 + Double(c.2) * 11) / scale, bottom: (top + 11 + Double(c.3) * 11) / scale)
      }
      let ownScores = found.map { Double($0.probability) }
      for index in Suppression.kept(own, scores: ownScores, threshold: 0.5, measure: .union) {
        boxes.append(own[index])
        scores.append(ownScores[index])
      }
    }
    return Suppression.kept(boxes, scores: scores, threshold: 0.7, measure: .union).map { boxes[$0].squared }
  }

  /// Sizes at which a window of 12 pixels sees faces from the smallest to the largest that fits.
  func scales(width: Int, height: Int) -> [Double] {
    let smallest = max(12, settings.smallest)
    let least = Double(min(width, height))
    let count = (-(Elementary.log(least / 12) / Elementary.log(settings.factor) + 1)).rounded(.toNearestOrEven)
    guard count >= 1, count < 100 else { return [] }
    return (0..<Int(count)).map { 12 / smallest * Elementary.pow(settings.factor, Double($0)) }
  }

  /// TensorFlow's `crop_and_resize`: the box's corners are sampled, and what lies between them.
  private func crop(_ box: FaceBox, _ image: PixelImage, side: Int) -> CropNetwork.Crop {
    let (w, h) = (Double(image.width - 1) / Double(image.width), Double(image.height - 1) / Double(image.height))
    return CropNetwork.Crop(
      top: Float(box.top * h), left: Float(box.left * w), rowStep: Float(box.height * h / Double(side - 1)),
      columnStep: Float(box.width * w / Double(side - 1)))
  }
}
