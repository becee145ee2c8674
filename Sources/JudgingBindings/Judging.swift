import Diagnostics
import Interpreter
import LearningBindings
import MetricLearning
import NeuralNetworks
import Tensors

extension JudgingBindings {
  static let judgingExample = "net = flatten >> dense(8)\nfaces = glyphs(6, 5, seed=1, size=16)\n"

  static func registerJudging(_ registry: inout BuiltinRegistry) {
    registerDistances(&registry)
    registerProtocols(&registry)
    registerOpenSet(&registry)
    registerReports(&registry)
    registerExplaining(&registry)
  }

  /// What every protocol judges.
  static let network = TypedParameter.network()
  static let dataset = TypedParameter.dataset()

  /// How it measures.
  static let distance = TypedParameter.distance()
  static let views = TypedParameter.int("views", in: 0...10_000, default: 0, namedOnly: true)
  /// Of those whose queries may be a set of their own.
  static let gallery = TypedParameter.value("gallery", "dataset", or: "the dataset itself", namedOnly: true)
  static let shots = TypedParameter.int("shots", in: 1...1_000_000, default: 1)
  static let seed = TypedParameter.seed()
  static let searchingNote =
    measuringNote
    + " gallery=other takes the references from another dataset; the images of the first one are the queries. Two classes "
    + "are the same if they have the same name. Every class of the gallery takes part, also one that no query is of. A query "
    + "that stands in the gallery, too, finds itself; the result says how many do."
  static let measuringNote = """
     distance: "euclidean", "squared", "cosine", "l1", "snr", or what a trainer has learnt (loop.distance). views=8 embeds \
    eight views of each image, as the dataset's augment draws them, and takes the mean.
    """

  /// Embeddings of a dataset, with those of a gallery behind them where the builtin takes one and one is given.
  static func embeddings(
    _ args: Arguments, _ context: ExecutionContext
  ) throws -> (embeddings: Embeddings, origin: DistancesOrigin, source: any ImageSource) {
    let object = try args.network(network, context)
    var (source, name) = try args.imageSource(dataset)
    if args.isGiven(gallery) {
      let (gallery, other) = try args.imageSource(gallery)
      source = try JoinedSource(source, gallery: gallery, function: args.functionName)
      name += " in \(other)"
    }
    return try embeddings(of: source, name: name, under: object.network, args, context)
  }

  /// Embeddings of images under a network, as `distance` and `views` say, where the builtin takes these.
  static func embeddings(
    of source: any ImageSource, name: String, under network: Network, _ args: Arguments, _ context: ExecutionContext
  ) throws -> (embeddings: Embeddings, origin: DistancesOrigin, source: any ImageSource) {
    let seed = network.isBuilt ? 0 : context.nextSeed()
    let metric = args.takes(distance) ? try args[distance] : .euclidean
    let views = args.takes(views) ? try args[views] : 0
    do {
      let embeddings = try Embeddings(
        network, source, function: args.functionName, metric: metric, seed: seed, views: views, viewSeed: 0x7669_6577
      ) { context.isInterrupted }
      try embeddings.checkReach(function: args.functionName)
      return (
        embeddings,
        DistancesOrigin(
          name: name, metric: metric, views: views, network: network,
          learnt: try network.learning.overlap(with: source).words, doubts: try doubts(source),
          isCollapsed: embeddings.isCollapsed), source
      )
    } catch NetworkError.interrupted { throw Interruption() }
  }

  /// That queries stand in the gallery, in words.
  private static func doubts(_ source: any ImageSource) throws -> [String] {
    guard let joined = source as? JoinedSource else { return [] }
    let count = try joined.queriesInGallery()
    if count == 0 { return [] }
    let all = counted(joined.queries.count, "query", "queries")
    return ["\(count) of the \(all) stand\(count == 1 ? "s" : "") in the gallery, too: each finds itself"]
  }

  /// `within="group"`.
  static let within = TypedParameter<String?>(.optional("within", "string", "none", namedOnly: true)) { args, place in
    args.isGiven(place) ? try args.string(place, oneOf: ["group"]) : nil
  }

  /// The group of each label, where `within="group"` asks for it.
  static func groups(_ args: Arguments, _ source: any ImageSource) throws -> [Int: String]? {
    guard try args[within] != nil else { return nil }
    guard source.classNames.contains(where: { !groupName(of: $0).isEmpty }) else {
      throw ArgumentError(
        within,
        "\(args.functionName) with within=\"group\" expects names of classes with a group before the last /, as "
          + "\"Greek/character01\", and no name has one",
        help: "leave out within=, or read folders that stand in folders, each of which is a group")
    }
    var groups: [Int: String] = [:]
    for (label, name) in source.classNames.enumerated() { groups[label] = groupName(of: name) }
    return groups
  }

  private static func registerDistances(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "distances", .of(network, dataset, distance, views, gallery), area: .judging, returns: "distances",
        summary: "Distances of all pairs of a dataset's images, same and different, and what they say.",
        details: """
          FAR(t) is the share of different pairs whose distance is below t, FRR(t) the share of same pairs whose \
          distance is t or more. EER: the rate at which the two are equal, by linear interpolation. AUC: the chance \
          that a same pair is nearer than a different one; a tie counts half. ± is half of the 95 % interval that \
          other classes would give; it is found by leaving out one class at a time, and is at least 1 − 0.05^(1/C) for C \
          classes where the rate is 0 or 1. A pair takes four bytes of \
          memory, up to \(Distances.pairLimit) pairs (11,585 images); of more pairs the distances are only counted, \
          and all measures stay exact.
          """ + searchingNote,
        example: judgingExample + "d = distances(net, faces)\nlen(d.same)\n#> 60",
        errors: ["no class has two images", "there is one class only"],
        seeAlso: ["episodes", "verification", "distances.tar"]
      ) { args, context in
        let (embeddings, origin, _) = try embeddings(args, context)
        let distances = try Distances(embeddings)
        if distances.isCollapsed {
          context.output.warn(
            Explanation(
              "every distance is the same: the network tells nothing apart",
              help: "train with a smaller rate or another seed"))
        }
        return Value(DistancesObject(distances, origin))
      })
    func property(
      _ name: String, returns: String? = nil, _ summary: String, _ value: @escaping (Distances) throws -> Value
    ) {
      registry.add(
        Builtin(
          property: name, of: "distances", area: .judging, returns: returns, summary: summary,
          example: judgingExample + "distances(net, faces).\(name)", seeAlso: ["distances"]
        ) { args, _ in try value(args.receiver(DistancesObject.self).distances) })
    }
    property("same", returns: "tensor", "Distances of same pairs, ascending, as a tensor.") {
      try tensor(of: $0.same, "same")
    }
    property("different", returns: "tensor", "Distances of different pairs, ascending, as a tensor.") {
      try tensor(of: $0.different, "different")
    }
    property("eer", "Equal error rate, 0 to 1.") { Value($0.eer) }
    property("auc", "The chance that a same pair is nearer than a different one; ties count half.") { Value($0.auc) }
    property("margin", "Half of the 95 % interval of the EER; none where the classes of the pairs are not known.") {
      $0.eerMargin.map { Value($0) } ?? .none
    }
    property("threshold", "The distance at the equal error rate: nearer counts as the same.") { Value($0.threshold) }
    let far = TypedParameter.number("far", in: 0...1)
    registry.add(
      Builtin(
        method: "tar", of: "distances", .of(far), area: .judging,
        summary: "The share of same pairs recognised when at most a share `far` of the different ones pass.",
        details: "1 − FRR at the greatest threshold whose FAR does not exceed `far`; nothing is interpolated.",
        example: judgingExample + "distances(net, faces).tar(1)\n#> 1", seeAlso: ["distances"]
      ) { args, context in
        let distances = try args.receiver(DistancesObject.self).distances
        let far = try args[far]
        if !distances.supports(far: far) {
          context.output.warn(
            Explanation(
              "\(distances.different.count) different pairs are too few to measure a FAR of \(formatNumber(far)): "
                + "fewer than ten would pass", help: "judge on more images, or ask for a larger far="))
        }
        return Value(try distances.tar(far: far))
      })
    let points = TypedParameter.int("points", in: 3...1_000_000, default: 500)
    registry.add(
      Builtin(
        method: "roc", of: "distances", .of(points), area: .judging, returns: "list",
        summary: "Points of the trade between the two errors: records of threshold, far and tar.",
        example: judgingExample + "distances(net, faces).roc(50)[0].far\n#> 0", seeAlso: ["distances"]
      ) { args, _ in
        let distances = try args.receiver(DistancesObject.self).distances
        return Value(
          distances.roc(count: try args[points]).map {
            Value(fields: [
              ("threshold", Value($0.threshold)), ("far", Value($0.far)), ("tar", Value($0.tar)),
            ])
          })
      })
  }

  /// One by one, where they are few enough for that.
  private static func tensor(of distances: RankedDistances, _ name: String) throws -> Value {
    guard distances.count <= Distances.pairLimit else {
      throw MetricError.tooManyPairs(
        function: "distances.\(name)", pairs: distances.count, limit: Distances.pairLimit)
    }
    return Value(try Tensor(distances.list ?? distances.sample(distances.count), shape: [distances.count]))
  }

  private static func registerProtocols(_ registry: inout BuiltinRegistry) {
    registerEpisodes(&registry)
    registerVerification(&registry)
    registerRetrieval(&registry)
    registerClustering(&registry)
    registerNeighbourMap(&registry)
  }

  private static func registerEpisodes(_ registry: inout BuiltinRegistry) {
    let ways = TypedParameter.int("ways", in: 2...1_000_000, default: 5)
    let trials = TypedParameter.int("trials", in: 1...10_000_000, default: 1000)
    registry.add(
      Builtin(
        "episodes", .of(network, dataset, ways, shots, trials, seed, within, distance, views, gallery),
        area: .judging, returns: "episodes",
        summary: "N-way K-shot recognition of a dataset's classes, with its 95 % interval.",
        details: """
          Each trial draws N classes, K references of each class, and one query, another image of one of these \
          classes. The network is right if the query is nearest to its own class: to the reference, or for K > 1 to \
          the mean embedding of the K references. A tie is an error. ± is half of the 95 % interval that other \
          classes would give. Trials whose queries come from one class are not independent, so the interval counts \
          them together: q·√(C/(C − 1)·Σ (hits − p·trials)²)/trials over the C classes, where q is Student's \
          quantile for fewer than 30 classes, else 1.96. Where all or no trials are right, it is 1 − 0.05^(1/C). \
          within="group" draws all classes of a trial from one group, which is what stands before the last / of a \
          class's name (Omniglot's alphabets). Groups with fewer than N classes are left out, and the result says so. \
          With gallery=, the N classes are classes of the gallery, and the query is of one that has queries.
          """ + searchingNote,
        example: judgingExample + "e = episodes(net, faces, ways=3, trials=50, seed=2)\ne.trials\n#> 50",
        errors: [
          "there are fewer classes with shots + 1 images than ways", "within=\"group\" and no class's name has a group",
        ], seeAlso: ["distances", "retrieval"]
      ) { args, context in
        let (embeddings, origin, source) = try embeddings(args, context)
        let groups = try groups(args, source)
        return Value(
          EpisodesObject(
            try Episodes(
              embeddings, ways: try args[ways], shots: try args[shots], trials: try args[trials],
              seed: try args[seed].value(context), groups: groups), remarks: origin.remarks))
      })
    func property(_ name: String, returns: String? = nil, _ summary: String, _ value: @escaping (Episodes) -> Value) {
      registry.add(
        Builtin(
          property: name, of: "episodes", area: .judging, returns: returns, summary: summary,
          example: judgingExample + "episodes(net, faces, ways=3, trials=50, seed=2).\(name)", seeAlso: ["episodes"]
        ) { args, _ in value(try args.receiver(EpisodesObject.self).episodes) })
    }
    property("accuracy", "Share of trials that were right.") { Value($0.accuracy) }
    property("margin", "Half of the 95 % interval, trials of one class counting together.") { Value($0.margin) }
    property("trials", "How many trials there were.") { Value($0.trials) }
  }

  private static func registerRetrieval(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "retrieval", .of(network, dataset, distance, views, gallery), area: .judging, returns: "retrieval",
        summary: "How well each image finds the others of its class: precision@1, R-precision, MAP@R.",
        details: """
          R is the number of other images of the query's class. MAP@R = (1/R) Σ_{i≤R} P(i)·rel(i), where P(i) is the \
          precision among the nearest i images and rel(i) is 1 if the i-th is of the query's class, else 0. Of \
          images at the same distance those of other classes come first.
          """ + searchingNote,
        example: judgingExample + "retrieval(net, faces).queries\n#> 30",
        errors: ["no class has two images", "there is one class only"],
        seeAlso: ["episodes", "distances", "retrieval.cmc", "clustering"]
      ) { args, context in
        let (embeddings, origin, source) = try embeddings(args, context)
        return Value(RetrievalObject(try Retrieval(embeddings), names: source.classNames, remarks: origin.remarks))
      })
    func retrieved(_ name: String, _ summary: String, _ value: @escaping (Retrieval) -> Value) {
      registry.add(
        Builtin(
          property: name, of: "retrieval", area: .judging, summary: summary,
          example: judgingExample + "retrieval(net, faces).\(name)", seeAlso: ["retrieval"]
        ) { args, _ in value(try args.receiver(RetrievalObject.self).retrieval) })
    }
    retrieved("precision", "Share of images whose nearest is of their class.") { Value($0.precisionAt1) }
    retrieved("rprecision", "Mean share of the class among the first R.") { Value($0.rPrecision) }
    retrieved("map", "MAP@R.") { Value($0.mapAtR) }
    retrieved("queries", "How many images asked.") { Value($0.queries) }
    let rank = TypedParameter.int("k", in: 1...Retrieval.greatestRank, default: 10)
    func atRank(_ name: String, _ summary: String, _ details: String, _ value: @escaping (Retrieval, Int) -> Double) {
      registry.add(
        Builtin(
          method: name, of: "retrieval", .of(rank), area: .judging, returns: "number",
          summary: summary, details: details,
          example: judgingExample + "retrieval(net, faces).\(name)(29) > 0\n#> true",
          errors: ["k is not from 1 to \(Retrieval.greatestRank)"], seeAlso: ["retrieval"]
        ) { args, _ in
          Value(value(try args.receiver(RetrievalObject.self).retrieval, try args[rank]))
        })
    }
    atRank(
      "cmc", "Share of images with one of their class among the first k.",
      "The cumulative match characteristic, also called recall@k; plot(retrieval) draws it."
    ) { $0.cmc($1) }
    atRank(
      "precisionat", "Mean share of the own class among the first k.", "At most R/k where a class has but R others."
    ) { $0.precision(at: $1) }
    registry.add(
      Builtin(
        property: "classes", of: "retrieval", area: .judging, returns: "list",
        summary: "What the images of each class found: a list of records.",
        details:
          "Fields: name, queries, precision (the nearest is of the class), map (MAP@R). The worst show what to look at.",
        example: judgingExample + "sorted(retrieval(net, faces).classes, key=c -> c.map)[0].queries\n#> 5",
        seeAlso: ["retrieval", "confusion"]
      ) { args, _ in
        let object = try args.receiver(RetrievalObject.self)
        return Value(
          object.retrieval.classes.map { own in
            Value(fields: [
              ("name", Value(object.names.indices.contains(own.label) ? object.names[own.label] : "\(own.label)")),
              ("queries", Value(own.queries)), ("precision", Value(own.precisionAt1)), ("map", Value(own.mapAtR)),
            ])
          })
      })
  }
}
