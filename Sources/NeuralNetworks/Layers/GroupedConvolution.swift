import Tensors

/// A convolution of which each group of filters sees a group of channels alone, or whose taps stand apart: what
/// MobileNets and dilated networks have. Planes in, planes out.
struct GroupedConvolutionLayer: ConvolutionKind {
  let convolution: Convolution
  let groups: Int
  let dilation: Extent

  static let fileName = "groupedConv"

  static let declarations = [
    LayerDeclaration(
      Declaration(
        "groupconv", .integer("filters", in: 1...65536), .extent("kernel"), .integer("groups", in: 1...65536),
        .extent("stride", type: "number or [down, across]", default: Extent(1)), .padding,
        .extent("dilation", type: "number or [down, across]", default: Extent(1)), .flag("bias", default: true),
        .word("init", default: Initialisation.glorot),
        summary: "A convolution in groups: each group of filters sees its own group of channels.",
        details: """
          [batch, channels, height, width] → [batch, filters, height', width']; groups divides both channels and filters. As \
          many groups as channels make a depthwise convolution (Howard et al. 2017). dilation: from tap to tap, in pixels.
          """,
        example: "groupconv(8, 3, groups=4, padding=1)(zeros([1, 4, 6, 6])).shape\n#> [1, 8, 6, 6]",
        errors: ["groups does not divide channels and filters"], seeAlso: ["conv"]
      ) { filters, kernel, groups, stride, padding, dilation, bias, initialisation in
        Layer(
          GroupedConvolutionLayer(
            convolution: Convolution(
              filters: filters, kernel: kernel, stride: stride, padding: padding, bias: bias,
              initialisation: initialisation), groups: groups, dilation: dilation))
      })
  ]

  var text: String {
    var text = "groupconv(\(convolution.filters), \(Layer.shown(convolution.kernel)), groups=\(groups)"
    if convolution.stride != Extent(1) { text += ", stride=\(Layer.shown(convolution.stride))" }
    text += Layer.argument(convolution.padding)
    if dilation != Extent(1) { text += ", dilation=\(Layer.shown(dilation))" }
    if !convolution.bias { text += ", bias=false" }
    return text + Layer.argument(convolution.initialisation) + ")"
  }

  func checkArguments() throws(NetworkError) {
    try ConvolutionLayer(convolution: convolution).checkArguments()
    try check(groups, "groups")
    try check(dilation.height, "dilation", in: 1...4096)
    try check(dilation.width, "dilation", in: 1...4096)
    for size in [convolution.kernel.height, convolution.kernel.width] { try check(size, "kernel", in: 1...4096) }
    guard convolution.filters % groups == 0 else {
      throw .argument(
        layer: layer.name, what: "groups", got: "\(groups)", expected: "to divide the \(convolution.filters) filters")
    }
  }

  func plan(_ node: PlanNode, in builder: inout PlanBuilder) -> PlanNode {
    let weights = builder.nextWeights()
    let bias = convolution.bias ? builder.nextWeights() : nil
    guard let sliding = try? self.sliding(over: node.shape) else { return node }
    let steps = GroupedSteps(
      sliding, filters: convolution.filters, kernel: convolution.kernel, groups: groups, dilation: dilation)
    let result = builder.node([convolution.filters, sliding.outHeight, sliding.outWidth], mayBeOverwritten: true)
    let scratch = SliceScratch(steps.scratch, slices: builder.slices)
    let (x, y, inCount, outCount) = (node.value, result.value, node.count, result.count)
    builder.forwardSlices { range, slice in
      for item in range {
        steps.forward(
          x.base + item * inCount, weights.buffer.base, bias?.buffer.base, y.base + item * outCount,
          scratch.base(slice))
      }
    }
    guard let dy = result.gradient else { return result }
    let parts = builder.gradientParts(of: weights)
    let biasParts = bias.map { builder.gradientParts(of: $0) }
    let gradients = SliceScratch(steps.scratch, slices: builder.slices)
    let (dx, filters) = (node.gradient, convolution.filters)
    builder.backwardSlices { range, slice in
      let sums = parts.base + slice * weights.count
      sums.update(repeating: 0, count: weights.count)
      let biases = biasParts.map { $0.base + slice * filters }
      biases?.update(repeating: 0, count: filters)
      for item in range {
        steps.backward(
          x.base + item * inCount, weights.buffer.base, dy.base + item * outCount, dx.map { $0.base + item * inCount },
          sums, biases, scratch.base(slice), gradients.base(slice))
      }
    }
    return result
  }

  func traced(_ x: Tensor, _ weights: inout TracedWeights) throws -> Tensor {
    let sliding = try self.sliding(over: Array(x.shape.dropFirst()))
    let given = try weights.next()
    let bias = convolution.bias ? try weights.next() : nil
    // Zeros between the taps.
    let shape = weightShape(Array(x.shape.dropFirst()))
    var wide = [Float](repeating: 0, count: shape[0] * shape[1] * span.height * span.width)
    let values = given.values
    for plane in 0..<shape[0] * shape[1] {
      for row in 0..<shape[2] {
        for column in 0..<shape[3] {
          let at = (plane * span.height + row * dilation.height) * span.width + column * dilation.width
          wide[at] = values[(plane * shape[2] + row) * shape[3] + column]
        }
      }
    }
    let padded = try x.padded(sliding)
    let stride = (convolution.stride.height, convolution.stride.width)
    let (inside, outside) = (shape[1], shape[0] / groups)
    var parts: [Tensor] = []
    for group in 0..<groups {
      let size = outside * inside * span.height * span.width
      let kernel = try Tensor(
        Array(wide[group * size..<(group + 1) * size]), shape: [outside, inside, span.height, span.width])
      let channels = try padded.subscripted([
        .all, .slice(start: group * inside, stop: (group + 1) * inside, step: 1),
      ])
      parts.append(try channels.conv2d(kernel, stride: stride))
    }
    let sums = try Tensor.concat(parts, axis: 1)
    guard let bias else { return sums }
    return try sums + bias.reshaped([1, convolution.filters, 1, 1])
  }
}

/// One item at a time, [channels, height, width].
private struct GroupedSteps: Sendable {
  let s: SlidingShape
  let filters: Int
  let kernel: Extent
  let groups: Int
  let dilation: Extent

  init(_ sliding: SlidingShape, filters: Int, kernel: Extent, groups: Int, dilation: Extent) {
    (s, self.filters, self.kernel, self.groups, self.dilation) = (sliding, filters, kernel, groups, dilation)
  }

  private var inside: Int { s.channels / groups }
  private var outside: Int { filters / groups }
  private var pixels: Int { s.outHeight * s.outWidth }
  private var taps: Int { kernel.height * kernel.width }
  /// Floats of the columns of one group; none where each filter sees one channel.
  var scratch: Int { inside == 1 ? 1 : inside * taps * pixels }

  /// For a tap: the outputs of an axis that see a pixel of the image there.
  private func reach(_ tap: Int, _ step: Int, _ border: Int, _ size: Int, _ out: Int) -> Range<Int> {
    // 0 ≤ place · step + tap − border < size
    let low = max(0, (border - tap + step - 1) / step)
    let last = size - 1 + border - tap
    return last < 0 ? 0..<0 : min(low, out)..<max(min(low, out), min(out, last / step + 1))
  }

  /// Each row of pixels that a tap sees: (first of the input, first of the output, how many).
  @inline(__always)
  private func rows(_ tap: Int, _ body: (_ from: Int, _ to: Int, _ count: Int) -> Void) {
    let (down, across) = (tap / kernel.width * dilation.height, tap % kernel.width * dilation.width)
    let columns = reach(across, s.stride.width, s.border.left, s.width, s.outWidth)
    for row in reach(down, s.stride.height, s.border.top, s.height, s.outHeight) {
      let line = row * s.stride.height + down - s.border.top
      body(
        line * s.width + columns.lowerBound * s.stride.width + across - s.border.left,
        row * s.outWidth + columns.lowerBound, columns.count)
    }
  }

  func forward(_ x: Floats, _ w: Floats, _ bias: Floats?, _ y: MutableFloats, _ columns: MutableFloats) {
    for filter in 0..<filters { (y + filter * pixels).update(repeating: bias?[filter] ?? 0, count: pixels) }
    if inside == 1 {
      for filter in 0..<filters {
        let (plane, out) = (x + filter / outside * s.height * s.width, y + filter * pixels)
        for tap in 0..<taps {
          let weight = w[filter * taps + tap]
          rows(tap) { from, to, count in add(plane + from, s.stride.width, weight, out + to, count) }
        }
      }
      return
    }
    let depth = inside * taps
    for group in 0..<groups {
      gather(x + group * inside * s.height * s.width, columns)
      gemm(
        outside, pixels, depth, w + group * outside * depth, depth, columns, pixels,
        y + group * outside * pixels, pixels, adds: true)
    }
  }

  /// y += weight · every `step`-th of x.
  @inline(__always)
  private func add(_ x: Floats, _ step: Int, _ weight: Float, _ y: MutableFloats, _ count: Int) {
    if step == 1 { return kernels.affine2(x, y, y, count, a: weight, b: 1, c: 0) }
    for index in 0..<count { y[index] = y[index].addingProduct(weight, x[index * step]) }
  }

  /// [inside · taps, pixels]
  private func gather(_ x: Floats, _ columns: MutableFloats) {
    for channel in 0..<inside {
      for tap in 0..<taps {
        let line = columns + (channel * taps + tap) * pixels
        line.update(repeating: 0, count: pixels)
        let plane = x + channel * s.height * s.width
        rows(tap) { from, to, count in
          if s.stride.width == 1 {
            (line + to).update(from: plane + from, count: count)
          } else {
            for index in 0..<count { line[to + index] = plane[from + index * s.stride.width] }
          }
        }
      }
    }
  }

  /// Adds to the gradients of weights and biases, and writes that of x.
  func backward(
    _ x: Floats, _ w: Floats, _ dy: Floats, _ dx: MutableFloats?, _ dw: MutableFloats, _ db: MutableFloats?,
    _ columns: MutableFloats, _ gradients: MutableFloats
  ) {
    if let db { for filter in 0..<filters { db[filter] += kernels.sum(dy + filter * pixels, pixels) } }
    dx?.update(repeating: 0, count: s.channels * s.height * s.width)
    let step = s.stride.width
    if inside == 1 {
      for filter in 0..<filters {
        let (place, slope) = (filter / outside * s.height * s.width, dy + filter * pixels)
        for tap in 0..<taps {
          let weight = w[filter * taps + tap]
          var sum: Float = 0
          rows(tap) { from, to, count in
            for index in 0..<count { sum = sum.addingProduct(slope[to + index], x[place + from + index * step]) }
            guard let dx else { return }
            for index in 0..<count { dx[place + from + index * step] += weight * slope[to + index] }
          }
          dw[filter * taps + tap] += sum
        }
      }
      return
    }
    let depth = inside * taps
    for group in 0..<groups {
      let place = group * inside * s.height * s.width
      gather(x + place, columns)
      let slope = dy + group * outside * pixels
      gemm(
        outside, depth, pixels, slope, pixels, columns, pixels, transposeB: true, dw + group * outside * depth, depth,
        adds: true)
      guard let dx else { continue }
      gemm(
        depth, pixels, outside, w + group * outside * depth, depth, transposeA: true, slope, pixels, gradients, pixels)
      for channel in 0..<inside {
        let plane = dx + place + channel * s.height * s.width
        for tap in 0..<taps {
          let line = gradients + (channel * taps + tap) * pixels
          rows(tap) { from, to, count in
            for index in 0..<count { plane[from + index * step] += line[to + index] }
          }
        }
      }
    }
  }
}
