import DataBindings
import Interpreter
import MetricLearning
import NeuralNetworks

extension LearningBindings {
  static func registerWhitening(_ registry: inout BuiltinRegistry) {
    let network = TypedParameter.network()
    let dataset = TypedParameter.dataset()
    let components = TypedParameter.int("components", in: 1...Whitening.limit, default: 200, namedOnly: true)
    let shrink = TypedParameter.number("shrink", in: 0...1000, default: 0.1, namedOnly: true)
    let scatter = TypedParameter<Whitening.Scatter>(
      .optional("scatter", "\"within\" or \"total\"", default: "within", namedOnly: true)
    ) { Whitening.Scatter(rawValue: try $0.string($1, oneOf: ["within", "total"])) ?? .within }
    registry.add(
      Builtin(
        "whiten", .of(network, dataset, components, shrink, scatter), area: .layers, returns: "network",
        summary:
          "The network with a dense layer added, after which images of one class vary equally in every direction.",
        details: """
          The layer makes a network better at telling strangers apart, without training; a few \
          classes are enough. It weakens the directions in which images of one class differ, such as pose and light. \
          It is computed in closed form from the embeddings of a dataset's images, without augmentation: principal \
          components (as Fisherfaces take them, Belhumeur et al. 1997), then within-class covariance normalisation \
          (Hatch, Kajarekar and Stolcke 2006). components: the layer gives at most so many numbers. shrink: the \
          share of the mean variance that is added to the variance of each direction. scatter="total" takes the \
          variance of all embeddings instead of that within classes: it weakens what all people at hand have in \
          common (Jégou and Chum 2012). The network that was given stays as it is.
          """,
        example: """
          letters = glyphs(10, 6, seed=1)
          net = whiten(hog(7) >> flatten, letters) >> normalize
          net(letters).shape
          #> [60, 59]
          """,
        errors: ["no class has two images", "the network's results are not rows of numbers: flatten them"],
        seeAlso: ["hog", "symmetric", "trainer"]
      ) { args, context in
        let object = try args.network(network, context)
        let (source, _) = try args.imageSource(dataset)
        let (components, shrink, scatter) = (try args[components], try args[shrink], try args[scatter])
        do {
          let embeddings = try Embeddings(
            object.network, source, function: "whiten", seed: object.network.isBuilt ? 0 : context.nextSeed()
          ) { context.isInterrupted }
          if let shape = object.network.outputShape, shape.count != 1 {
            throw ArgumentError(
              network,
              "whiten takes a network that gives a row of numbers for each image, and this one gives the shape "
                + "[batch, \(shape.map(String.init).joined(separator: ", "))]",
              help: "whiten(net >> flatten, data), or globalpool in place of flatten")
          }
          let whitening = try Whitening(embeddings, components: components, shrink: shrink, scatter: scatter)
          let network = try Network(object.network.layers + [.dense(units: whitening.outputs)])
          try network.build(inputShape: source.shape, seed: 0)
          network.restore(
            Network.Snapshot(arrays: object.network.snapshot().arrays + [whitening.weights, whitening.bias]))
          network.preprocessing = object.network.preprocessing
          network.learning = object.network.learning
          network.learning.merge(try LearningRecord(source))
          if let dataset = (source as? DatasetImageSource)?.dataset {
            network.imagePreprocessing = dataset.preprocessing
          }
          return Value(NetworkObject(network))
        } catch NetworkError.interrupted { throw Interruption() }
      })
  }
}
