import Diagnostics

extension NetworkError {
  /// The error in words.
  public var explanation: Explanation {
    switch self {
    case .wantsImages(let layer, let number, let got):
      return Explanation(
        "\(layer.name) expects 4 axes (batch, channels, height, width), got a tensor of shape \(Self.batched(got))",
        note: Self.place(layer, number),
        help: number == 1
          ? "keep the image's shape, or begin the network with dense"
          : "put \(layer.name) before flatten, globalpool and dense, which leave no height and width")
    case .wantsBatchOfImages(let layer, let number, let got):
      return Explanation(
        "\(layer.name) expects 4 axes (batch, channels, height, width), got a tensor of shape \(got)",
        note: Self.place(layer, number),
        help: "x[none] makes a batch of one image; x[:, none] gives grey images without channels their axis")
    case .wantsFlat(let layer, let number, let got):
      return Explanation(
        "dense expects 2 axes (batch, features), got a tensor of shape \(Self.batched(got))",
        note: Self.place(layer, number), help: "put flatten or globalpool before \(layer.describe)")
    case .windowTooLarge(let layer, let number, let window, let input):
      return Explanation(
        "\(layer.name) has a window of \(window.height)×\(window.width), larger than its input of "
          + "\(input[1])×\(input[2])",
        note: Self.place(layer, number),
        help: Self.wayOut(ofTooLarge: layer))
    case .blockChangesShape(let layer, let number, let before, let after):
      return Explanation(
        "residual adds its block's result to the block's input, but the block turns shape \(before) into \(after)",
        note: Self.place(layer, number), help: "keep height and width with padding=\"same\"")
    case .emptyBlock(let layer):
      return Explanation("\(layer) expects at least one layer", help: "\(layer)(conv(64, 3, padding=\"same\") >> relu)")
    case .blocksDiffer(let layer, let number, let shapes) where !(layer.kind is ParallelLayer):
      return Explanation(
        "results of the shapes \(shapes.map { "\($0)" }.joined(separator: " and ")) do not fit together",
        note: Self.place(layer, number), help: "axes meet from the last on: each pair is equal, or one of both is 1")
    case .blocksDiffer(let layer, let number, let shapes):
      return Explanation(
        "parallel puts its blocks' results side by side, but they have the shapes "
          + shapes.map { "\($0)" }.joined(separator: " and "),
        note: Self.place(layer, number),
        help: "give all blocks the same strides and padding=\"same\", or end each in globalpool or flatten")
    case .emptyNetwork:
      return Explanation("a network needs at least one layer", help: "compose layers with >>, as in conv(6, 3) >> relu")
    case .argument(let layer, "groups", let got, let expected):
      return Explanation(
        "\(layer) expects groups \(expected), got \(got)",
        help: "one group always fits; else give the layer before another number of filters")
    case .argument(let layer, let what, let got, let expected):
      return Explanation("\(layer) expects \(what) \(expected), got \(got)")
    case .tooLarge(let layer, let shape):
      return Explanation(
        "\(layer.describe) would need \(shape.map(String.init).joined(separator: "×")) numbers, more than the limit of "
          + "\(Layer.elementLimit)",
        help: "use smaller images, or pool before dense")
    case .builtForOtherShape(let built, let got, let first):
      return Explanation(
        "this network was built for items of shape \(built), got a tensor of shape \(Self.batched(got))",
        note: first.map { "the input of layer 1, \($0.describe)" },
        help: "\(Self.way(from: got, to: built)), or make a fresh network with the same layers")
    case .wantsBatch(let first, let got):
      return Explanation(
        "a network expects a batch: its first axis counts items, got a tensor of shape \(got)",
        note: "the input of layer 1, \(first.describe)", help: "x[none] makes a batch of one item")
    case .notBuilt(let function):
      return Explanation(
        "\(function) needs weights, and this network has none yet",
        help: "weights are made when a network first sees data: call it, or train it")
    case .emptyBatch:
      return Explanation(
        "a network expects at least one item, got a batch of 0", help: "len(x) tells whether there is something to ask")
    case .optimizerArgument(let optimizer, let what, let got, let expected):
      return Explanation("\(optimizer) expects \(what) \(expected), got \(NumberText.written(got))")
    case .noTape:
      return Explanation("step expects a function that computes a loss from a network or parameters")
    case .nothingLearns(let function):
      return Explanation(
        "\(function) has nothing to change: every layer of the network is frozen",
        help: "add a layer that learns, as in freeze(net) >> dense(32), or take unfreeze(net)")
    case .stepNotFinite(let loss):
      return Explanation(
        loss.isFinite
          ? "step met a gradient that is not a number or infinite: the weights stay as they were"
          : "step met a loss that is \(loss.isNaN ? "not a number" : "infinite"): the weights stay as they were",
        help: "use a smaller rate or clip=, and look for log(0), 0 / 0 or a root of 0 in the loss")
    case .weightsNotFinite:
      return Explanation(
        "step made weights that are not a number or infinite: the network is of no use any more",
        help: "make the network anew, or load a saved one, and use a smaller rate or clip=")
    case .notATwinbookNetwork(let path, let reason):
      return Explanation(
        "\(path) is no network of Twinbook: \(reason)", help: "load a file that net.save(\"…\") wrote")
    case .interrupted: return Explanation("interrupted")
    }
  }

  /// The error with the layer's number in the network, counted from 1.
  func numbered(_ number: Int) -> NetworkError {
    switch self {
    case .wantsImages(let layer, nil, let got): .wantsImages(layer: layer, number: number, got: got)
    case .wantsFlat(let layer, nil, let got): .wantsFlat(layer: layer, number: number, got: got)
    case .windowTooLarge(let layer, nil, let window, let input):
      .windowTooLarge(layer: layer, number: number, window: window, input: input)
    case .blockChangesShape(let layer, nil, let before, let after):
      .blockChangesShape(layer: layer, number: number, before: before, after: after)
    case .blocksDiffer(let layer, nil, let shapes): .blocksDiffer(layer: layer, number: number, shapes: shapes)
    default: self
    }
  }

  /// How items of a shape become such that a network takes.
  private static func way(from got: [Int], to built: [Int]) -> String {
    guard built.count == 3 else { return "give items of shape \(built)" }
    let resized = "resize the images to \(built[1])×\(built[2])"
    guard got.count == 3, got[0] != built[0] else { return resized }
    let channels = built[0] == 1 ? "make the images gray (.gray())" : "give images of \(built[0]) channels"
    if got[1] == built[1], got[2] == built[2] { return channels }
    return "\(channels), and \(resized)"
  }

  private static func wayOut(ofTooLarge layer: Layer) -> String {
    if layer.kind is OrientedGradientsLayer { return "use larger images, fewer pooling layers or a smaller cell" }
    // PyTorch's Conv2d names the channels that come in first.
    if let convolution = (layer.kind as? ConvolutionLayer)?.convolution, convolution.stride != Extent(1) {
      let (kernel, stride) = (Layer.shown(convolution.kernel), Layer.shown(convolution.stride))
      return "conv(filters, kernel, stride) infers the channels that come in: PyTorch's Conv2d(\(convolution.filters), "
        + "\(kernel), \(stride)) is conv(\(kernel), \(stride)); else use larger images or a smaller window"
    }
    return "use larger images, fewer pooling layers, a smaller window or padding=\"same\""
  }

  private static func place(_ layer: Layer, _ number: Int?) -> String {
    "the input of " + (number.map { "layer \($0), " } ?? "") + layer.describe
  }

  private static func batched(_ item: [Int]) -> String {
    "[" + (["batch"] + item.map(String.init)).joined(separator: ", ") + "]"
  }
}
