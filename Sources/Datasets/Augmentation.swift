import Diagnostics
import ElementaryFunctions
import Tensors

/// Random changes that leave an image's class as it is, drawn anew for each image of each batch from a seed.
public struct Augmentation: Hashable, Sendable, Codable {
  /// Degrees, to either side.
  public var rotate = 0.0
  /// Horizontal and vertical shear, to either side: 0.3 moves the top edge by 0.3 of the height.
  public var shear = 0.0
  /// 0.2: between 0.8 and 1.2 times the size, each axis on its own.
  public var scale = 0.0
  /// Pixels, to either side, each axis.
  public var shift = 0.0
  /// Left and right exchanged, in half of the cases.
  public var flip = false
  /// 0.2: 0.8 to 1.2 times as bright.
  public var brightness = 0.0
  /// 0.2: 0.8 to 1.2 times as far from the middle, 0.5 on the scale 0…1.
  public var contrast = 0.0
  /// Deviation of noise, on the scale 0…1.
  public var noise = 0.0
  /// Deviation in pixels of a smooth random displacement (Simard, Steinkraus and Platt 2003).
  public var elastic = 0.0
  /// Side of a square filled with the image's mean, as a share of the shorter side.
  public var cutout = 0.0
  /// Strokes made up to so many pixels thicker or thinner (dark on light).
  public var thickness = 0.0
  /// 0.2: a window of 0.8 to 1 times the image's sides, anywhere in it, is drawn at the full size.
  public var crop = 0.0
  /// Deviation in pixels of a Gaussian blur, between 0 and this.
  public var blur = 0.0
  /// Chance of each of rotate, shear, scale and shift (Koch et al. 2015 take one half).
  public var chance = 1.0

  /// Changes nothing.
  public init() {}

  /// Whether all of it is 0: nothing would be changed.
  public var isNone: Bool {
    rotate == 0 && shear == 0 && scale == 0 && shift == 0 && !flip && brightness == 0 && contrast == 0 && noise == 0
      && elastic == 0 && cutout == 0 && thickness == 0 && crop == 0 && blur == 0
  }

  /// Changes one image of 0…255 samples, channels first.
  func apply(_ image: inout [Float], channels: Int, height: Int, width: Int, stream: inout RandomStream) {
    // Every draw is made whether or not it is used, so that one setting does not shift the draws of another.
    var u = [Double](repeating: 0, count: 24)
    for index in u.indices { u[index] = Double(stream.uniform()) }
    func side(_ index: Int) -> Double { 2 * u[index] - 1 }
    func taken(_ index: Int) -> Double { u[index] < chance ? 1 : 0 }
    if thickness > 0 { thicken(&image, side(22) * thickness, channels: channels, height: height, width: width) }
    warp(
      &image, channels: channels, height: height, width: width,
      angle: side(0) * taken(1) * rotate * .pi / 180, shears: (side(2) * taken(3) * shear, side(4) * taken(5) * shear),
      scales: (1 + side(6) * taken(7) * scale, 1 + side(8) * taken(9) * scale),
      shifts: (side(10) * taken(11) * shift, side(12) * taken(13) * shift), mirrored: flip && u[14] < 0.5,
      window: (1 - u[19] * crop, side(20), side(21)), stream: &stream)
    if blur > 0 { soften(&image, u[23] * blur, planes: channels, height: height, width: width) }
    if brightness > 0 || contrast > 0 {
      let gain = Float(1 + side(15) * brightness)
      let spread = Float(1 + side(16) * contrast)
      for at in image.indices { image[at] = min(255, max(0, ((image[at] - 127.5) * spread + 127.5) * gain)) }
    }
    if cutout > 0 {
      let edge = Int(min(1, cutout) * Double(min(height, width)))
      let top = Int(u[17] * Double(height - edge + 1))
      let left = Int(u[18] * Double(width - edge + 1))
      let mean = image.reduce(0, +) / Float(max(1, image.count))
      for channel in 0..<channels {
        for row in top..<min(height, top + edge) {
          for column in left..<min(width, left + edge) { image[(channel * height + row) * width + column] = mean }
        }
      }
    }
    if noise > 0 {
      for at in image.indices {
        image[at] = min(255, max(0, image[at] + Float(Draws.normal(&stream) * noise * 255)))
      }
    }
  }

  /// One resampling (bilinear, the border repeated) for rotation, shear, scale, shift, flip and elastic together.
  private func warp(
    _ image: inout [Float], channels: Int, height: Int, width: Int, angle: Double, shears: (Double, Double),
    scales: (Double, Double), shifts: (Double, Double), mirrored: Bool, window: (Double, Double, Double),
    stream: inout RandomStream
  ) {
    if rotate == 0, shear == 0, scale == 0, shift == 0, elastic == 0, crop == 0 {
      if mirrored {
        for row in 0..<channels * height { image[row * width..<(row + 1) * width].reverse() }
      }
      return
    }
    // From a target pixel (about the middle) to its source: undo shift, turn, shear and scale.
    let (c, s) = (Elementary.cos(angle), Elementary.sin(angle))
    let sx = max(0.05, scales.0) * (mirrored ? -1 : 1)
    let sy = max(0.05, scales.1)
    let a = (c + s * shears.1) / sx
    let b = (s + c * shears.0) / sx
    let d = (-s + c * shears.1) / sy
    let e = (c - s * shears.0) / sy
    let field = elastic > 0 ? displacement(height: height, width: width, stream: &stream) : []
    let source = image
    let middleX = Double(width - 1) / 2
    let middleY = Double(height - 1) / 2
    let area = height * width
    // The window's side, and its middle's way from the image's: at most what keeps the window inside.
    let zoom = max(0.05, window.0)
    let windowX = window.1 * (1 - zoom) * middleX
    let windowY = window.2 * (1 - zoom) * middleY
    source.withUnsafeBufferPointer { from in
      for row in 0..<height {
        for column in 0..<width {
          let x = (Double(column) - middleX) * zoom + windowX - shifts.0
          let y = (Double(row) - middleY) * zoom + windowY - shifts.1
          var fromX = a * x + b * y + middleX
          var fromY = d * x + e * y + middleY
          if !field.isEmpty {
            fromX += field[row * width + column]
            fromY += field[area + row * width + column]
          }
          fromX = min(Double(width - 1), max(0, fromX))
          fromY = min(Double(height - 1), max(0, fromY))
          let left = min(max(0, width - 2), Int(fromX))
          let top = min(max(0, height - 2), Int(fromY))
          let right = min(width - 1, left + 1)
          let below = min(height - 1, top + 1)
          let fx = Float(fromX - Double(left))
          let fy = Float(fromY - Double(top))
          for channel in 0..<channels {
            let base = channel * area
            let upper = from[base + top * width + left] * (1 - fx) + from[base + top * width + right] * fx
            let lower = from[base + below * width + left] * (1 - fx) + from[base + below * width + right] * fx
            image[base + row * width + column] = upper * (1 - fy) + lower * fy
          }
        }
      }
    }
  }

  /// A Gaussian of this deviation along rows, then along columns; the border is repeated.
  private func soften(_ image: inout [Float], _ deviation: Double, planes: Int, height: Int, width: Int) {
    guard deviation > 0.05 else { return }
    let reach = min(64, max(1, Int((3 * deviation).rounded(.up))))
    var weights = (-reach...reach).map { Float(Elementary.exp(-Double($0 * $0) / (2 * deviation * deviation))) }
    let sum = weights.reduce(0, +)
    for index in weights.indices { weights[index] /= sum }
    for down in [false, true] {
      let source = image
      for plane in 0..<planes {
        for row in 0..<height {
          for column in 0..<width {
            var value: Float = 0
            for step in -reach...reach {
              let y = down ? min(height - 1, max(0, row + step)) : row
              let x = down ? column : min(width - 1, max(0, column + step))
              value += weights[step + reach] * source[(plane * height + y) * width + x]
            }
            image[(plane * height + row) * width + column] = value
          }
        }
      }
    }
  }

  /// A smooth field: normal draws on a coarse grid (6×6), joined by cubic smoothing between its points.
  private func displacement(height: Int, width: Int, stream: inout RandomStream) -> [Double] {
    let grid = 6
    var knots = [Double](repeating: 0, count: 2 * grid * grid)
    for index in knots.indices { knots[index] = Draws.normal(&stream) * elastic }
    func place(_ position: Int, _ size: Int) -> (Int, Double) {
      let at = Double(position) / Double(max(1, size - 1)) * Double(grid - 1)
      let cell = min(grid - 2, Int(at))
      let t = at - Double(cell)
      return (cell, t * t * (3 - 2 * t))
    }
    var field = [Double](repeating: 0, count: 2 * height * width)
    for axis in 0..<2 {
      for row in 0..<height {
        let (y, ty) = place(row, height)
        for column in 0..<width {
          let (x, tx) = place(column, width)
          let at = axis * grid * grid + y * grid + x
          let upper = knots[at] * (1 - tx) + knots[at + 1] * tx
          let lower = knots[at + grid] * (1 - tx) + knots[at + grid + 1] * tx
          field[(axis * height + row) * width + column] = upper * (1 - ty) + lower * ty
        }
      }
    }
    return field
  }

  /// Grows (amount > 0) or shrinks dark strokes: the least or greatest of the four neighbours, mixed in.
  private func thicken(_ image: inout [Float], _ amount: Double, channels: Int, height: Int, width: Int) {
    var left = min(4, amount.magnitude)
    while left > 0 {
      let share = Float(min(1, left))
      let source = image
      for channel in 0..<channels {
        for row in 0..<height {
          for column in 0..<width {
            let at = (channel * height + row) * width + column
            var extreme = source[at]
            func meet(_ value: Float) { extreme = amount > 0 ? min(extreme, value) : max(extreme, value) }
            if row > 0 { meet(source[at - width]) }
            if row + 1 < height { meet(source[at + width]) }
            if column > 0 { meet(source[at - 1]) }
            if column + 1 < width { meet(source[at + 1]) }
            image[at] = source[at] + (extreme - source[at]) * share
          }
        }
      }
      left -= 1
    }
  }
}

extension Augmentation {
  /// Every setting, in one form: two are alike where their texts are.
  public var text: String {
    let numbers = [
      rotate, shear, scale, shift, brightness, contrast, noise, elastic, cutout, thickness, crop, blur, chance,
    ]
    return numbers.map { "\($0)" }.joined(separator: " ") + (flip ? " flip" : "")
  }

  /// As a program writes it: "augment(rotate=10, flip=true)".
  public var words: String {
    let settings: [(String, Double)] = [
      ("rotate", rotate), ("shear", shear), ("scale", scale), ("shift", shift), ("brightness", brightness),
      ("contrast", contrast), ("noise", noise), ("elastic", elastic), ("cutout", cutout), ("thickness", thickness),
      ("crop", crop), ("blur", blur),
    ]
    var given = settings.filter { $0.1 != 0 }.map { "\($0)=\(NumberText.written($1))" }
    if flip { given.append("flip=true") }
    if chance != 1 { given.append("chance=\(NumberText.written(chance))") }
    return "augment(\(given.joined(separator: ", ")))"
  }

  /// Whether every number is one that a dataset can be augmented with; those of a file are not trusted.
  public var isSound: Bool {
    let sizes = [rotate, shear, scale, shift, brightness, contrast, noise, elastic, cutout, thickness, crop, blur]
    return sizes.allSatisfy { $0.isFinite && (0...10_000).contains($0) } && (0...1).contains(chance)
  }

  /// One image as a network sees it, changed as `seed` draws: what a dataset's augmentation does before it is prepared.
  ///
  /// - Parameters:
  ///   - shape: [channels, height, width].
  ///   - scaling: how the samples were scaled; nil: to 0…1.
  public func applied(to prepared: [Float], shape: [Int], scaling: Preprocessing?, seed: UInt64) -> [Float] {
    guard shape.count == 3, prepared.count == shape.reduce(1, *) else { return prepared }
    let scaling = scaling ?? Preprocessing(shape: shape)
    var samples = prepared.map { ($0 * scaling.deviation + scaling.mean) * 255 }
    var stream = RandomStream(seed: seed, stream: 0)
    apply(&samples, channels: shape[0], height: shape[1], width: shape[2], stream: &stream)
    return samples.map { scaling.scaled($0) }
  }
}
