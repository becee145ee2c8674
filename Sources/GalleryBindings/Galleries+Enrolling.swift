import CoreLibrary
import DataBindings
import Datasets
import Diagnostics
import Files
import Gallery
import Interpreter
import LearningBindings
import NeuralNetworks
import Tensors

extension GalleryBindings {
  /// What a gallery is asked about.
  enum Question {
    case images([Float], shape: [Int], isSeveral: Bool)
    case embeddings([Float], width: Int, isSeveral: Bool)

    /// Whether a list is the answer.
    var isSeveral: Bool {
      switch self {
      case .images(_, _, let several), .embeddings(_, _, let several): several
      }
    }
  }

  /// The images of one parameter, or the embeddings of another.
  static func question(
    _ args: Arguments, _ image: TypedParameter<Value>, embedding: TypedParameter<Tensor?>, _ gallery: ReferenceGallery
  ) throws -> Question {
    guard args.isGiven(embedding) else {
      let (values, shape) = try args.images(image, for: gallery.network)
      let isSeveral: Bool
      if try args[image].asObject(DatasetObject.self) != nil {
        isSeveral = true
      } else if case .tensor(let box) = try args[image] {
        isSeveral = box.tensor.shape.count == 4
      } else {
        isSeveral = false
      }
      return .images(values, shape: shape, isSeveral: isSeveral)
    }
    if args.isGiven(image) {
      throw ArgumentError(
        embedding, "\(args.functionName): an image and an embedding= are given, and one of them is wanted")
    }
    let given = try embeddings(args, embedding)
    return .embeddings(given.values, width: given.width, isSeveral: given.isSeveral)
  }

  /// [n] or [count, n].
  private static func embeddings(
    _ args: Arguments, _ parameter: TypedParameter<Tensor?>
  ) throws -> (values: [Float], width: Int, isSeveral: Bool) {
    guard let tensor = try args[parameter], (1...2).contains(tensor.shape.count), tensor.count > 0,
      let width = tensor.shape.last
    else {
      throw args.mismatch(
        parameter, expected: "a tensor [count, n] of embeddings, or one [n]", help: "net(images) gives them")
    }
    return (tensor.values, width, tensor.shape.count == 2)
  }

  /// Images that are prepared, embedded and written together.
  private static let portion = 2048

  static func registerEnrolling(_ registry: inout BuiltinRegistry) {
    let who = TypedParameter.value("label", "string, list of strings, or dataset")
    let image = TypedParameter.value("image", "image, dataset or tensor", or: "none")
    let embeddings = TypedParameter.tensor("embeddings", or: "none", namedOnly: true)
    let source = TypedParameter.string("source", or: "none", namedOnly: true)
    let consent = TypedParameter.string("consent", or: "none", namedOnly: true)
    let expires = TypedParameter.string("expires", or: "never", namedOnly: true)
    let label = TypedParameter.string("label")
    let new = TypedParameter.string("new")
    let path = TypedParameter.string("path")
    add(
      &registry, "enroll", files: .writes, .of(who, image, embeddings, source, consent, expires),
      "Adds references under a label, many labels, or the classes of a dataset.",
      details: """
        A dataset behind a label adds all its images under it; an image from a file is prepared as the training images were. \
        enroll(dataset) adds each image under its class. A list of labels takes as many images, or \
        embeddings=t of [count, n] that were made elsewhere; one label takes them all. In a file all of one call is written or \
        nothing (of a dataset 2048 images at a time). What is there already under a label, bit by bit, is not added twice. Each \
        reference keeps when it was \
        enrolled, source= (where it came from) and consent= (what the person agreed to), in words; people.export shows them. \
        From expires="2027-01-31" on (midnight, UTC) it does not answer; people.renew changes both.
        """,
      example: """
        people.enroll("someone", letters[3], consent="said yes in the lab", expires="2199-01-01")
        people.enroll(["a", "b"], embeddings=zeros([2, 8]))
        len(people.labels)
        #> 9
        """,
      errors: [
        "there are not as many labels as references", "an embedding has another width",
        "a distance is beyond any number", "expires is no date",
      ]
    ) { object, args, context in
      let isThere = passesOver("enroll", object, context)
      var agreed = ReferenceGallery.Origin(source: try args[source], consent: try args[consent])
      if case .at(let time) = try end(args, expires, "enroll", object.gallery, context) { agreed.expires = time }
      if let dataset = try args[who].asObject(DatasetObject.self)?.dataset {
        if args.isGiven(image) || args.isGiven(embeddings) {
          throw ArgumentError(who, "enroll: a dataset has labels and images of its own, and more are given")
        }
        try enroll(dataset, into: object.gallery, agreed, isThere: isThere, context)
        return .none
      }
      let labels = try labels(args, who)
      try object.gallery.checkGiven(labels)
      if args.isGiven(embeddings) {
        if isThere { return .none }
        if args.isGiven(image) {
          throw ArgumentError(embeddings, "enroll: an image and embeddings= are given, and one of them is wanted")
        }
        let given = try Self.embeddings(args, embeddings)
        try object.gallery.enroll(
          labels, embeddings: given.values, width: given.width, source: agreed.source, consent: agreed.consent,
          expires: agreed.expires)
        return .none
      }
      try PixelRange.look(at: image, of: args, for: object.gallery.network, context)
      let (values, shape) = try args.images(image, for: object.gallery.network, as: .reference)
      // The network gets its weights here, as it did then.
      if isThere {
        try object.gallery.network.build(inputShape: shape, seed: 0)
        return .none
      }
      try object.gallery.enroll(
        labels, images: values, shape: shape, source: agreed.source, consent: agreed.consent, expires: agreed.expires)
      return .none
    }
    add(
      &registry, "remove", files: .writes, .of(label),
      "Takes a label out with all its references, and gives how many there were.",
      details: "A gallery in a file keeps them for undo(): people.forget takes somebody out for good.",
      example: "people.remove(people.labels[0])\n#> 1", errors: ["nobody has the label"]
    ) { object, args, context in
      if passesOver("remove", object, context) { return .none }
      return Value(try object.gallery.remove(try args[label]))
    }
    add(
      &registry, "rename", files: .writes, .of(label, new), "Gives a label another name.",
      example: "people.rename(people.labels[0], \"ann\")\npeople.labels[0]\n#> \"ann\"",
      errors: ["nobody has the label", "the new one is taken"]
    ) { object, args, context in
      if passesOver("rename", object, context) { return .none }
      try object.gallery.rename(try args[label], to: try args[new])
      return .none
    }
    registry.add(
      Builtin(
        property: "labels", of: "gallery", area: .gallery, returns: "list",
        summary: "Who is in it, in the order of enrolment.",
        example: galleryExample + "len(people.labels)\n#> 6", seeAlso: ["gallery"]
      ) { args, _ in Value(texts: try args.receiver(GalleryObject.self).gallery.labels) })
    registry.add(
      Builtin(
        property: "threshold", of: "gallery", area: .gallery, summary: "The calibrated threshold, or none.",
        example: galleryExample + "people.threshold == none\n#> true", seeAlso: ["gallery.calibrate"]
      ) { args, _ in
        try args.receiver(GalleryObject.self).gallery.calibration.map { Value($0.threshold) } ?? .none
      })
    add(
      &registry, "save", files: .writes, .of(path),
      "Writes gallery, network, preprocessing and threshold into one file, whole or not at all.",
      details: """
        The file is an SQLite database. load(path) opens it: the gallery then is in that file, and what is enrolled is there \
        at once. A gallery that is there is replaced; a file of another kind is not.
        """,
      example: "people.save(\"people.gallery\")\nlen(load(\"people.gallery\"))\n#> 6",
      errors: ["a file is there that is no gallery", "the name ends as other files do", "the folder cannot be written"]
    ) { object, args, context in
      let target = context.path(try args[path])
      try refuseOtherEnding(try args[path], at: target, path, "save")
      try object.gallery.save(target)
      return .none
    }
  }

  /// Where a gallery is there already, its name is right whatever it is.
  static func refuseOtherEnding<Given>(
    _ path: String, at place: String, _ parameter: TypedParameter<Given>, _ function: String
  ) throws {
    if FileSystem.exists(place) { return }
    try OtherEndings.refuse(
      path, parameter, function, whose: "a gallery", more: ["safetensors"],
      help: function == "gallery" ? "gallery(net, at=\"people.gallery\")" : "people.save(\"people.gallery\")")
  }

  private static func labels(_ args: Arguments, _ parameter: TypedParameter<Value>) throws -> [String] {
    let given = try args[parameter]
    if let text = given.asText { return [text] }
    guard let list = given.asItems else {
      throw args.mismatch(
        parameter, expected: "a label, a list of labels, or a dataset",
        help: "the label comes first: people.enroll(\"ann\", image)")
    }
    return try list.enumerated().map { place, value in
      guard let text = value.asText else {
        // What a dataset calls its labels are the numbers of its classes.
        throw ArgumentError(
          parameter, "\(args.functionName): label must be a list of strings, and item \(place) is \(value.inWords)",
          help: value.asNumber == nil
            ? "people.enroll([\"ann\", \"bob\"], embeddings=t)"
            : "the names of a dataset's images: [data.classes[i] for i in data.labels]")
      }
      return text
    }
  }

  /// Each image under its class, in portions, with a bar.
  private static func enroll(
    _ dataset: Dataset, into gallery: ReferenceGallery, _ agreed: ReferenceGallery.Origin, isThere: Bool,
    _ context: ExecutionContext
  ) throws {
    if gallery.network.preprocessing == nil { gallery.network.imagePreprocessing = dataset.preprocessing }
    if isThere { return try gallery.network.build(inputShape: dataset.shape, seed: 0) }
    let items = Array(0..<dataset.count)
    // A person who waits sees how far it is; what takes a moment shows nothing.
    let isLong = items.count > portion
    defer {
      if isLong { context.output.progress(ProgressEvent(task: "enrolling", fraction: 1, text: "", isFinished: true)) }
    }
    for start in stride(from: 0, to: items.count, by: portion) {
      try context.checkInterruption()
      let part = Array(items[start..<min(items.count, start + portion)])
      let labels = part.map { dataset.classNames[dataset.labels[$0]] }
      try gallery.enroll(
        labels, images: try dataset.tensor(items: part).values, shape: dataset.shape,
        source: agreed.source ?? dataset.name, consent: agreed.consent, expires: agreed.expires)
      if isLong {
        let done = start + part.count
        context.output.progress(
          ProgressEvent(
            task: "enrolling", fraction: Double(done) / Double(items.count), text: "\(done) of \(items.count) images"))
      }
    }
  }

  static func registerNear(_ registry: inout BuiltinRegistry) {
    let most = TypedParameter.int("most", in: 1...10_000_000, default: 1000, namedOnly: true)
    registry.add(
      Builtin(
        "near", .of(people, threshold, most),
        area: .gallery, returns: "list",
        summary: "What may be in a gallery twice: equal pictures, and labels that may be one person.",
        details: """
          A list of records, the nearest first, at most `most` of them. kind: "duplicate" if one label has the same \
          embedding more than once; "labels" if the nearest references of two labels are nearer than the threshold. \
          label and other: the two labels. distance: between the two references. reference and other_reference: \
          their places among all references. The search compares each reference with the nearest one of another \
          label, over the whole gallery.
          """,
        example: galleryExample + """
          people.enroll("again", letters[letters.classes[2]][0])
          near(people, threshold=0.001)[0].other
          #> "again"
          """, errors: ["there is no threshold"], seeAlso: ["gallery.odd"], alsoMethodOf: ["gallery"]
      ) { args, context in
        let object = try args[people]
        let gallery = object.gallery
        let limit = try args[threshold]
        if limit == nil { warnOfStale(object, context) }
        let isLong = gallery.referenceCount > 50_000
        defer {
          if isLong { context.output.progress(ProgressEvent(task: "near", fraction: 1, text: "", isFinished: true)) }
        }
        let pairs = try gallery.near(threshold: limit, most: try args[most]) { share in
          guard isLong else { return }
          context.output.progress(
            ProgressEvent(task: "near", fraction: share, text: "\(percent(share, 0)) of the gallery compared"))
        }
        return Value(
          pairs.map { pair in
            Value(fields: [
              ("kind", Value(pair.kind.rawValue)), ("label", Value(pair.label)), ("other", Value(pair.other)),
              ("distance", Value(Float(pair.distance))), ("reference", Value(pair.reference)),
              ("other_reference", Value(pair.otherReference)),
            ])
          })
      })
  }

  // MARK: The journal

  static func registerJournal(_ registry: inout BuiltinRegistry) {
    let inFile = """
      letters = glyphs(3, 2, seed=1, size=16)
      people = gallery(flatten >> dense(8), at="three.gallery")
      people.enroll(letters)

      """
    registry.add(
      Builtin(
        method: "undo", of: "gallery", [], area: .gallery, returns: "string", files: .writes,
        summary: "Takes back the last change of a gallery in a file, and says which it was.",
        details: """
          What was enrolled, removed, renamed, renewed or calibrated, whoever did it; again and again. None where there is \
          nothing left to take back. history() shows what there is. Who was forgotten does not come back.
          """,
        example: inFile + "people.remove(people.labels[0])\npeople.undo()\nlen(people)\n#> 3",
        errors: [
          "the gallery is in memory or in PostgreSQL", "the network was changed since", "somebody was forgotten since",
        ],
        seeAlso: ["gallery.history"]
      ) { args, context in
        let object = try args.receiver(GalleryObject.self)
        if passesOver("undo", object, context) { return .none }
        return try object.gallery.undo().map { Value(words($0)) } ?? .none
      })
    let count = TypedParameter.int("n", in: 1...1_000_000, default: 20)
    registry.add(
      Builtin(
        method: "history", of: "gallery", .of(count), area: .gallery, returns: "list",
        summary: "The last n changes of a gallery in a file, the newest first.",
        details: """
          Records of number, time (seconds since 1970), kind ("enrolled", "removed", "renamed", "renewed", "calibrated", "undone", "forgotten"), label, \
          count, source and undone.
          """,
        example: inFile + "people.history()[0].count\n#> 6", errors: ["the gallery is in memory or in PostgreSQL"],
        seeAlso: ["gallery.undo"]
      ) { args, _ in
        let entries = try args.receiver(GalleryObject.self).gallery.history(try args[count])
        return Value(
          entries.map { entry in
            Value(fields: [
              ("number", Value(Int(entry.number))), ("time", Value(entry.time)), ("kind", Value(entry.kind)),
              ("label", entry.label.map { Value($0) } ?? .none), ("count", Value(entry.count)),
              ("source", entry.source.map { Value($0) } ?? .none), ("undone", Value(entry.isUndone)),
            ])
          })
      })
  }

  static func registerIndex(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        property: "index", of: "gallery", area: .gallery, returns: "record",
        summary: "How the nearest are found, and how many of them.",
        details: """
          A record. kind: "hnsw" if queries follow links from reference to reference; "exact" if looking at every \
          reference is less work, as below 2000 references. recall: of queries that show people like those enrolled, \
          the share that find their nearest reference. The gallery measures it with some references as queries, each \
          as if it were not enrolled itself. Strangers, who are far from everybody, find theirs less often: then their \
          distance is stated too large, never too small, so that nobody is taken for somebody because of it. own: the share of these references that a query for the same embedding finds. looked: how many \
          references one query looks at, on average. breadth: how many of the nearest references a query remembers \
          on its way. references: how many have links. questions: how many queries measured the recall. New \
          references get their links before the answer.
          """,
        example: """
          people = gallery(flatten >> dense(8), index="hnsw")
          people.enroll(["p{i}" for i in 0..<3000], embeddings=randn([3000, 8], seed=1))
          people.index.recall > 0.98
          #> true
          """, seeAlso: ["gallery"]
      ) { args, context in
        let gallery = try args.receiver(GalleryObject.self).gallery
        let count = gallery.referenceCount
        let isLong = gallery.indexKind == .hnsw && count > 50_000
        defer {
          if isLong { context.output.progress(ProgressEvent(task: "index", fraction: 1, text: "", isFinished: true)) }
        }
        let state = try gallery.buildIndex { done in
          guard isLong else { return }
          context.output.progress(
            ProgressEvent(task: "index", fraction: Double(done) / Double(count), text: "\(done) of \(count) references")
          )
        }
        return Value(fields: [
          ("kind", Value(state.kind.rawValue)), ("references", Value(state.references)),
          ("breadth", Value(state.breadth)), ("recall", Value(state.recall)), ("own", Value(state.own)),
          ("questions", Value(state.questions)), ("looked", Value(state.looked)),
        ])
      })
    registry.add(
      Builtin(
        method: "health", of: "gallery", [], area: .gallery,
        summary: "How a gallery is: counts, what has expired, and of one in PostgreSQL the index and what it finds.",
        details: """
          A record of place ("memory", "file", "database"), labels, references, expired (references that do not answer any \
          more) and expires (when the next one will not, or none). Of a gallery in PostgreSQL also schema (the tables' version), \
          index ("none", "half built", "ready"), recall (of 20 references the share whose nearest other one the index finds; \
          none without one), breadth (pgvector's hnsw.ef_search, chosen by what it finds) and server (its version); elsewhere these are none.
          """,
        example: galleryExample + "people.health().expired\n#> 0", seeAlso: ["gallery", "gallery.renew"]
      ) { args, _ in
        let health = try args.receiver(GalleryObject.self).gallery.health()
        let database = health.database
        return Value(fields: [
          ("place", Value(health.place.rawValue)), ("labels", Value(health.labels)),
          ("references", Value(health.references)), ("expired", Value(health.expired)),
          ("expires", health.nextExpiry.map { Value(CalendarDate.text($0)) } ?? .none),
          ("schema", database.map { Value($0.schema) } ?? .none), ("index", database.map { Value($0.index) } ?? .none),
          ("recall", database?.recall.map { Value($0) } ?? .none),
          ("breadth", database?.breadth.map { Value($0) } ?? .none),
          ("server", database.map { Value($0.server) } ?? .none),
        ])
      })
  }

  private static func words(_ entry: GalleryStore.Entry) -> String {
    let references = "\(entry.count) reference\(entry.count == 1 ? "" : "s")"
    let (label, other) = (entry.label.map(shortLabel), entry.other.map(shortLabel))
    switch entry.kind {
    case "enrolled": return "enrolled \(references)" + (label.map { " of \($0)" } ?? "")
    case "removed": return "removed \(label ?? "a label") with \(references)"
    case "renewed": return "renewed what was agreed to for \(references)" + (label.map { " of \($0)" } ?? "")
    case "renamed": return "renamed \(label ?? "a label") to \(other ?? "another name")"
    default: return entry.kind
    }
  }
}
