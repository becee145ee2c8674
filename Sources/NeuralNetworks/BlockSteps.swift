import Tensors

/// What a fused block does to a slice of the batch, forward and backward, over memory that it took when the plan was
/// made.
struct BlockSteps: Sendable {
  /// Batch normalisation's arrays and numbers.
  struct Norm: Sendable {
    let scale, shift, mean, variance: Weights
    let momentum, epsilon: Float
  }

  /// The bias's gradient, one part a slice.
  struct BiasParts: Sendable {
    let parts: FloatBuffer
    /// [slices, 2, channels]: sums, and what `channelMoments` leaves beside them.
    let sums: PlaneBuffer<Double>
  }

  let convolution: (any BlockConvolution)?
  let weights: Weights?
  let bias: Weights?
  let norm: Norm?
  /// Of the activation's other side; 1: none.
  let slope: Float
  let pools: Bool

  /// Of the sums, before pooling.
  let height: Int
  let width: Int
  let pixels: Int
  /// Of the result, after it.
  let pooled: Int
  /// Filled up to a multiple of 8, and those that exist.
  let channels: Int
  let real: Int
  /// Floats of an item: that comes in, of its sums, of its result.
  let inCount: Int
  let rawCount: Int
  let outCount: Int

  let x: FloatBuffer
  let dx: FloatBuffer?
  let y: FloatBuffer
  let dy: FloatBuffer?
  let statistics: ChannelStatistics
  /// Whether backward, or a second pass forward, reads the sums again.
  let keepsSums: Bool
  /// The sums of a few taps are made three times rather than kept: arithmetic is cheaper than memory there.
  let makesAgain: Bool
  /// The sums: of a convolution, or what came in.
  let kept: FloatBuffer
  /// Where each maximum stood, and its sum; empty where nothing asks.
  let codes: PlaneBuffer<UInt32>
  let keepsCodes: Bool
  let chosen: FloatBuffer

  private let scratch: ScratchPool
  private let run: PlanRun
  private let slices: Int
  private let sliceSize: Int

  /// - Parameter filters: channels of the sums.
  init(
    _ block: FusedBlock, convolution: (any BlockConvolution)?, weights: Weights?, bias: Weights?, norm: Norm?,
    filters: Int, height: Int, width: Int, input: PlanNode, output: PlanNode, in builder: PlanBuilder
  ) {
    self.convolution = convolution
    self.weights = weights
    self.bias = bias
    self.norm = norm
    slope = block.slope
    pools = block.pools
    self.height = height
    self.width = width
    pixels = height * width
    pooled = output.shape.dropFirst().reduce(1, *)
    channels = roundedUp(filters, to: 8)
    real = filters
    inCount = input.count
    rawCount = pixels * channels
    outCount = pooled * channels
    (x, dx) = (input.value, input.gradient)
    (y, dy) = (output.value, output.gradient)
    statistics = ChannelStatistics(channels: channels, slices: builder.slices)
    let (training, batch) = (builder.training, builder.batch)
    keepsSums = training && norm != nil
    let isShort = (convolution as? PanelConvolution).map { $0.taps <= 32 } ?? false
    makesAgain = keepsSums && pools && isShort
    kept = convolution == nil ? input.value : FloatBuffer(keepsSums && !makesAgain ? rawCount * batch : 0)
    keepsCodes = training && pools
    codes = PlaneBuffer<UInt32>(keepsCodes ? outCount / 8 * batch : 0, repeating: 0)
    chosen = FloatBuffer(training && pools && norm != nil ? outCount * batch : 0)
    scratch = builder.scratch
    run = builder.run
    (slices, sliceSize) = (builder.slices, builder.sliceSize)
  }

  /// Items that the convolution does best together.
  private var group: Int { convolution?.group ?? 1 }
  /// The sums of a group in scratch, with room behind them for whole vectors.
  private var groupSums: Int { roundedUp(group * rawCount, to: 16) + 64 }

  var forwardScratch: Int {
    let sums = pools && !keepsSums || makesAgain ? group * rawCount : 0
    return roundedUp(sums, to: 16) + 64 + (convolution?.forwardScratch ?? 0)
  }

  // Scratch of backward: the gradients of a group's sums; one item's sums made again; the convolution's own.
  private var gradientScratch: Int { isPlain ? 0 : groupSums }
  private var againScratch: Int {
    guard makesAgain, let convolution else { return 0 }
    return roundedUp(roundedUp(rawCount, to: 16) + 64 + convolution.forwardScratch + 64, to: 16)
  }
  var backwardScratch: Int { gradientScratch + againScratch + (convolution?.backwardScratch ?? 0) }

  /// A convolution alone: its gradient is the block's.
  private var isPlain: Bool { slope == 1 && !pools && norm == nil }
}

// MARK: Forward

extension BlockSteps {
  /// What each channel's sums are multiplied by and what is added, outside of training or without batch normalisation.
  func prepareFactors() {
    for channel in 0..<real {
      let b = bias?.buffer.base[channel] ?? 0
      guard let norm else {
        statistics.offset.base[channel] = b
        continue
      }
      let factor =
        norm.scale.buffer.base[channel] / (norm.variance.buffer.base[channel] + norm.epsilon).squareRoot()
      statistics.factor.base[channel] = factor
      statistics.offset.base[channel] =
        norm.shift.buffer.base[channel] + (b - norm.mean.buffer.base[channel]) * factor
    }
  }

  /// Makes the sums; with their result where batch normalisation has not to see the whole batch first.
  func forward(_ range: Range<Int>, _ slice: Int) {
    if keepsSums {
      sumAndMeasure(range, slice)
    } else if let convolution {
      scratch.with { memory in
        let rest = memory + (pools ? groupSums : 0)
        for start in stride(from: range.lowerBound, to: range.upperBound, by: group) {
          let items = min(group, range.upperBound - start)
          let to = pools ? memory : y.base + start * rawCount
          convolution.forward(x.base + start * inCount, items: items, to, rest)
          for place in 0..<items { finish(Floats(to + place * rawCount), start + place) }
        }
      }
    } else {
      for item in range { finish(kept.base + item * rawCount, item) }
    }
  }

  private func sumAndMeasure(_ range: Range<Int>, _ slice: Int) {
    statistics.clear(slice)
    let pivots = statistics.pivots.base + slice * channels
    scratch.with { memory in
      for start in stride(from: range.lowerBound, to: range.upperBound, by: group) {
        let items = min(group, range.upperBound - start)
        let sums = makesAgain ? memory : kept.base + start * rawCount
        let rest = memory + (makesAgain ? groupSums : 0)
        convolution?.forward(x.base + start * inCount, items: items, sums, rest)
        if start == range.lowerBound { pivots.update(from: sums, count: channels) }
        for item in 0..<items {
          kernels.channelMoments(
            sums + item * rawCount, pixels: pixels, channels: channels, about: pivots,
            sums: statistics.sums.base + slice * channels, squares: statistics.products.base + slice * channels)
        }
      }
    }
  }

  /// From the slices' sums to the batch's statistics, the running ones and the factors.
  func takeStatistics(_ norm: Norm) {
    let counts = (0..<slices).map {
      (min(run.items, ($0 + 1) * sliceSize) - min(run.items, $0 * sliceSize)) * pixels
    }
    for channel in 0..<real {
      let (mean, variance) = statistics.moments(channel, counts: counts)
      let inverse = 1 / (Float(variance) + norm.epsilon).squareRoot()
      let factor = norm.scale.buffer.base[channel] * inverse
      statistics.mean.base[channel] = Float(mean)
      statistics.inverse.base[channel] = inverse
      statistics.factor.base[channel] = factor
      // The bias shifts the mean by as much, and so is nowhere in the result.
      statistics.offset.base[channel] = norm.shift.buffer.base[channel] - Float(mean) * factor
      let shifted = Float(mean) + (bias?.buffer.base[channel] ?? 0)
      let (m, v) = (norm.mean.buffer.base, norm.variance.buffer.base)
      m[channel] = norm.momentum * m[channel] + (1 - norm.momentum) * shifted
      v[channel] = norm.momentum * v[channel] + (1 - norm.momentum) * Float(variance)
    }
  }

  /// The results, once the batch's statistics are there.
  func finishAll(_ range: Range<Int>) {
    guard makesAgain, let convolution else {
      for item in range { finish(kept.base + item * rawCount, item) }
      return
    }
    scratch.with { memory in
      for item in range {
        convolution.forward(x.base + item * inCount, items: 1, memory, memory + groupSums)
        finish(memory, item)
      }
    }
  }

  /// What the parts of a batch's pass work on.
  func memory(sums: FloatBuffer, shared: MutableFloats, scratch: MutableFloats) -> BatchMemory {
    BatchMemory(x: Floats(x.base), out: sums.base, shared: shared, scratch: scratch, items: run.items) {
      item, pixels, filters in
      // A maximum is over neighbours, which may not be there yet.
      guard !pools, slope != 1 || norm != nil || bias != nil else { return }
      let from = y.base + item * outCount
      let (factor, offset) = (statistics.factor.base + filters.lowerBound, statistics.offset.base + filters.lowerBound)
      if filters.count == channels {
        let to = from + pixels.lowerBound * channels
        kernels.channelAffine(
          to, pixels: pixels.count, channels: channels, factor: factor, offset: offset, slope: slope, to)
      } else {
        for pixel in pixels {
          let to = from + pixel * channels + filters.lowerBound
          kernels.channelAffine(
            to, pixels: 1, channels: filters.count, factor: factor, offset: offset, slope: slope, to)
        }
      }
    }
  }

  /// From the sums of one item to its result.
  func finish(_ sums: Floats, _ item: Int) {
    let to = y.base + item * outCount
    if pools {
      kernels.channelAffinePool(
        sums, height: height, width: width, channels: channels, factor: statistics.factor.base,
        offset: statistics.offset.base, relu: slope == 0, to,
        chosen: chosen.count > 0 ? chosen.base + item * outCount : nil,
        codes: keepsCodes ? codes.base + item * (outCount / 8) : nil)
    } else if slope != 1 || norm != nil || bias != nil {
      kernels.channelAffine(
        sums, pixels: pixels, channels: channels, factor: statistics.factor.base,
        offset: statistics.offset.base, slope: slope, to)
    }
  }
}

// MARK: Backward

extension BlockSteps {
  /// The gradient of one item's sums, from the block's.
  ///
  /// - Parameter memory: where its sums are made again.
  func unwind(_ item: Int, _ to: MutableFloats, _ memory: MutableFloats) {
    guard let dy else { return }
    let from = dy.base + item * outCount
    if pools {
      var sums = norm == nil ? nil : Floats(kept.base + item * rawCount)
      if makesAgain, let convolution {
        convolution.forward(x.base + item * inCount, items: 1, memory, memory + roundedUp(rawCount, to: 16) + 64)
        sums = Floats(memory)
      }
      kernels.channelPoolGradient(
        from, codes.base + item * (outCount / 8), sums, height: height,
        width: width, channels: channels, a: statistics.a.base, b: statistics.b.base, c: statistics.c.base, to)
    } else if norm != nil {
      kernels.channelGradient(
        from, kept.base + item * rawCount, pixels: pixels, channels: channels, factor: statistics.factor.base,
        offset: statistics.offset.base, slope: slope, a: statistics.a.base, b: statistics.b.base,
        c: statistics.c.base, to)
    } else {
      kernels.channelGradient(
        from, y.base + item * outCount, pixels: pixels, channels: channels, factor: statistics.a.base,
        offset: statistics.zeros.base, slope: slope, a: statistics.a.base, b: statistics.zeros.base,
        c: statistics.zeros.base, to)
    }
  }

  /// From the block's gradient through the convolution.
  func backward(
    _ convolution: any BlockConvolution, _ range: Range<Int>, _ slice: Int, _ parts: FloatBuffer, _ bias: BiasParts?
  ) {
    guard let dy else { return }
    scratch.with { memory in
      let again = memory + gradientScratch
      let rest = again + againScratch
      convolution.begin(rest)
      let sums = bias.map { $0.sums.base + slice * 2 * channels }
      sums?.update(repeating: 0, count: 2 * channels)
      for start in stride(from: range.lowerBound, to: range.upperBound, by: group) {
        let items = min(group, range.upperBound - start)
        if !isPlain { for place in 0..<items { unwind(start + place, memory + place * rawCount, again) } }
        let gradient = isPlain ? Floats(dy.base + start * rawCount) : Floats(memory)
        if let sums {
          kernels.channelMoments(
            gradient, pixels: items * pixels, channels: channels, about: statistics.zeros.base, sums: sums,
            squares: sums + channels)
        }
        convolution.backward(
          x.base + start * inCount, items: items, gradient, dx.map { $0.base + start * inCount }, rest)
      }
      convolution.end(rest, parts.base + slice * (weights?.count ?? 0))
      if let sums, let bias {
        for channel in 0..<real { bias.parts.base[slice * channels + channel] = Float(sums[channel]) }
      }
    }
  }

  /// The slices' parts of what batch normalisation's gradient is a mean of.
  func sumGradients(_ range: Range<Int>, _ slice: Int) {
    guard let dy else { return }
    statistics.clear(slice)
    let (sums, along) = (statistics.sums.base + slice * channels, statistics.products.base + slice * channels)
    for item in range {
      kernels.channelGradientSums(
        dy.base + item * outCount, pools ? chosen.base + item * outCount : kept.base + item * rawCount,
        pixels: pooled, channels: channels, factor: statistics.factor.base, offset: statistics.offset.base,
        slope: slope, mean: statistics.mean.base, sums: sums, along: along)
    }
  }

  /// From those parts to the gradients of scale and shift, and to what each sum's gradient is made of.
  func takeGradients(_ norm: Norm) {
    let total = Float(max(1, run.items * pixels))
    let (gScale, gShift) = (norm.scale.gradientBuffer.base, norm.shift.gradientBuffer.base)
    for channel in 0..<real {
      var (sum, along) = (0.0, 0.0)
      for slice in 0..<slices {
        sum += statistics.sums.base[slice * channels + channel]
        along += statistics.products.base[slice * channels + channel]
      }
      let inverse = statistics.inverse.base[channel]
      let dShift = Float(sum)
      let dScale = Float(along) * inverse
      gScale[channel] = (run.accumulate ? gScale[channel] : 0) + dScale
      gShift[channel] = (run.accumulate ? gShift[channel] : 0) + dShift
      // dx = factor · (dy − mean(dy) − x̂ · mean(dy · x̂))
      let factor = statistics.factor.base[channel]
      let b = -factor * inverse * dScale / total
      statistics.a.base[channel] = factor
      statistics.b.base[channel] = b
      statistics.c.base[channel] = -factor * dShift / total - b * statistics.mean.base[channel]
    }
    // A bias before batch normalisation changes nothing: its gradient is zero exactly, not the noise of a sum.
    if let bias, !run.accumulate { bias.gradientBuffer.base.update(repeating: 0, count: bias.count) }
  }
}
