import DataBindings
import Diagnostics
import Files
import Gallery
import Interpreter
import JudgingBindings
import LearningBindings
import MetricLearning
import NeuralNetworks

extension GalleryBindings {
  static let galleryExample = """
    letters = glyphs(6, 5, seed=1, size=16)
    people = gallery(flatten >> dense(8))
    for name in letters.classes { people.enroll(name, letters[name][0]) }

    """

  static func registerGalleries(_ registry: inout BuiltinRegistry) {
    let network = TypedParameter.value("network", "network")
    let compare = TypedParameter.word("compare", default: ReferenceGallery.Comparison.nearest, namedOnly: true)
    let distance = TypedParameter.distance()
    let views = TypedParameter.int("views", in: 0...10_000, default: 0, namedOnly: true)
    let like = TypedParameter.object("like", "dataset", as: DatasetObject.self, or: "none", namedOnly: true)
    let at = TypedParameter.string("at", or: "in memory", namedOnly: true)
    let pictures = TypedParameter.bool("pictures", default: true, namedOnly: true)
    let index = TypedParameter.word("index", default: GalleryIndex.exact, namedOnly: true)
    registry.add(
      Builtin(
        "gallery", .of(network, compare, distance, views, like, at, pictures, index),
        area: .gallery, returns: "gallery",
        summary: "A gallery of known people under a network, in memory or in a file.",
        details: """
          A label may have several references. compare="nearest" measures the distance to the nearest of them, \
          "mean" to their mean embedding, "medoid" to the reference that is nearest to the others. The gallery keeps \
          the images of its references: if the network learns further, it embeds them again. distance: "euclidean", \
          "squared", "cosine", "l1", "snr", or what a trainer has learnt (loop.distance). views=8 embeds eight views \
          of each image, as the augmentation of the dataset `like` draws them, and takes the mean. \
          at="people.gallery" opens that file or makes it: each enrolment, removal and renaming is in the file when \
          the call returns, and several programs may have it open. pictures=false keeps the embeddings alone. \
          at="postgresql://name@host/faces" keeps the gallery in a PostgreSQL database with pgvector, for several \
          servers at once. index="exact" looks at every reference; index="hnsw" follows links between near \
          references and finds nearly all of the nearest in a fraction of the time (people.index); \
          a file does not keep that choice.
          """,
        example: galleryExample + "len(people)\n#> 6",
        errors: [
          "the file is no gallery, or of a newer version", "it compares in another way",
          "the database cannot be reached",
        ],
        seeAlso: ["gallery.enroll", "gallery.query", "load"]
      ) { args, context in
        let object = try args.network(network, context)
        let comparison = try args[compare]
        let viewCount = try args[views]
        let augmentation = try args[like]?.dataset.augmentation
        if viewCount > 0, augmentation?.isNone ?? true {
          throw ArgumentError(
            views, "gallery: views are drawn by a dataset's augmentation, and none is given",
            help: "gallery(net, views=8, like=learn.augment(rotate=5, shift=1))")
        }
        let measure = ReferenceGallery.Measure(
          metric: try args[distance], views: viewCount, augmentation: viewCount > 0 ? augmentation : nil)
        let kind = try args[index]
        guard let place = try args[at] else {
          if args.isGiven(pictures) {
            throw ArgumentError(
              pictures, "gallery: pictures= is for a gallery in a file",
              help: "gallery(net, at=\"people.gallery\", pictures=false)")
          }
          let gallery = ReferenceGallery(network: object.network, comparison: comparison, measure: measure)
          choose(kind, for: gallery, context)
          return Value(GalleryObject(gallery, object))
        }
        let isAddress = ReferenceGallery.isAddress(place)
        if !isAddress { try refuseOtherEnding(place, at: context.path(place), at, "gallery") }
        let isThere = isAddress || FileSystem.exists(context.path(place))
        let gallery = try ReferenceGallery.open(
          isAddress ? place : context.path(place), network: object.network,
          comparison: args.isGiven(compare) ? comparison : nil,
          measure: args.isGiven(distance) || viewCount > 0 ? measure : nil,
          keepsPictures: args.isGiven(pictures) ? try args[pictures] : nil)
        choose(kind, for: gallery, context)
        let opened = GalleryObject(gallery, object)
        opened.isMadeAnew = !isThere
        return Value(opened)
      })
    registerEnrolling(&registry)
    registerJournal(&registry)
    registerForgetting(&registry)
    registerExporting(&registry)
    registerNear(&registry)
    registerIndex(&registry)
    registerAsking(&registry)
    registerReferences(&registry)
    registerNetwork(&registry)
    registerServing(&registry)
    registerServers(&registry)
  }

  private static func choose(_ kind: GalleryIndex, for gallery: ReferenceGallery, _ context: ExecutionContext) {
    gallery.indexKind = kind
    guard kind == .hnsw, !gallery.canHaveIndex else { return }
    context.output.warn(
      Explanation(
        "index=\"hnsw\" is of no use here: this gallery looks at every reference",
        help: "an index is for compare=\"nearest\" with euclidean, squared or cosine distances"))
  }

  static func add(
    _ registry: inout BuiltinRegistry, _ name: String, returns: String? = nil, files: FileUse = [],
    _ parameters: [BuiltinParameter], _ summary: String,
    details: String = "", example: String, errors: [String] = [],
    _ body: @escaping (GalleryObject, Arguments, ExecutionContext) throws -> Value
  ) {
    registry.add(
      Builtin(
        method: name, of: "gallery", parameters, area: .gallery, returns: returns, files: files, summary: summary,
        details: details, example: galleryExample + example, errors: errors, seeAlso: ["gallery"]
      ) { args, context in
        do { return try body(args.receiver(GalleryObject.self), args, context) } catch NetworkError.interrupted {
          throw Interruption()
        }
      })
  }

  private static func registerAsking(_ registry: inout BuiltinRegistry) {
    let image = TypedParameter.value("image", "image, dataset or tensor", or: "none")
    let embedding = TypedParameter.tensor("embedding", or: "none", namedOnly: true)
    let k = TypedParameter.int("k", in: 1...1_000_000, default: 3)
    add(
      &registry, "query", returns: "matches", .of(image, k, embedding),
      "The k nearest labels with their distances.",
      details: """
        Exact: the gallery is looked through in eight bits with a bound on their error, and what that leaves is measured. A \
        dataset, or a tensor of several images, gives a list with the matches of each, and is asked in one go. \
        embedding=t asks with what a network gave, [n] or [count, n], without a picture.
        """,
      example: "people.query(letters[0], k=2)[0].distance\n#> 0",
      errors: ["the gallery is empty", "an embedding has another width"]
    ) { object, args, context in
      try PixelRange.look(at: image, of: args, for: object.gallery.network, context)
      let count = try args[k]
      let threshold = object.gallery.isCalibrationStale ? nil : object.gallery.calibration?.threshold
      let asked = try question(args, image, embedding: embedding, object.gallery)
      let found: [[ReferenceGallery.Match]]
      switch asked {
      case .images(let values, let shape, _): found = try object.gallery.query(all: values, shape: shape, k: count)
      case .embeddings(let values, let width, _):
        found = try object.gallery.query(embeddings: values, width: width, k: count)
      }
      // Many answers are not looked at one by one.
      let shown = asked.isSeveral ? nil : object.gallery
      let answers = found.map { Value(MatchesObject($0, threshold: threshold, picturesOf: shown)) }
      return asked.isSeveral ? Value(answers) : answers.first ?? .none
    }
    add(
      &registry, "identify", returns: "answer", .of(image, threshold, embedding),
      "Who it is, or unknown: label (none where unknown), known, nearest, distance, threshold, probability, tied.",
      details: """
        A dataset, a tensor of several images or embedding=t with several rows gives a list. Somebody is unknown if \
        the distance to the nearest person is not below the threshold, or if two people are equally near: a tie names \
        nobody, nearest is who was enrolled first, and tied is the other. Without a calibrated or given threshold it is \
        an error. The probability is known after calibrate.
        """,
      example: """
        people.identify(letters[0], threshold=0.1)
        #> glyph1 at 0.0000, nearer than the threshold 0.1000
        """,
      errors: ["the gallery is empty", "there is no threshold"]
    ) { object, args, context in
      try PixelRange.look(at: image, of: args, for: object.gallery.network, context)
      let asked = try question(args, image, embedding: embedding, object.gallery)
      let limit = try args[threshold]
      if limit == nil { warnOfStale(object, context) }
      let found: [ReferenceGallery.Identification]
      switch asked {
      case .images(let values, let shape, _):
        found = try object.gallery.identify(all: values, shape: shape, threshold: limit)
      case .embeddings(let values, let width, _):
        found = try object.gallery.identify(embeddings: values, width: width, threshold: limit)
      }
      let answers = found.map {
        Value(AnswerObject($0, probability: object.gallery.probability($0.nearest.distance)))
      }
      return asked.isSeveral ? Value(answers) : answers.first ?? .none
    }
    let first = TypedParameter.value("a", "image or tensor")
    let second = TypedParameter.value("b", "image or tensor")
    add(
      &registry, "verify", returns: "answer", .of(first, second, threshold),
      "Whether two images show the same: same, distance, threshold and, after calibrate, probability.",
      example: "people.verify(letters[0], letters[0], threshold=0.1).same\n#> true",
      errors: ["there is no threshold"]
    ) { object, args, context in
      let (a, shape) = try args.images(first, for: object.gallery.network)
      let (b, other) = try args.images(second, for: object.gallery.network)
      guard shape == other else {
        throw GalleryError.wrongInput(function: "verify", expected: shape, got: other)
      }
      try PixelRange.look(at: first, second, of: args, for: object.gallery.network, context)
      if !args.isGiven(threshold) { warnOfStale(object, context) }
      let verdict = try object.gallery.verify(a, b, shape: shape, threshold: try args[threshold])
      return Value(AnswerObject(verdict, probability: object.gallery.probability(verdict.distance)))
    }
    let far = TypedParameter.number("far", in: 0...1, default: 0.01)
    let per = TypedParameter.word("per", default: Counted.pair, namedOnly: true)
    add(
      &registry, "calibrate", files: .writes, .of(data, far, per),
      "Sets the threshold so that at most a share `far` of different pairs pass, and gives it.",
      details: """
        The data should show people who are neither enrolled nor learnt from. per="pair" (the default) counts pairs \
        of images: use it to compare two pictures (verify). per="query" counts images of strangers: the gallery, as \
        it is now, takes at most the share `far` of them for somebody. Use it to ask who somebody is (identify, \
        serve). The more people are enrolled, the smaller this threshold is; a threshold by pairs lets more \
        strangers pass, the more people are enrolled. The gallery remembers where the threshold came from, and says \
        so. It also learns how likely two images at a distance show the same person (probability), and warns where \
        there are fewer than ten same pairs, or where these are no nearer than the different ones. per="query" does \
        without same pairs; the probability is not known then.
        """,
      example: "people.calibrate(glyphs(5, 5, seed=9, size=16), far=0.05) > 0\n#> true",
      errors: ["the data has no same or no different pairs, and per=\"pair\""]
    ) { object, args, context in
      if passesOver("calibrate", object, context) {
        return object.gallery.calibration.map { Value($0.threshold) } ?? .none
      }
      let far = try args[far]
      let perQuery = try args[per] == .query
      var strangers: [Float]?
      var learnt: String?
      // Strangers' queries need no two pictures of one person.
      let distances: Distances?
      let source: String
      if let given = try args[data].asObject(DistancesObject.self) {
        if perQuery { throw args.mismatch(data, expected: "a dataset where per=\"query\"") }
        try check(given.origin, object.gallery)
        distances = given.distances
        source = given.name
        learnt = given.origin.learnt
      } else {
        let (images, name) = try args.imageSource(data)
        let embeddings: Embeddings
        if object.gallery.measure.views > 0 {
          let (values, shape) = try args.images(data, for: object.gallery.network)
          embeddings = try object.gallery.embeddings(of: values, shape: shape, labels: images.labels)
        } else {
          embeddings = try Embeddings(
            object.gallery.network, images, function: "calibrate", metric: object.gallery.measure.metric
          ) { context.isInterrupted }
        }
        do { distances = try Distances(embeddings, function: "calibrate") } catch let error as MetricError {
          guard perQuery, error.isWithoutPairs else { throw error }
          distances = nil
        }
        source = "\(name), \(images.count) images of \(images.classNames.count) classes"
        learnt = try object.gallery.network.learning.overlap(with: images).words
        let enrolled = try images.classNames.filter { try object.gallery.contains($0) }
        if let first = enrolled.first {
          context.output.warn(
            Explanation(
              "\(enrolled.count) of the data's classes \(enrolled.count == 1 ? "is" : "are") enrolled "
                + "(\(shortLabel(first))\(enrolled.count == 1 ? "" : " first")): the threshold is not from strangers",
              help: "calibrate on others than those enrolled"))
        }
        if perQuery {
          let (values, shape) = try args.images(data, for: object.gallery.network)
          strangers = try object.gallery.nearestDistances(values, shape: shape)
        }
      }
      if let strangers, Double(strangers.count) * far < 10 {
        context.output.warn(
          Explanation(
            "\(strangers.count) stranger\(strangers.count == 1 ? " is" : "s are") too few to measure a FAR of \(formatNumber(far)): fewer than ten would pass",
            help: "calibrate on more strangers, or ask for a larger far="))
      } else if let distances, !distances.supports(far: far) {
        context.output.warn(
          Explanation(
            "\(distances.different.count) different pair\(distances.different.count == 1 ? " is" : "s are") too few to "
              + "measure a FAR of \(formatNumber(far)): "
              + "fewer than ten would pass", help: "calibrate on more images, or ask for a larger far="))
      }
      if let learnt {
        context.output.warn(
          Explanation(
            learnt, help: "calibrate on others than those learnt from: for strangers the threshold is too large"))
      }
      if let distances {
        try object.gallery.calibrate(distances, far: far, source: source, strangers: strangers, learnt: learnt)
      } else if let strangers {
        try object.gallery.calibrate(strangers: strangers, far: far, source: source, learnt: learnt)
      }
      if let calibration = object.gallery.calibration { warnOfFew(calibration, context) }
      return object.gallery.calibration.map { Value($0.threshold) } ?? .none
    }
  }

  /// The likelihood of a distance is fitted to few same pairs, or could not be fitted to what they are.
  private static func warnOfFew(_ calibration: ReferenceGallery.Calibration, _ context: ExecutionContext) {
    let pairs = counted(calibration.samePairs, "same pair")
    if let likelihood = calibration.likelihood, !likelihood.isInformative {
      context.output.warn(
        Explanation(
          "the \(pairs) \(calibration.samePairs == 1 ? "is" : "are") no nearer than the different ones: "
            + "probability is 0.5 at every distance",
          help: "train the network first, or calibrate on several images of each of more people"))
    } else if calibration.samePairs < 10 {
      context.output.warn(
        Explanation(
          "\(pairs) \(calibration.samePairs == 1 ? "is" : "are") too few to say how likely a distance is of the same",
          help: "calibrate on several images of each of more people"))
    }
  }

  /// Of what a threshold lets a share pass.
  private enum Counted: String, CaseIterable { case pair, query }

  private static let data = TypedParameter.value("data", "dataset or distances")
  static let threshold = TypedParameter.number("threshold", or: "the calibrated one", namedOnly: true)

  /// Distances of another kind say nothing of those that the gallery compares.
  private static func check(_ origin: DistancesOrigin, _ gallery: ReferenceGallery) throws {
    let theirs = ReferenceGallery.Measure(metric: origin.metric, views: origin.views)
    guard origin.metric == gallery.measure.metric, origin.views == gallery.measure.views else {
      throw ArgumentError(
        data, "calibrate got \(theirs.words), and this gallery compares \(gallery.measure.words)",
        help: "give the dataset itself: people.calibrate(strangers); or make the gallery so: gallery(net, distance=…)")
    }
    guard let network = origin.network, isSame(network, gallery.network) else {
      throw ArgumentError(
        data, "calibrate got distances under another network than the gallery's",
        help: "give the dataset itself: people.calibrate(strangers)")
    }
  }

  private static func registerReferences(_ registry: inout BuiltinRegistry) {
    let distance = TypedParameter.number("distance")
    add(
      &registry, "probability", .of(distance),
      "How likely a distance is of the same, 0 to 1, where same and different are as likely beforehand.",
      details: """
        σ(offset − slope · d), fitted to the same and different pairs that calibrate measured (Platt 1999). Where the same \
        pairs are no nearer than the different ones, the slope is 0 and every distance is as likely as not: 0.5.
        """,
      example: "people.calibrate(glyphs(5, 5, seed=9, size=16), far=0.1)\npeople.probability(0) > 0.5\n#> true",
      errors: ["the gallery is not calibrated", "there were no same pairs"]
    ) { object, args, context in
      let given = try args[distance]
      guard given >= 0, let probability = object.gallery.probability(given) else {
        if given >= 0 {
          throw object.gallery.calibration == nil
            ? GalleryError.notCalibrated(function: "probability") : GalleryError.noProbability
        }
        throw args.mismatch(distance, expected: "a distance, 0 or more")
      }
      warnOfStale(object, context)
      return Value(probability)
    }
    add(
      &registry, "odd", returns: "list", [], "References that are unlike the others of their label, the worst first.",
      details: """
        A list of records. label and number: which reference, counted from 0 within its label. own: the distance to \
        the nearest other reference of its label. other and distance: the nearest reference of another label. A \
        reference is odd if another label's is as near as its own, or if all others of its label lie beyond the \
        threshold. Labels with one reference are left out.
        """,
      example: """
        for name in letters.classes { people.enroll(name, letters[name][1]) }
        len(people.odd()) <= len(people.labels) * 2
        #> true
        """
    ) { object, _, _ in
      Value(
        try object.gallery.oddReferences().map { odd in
          Value(fields: [
            ("label", Value(odd.label)), ("number", Value(odd.number)), ("own", Value(odd.own)),
            ("other", odd.other.map { Value($0) } ?? .none),
            ("distance", odd.otherDistance.map { Value($0) } ?? .none),
          ])
        })
    }
  }

  /// Where the calibrated threshold counts.
  static func warnOfStale(_ object: GalleryObject, _ context: ExecutionContext) {
    guard object.gallery.isCalibrationStale else { return }
    context.output.warn(
      Explanation(
        "the threshold was measured before the network learnt further", help: "people.calibrate(…) measures it again"))
  }
}
