/// Windows of a stack of images [n, c, h, w].
struct WindowPlan {
  var image: [Int]
  var kernel: (height: Int, width: Int)
  var stride: (down: Int, across: Int)
  var padding: (top: Int, left: Int)
  var output: (height: Int, width: Int)

  init(
    _ function: String, image: [Int], kernel: (Int, Int), stride: (Int, Int), padding: (Int, Int)
  ) throws {
    guard image.count == 4 else {
      throw TensorError.rank(function: function, expected: "4 axes (batch, channels, height, width)", shape: image)
    }
    guard kernel.0 > 0, kernel.1 > 0, kernel.0 < 1 << 20, kernel.1 < 1 << 20 else {
      throw TensorError.argument(
        function: function, name: "kernel", expected: "lengths of 1 or more", got: "[\(kernel.0), \(kernel.1)]")
    }
    guard stride.0 > 0, stride.1 > 0 else {
      throw TensorError.argument(
        function: function, name: "stride", expected: "1 or more", got: "[\(stride.0), \(stride.1)]")
    }
    guard padding.0 >= 0, padding.1 >= 0, padding.0 < 1 << 20, padding.1 < 1 << 20 else {
      throw TensorError.argument(
        function: function, name: "padding", expected: "0 or more", got: "[\(padding.0), \(padding.1)]")
    }
    let (height, width) = (image[2] + 2 * padding.0 - kernel.0, image[3] + 2 * padding.1 - kernel.1)
    guard height >= 0, width >= 0 else {
      throw TensorError.window(function: function, kernel: [kernel.0, kernel.1], input: [image[2], image[3]])
    }
    self.image = image
    self.kernel = (kernel.0, kernel.1)
    self.stride = (stride.0, stride.1)
    self.padding = (padding.0, padding.1)
    output = (height / stride.0 + 1, width / stride.1 + 1)
  }

  var columns: [Int] { [image[0], image[1] * kernel.height * kernel.width, output.height * output.width] }

  /// Calls `body` with the column's place and the pixel's place (nil in the padding), within one image.
  @inline(__always)
  func walk(_ body: (Int, Int?) -> Void) {
    var column = 0
    for channel in 0..<image[1] {
      for i in 0..<kernel.height {
        for j in 0..<kernel.width {
          for y in 0..<output.height {
            let row = y * stride.down + i - padding.top
            for x in 0..<output.width {
              let place = x * stride.across + j - padding.left
              let inside = row >= 0 && row < image[2] && place >= 0 && place < image[3]
              body(column, inside ? (channel * image[2] + row) * image[3] + place : nil)
              column += 1
            }
          }
        }
      }
    }
  }
}

extension Tensor {
  /// [n, c, h, w] → [n, c·kh·kw, oh·ow]: each window of the image as a column (im2col).
  func unfolded(_ plan: WindowPlan) throws -> Tensor {
    try Tensor(shape: plan.columns) { out in
      guard let to = out.baseAddress, out.count > 0 else { return }
      let (size, width) = (plan.image[1] * plan.image[2] * plan.image[3], plan.columns[1] * plan.columns[2])
      let from = storage.header.start
      try LongWork.parallel(slices: plan.image[0]) { item in
        let (source, target) = (from + item * size, to + item * width)
        plan.walk { column, pixel in target[column] = pixel.map { source[$0] } ?? 0 }
      }
    }.recorded(.unfold(plan), self)
  }

  /// The opposite of `unfolded`: columns added back to their pixels.
  func folded(_ plan: WindowPlan) throws -> Tensor {
    try Tensor(shape: plan.image) { out in
      out.update(repeating: 0)
      guard let to = out.baseAddress, out.count > 0 else { return }
      let (size, width) = (plan.image[1] * plan.image[2] * plan.image[3], plan.columns[1] * plan.columns[2])
      let from = storage.header.start
      try LongWork.parallel(slices: plan.image[0]) { item in
        let (target, source) = (to + item * size, from + item * width)
        plan.walk { column, pixel in if let pixel { target[pixel] += source[column] } }
      }
    }.recorded(.fold(plan), self)
  }

  /// [n, c, h, w] with so many rows and columns of `value` around each image.
  public func padded(top: Int, left: Int, bottom: Int, right: Int, with value: Float = 0) throws -> Tensor {
    guard rank == 4, Swift.min(top, left, bottom, right) >= 0 else {
      throw TensorError.rank(function: "padding", expected: "4 axes (batch, channels, height, width)", shape: shape)
    }
    let range = SliceRange(
      whole: [shape[0], shape[1], shape[2] + top + bottom, shape[3] + left + right], starts: [0, 0, top, left],
      lengths: shape, steps: [1, 1, 1, 1])
    let result = try embedded(range)
    if value == 0 { return result }
    let inside = try Tensor.ones(shape).embedded(range)
    return try result.selected(where: inside, else: Tensor(scalar: value))
  }

  /// Cross-correlation, as networks call convolution: [n, c, h, w] with weight [f, c, kh, kw] and bias [f] →
  /// [n, f, ⌊(h + 2p − kh)/s⌋ + 1, ⌊(w + 2p − kw)/s⌋ + 1].
  public func conv2d(
    _ weight: Tensor, bias: Tensor? = nil, stride: (Int, Int) = (1, 1), padding: (Int, Int) = (0, 0)
  ) throws -> Tensor {
    guard weight.rank == 4 else {
      throw TensorError.rank(
        function: "conv2d", expected: "weights of 4 axes (filters, channels, height, width)", shape: weight.shape)
    }
    let plan = try WindowPlan(
      "conv2d", image: shape, kernel: (weight.shape[2], weight.shape[3]), stride: stride, padding: padding)
    guard shape[1] == weight.shape[1] else {
      throw TensorError.channels(function: "conv2d", expected: weight.shape[1], got: shape[1])
    }
    let filters = weight.shape[0]
    var result = try weight.reshaped([filters, plan.columns[1]]).matmul(unfolded(plan))
    if let bias {
      guard bias.shape == [filters] else { throw TensorError.broadcast(bias.shape, to: [filters]) }
      result = try result + bias.reshaped([filters, 1])
    }
    return try result.reshaped([shape[0], filters, plan.output.height, plan.output.width])
  }

  /// Windows with the kernel's places on axis 2: [n, c, kh·kw, oh·ow].
  private func pooled(_ function: String, _ size: (Int, Int), _ stride: (Int, Int)?) throws -> (Tensor, WindowPlan) {
    let plan = try WindowPlan(function, image: shape, kernel: size, stride: stride ?? size, padding: (0, 0))
    let windows = [shape[0], shape[1], size.0 * size.1, plan.output.height * plan.output.width]
    return (try unfolded(plan).reshaped(windows), plan)
  }

  /// The largest of each window; the first of equal ones has the gradient.
  public func maxPool(_ size: (Int, Int), stride: (Int, Int)? = nil) throws -> Tensor {
    let (windows, plan) = try pooled("maxpool", size, stride)
    let places = windows.shape[3]
    let best = try windows.detached.argmax(2).exactValues
    let chosen = best.indices.map { i in
      i / Swift.max(1, places) * windows.shape[2] * places + Int(best[i]) * places + i % places
    }
    return try windows.flattened().taken(chosen).reshaped(
      [shape[0], shape[1], plan.output.height, plan.output.width])
  }

  /// The mean of each window.
  public func averagePool(_ size: (Int, Int), stride: (Int, Int)? = nil) throws -> Tensor {
    let (windows, plan) = try pooled("avgpool", size, stride)
    return try windows.mean([2]).reshaped([shape[0], shape[1], plan.output.height, plan.output.width])
  }
}
