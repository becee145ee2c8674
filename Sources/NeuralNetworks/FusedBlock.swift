import Tensors

/// A run of layers that a plan does in one pass each way: a convolution, batch normalisation, relu and pooling, each of
/// them optional but one of the first two, over images [height, width, channels].
///
/// The convolution's sums are kept (in training, where batch normalisation needs them again) or live in scratch; what
/// follows them is done to each item while it is in the cache.
struct FusedBlock {
  let convolution: Convolution?
  let norm: BatchNormLayer?
  /// Of the activation's other side: 0 for relu, 1 where there is none.
  let slope: Float
  /// 2×2 with stride 2.
  let pools: Bool
  /// How many layers it takes.
  let count: Int

  /// The longest run at the front that fits; nil where none does.
  ///
  /// - Parameter shape: of an item that comes in.
  init?(_ layers: ArraySlice<Layer>, shape: [Int]) {
    var rest = layers
    var shape = shape
    var convolution: Convolution?
    if let layer = rest.first?.kind as? ConvolutionLayer, let after = try? layer.outputShape(of: shape) {
      convolution = layer.convolution
      shape = after
      rest = rest.dropFirst()
    }
    let norm = rest.first?.kind as? BatchNormLayer
    if norm != nil { rest = rest.dropFirst() }
    guard convolution != nil || norm != nil else { return nil }
    var slope: Float = 1
    if let layer = rest.first?.kind as? ActivationLayer {
      switch layer.activation {
      case .relu: slope = 0
      case .leakyRelu(let given) where given >= 0: slope = given
      default: break
      }
      if slope != 1 { rest = rest.dropFirst() }
    }
    var pools = false
    if slope == 0 || slope == 1, let layer = rest.first?.kind as? MaxPoolLayer,
      layer.window == Window(size: Extent(2)), shape.count == 3, shape[1] >= 2, shape[2] >= 2
    {
      pools = true
      rest = rest.dropFirst()
    }
    self.convolution = convolution
    self.norm = norm
    self.slope = slope
    self.pools = pools
    count = layers.count - rest.count
  }

  /// Adds the block's steps to a plan.
  func add(to builder: inout PlanBuilder, _ input: PlanNode) -> PlanNode {
    if let convolution, norm == nil, pools, let sliding = sliding(over: input.shape),
      builder.prefersPlanes(convolution, sliding)
    {
      return builder.addConvPool(convolution, sliding, relu: slope == 0, to: builder.planes(input))
    }
    guard let (steps, result) = steps(in: &builder, input) else { return input }
    addForward(steps, to: &builder)
    if builder.training, steps.dy != nil { addBackward(steps, to: &builder) }
    return result
  }

  private func sliding(over shape: [Int]) -> SlidingShape? {
    guard let convolution, shape.count == 3 else { return nil }
    return SlidingShape(
      shape, kernel: convolution.kernel, stride: convolution.stride, padding: convolution.padding)
  }

  /// Takes the arrays and the memory, and brings the input into order.
  private func steps(in builder: inout PlanBuilder, _ input: PlanNode) -> (BlockSteps, PlanNode)? {
    var node = input
    var kernel: (any BlockConvolution)?
    var weights: Weights?
    var bias: Weights?
    var shape = input.shape
    if let convolution {
      guard let sliding = sliding(over: input.shape) else { return nil }
      let array = builder.nextWeights()
      weights = array
      bias = convolution.bias ? builder.nextWeights() : nil
      // A few channels are put side by side with the border; more are brought into order for all layers to come.
      let planar = input.layout == .planes && sliding.channels <= 4
      if !planar { node = builder.channelsLast(input) }
      let wantsInput = builder.training && node.gradient != nil
      if !planar, let geometry = PlanBuilder.fourier(convolution, sliding, isDeep: builder.isDeep) {
        kernel = FourierConvolution(
          sliding, geometry, filters: convolution.filters, weights: array.buffer, inputGradient: wantsInput)
      } else if !planar, let geometry = PlanBuilder.winograd(convolution, sliding, isDeep: builder.isDeep) {
        kernel = WinogradConvolution(
          sliding, geometry, filters: convolution.filters, weights: array.buffer, inputGradient: wantsInput,
          items: builder.training ? nil : builder.batch)
      } else {
        kernel = PanelConvolution(
          sliding, filters: convolution.filters, weights: array.buffer, planar: planar, inputGradient: wantsInput)
      }
      shape = [convolution.filters, sliding.outHeight, sliding.outWidth]
    } else {
      node = builder.channelsLast(input)
    }
    let normStep = norm.map { norm in
      BlockSteps.Norm(
        scale: builder.nextWeights(), shift: builder.nextWeights(), mean: builder.nextWeights(),
        variance: builder.nextWeights(), momentum: Float(norm.momentum), epsilon: Float(norm.epsilon))
    }
    // Of items that are no images, all numbers of a channel stand in one column.
    let (height, width) = shape.count == 3 ? (shape[1], shape[2]) : (shape.dropFirst().reduce(1, *), 1)
    let after = pools ? [shape[0], height / 2, width / 2] : shape
    var result = builder.node(after, layout: .channelsLast)
    // Backward reads relu's sign off the result where nothing else was kept.
    let readsResult = builder.training && slope != 1 && norm == nil && !pools
    result.mayBeOverwritten = !readsResult
    let steps = BlockSteps(
      self, convolution: kernel, weights: weights, bias: bias, norm: normStep, filters: shape[0], height: height,
      width: width, input: node, output: result, in: builder)
    return (steps, result)
  }

  private func addForward(_ steps: BlockSteps, to builder: inout PlanBuilder) {
    if let convolution = steps.convolution {
      builder.prepareTasks(convolution.panels) { convolution.prepare($0) }
      builder.scratch.reserve(steps.forwardScratch)
    }
    if !steps.keepsSums { builder.prepareTasks(1) { _ in steps.prepareFactors() } }
    if let pass = steps.convolution?.pass(of: builder) { return addForward(steps, by: pass, to: &builder) }
    builder.forwardSlices { range, slice in steps.forward(range, slice) }
    guard steps.keepsSums, let norm = steps.norm else { return }
    if let share = builder.share { builder.forwardTasks(1) { _ in share.exchangeSlices(steps.statistics.measured) } }
    builder.forwardTasks(1) { _ in steps.takeStatistics(norm) }
    builder.forwardSlices { range, _ in steps.finishAll(range) }
  }

  /// All items of the batch together.
  private func addForward(_ steps: BlockSteps, by pass: BatchPlan, to builder: inout PlanBuilder) {
    let (scratch, shared) = (builder.scratch, builder.stepScratch)
    scratch.reserve(pass.scratch)
    shared.reserve(pass.shared)
    let sums = steps.pools ? FloatBuffer(steps.rawCount * builder.batch) : steps.y
    for step in pass.steps {
      builder.forwardTasks(step.parts) { part in
        scratch.with { memory in
          step.body(part, steps.memory(sums: sums, shared: shared.base, scratch: memory))
        }
      }
    }
    guard steps.pools else { return }
    builder.forwardSlices { range, _ in
      for item in range { steps.finish(sums.base + item * steps.rawCount, item) }
    }
  }

  /// The last phase first: sums of the weights' gradients; from the block's gradient to the convolution's and through
  /// it; batch normalisation's means over the batch, and before them their parts.
  private func addBackward(_ steps: BlockSteps, to builder: inout PlanBuilder) {
    let parts = steps.weights.map { builder.gradientParts(of: $0) }
    let bias =
      steps.norm == nil
      ? steps.bias.map { bias in
        BlockSteps.BiasParts(
          parts: builder.gradientParts(of: bias, stride: steps.channels),
          sums: PlaneBuffer<Double>(2 * steps.channels * builder.slices, repeating: 0))
      } : nil
    if let convolution = steps.convolution, let parts {
      builder.scratch.reserve(steps.backwardScratch)
      builder.backwardSlices { range, slice in steps.backward(convolution, range, slice, parts, bias) }
    } else if let dx = steps.dx {
      builder.backwardSlices { range, _ in
        for item in range { steps.unwind(item, dx.base + item * steps.rawCount, dx.base) }
      }
    }
    guard let norm = steps.norm else { return }
    builder.backwardTasks(1) { _ in steps.takeGradients(norm) }
    if let share = builder.share { builder.backwardTasks(1) { _ in share.exchangeSlices(steps.statistics.summed) } }
    builder.backwardSlices { range, slice in steps.sumGradients(range, slice) }
  }
}

extension PlanBuilder {
  /// Where the transforms cost less than the products that they save: channels on both sides.
  static func winograd(_ conv: Convolution, _ s: SlidingShape, isDeep: Bool = false) -> WinogradGeometry? {
    guard s.channels >= 6, conv.filters >= 6 else { return nil }
    return WinogradGeometry(s, isDeep: isDeep)
  }

  /// Where Fourier's transforms cost less than Winograd's and the direct sum.
  static func fourier(_ conv: Convolution, _ s: SlidingShape, isDeep: Bool = false) -> FourierGeometry? {
    guard let geometry = FourierGeometry(s, filters: conv.filters) else { return nil }
    let direct = s.kernel.height * s.kernel.width * s.outHeight * s.outWidth * s.channels * conv.filters
    let winograd =
      winograd(conv, s, isDeep: isDeep).map { $0.cost(channels: s.channels, filters: conv.filters) } ?? direct
    return 5 * geometry.cost(channels: s.channels, filters: conv.filters) <= 4 * min(direct, winograd) ? geometry : nil
  }

  /// Whether a convolution before relu and pooling, without batch normalisation, goes the way of `addConvPool`: over
  /// planes, with a gradient from a list of the maxima. Measured (Documentation/performance.md): better for a handful of
  /// channels, whose vectors across channels would be half empty; and for the gradients of large kernels.
  func prefersPlanes(_ conv: Convolution, _ s: SlidingShape) -> Bool {
    guard conv.stride == Extent(1) else { return false }
    guard training else { return conv.filters < 8 || (s.channels > 4 && s.channels < 8) }
    let taps = conv.kernel.height * conv.kernel.width
    if taps > 9, s.channels < 12 { return true }
    return s.channels == 1 ? conv.filters < 12 : s.channels < 12
  }
}
