import Diagnostics
import Interpreter
import NeuralNetworks
import Tensors

extension LearningBindings {
  static func registerNetworks(_ registry: inout BuiltinRegistry) {
    registerLayers(&registry)
    registerNamedNetworks(&registry)
    registerWhitening(&registry)
    registerOptimisers(&registry)
  }

  /// Layers without arguments: the bare name is the layer between `>>`; given a tensor, the function.
  private static func plain(_ name: String, _ layer: Layer, _ summary: String, details: String, example: String)
    -> Builtin
  {
    Builtin(
      name, [.optional("x", "tensor", "none")], area: .layers, summary: summary, details: details, example: example,
      seeAlso: ["conv", "dense"], composeValue: { _ in Value(LayerObject(layer)) }
    ) { args, context in
      guard args.isGiven(0) else { return Value(LayerObject(layer)) }
      return Value(try NetworkObject(Network([layer])).apply(to: args.tensor(0), context))
    }
  }

  private static func registerLayers(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "conv",
        [
          .required("filters", "number"), .required("kernel", "number or [height, width]"),
          .optional("stride", "number or [down, across]", "1"),
          .optional("padding", "number, \"same\" or \"valid\"", "\"valid\""), .optional("bias", "bool", "true"),
          .optional("init", "string", "\"glorot\""),
        ],
        area: .layers, summary: "A convolution: each filter looks at every place of the image.",
        details: """
          [batch, channels, height, width] → [batch, filters, height', width'] with \
          height' = ⌊(height + padding − kernel) / stride⌋ + 1. Weights are drawn uniformly in ±√(6 / (in + out)) \
          (Glorot and Bengio 2010), "he" draws N(0, 2 / in), "koch" as Koch et al. 2015; biases start at 0.
          """,
        example: """
          conv(6, 3)
          #> conv(6, 3)
          net = conv(6, 3, padding="same") >> relu
          net(zeros([1, 1, 8, 8])).shape
          #> [1, 6, 8, 8]
          """,
        errors: ["the input must have a channel axis, height and width", "the kernel must fit into the image"],
        seeAlso: ["maxpool", "dense", "network.summary"]
      ) { args, context in
        let kernel = try extent(args, 1)
        let words = ["glorot", "he", "koch"]
        let initialisation = Initialisation(rawValue: try args.string(5, oneOf: words, default: "glorot"))
        return Value(
          LayerObject(
            .conv(
              Convolution(
                filters: try args.int(0, in: 1...65536), kernel: kernel, stride: try extent(args, 2, default: 1),
                padding: try padding(args, 3), bias: try args.bool(4, default: true),
                initialisation: initialisation ?? .glorot))))
      })
    registry.add(
      Builtin(
        "dense",
        [
          .required("units", "number"), .optional("bias", "bool", "true"), .optional("init", "string", "\"glorot\""),
        ], area: .layers,
        summary: "A fully connected layer: x Wᵀ + b.",
        details: """
          [batch, features] → [batch, units]. Put flatten or globalpool before it where images come in. A layer that is \
          called by itself keeps the weights that its first call drew, as a network does.
          """,
        example: "(flatten >> dense(4))(zeros([2, 1, 3, 3])).shape\n#> [2, 4]", seeAlso: ["flatten", "conv"]
      ) { args, _ in
        let initialisation = Initialisation(
          rawValue: try args.string(2, oneOf: ["glorot", "he", "koch"], default: "glorot"))
        return Value(
          LayerObject(
            .dense(
              units: try args.int(0, in: 1...1_048_576), bias: try args.bool(1, default: true),
              initialisation: initialisation ?? .glorot)))
      })
    registry.add(
      plain(
        "relu", .relu, "max(x, 0): a layer by its bare name, a function of a tensor with one.",
        details: "The gradient at 0 is 0.", example: "relu(tensor([[-1, 2]]))\n#> tensor([[0, 2]])"))
    registry.add(
      plain(
        "sigmoid", .sigmoid, "1 / (1 + e^−x): a layer by its bare name, a function of a tensor with one.",
        details: "Between 0 and 1.", example: "sigmoid(tensor([[0]]))\n#> tensor([[0.5]])"))
    registry.add(
      plain(
        "tanh", .tanh, "The hyperbolic tangent: a layer by its bare name, a function of a tensor with one.",
        details: "Between −1 and 1.", example: "tanh(tensor([[0]]))\n#> tensor([[0]])"))
    registry.add(
      Builtin(
        "leakyrelu", [.optional("slope", "number", "0.01")], area: .layers,
        summary: "x where x > 0, else slope · x.", example: "leakyrelu(0.1)\n#> leakyrelu(0.1)", seeAlso: ["relu"],
        composeValue: { _ in Value(LayerObject(.activation(.leakyRelu(slope: 0.01)))) }
      ) { args, _ in
        Value(LayerObject(.activation(.leakyRelu(slope: Float(try args.number(0, in: 0...1, default: 0.01))))))
      })
    for (name, isMax) in [("maxpool", true), ("avgpool", false)] {
      registry.add(
        Builtin(
          name,
          [
            .optional("size", "number or [height, width]", "2"),
            .optional("stride", "number or [down, across]", "size"),
            .optional("padding", "number, \"same\" or \"valid\"", "\"valid\""),
          ], area: .layers,
          summary: isMax ? "The greatest of each window." : "The mean of each window.",
          details: "[batch, channels, height, width] → [batch, channels, ⌊(height − size) / stride⌋ + 1, …].",
          example: "\(name)(2)(ones([1, 1, 4, 4])).shape\n#> [1, 1, 2, 2]", seeAlso: ["globalpool", "conv"],
          composeValue: { _ in
            Value(LayerObject(isMax ? .maxPool(2) : .avgPool(2)))
          }
        ) { args, _ in
          let size = try extent(args, 0, default: 2)
          let window = Window(
            size: size, stride: args.isGiven(1) ? try extent(args, 1) : size, padding: try padding(args, 2))
          let layer: Layer = isMax ? .maxPool(window) : .avgPool(window)
          _ = try Network([layer])
          return Value(LayerObject(layer))
        })
    }
    registry.add(
      plain(
        "globalpool", .globalPool, "The mean of each channel: [batch, c, h, w] → [batch, c].",
        details: "Makes a network independent of where in the image something is.",
        example: "globalpool(ones([2, 3, 4, 4])).shape\n#> [2, 3]"))
    registry.add(
      plain(
        "flatten", .flatten, "All axes but the first as one: [batch, c, h, w] → [batch, c · h · w].",
        details: "Stands between convolutions and dense layers.",
        example: "flatten(ones([2, 3, 4, 4])).shape\n#> [2, 48]"))
    registry.add(
      plain(
        "normalize", .normalize, "Each item divided by its Euclidean length (at least 1e-12).",
        details: "As the last layer, embeddings lie on the unit sphere.",
        example: "normalize(tensor([[3, 4]]))\n#> tensor([[0.6, 0.8]])"))
    registry.add(
      Builtin(
        "dropout", [.required("rate", "number")], area: .layers,
        summary: "In training, zeroes each number with probability `rate` and divides the rest by 1 − rate.",
        details: "Does nothing outside of training. The masks follow from the training's seed.",
        example: "dropout(0.25)\n#> dropout(0.25)"
      ) { args, _ in
        let layer = Layer.dropout(rate: try args.number(0))
        _ = try Network([layer])
        return Value(LayerObject(layer))
      })
    registry.add(
      Builtin(
        "batchnorm", [.optional("momentum", "number", "0.9"), .optional("epsilon", "number", "1e-5")], area: .layers,
        summary: "Normalises each channel by the batch's mean and variance, then scales and shifts it.",
        details: """
          In training with the batch's statistics, elsewhere with running ones: \
          running ← momentum · running + (1 − momentum) · batch (Ioffe and Szegedy 2015).
          """,
        example: "batchnorm()\n#> batchnorm", composeValue: { _ in Value(LayerObject(.batchNorm())) }
      ) { args, _ in
        let layer = Layer.batchNorm(
          momentum: try args.number(0, default: 0.9), epsilon: try args.number(1, default: 1e-5))
        _ = try Network([layer])
        return Value(LayerObject(layer))
      })
    registry.add(
      Builtin(
        "residual", [.required("block", "layers")], area: .layers,
        summary: "x + block(x) (He et al. 2016).",
        details: """
          Where the block changes the number of channels or strides, a 1×1 convolution brings x to the same shape.
          """,
        example: """
          residual(conv(4, 3, padding="same") >> relu)
          #> residual(conv(4, 3, padding="same") >> relu)
          """
      ) { args, context in
        try around(args, context, help: "residual(conv(64, 3, padding=\"same\") >> relu)") { .residual($0) }
      })
    registry.add(
      Builtin(
        "parallel", [.variadic("blocks", "layers")], area: .layers,
        summary: "Blocks on the same input, their results side by side (Szegedy et al. 2015).",
        details: """
          Images: channels after channels, so that the blocks have to agree in height and width. Rows of numbers: one \
          after the other. Networks that have learnt keep their weights.
          """,
        example: """
          net = parallel(conv(4, 1), conv(8, 3, padding="same") >> relu, conv(4, 5, padding="same") >> relu)
          net(zeros([1, 1, 20, 20])).shape
          #> [1, 16, 20, 20]
          """,
        errors: ["no block is given", "the blocks' results differ in height or width"], seeAlso: ["residual"]
      ) { args, context in
        let blocks = try args.list(0).map { value in
          guard let parts = try NetworkObject.parts(of: value, context) else {
            throw ArgumentError(
              0, "parallel: each block must be layers, got \(value.inWords)",
              help: "parallel(conv(8, 1), conv(8, 3, padding=\"same\"))")
          }
          return parts
        }
        let layer = Layer.parallel(blocks.map(\.layers))
        guard !blocks.isEmpty else { throw NetworkError.emptyBlock(layer: layer.name) }
        return try NetworkObject.assembled(layer, of: blocks, context)
      })
    registry.add(
      Builtin(
        "symmetric", [.required("block", "layers")], area: .layers,
        summary: "The mean of a block's results for an image and for its mirror image: left and right do not matter.",
        details: """
          For faces and things seen from the front. In training the block alone works, at half the price: augment(flip=true) \
          shows it both sides. A network that has learnt keeps its weights.
          """,
        example: """
          net = symmetric(conv(4, 3) >> relu >> flatten >> dense(8)) >> normalize
          x = randn([1, 1, 9, 9])
          norm(net(x) - net(x[:, :, :, ::-1])) < 1e-5
          #> true
          """, errors: ["the input is no image"], seeAlso: ["dataset.augment", "hog"]
      ) { args, context in
        try around(args, context, help: "symmetric(conv(64, 3) >> relu >> flatten)") { .symmetric($0) }
      })
    registry.add(
      Builtin(
        "hog",
        [
          .optional("cell", "number", "8"), .optional("bins", "number", "9"),
          .optional("signed", "bool", "false", namedOnly: true),
        ], area: .layers,
        summary: "Histograms of oriented gradients (Dalal and Triggs 2005): a layer without weights.",
        details: """
          [channels, height, width] to [bins, rows, columns]: a cell each `cell` pixels, as many as have their middle inside. Each pixel votes with its gradient's length for \
          the two bins nearest to its direction and the cells around it. A cell's votes v become v / √(|v|² + 0.05²). \
          Directions over half a circle, with signed=true over the whole. Before whiten it needs no training at all.
          """,
        example: "hog(8)(zeros([2, 1, 56, 46])).shape\n#> [2, 9, 7, 6]",
        errors: ["the image is smaller than a cell", "bins is less than 2"], seeAlso: ["whiten", "symmetric"],
        composeValue: { _ in Value(LayerObject(.hog(cell: 8, bins: 9, signed: false))) }
      ) { args, _ in
        let layer = Layer.hog(
          cell: try args.int(0, in: 1...4096, default: 8), bins: try args.int(1, in: 2...256, default: 9),
          signed: try args.bool(2, default: false))
        return Value(LayerObject(layer))
      })
    registry.add(
      Builtin(
        "squeezeexcite", [.optional("reduction", "number", "8")], area: .layers,
        summary: "Scales each channel by a gate computed from all channels' means (Hu et al. 2018).",
        example: "squeezeexcite(4)\n#> squeezeexcite(4)",
        composeValue: { _ in
          Value(LayerObject(.squeezeExcite(reduction: 8)))
        }
      ) { args, _ in Value(LayerObject(.squeezeExcite(reduction: try args.int(0, in: 1...4096, default: 8)))) })
  }

  /// A layer around one block; what the block has learnt stays.
  private static func around(
    _ args: Arguments, _ context: ExecutionContext, help: String, _ layer: ([Layer]) -> Layer
  ) throws -> Value {
    guard let parts = try NetworkObject.parts(of: args[0], context) else {
      throw args.mismatch(0, expected: "layers", help: help)
    }
    return try NetworkObject.assembled(layer(parts.layers), of: [parts], context)
  }

  private static func extent(_ args: Arguments, _ index: Int, default fallback: Int) throws -> Extent {
    args.isGiven(index) ? try extent(args, index) : Extent(fallback)
  }

  private static func extent(_ args: Arguments, _ index: Int) throws -> Extent {
    let sizes = try args.ints(index, in: 1...4096)
    if sizes.count == 1 { return Extent(sizes[0]) }
    guard sizes.count == 2 else { throw args.mismatch(index, expected: "a number or [height, width]") }
    return Extent(sizes[0], sizes[1])
  }

  private static func padding(_ args: Arguments, _ index: Int) throws -> Padding {
    guard args.isGiven(index) else { return .valid }
    if args[index].asNumber != nil { return .pixels(try args.int(index, in: 0...4096)) }
    return try args.string(index, oneOf: ["same", "valid"]) == "same" ? .same : .valid
  }
}
