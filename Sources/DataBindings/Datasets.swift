import Datasets
import Diagnostics
import Images
import Interpreter

extension DataBindings {
  static func registerDatasets(_ registry: inout BuiltinRegistry) {
    registerImageSources(&registry)
    registerArrays(&registry)
    registerFetching(&registry)
    registerCollecting(&registry)
    registerDatasetMembers(&registry)
    registerDatasetOperations(&registry)
    registerDatasetBatches(&registry)
    registerDatasetSaving(&registry)
    registerImageMembers(&registry)
  }

  /// An error about an index.
  static func indexing(_ message: String, help: String? = nil) -> IndexingError {
    IndexingError(explanation: Explanation(message, help: help))
  }

  struct IndexingError: ExplainedError { var explanation: Explanation }

  /// Says what a person should know about a dataset that was just made.
  static func announced(_ dataset: Dataset, _ context: ExecutionContext) -> Value {
    for warning in dataset.warnings { context.output.warn(Explanation(warning)) }
    return Value(DatasetObject(dataset))
  }

  /// `size=[height, width]`, or one number for a square.
  private static let size = TypedParameter<(height: Int, width: Int)?>(
    .optional("size", "[height, width]", "none", namedOnly: true)
  ) { args, place in
    guard args.isGiven(place) else { return nil }
    let sizes = try args.ints(place, in: 1...16384)
    guard sizes.count == 1 || sizes.count == 2 else {
      throw args.mismatch(place, expected: "[height, width] in pixels, or one number for a square")
    }
    return (sizes[0], sizes[sizes.count - 1])
  }

  private static func registerImageSources(_ registry: inout BuiltinRegistry) {
    let source = TypedParameter.string("source")
    let gray = TypedParameter.bool("gray", default: false, namedOnly: true)
    registry.add(
      Builtin(
        "images", .of(source, size, gray), area: .data, returns: "dataset", files: .reads,
        summary: "Reads a folder, or a zip, of folders of images: each folder that holds images is a class.",
        details: """
          source is a path, a name under the folder that TWINBOOK_DATA names, or one in the cache (see fetch). Classes are \
          named by their path from the top ("Balinese/character01") and stand in natural order, s2 before s10. PNG, \
          JPEG, PGM, PPM and PBM, recognised by content. Broken files are set aside, see .broken. size= resizes while \
          reading (bilinear, antialiased), gray= makes gray; both are remembered for queries. Gray and colour files \
          together become colour. Pixels are kept as 8-bit numbers. a + b joins two datasets that are prepared and \
          augmented alike.
          """,
        example: "try { images(\"no such folder\") } catch e { print(\"not there\") }\n#> not there",
        errors: [
          "there is no such folder or zip", "it holds no image that can be read", "the images differ in size",
        ], seeAlso: ["glyphs", "image", "dataset.split", "montage"]
      ) { args, context in
        var name = try args[source]
        if Datasets.isPath(context.path(name)) { name = context.path(name) }
        do {
          let dataset = try Datasets.load(name, size: try args[size], gray: try args[gray]) { context.isInterrupted }
          return announced(dataset, context)
        } catch is CancellationError { throw Interruption() }
      })
    let classes = TypedParameter.int("classes", in: 1...100_000, default: 20)
    let each = TypedParameter.int("each", in: 1...10_000, default: 20)
    let seed = TypedParameter.seed(or: "none")
    let side = TypedParameter.int("size", in: 8...512, default: 28, namedOnly: true)
    let script = TypedParameter.int("script", in: 2...100_000, or: "none", namedOnly: true)
    registry.add(
      Builtin(
        "glyphs", .of(classes, each, seed, side, script),
        area: .data, returns: "dataset",
        summary: "Draws handwriting-like characters that nobody writes: classes of strokes, each by many hands.",
        details: """
          A class is a skeleton of 1 to 4 strokes (lines, curves, corners, loops, dots) drawn from the seed; each image \
          is another hand: points moved, strokes bent, slanted, turned, scaled, another pen; the i-th image of every class is \
          by the same one. Dark ink on white, anti-aliased, size × size pixels, like Omniglot's. script=20 makes scripts of \
          20 classes that share strokes, as an alphabet's do ("script1/glyph1", …). The same seed gives the same bits.
          """,
        example: "g = glyphs(5, 4, seed=1)\ng.count\n#> 20", errors: ["a number is out of range"],
        seeAlso: ["images", "montage"]
      ) { args, context in
        let (classes, each, size) = (try args[classes], try args[each], try args[side])
        return Value(
          DatasetObject(
            try Datasets.glyphs(
              classes: classes, each: each, seed: try args[seed].value(context), size: size,
              script: try args[script] ?? 0)))
      })
    let path = TypedParameter.string("path")
    registry.add(
      Builtin(
        "image", .of(path), area: .data, returns: "image", files: .reads,
        summary: "Reads one picture: PNG, JPEG, PGM, PPM or PBM.",
        details: "Transparent pixels are laid on white; a JPEG is turned as its EXIF orientation says.",
        example: "glyphs(1, 1, seed=1)[0].save(\"glyph.png\")\nimage(\"glyph.png\").width\n#> 28",
        errors: ["there is no such file", "it is broken or no picture"], seeAlso: ["images"]
      ) { args, context in
        Value(ImageObject(try PixelImage.read(context.path(try args[path]))))
      })
  }

  /// A part of a picture, in pixels.
  struct PartParameters {
    let top = TypedParameter.int("top")
    let left = TypedParameter.int("left")
    let height = TypedParameter.int("height")
    let width = TypedParameter.int("width")
  }

  static let part = PartParameters()

  private static func registerImageMembers(_ registry: inout BuiltinRegistry) {
    let example = "x = glyphs(1, 1, seed=1)[0]\n"
    func property(
      _ name: String, returns: String? = nil, _ summary: String, _ expected: String,
      _ value: @escaping (PixelImage) throws -> Value
    ) {
      registry.add(
        Builtin(
          property: name, of: "image", area: .data, returns: returns, summary: summary,
          example: example + "x.\(name)\n#> \(expected)"
        ) { args, _ in try value(try args.receiver(ImageObject.self).image) })
    }
    property("width", "Width in pixels.", "28") { Value($0.width) }
    property("height", "Height in pixels.", "28") { Value($0.height) }
    property("shape", returns: "list", "[channels, height, width].", "[1, 28, 28]") {
      Value(numbers: [Double($0.channels), Double($0.height), Double($0.width)])
    }
    registry.add(
      Builtin(
        property: "class", of: "image", area: .data,
        summary: "The name of its class; none where the picture is not one of a dataset's.",
        example: example + "x.class\n#> \"glyph1\"", seeAlso: ["dataset.classes", "dataset.filter"]
      ) { args, _ in try args.receiver(ImageObject.self).className.map { Value($0) } ?? .none })
    registry.add(
      Builtin(
        property: "tensor", of: "image", area: .data, returns: "tensor",
        summary: "As a tensor [channels, height, width], from 0 to 1.",
        example: example + "x.tensor.shape\n#> [1, 28, 28]"
      ) { args, _ in
        let image = try args.receiver(ImageObject.self).image
        let tensor = try Preprocessing(shape: []).prepare(image, alreadyPrepared: true)
        return Value(try .init(tensor.values, shape: Array(tensor.shape.dropFirst())))
      })
    func method(
      _ name: String, returns: String? = nil, _ summary: String, _ expected: String,
      _ change: @escaping (PixelImage) -> PixelImage
    ) {
      registry.add(
        Builtin(
          method: name, of: "image", [], area: .data, returns: returns, summary: summary,
          example: example + "x.\(name)()\n#> \(expected)"
        ) { args, _ in Value(ImageObject(change(try args.receiver(ImageObject.self).image))) })
    }
    let same = "image of 28×28 pixels, gray"
    method("gray", returns: "image", "Gray: 0.299 R + 0.587 G + 0.114 B (ITU-R 601).", same) { $0.gray() }
    method("halve", returns: "image", "Every second pixel of every second row.", "image of 14×14 pixels, gray") {
      $0.halved()
    }
    method("flip", returns: "image", "Left and right exchanged.", same) { $0.flipped() }
    method("invert", returns: "image", "Black and white exchanged.", same) { $0.inverted() }
    let newHeight = TypedParameter.int("height", in: 1...16384)
    let newWidth = TypedParameter.int("width", in: 1...16384, or: "height")
    registry.add(
      Builtin(
        method: "resize", of: "image", .of(newHeight, newWidth),
        area: .data, returns: "image", summary: "Resized, bilinear with antialiasing, as Pillow does.",
        example: example + "x.resize(20, 30)\n#> image of 20×30 pixels, gray"
      ) { args, _ in
        let height = try args[newHeight]
        let width = try args[newWidth] ?? height
        return Value(ImageObject(try args.receiver(ImageObject.self).image.resized(width: width, height: height)))
      })
    registry.add(
      Builtin(
        method: "crop", of: "image", .of(part.top, part.left, part.height, part.width), area: .data, returns: "image",
        summary: "A part of the picture.",
        example: example + "x.crop(4, 4, 10, 12)\n#> image of 10×12 pixels, gray",
        errors: ["the part does not lie inside"]
      ) { args, _ in
        let image = try args.receiver(ImageObject.self).image
        return Value(
          ImageObject(
            try image.cropped(
              left: args[part.left], top: args[part.top], width: args[part.width], height: args[part.height])))
      })
    let path = TypedParameter.string("path")
    registry.add(
      Builtin(
        method: "save", of: "image", .of(path), area: .data, files: .writes,
        summary: "Writes the picture: .png, .jpg, .pgm or .ppm. Whole or not at all.",
        example: example + "x.save(\"x.png\")", errors: ["the name ends otherwise", "the folder cannot be written"]
      ) { args, context in
        let image = try args.receiver(ImageObject.self).image
        try image.write(to: context.path(try args[path]))
        return .none
      })
  }
}
