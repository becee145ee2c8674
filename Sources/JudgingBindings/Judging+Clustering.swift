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
  let remarks: [String]

  init(_ clustering: Clustering, remarks: [String] = []) {
    self.clustering = clustering
    self.remarks = remarks
    super.init()
  }

  override var typeName: String { "clustering" }
  override var summary: String { "\(counted(clustering.clusters, "cluster")), AMI \(fixed(clustering.ami, 3))" }
  override func describe(_ style: DisplayStyle) -> String {
    "\(counted(clustering.clusters, "cluster")) of \(counted(clustering.assignment.count, "image"))   NMI \(fixed(clustering.nmi, 3))"
      + "   AMI \(fixed(clustering.ami, 3))   purity \(percent(clustering.purity))" + remark(remarks)
  }
}

extension JudgingBindings {
  /// What makes the measures say nothing of the network.
  private static func remarks(_ clustering: Clustering, classes: Int) -> [String] {
    if classes == 1 { return ["all images are of one class: NMI, AMI and purity say nothing of the network"] }
    guard clustering.clusters == clustering.assignment.count else { return [] }
    return ["each image is a cluster of its own: NMI, AMI and purity say nothing of the network"]
  }

  static func registerClustering(_ registry: inout BuiltinRegistry) {
    let clusters = TypedParameter.int("clusters", in: 1...1_000_000, or: "as many as classes")
    let seed = TypedParameter.seed(namedOnly: true)
    registry.add(
      Builtin(
        "clustering", .of(network, dataset, clusters, seed, views), area: .judging, returns: "clustering",
        summary:
          "Groups images without looking at their classes (k-means), and says how well the groups match the classes.",
        details: """
          NMI: the mutual information of groups and classes, divided by the mean of both entropies. It grows with \
          the number of clusters even by chance. AMI: the same without what chance gives, 0 for random groups and 1 \
          for the classes (Vinh, Epps and Bailey 2010). Purity: the share of images whose class is the commonest of \
          their group. The groups come from k-means: k-means++ chooses the first centres, Lloyd's steps improve \
          them. Distances are Euclidean.
          """,
        example: judgingExample + "c = clustering(net, faces, seed=1)\nlen(c.assignment)\n#> 30",
        errors: [
          "clusters is more than there are images",
          "there is one class only, or each image is of its own, and clusters is not given",
        ],
        seeAlso: ["retrieval", "scatter"]
      ) { args, context in
        let object = try args.network(network, context)
        let (source, name) = try args.imageSource(dataset)
        // Drawn before that of a network without weights: sessions were recorded so.
        let seed = try args[seed].value(context)
        let (embeddings, origin, _) = try embeddings(
          of: source, name: name, under: object.network, args, context)
        do {
          let clustering = try Clustering(embeddings, clusters: try args[clusters], seed: seed)
          let doubts = Self.remarks(clustering, classes: Set(source.labels).count)
          return Value(ClusteringObject(clustering, remarks: doubts + origin.remarks))
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
