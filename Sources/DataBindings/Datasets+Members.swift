import Datasets
import Diagnostics
import Interpreter

extension DataBindings {
  static let glyphsExample = "g = glyphs(5, 4, seed=1)\n"

  static func registerDatasetMembers(_ registry: inout BuiltinRegistry) {
    func property(
      _ name: String, returns: String? = nil, _ summary: String, _ shown: String,
      _ value: @escaping (Dataset) throws -> Value
    ) {
      registry.add(
        Builtin(
          property: name, of: "dataset", area: .data, returns: returns, summary: summary,
          example: glyphsExample + shown,
          seeAlso: ["images"]
        ) { args, _ in try value(try args.receiver(DatasetObject.self).dataset) })
    }
    property("classes", returns: "list", "Names of the classes, in natural order.", "g.classes[0]\n#> \"glyph1\"") {
      Value(texts: $0.classNames)
    }
    property("count", "Number of images.", "g.count\n#> 20") { Value($0.count) }
    property("shape", returns: "list", "Of one image: [channels, height, width].", "g.shape\n#> [1, 28, 28]") {
      Value(numbers: $0.shape.map(Double.init))
    }
    property("name", returns: "string", "What it was read from.", "g.name\n#> \"glyphs\"") { Value($0.name) }
    property("labels", returns: "list", "The class of each image, as an index into .classes.", "g.labels[4]\n#> 1") {
      Value(numbers: $0.labels.map(Double.init))
    }
    property(
      "tensor", returns: "tensor", "All images as a tensor [count, channels, height, width], from 0 to 1.",
      "g.tensor.shape\n#> [20, 1, 28, 28]"
    ) { Value(try $0.tensor()) }
    property(
      "groups", returns: "list", "The folders above the classes: Omniglot's alphabets.", "len(g.groups)\n#> 0"
    ) { Value(texts: $0.groups) }
    property(
      "broken", returns: "list", "Files that could not be read: records with file and reason.", "len(g.broken)\n#> 0"
    ) { dataset in
      Value.list(
        ListBox(dataset.broken.map { Value(fields: [("file", Value($0.file)), ("reason", Value($0.reason))]) }))
    }
    let name = TypedParameter.string("name")
    registry.add(
      Builtin(
        method: "group", of: "dataset", .of(name), area: .data, returns: "dataset",
        summary: "The classes of one group, as a dataset: one alphabet.",
        example: glyphsExample + "try { g.group(\"Greek\") } catch e { print(\"no groups\") }\n#> no groups",
        errors: ["there is no such group"]
      ) { args, _ in
        Value(DatasetObject(try args.receiver(DatasetObject.self).dataset.group(try args[name])))
      })
    let classes = TypedParameter.value("classes", "number, name or list of names", or: "none")
    let fraction = TypedParameter.number("fraction", or: "none", namedOnly: true)
    let seed = TypedParameter.seed(or: "none")
    registry.add(
      Builtin(
        method: "split", of: "dataset", .of(classes, fraction, seed), area: .data, returns: "list",
        summary:
          "Two datasets: the first has the classes (or the fraction) that are asked for, the second all the rest.",
        details: """
          classes= a number: so many classes, drawn from the seed; a name or a list of names: these. No class stands in \
          both parts, and both keep the natural order. fraction= is a share of each class's images, drawn from the \
          seed: the same identities stand on both sides, so figures on the second part are better than for strangers; \
          it says so.
          """,
        example: glyphsExample + """
          learn, strangers = g.split(classes=3, seed=1)
          len(strangers.classes)
          #> 2
          strangers, learn = g.split(classes=["glyph2", "glyph4"])
          strangers.classes
          #> ["glyph2", "glyph4"]
          """,
        errors: [
          "not at least one class is left for each side", "both or neither of classes= and fraction= are given",
          "a class of that name does not exist", "the fraction leaves one side without an image",
        ],
        seeAlso: ["dataset.take", "dataset.filter"]
      ) { args, context in
        let dataset = try args.receiver(DatasetObject.self).dataset
        guard args.isGiven(classes) != args.isGiven(fraction) else {
          throw ArgumentError(
            -1, "split expects either classes= or fraction=, got \(args.isGiven(classes) ? "both" : "neither")",
            help: "split(classes=30) keeps identities apart")
        }
        let parts: (Dataset, Dataset)
        if let share = try args[fraction] {
          parts = try dataset.split(fraction: share, seed: try args[seed].value(context))
          for warning in parts.0.warnings { context.output.warn(Explanation(warning)) }
        } else if let name = try args[classes].asText {
          parts = try dataset.split(classes: [name])
        } else if case .list = try args[classes] {
          parts = try dataset.split(classes: try args.strings(args.place(of: classes)))
        } else {
          if let number = try args[classes].asNumber, number > 0, number < 1 {
            throw args.mismatch(
              classes, expected: "a whole number",
              help: "a share of each class's images is split(fraction=\(formatNumber(number)))")
          }
          parts = try dataset.split(classes: try args.int(classes), seed: try args[seed].value(context))
        }
        return .list(ListBox([Value(DatasetObject(parts.0)), Value(DatasetObject(parts.1))]))
      })
    let count = TypedParameter.int("count")
    registry.add(
      Builtin(
        method: "take", of: "dataset", .of(count), area: .data, returns: "dataset",
        summary: "The first images.",
        example: glyphsExample + "g.take(3).count\n#> 3", errors: ["count is negative"], seeAlso: ["dataset.shuffle"]
      ) { args, _ in
        Value(DatasetObject(try args.receiver(DatasetObject.self).dataset.take(try args[count])))
      })
    registry.add(
      Builtin(
        method: "shuffle", of: "dataset", .of(seed), area: .data, returns: "dataset",
        summary: "All images in an order drawn from the seed.",
        example: glyphsExample + "g.shuffle(seed=2).count\n#> 20"
      ) { args, context in
        Value(
          DatasetObject(try args.receiver(DatasetObject.self).dataset.shuffled(seed: try args[seed].value(context))))
      })
    registerFilter(&registry)
  }

  private static func registerFilter(_ registry: inout BuiltinRegistry) {
    let keep = TypedParameter.function("keep")
    registry.add(
      Builtin(
        method: "filter", of: "dataset", .of(keep), area: .data, returns: "dataset",
        summary: "The images of the classes, or the single images, for which `keep` gives true.",
        details: """
          A function of one parameter is called with the name of each class. A function of two is called with each image \
          and the name of its class. The images as a list: [x for x in data if x.class == "ann"].
          """,
        example: glyphsExample + """
          g.filter(name -> name != "glyph2").count
          #> 16
          g.filter((image, name) -> mean(image.tensor) < 0.9).count
          #> 2
          """,
        errors: ["keep gives something else than true or false"], seeAlso: ["image.class", "dataset.split"]
      ) { args, context in
        let dataset = try args.receiver(DatasetObject.self).dataset
        let wanted = try args[keep]
        func isKept(_ arguments: [Value]) throws -> Bool {
          let answer = try context.call(wanted, arguments)
          guard let isKept = answer.asBool else {
            throw ArgumentError(keep, "filter: keep must give true or false, got \(answer.inWords)")
          }
          return isKept
        }
        let names = dataset.classNames.map { Value($0) }
        if wanted.requiredCount == 2 {
          let kept = try dataset.items.indices.filter { position in
            try context.checkInterruption()
            return try isKept([item(position, of: dataset), names[Int(dataset.items[position].label)]])
          }
          return Value(DatasetObject(try dataset.subset(kept)))
        }
        let kept = Set(try names.indices.filter { try isKept([names[$0]]) })
        return Value(
          DatasetObject(
            try dataset.subset(dataset.items.indices.filter { kept.contains(Int(dataset.items[$0].label)) })))
      })
  }

  /// One image, which knows how it was prepared and of which class it is.
  static func item(_ position: Int, of dataset: Dataset) throws -> Value {
    let image = try dataset.image(position)
    let index = position < 0 ? position + dataset.count : position
    return Value(
      ImageObject(
        image, prepared: dataset.preprocessing, className: dataset.classNames[Int(dataset.items[index].label)]))
  }
}
