/// Height and width, of a kernel, a window, a stride.
public struct Extent: Sendable, Hashable, Codable {
  public var height: Int
  public var width: Int

  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }

  public init(_ side: Int) { self.init(side, side) }
}

/// How many pixels of zeros stand around an image before a convolution or a pooling looks at it.
public enum Padding: Sendable, Hashable, Codable {
  /// None: the result shrinks by the kernel's size less one.
  case valid
  /// As many as keep the size (divided by the stride, rounded up); where odd, one more after than before, as in Keras.
  case same
  /// So many on each side.
  case pixels(Int)
}

/// How fresh weights are drawn. Biases start at zero.
public enum Initialisation: String, Sendable, Hashable, Codable {
  /// Uniform in ±√(6 / (inputs + outputs)), as in Keras (Glorot and Bengio 2010).
  case glorot
  /// Normal with variance 2 / inputs (He et al. 2015), for deep stacks of relu.
  case he
  /// Koch et al. 2015: N(0, 0.01) in convolutions with biases N(0.5, 0.01). Their N(0, 0.2) of dense layers saturates the
  /// sigmoid at 9,216 inputs, so that it is divided here by the root of the number of inputs.
  case koch
}

/// Functions applied to each element alone.
public enum Activation: Sendable, Hashable, Codable {
  case relu
  /// x where x > 0, else slope · x.
  case leakyRelu(slope: Float)
  case sigmoid
  case tanh
}

/// What a convolution is made of. Input [batch, channels, height, width]; weights [filters, channels, kernel, kernel].
public struct Convolution: Sendable, Hashable, Codable {
  public var filters: Int
  public var kernel: Extent
  public var stride: Extent
  public var padding: Padding
  public var bias: Bool
  public var initialisation: Initialisation

  public init(
    filters: Int, kernel: Extent, stride: Extent = Extent(1), padding: Padding = .valid, bias: Bool = true,
    initialisation: Initialisation = .glorot
  ) {
    self.filters = filters
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.bias = bias
    self.initialisation = initialisation
  }
}

/// The window of a pooling, and how far it moves.
public struct Window: Sendable, Hashable, Codable {
  public var size: Extent
  public var stride: Extent
  public var padding: Padding

  public init(size: Extent, stride: Extent? = nil, padding: Padding = .valid) {
    self.size = size
    self.stride = stride ?? size
    self.padding = padding
  }
}

/// One layer of a network, without its weights: what it does, not what it has learned.
///
/// Layers are values that can be compared, written as JSON and composed; `Network` holds the weights. Sizes of inputs
/// are inferred when a network is built.
public indirect enum Layer: Sendable, Hashable, Codable {
  case conv(Convolution)
  /// y = x Wᵀ + b; weights [units, inputs].
  case dense(units: Int, bias: Bool = true, initialisation: Initialisation = .glorot)
  case activation(Activation)
  /// The greatest of each window; padding counts as −∞.
  case maxPool(Window)
  /// The mean of each window over the pixels that exist.
  case avgPool(Window)
  /// The mean of each channel: [c, h, w] → [c].
  case globalPool
  /// [c, h, w] → [c · h · w].
  case flatten
  /// In training, zeroes each element with probability `rate` and divides the others by 1 − rate.
  case dropout(rate: Double)
  /// (x − mean) / √(variance + epsilon) · scale + shift for each channel: with the batch's statistics in training, with
  /// running ones (running ← momentum · running + (1 − momentum) · batch) otherwise.
  case batchNorm(momentum: Double = 0.9, epsilon: Double = 1e-5)
  /// Each item divided by its Euclidean length (at least 1e-12).
  case normalize
  /// x + block(x); where the block changes the shape, a 1×1 convolution (or dense layer) with batch normalisation's
  /// place taken by nothing brings x to the block's shape.
  case residual([Layer])
  /// Each block on the same input, their results side by side: channels after channels (Szegedy et al. 2015), or numbers
  /// after numbers.
  case parallel([[Layer]])
  /// x · sigmoid(dense(relu(dense(mean of each channel)))): squeeze and excitation (Hu et al. 2018).
  case squeezeExcite(reduction: Int)
  /// Histograms of oriented gradients, [c, h, w] → [bins, rows, columns of cells]; no weights (see `OrientedGradients`).
  case hog(cell: Int, bins: Int, signed: Bool)
  /// The mean of the block's results for an image and for its mirror image, so that left and right do not matter. In
  /// training the block alone: augmentation mirrors.
  case symmetric([Layer])
}

extension Layer {
  public static let relu = Layer.activation(.relu)
  public static let sigmoid = Layer.activation(.sigmoid)
  public static let tanh = Layer.activation(.tanh)

  /// A square convolution.
  public static func conv(
    _ filters: Int, _ kernel: Int, stride: Int = 1, padding: Padding = .valid, bias: Bool = true,
    initialisation: Initialisation = .glorot
  ) -> Layer {
    .conv(
      Convolution(
        filters: filters, kernel: Extent(kernel), stride: Extent(stride), padding: padding, bias: bias,
        initialisation: initialisation))
  }

  public static func maxPool(_ size: Int, stride: Int? = nil) -> Layer {
    .maxPool(Window(size: Extent(size), stride: stride.map { Extent($0) }))
  }

  public static func avgPool(_ size: Int, stride: Int? = nil) -> Layer {
    .avgPool(Window(size: Extent(size), stride: stride.map { Extent($0) }))
  }
}
