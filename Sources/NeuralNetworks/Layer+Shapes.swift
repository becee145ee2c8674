/// Zeros around an image, resolved to numbers.
struct Border: Hashable, Sendable {
  var top = 0
  var left = 0
  var bottom = 0
  var right = 0
}

/// A convolution or pooling with every size known.
struct SlidingShape: Hashable, Sendable {
  var channels: Int
  var height: Int
  var width: Int
  var kernel: Extent
  var stride: Extent
  var border: Border
  var outHeight: Int
  var outWidth: Int

  /// nil where the window does not fit into the padded image.
  init?(_ input: [Int], kernel: Extent, stride: Extent, padding: Padding) {
    channels = input[0]
    height = input[1]
    width = input[2]
    self.kernel = kernel
    self.stride = stride
    switch padding {
    case .valid: border = Border()
    case .pixels(let count): border = Border(top: count, left: count, bottom: count, right: count)
    case .same:
      func total(_ size: Int, _ kernel: Int, _ stride: Int) -> Int {
        max(0, ((size + stride - 1) / stride - 1) * stride + kernel - size)
      }
      let vertical = total(height, kernel.height, stride.height)
      let horizontal = total(width, kernel.width, stride.width)
      border = Border(
        top: vertical / 2, left: horizontal / 2, bottom: vertical - vertical / 2,
        right: horizontal - horizontal / 2)
    }
    let roomY = height + border.top + border.bottom - kernel.height
    let roomX = width + border.left + border.right - kernel.width
    guard roomY >= 0, roomX >= 0 else { return nil }
    outHeight = roomY / stride.height + 1
    outWidth = roomX / stride.width + 1
  }
}

extension Layer {
  /// Largest number that a layer's size, kernel, stride or padding may have.
  static let sizeLimit = 1 << 20
  /// Largest number of elements of one item after any layer, and of the weights of any layer.
  static let elementLimit = 1 << 30

  /// The shape of one item after this layer, from the shape before it; without the batch axis.
  ///
  /// - Throws: `NetworkError` that names the layer (without its number; `Network.build` adds it).
  public func outputShape(of input: [Int]) throws -> [Int] {
    try checkArguments()
    switch self {
    case .conv(let conv):
      guard input.count == 3 else { throw NetworkError.wantsImages(layer: self, number: nil, got: input) }
      guard let sliding = SlidingShape(input, kernel: conv.kernel, stride: conv.stride, padding: conv.padding) else {
        throw NetworkError.windowTooLarge(layer: self, number: nil, window: conv.kernel, input: input)
      }
      try checkSize([conv.filters, input[0], conv.kernel.height, conv.kernel.width])
      return try checkSize([conv.filters, sliding.outHeight, sliding.outWidth])
    case .dense(let units, _, _):
      guard input.count == 1 else { throw NetworkError.wantsFlat(layer: self, number: nil, got: input) }
      try checkSize([units, input[0]])
      return [units]
    case .maxPool(let window), .avgPool(let window):
      guard input.count == 3 else { throw NetworkError.wantsImages(layer: self, number: nil, got: input) }
      guard let sliding = SlidingShape(input, kernel: window.size, stride: window.stride, padding: window.padding)
      else { throw NetworkError.windowTooLarge(layer: self, number: nil, window: window.size, input: input) }
      return [input[0], sliding.outHeight, sliding.outWidth]
    case .globalPool:
      guard input.count == 3 else { throw NetworkError.wantsImages(layer: self, number: nil, got: input) }
      return [input[0]]
    case .flatten: return [input.reduce(1, *)]
    case .activation, .dropout, .batchNorm, .normalize: return input
    case .residual(let block):
      guard !block.isEmpty else { throw NetworkError.emptyBlock(layer: name) }
      var shape = input
      for layer in block { shape = try layer.outputShape(of: shape) }
      guard shape == input || Layer.shortcut(from: input, to: shape) != nil else {
        throw NetworkError.blockChangesShape(layer: self, number: nil, before: input, after: shape)
      }
      if shape != input { _ = try Layer.shortcut(from: input, to: shape)?.outputShape(of: input) }
      return shape
    case .parallel(let blocks):
      let shapes = try blocks.map { block in
        guard !block.isEmpty else { throw NetworkError.emptyBlock(layer: name) }
        return try block.reduce(input) { shape, layer in try layer.outputShape(of: shape) }
      }
      guard let first = shapes.first else { throw NetworkError.emptyBlock(layer: name) }
      guard shapes.allSatisfy({ $0.dropFirst() == first.dropFirst() }) else {
        throw NetworkError.blocksDiffer(layer: self, number: nil, shapes: shapes)
      }
      return try checkSize([shapes.reduce(0) { $0 + $1[0] }] + first.dropFirst())
    case .squeezeExcite(let reduction):
      guard input.count == 3 else { throw NetworkError.wantsImages(layer: self, number: nil, got: input) }
      try checkSize([input[0], Layer.squeezed(input[0], reduction)])
      return input
    case .hog(let cell, let bins, _):
      guard input.count == 3 else { throw NetworkError.wantsImages(layer: self, number: nil, got: input) }
      guard input[1] >= cell, input[2] >= cell else {
        throw NetworkError.windowTooLarge(layer: self, number: nil, window: Extent(cell), input: input)
      }
      return try checkSize(
        [bins, OrientedGradients.cells(input[1], cell), OrientedGradients.cells(input[2], cell)])
    case .symmetric(let block):
      guard input.count == 3 else { throw NetworkError.wantsImages(layer: self, number: nil, got: input) }
      guard !block.isEmpty else { throw NetworkError.emptyBlock(layer: name) }
      return try block.reduce(input) { shape, layer in try layer.outputShape(of: shape) }
    }
  }

  /// The projection that brings a residual block's input to the shape of its output, where one exists.
  static func shortcut(from input: [Int], to output: [Int]) -> Layer? {
    if input.count == 1, output.count == 1 { return .dense(units: output[0], bias: false) }
    guard input.count == 3, output.count == 3, output[1] > 0, output[2] > 0 else { return nil }
    let down = (input[1] + output[1] - 1) / output[1]
    let across = (input[2] + output[2] - 1) / output[2]
    guard down >= 1, across >= 1, (input[1] - 1) / down + 1 == output[1], (input[2] - 1) / across + 1 == output[2]
    else { return nil }
    return .conv(
      Convolution(filters: output[0], kernel: Extent(1), stride: Extent(down, across), bias: false))
  }

  /// Sizes that make sense whatever the input.
  func checkArguments() throws {
    func check(_ value: Int, _ what: String, from least: Int = 1) throws {
      guard (least...Self.sizeLimit).contains(value) else {
        throw NetworkError.argument(
          layer: name, what: what, got: "\(value)", expected: "from \(least) to \(Self.sizeLimit)")
      }
    }
    func check(_ padding: Padding) throws {
      if case .pixels(let count) = padding { try check(count, "padding", from: 0) }
    }
    switch self {
    case .conv(let conv):
      try check(conv.filters, "filters")
      try check(conv.kernel.height, "kernel")
      try check(conv.kernel.width, "kernel")
      try check(conv.stride.height, "stride")
      try check(conv.stride.width, "stride")
      try check(conv.padding)
    case .dense(let units, _, _): try check(units, "units")
    case .maxPool(let window), .avgPool(let window):
      try check(window.size.height, "size")
      try check(window.size.width, "size")
      try check(window.stride.height, "stride")
      try check(window.stride.width, "stride")
      try check(window.padding)
      if case .pixels(let count) = window.padding, count >= min(window.size.height, window.size.width) {
        throw NetworkError.argument(
          layer: name, what: "padding", got: "\(count)", expected: "less than the window's size")
      }
    case .dropout(let rate):
      guard rate >= 0, rate < 1 else {
        throw NetworkError.argument(
          layer: name, what: "rate", got: "\(rate)", expected: "from 0 up to, not including, 1")
      }
    case .batchNorm(let momentum, let epsilon):
      guard momentum >= 0, momentum < 1 else {
        throw NetworkError.argument(
          layer: name, what: "momentum", got: "\(momentum)", expected: "from 0 up to, not including, 1")
      }
      guard epsilon > 0, epsilon.isFinite else {
        throw NetworkError.argument(layer: name, what: "epsilon", got: "\(epsilon)", expected: "more than 0")
      }
    case .squeezeExcite(let reduction): try check(reduction, "reduction")
    case .hog(let cell, let bins, _):
      try check(cell, "cell")
      try check(bins, "bins", from: 2)
    case .residual, .symmetric, .parallel: for layer in blocks.joined() { try layer.checkArguments() }
    case .activation, .globalPool, .flatten, .normalize: break
    }
  }

  @discardableResult
  private func checkSize(_ shape: [Int]) throws -> [Int] {
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard !overflow, product <= Self.elementLimit else { throw NetworkError.tooLarge(layer: self, shape: shape) }
      count = product
    }
    return shape
  }
}
