import Interpreter
import LearningBindings
import MetricLearning
import NeuralNetworks

/// The network of a gallery.
extension GalleryBindings {
  static func registerNetwork(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        property: "network", of: "gallery", area: .gallery, returns: "network",
        summary: "The network that it embeds pictures by.",
        details: """
          Of a gallery that was loaded, the network in its file: what its threshold is measured with, and what other pictures \
          are embedded by, to be compared with its references.
          """,
        example: galleryExample + "net = people.network\nnet(letters[0:1].tensor).shape\n#> [1, 8]",
        seeAlso: ["gallery", "load", "gallery.calibrate"]
      ) { args, _ in Value(try args.receiver(GalleryObject.self).network) })
  }

  /// Whether two networks give the same embeddings: a layer that is given by itself, and a gallery that is loaded, have networks
  /// of their own.
  static func isSame(_ one: Network, _ other: Network) -> Bool {
    one === other
      || one.isBuilt && one.inputShape == other.inputShape && one.layers == other.layers
        && one.snapshot().arrays == other.snapshot().arrays
  }
}

extension MetricError {
  /// There are not two pictures of one class, or not two classes.
  var isWithoutPairs: Bool {
    switch self {
    case .noSamePairs, .noDifferentPairs: true
    default: false
    }
  }
}
