import Images
import Tensors

/// R-Net and O-Net: convolutions with PReLU and maximum pooling over a square crop, then a dense layer, then several
/// linear ones side by side.
struct CropNetwork: Sendable {
  struct Stage: Sendable {
    var layer: PanelLayer
    /// Side of the pooling's window (two pixels apart, cut off at the end: ceil mode); nil: none.
    var window: Int?
  }

  /// Pixels of a crop's side.
  let side: Int
  let stages: [Stage]
  let dense: PanelLayer
  /// Two classes, four corrections, and for O-Net ten places of landmarks.
  let heads: PanelLayer

  /// Where a crop lies in a picture: pixel (i, j) is sampled at top + i · rowStep, left + j · columnStep.
  struct Crop: Sendable {
    var top, left, rowStep, columnStep: Float
  }

  struct Answer: Sendable {
    var probability: Float
    /// Four corrections of the box, then the landmarks.
    var numbers: [Float]
  }

  /// Crops that one slice of work takes.
  static let batch = 16

  /// Each crop's answer; a number is sampled as 0 where it lies outside the RGB picture.
  /// - Parameter isGivenUp: asked before each slice, from any thread; what comes back then is of no use.
  func run(_ image: PixelImage, _ crops: [Crop], isGivenUp: @Sendable () -> Bool) -> [Answer] {
    var answers = [Answer](repeating: Answer(probability: 0, numbers: []), count: crops.count)
    let slices = (crops.count + Self.batch - 1) / Self.batch
    answers.withUnsafeMutableBufferPointer { buffer in
      // Each slice writes answers of its own, and all read the picture, which nobody changes meanwhile.
      nonisolated(unsafe) let answers = buffer
      image.pixels.withUnsafeBufferPointer { pixels in
        guard let base = pixels.baseAddress else { return }
        nonisolated(unsafe) let start = base
        Workers.shared.parallel(slices: slices) { slice in
          if isGivenUp() { return }
          let range = slice * Self.batch..<min(crops.count, (slice + 1) * Self.batch)
          let results = answer(count: range.count) { index, out in
            let crop = crops[range.lowerBound + index]
            FaceKernel.sample(
              start, width: image.width, height: image.height, top: crop.top, left: crop.left, rowStep: crop.rowStep,
              columnStep: crop.columnStep, side: side, out)
          }
          for (index, result) in results.enumerated() { answers[range.lowerBound + index] = result }
        }
      }
    }
    return answers
  }

  /// Answers for crops that `fill` writes, [side, side, 3] each.
  func answer(count: Int, fill: (Int, MutableFloats) -> Void) -> [Answer] {
    // Sides of what goes in and comes out of each stage; the largest of each kind of memory.
    var sizes: [(input: Int, convolved: Int, output: Int)] = []
    var input = side
    var (largest, widest) = (side * side * 3, 0)
    for stage in stages {
      let convolved = input - stage.layer.kernelHeight + 1
      let output = stage.window.map { Self.pooledSide(convolved, window: $0) } ?? convolved
      sizes.append((input, convolved, output))
      widest = max(widest, convolved * convolved * stage.layer.width)
      largest = max(largest, output * output * stage.layer.width)
      input = output
    }
    let features = dense.channels
    let wide = FloatScratch(widest)
    let here = FloatScratch(largest)
    let flat = FloatScratch(count * features)
    let middle = FloatScratch(count * dense.width)
    let out = FloatScratch(count * heads.width)
    let places = zip(stages, sizes).map { stage, size in
      let channels = stage.layer.channels
      return PanelLayer.places(
        count: size.convolved, rows: size.convolved, pixelStride: channels, rowStride: size.input * channels)
    }
    for item in 0..<count {
      fill(item, here.start)
      for (number, stage) in stages.enumerated() {
        let (layer, size) = (stage.layer, sizes[number])
        layer.apply(
          here.start, rows: places[number], rowCount: size.convolved * size.convolved,
          segmentStride: size.input * layer.channels, wide.start)
        let isLast = number == stages.count - 1
        let target = isLast ? flat.start + item * features : here.start
        if let window = stage.window {
          for row in 0..<size.output {
            FaceKernel.preluPool(
              wide.start + 2 * row * size.convolved * layer.width, width: size.convolved,
              rows: min(window, size.convolved - 2 * row), rowStride: size.convolved * layer.width, window: window,
              layer, outWidth: size.output, target + row * size.output * layer.filters)
          }
        } else {
          FaceKernel.prelu(wide.start, pixels: size.convolved * size.convolved, layer)
          for pixel in 0..<size.convolved * size.convolved {
            (target + pixel * layer.filters).update(from: wide.start + pixel * layer.width, count: layer.filters)
          }
        }
      }
    }
    let flatPlaces = PanelLayer.places(count: count, pixelStride: features)
    dense.apply(flat.start, rows: flatPlaces, rowCount: count, segmentStride: 0, middle.start)
    FaceKernel.prelu(middle.start, pixels: count, dense)
    let middlePlaces = PanelLayer.places(count: count, pixelStride: dense.width)
    heads.apply(middle.start, rows: middlePlaces, rowCount: count, segmentStride: 0, out.start)
    return (0..<count).map { item in
      let values = (0..<heads.filters).map { out.start[item * heads.width + $0] + heads.bias[$0] }
      return Answer(probability: probability(values[1] - values[0]), numbers: Array(values.dropFirst(2)))
    }
  }

  /// PyTorch's `ceil_mode`: the last window may be cut off, but begins inside.
  static func pooledSide(_ side: Int, window: Int) -> Int {
    let pooled = (max(0, side - window) + 1) / 2 + 1
    return 2 * (pooled - 1) >= side ? pooled - 1 : pooled
  }
}
