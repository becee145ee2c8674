import CoreLibrary
import Diagnostics
import Interpreter
import LearningBindings
import MetricLearning
import NeuralNetworks
import Tensors

/// Groups that were found without the names of the classes.
final class ClusteringObject: HostObject {
  let clustering: Clustering
  let learnt: String?

  init(_ clustering: Clustering, learnt: String? = nil) {
    self.clustering = clustering
    self.learnt = learnt
    super.init()
  }

  override var typeName: String { "clustering" }
  override var summary: String { "\(clustering.clusters) clusters, AMI \(fixed(clustering.ami, 3))" }
  override func describe(_ style: DisplayStyle) -> String {
    "\(clustering.clusters) clusters of \(clustering.assignment.count) images   NMI \(fixed(clustering.nmi, 3))"
      + "   AMI \(fixed(clustering.ami, 3))   purity \(percent(clustering.purity))" + remark(learnt)
  }
}

extension JudgingBindings {
  static func registerClustering(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "clustering",
        [
          .required("network", "network"), .required("dataset", "dataset"),
          .optional("clusters", "number", "as many as classes"),
          .optional("seed", "number", "the session's next", namedOnly: true),
          .optional("views", "number", default: 0, namedOnly: true),
        ],
        area: .judging, returns: "clustering",
        summary:
          "Groups images without looking at their classes (k-means), and says how well the groups are the classes.",
        details: """
          NMI: mutual information over the mean of both entropies, which grows with the number of clusters even by chance; \
          AMI: less what chance gives, 0 for random groups and 1 for the classes (Vinh, Epps and Bailey 2010); purity: share \
          of images that are of the commonest class of their group. k-means++ begins, Lloyd's steps follow. Distances are \
          Euclidean.
          """,
        example: judgingExample + "c = clustering(net, faces, seed=1)\nlen(c.assignment)\n#> 30",
        errors: ["clusters is more than there are images"], seeAlso: ["retrieval", "scatter"]
      ) { args, context in
        let object = try NetworkObject.argument(args, 0, context)
        let (source, _) = try args.imageSource(1)
        let seed = try args.seed(3, context)
        do {
          let embeddings = try Embeddings(
            object.network, source, function: args.functionName,
            seed: object.network.isBuilt ? 0 : context.nextSeed(), views: try args.int(4, in: 0...10_000),
            viewSeed: 0x7669_6577
          ) { context.isInterrupted }
          let clusters = args.isGiven(2) ? try args.int(2, in: 1...1_000_000) : nil
          return Value(
            ClusteringObject(
              try Clustering(embeddings, clusters: clusters, seed: seed),
              learnt: try object.network.learning.overlap(with: source).words))
        } catch NetworkError.interrupted { throw Interruption() }
      })
    func property(
      _ name: String, returns: String = "number", _ summary: String, _ value: @escaping (Clustering) -> Value
    ) {
      registry.add(
        Builtin(
          property: name, of: "clustering", area: .judging, returns: returns, summary: summary,
          example: judgingExample + "clustering(net, faces, seed=1).\(name)", seeAlso: ["clustering"]
        ) { args, _ in value(try args.receiver(ClusteringObject.self).clustering) })
    }
    property("nmi", "Mutual information of groups and classes over the mean of their entropies.") { Value($0.nmi) }
    property("ami", "The same, less what chance gives.") { Value($0.ami) }
    property("purity", "Share of images that are of the commonest class of their group.") { Value($0.purity) }
    property("assignment", returns: "list", "The group of each image, in the order of the dataset.") {
      Value($0.assignment.map { Value($0) })
    }
  }
}
