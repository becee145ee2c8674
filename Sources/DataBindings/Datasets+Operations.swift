import Datasets
import Diagnostics
import Interpreter

extension DataBindings {
  static func registerDatasetOperations(_ registry: inout BuiltinRegistry) {
    func simple(
      _ name: String, _ summary: String, _ shown: String,
      details: String = "Remembered: a query is prepared alike.", errors: [String] = [],
      _ change: @escaping (Dataset) throws -> Dataset
    ) {
      registry.add(
        Builtin(
          method: name, of: "dataset", [], area: .data, returns: "dataset", summary: summary,
          details: details,
          example: glyphsExample + "g.\(name)().shape\n#> \(shown)", errors: errors,
          seeAlso: ["dataset.resize", "dataset.augment"]
        ) { args, context in
          try context.checkInterruption()
          return Value(DatasetObject(try change(try args.receiver(DatasetObject.self).dataset)))
        })
    }
    simple("gray", "Gray images: 0.299 R + 0.587 G + 0.114 B (ITU-R 601, as Pillow).", "[1, 28, 28]") { try $0.gray() }
    simple("halve", "Every second pixel of every second row.", "[1, 14, 14]") { try $0.halved() }
    simple(
      "invert", "Black and white exchanged.", "[1, 28, 28]",
      details: """
        Remembered: a query is prepared alike. It comes before normalise, whose mean is of the inverted pixels then.
        """,
      errors: ["the dataset is normalised by a mean that is neither 0 nor 0.5"]
    ) { try $0.inverted() }
    simple(
      "rotations", "Each class by 0, 90, 180 and 270 degrees, as four classes. Square images.", "[1, 28, 28]",
      details: "The new classes are called name@90, name@180 and name@270.",
      errors: ["the images are not square", "the classes were turned before"]
    ) { try $0.rotations() }
    simple(
      "mirrors", "Each class as it is, and left to right as a class of its own.", "[1, 28, 28]",
      details: "The new classes are called name@mirror.", errors: ["the classes were mirrored before"]
    ) { try $0.mirrors() }
    registry.add(
      Builtin(
        method: "resize", of: "dataset", .of(height, width),
        area: .data, returns: "dataset",
        summary: "Images of another size: bilinear with antialiasing, as Pillow does. Remembered.",
        example: glyphsExample + "g.resize(20).shape\n#> [1, 20, 20]", errors: ["a side is not within 1 to 16384"],
        seeAlso: ["dataset.halve"]
      ) { args, _ in
        let (height, width) = try heightAndWidth(args)
        return Value(
          DatasetObject(try args.receiver(DatasetObject.self).dataset.resized(height: height, width: width)))
      })
    let spread = TypedParameter.number("spread", in: 0.05...0.5, default: 0.295, namedOnly: true)
    registry.add(
      Builtin(
        method: "align", of: "dataset", .of(height, width, spread),
        area: .data, returns: "dataset",
        summary: "What is drawn on each image, in the middle and of one size (moment normalisation). Remembered.",
        details: """
          For characters and signs: drawings of one class differ in place and size, and a network need not learn that. Ink \
          is what differs from the border, dark or light. Its centre of mass comes to the middle; the root mean square \
          distance of ink from there becomes spread of the shorter side, or less where ink would be cut off. Source: Casey \
          1970.
          """,
        example: glyphsExample + "g.align(20).shape\n#> [1, 20, 20]",
        errors: ["a side is not within 1 to 16384", "spread is not within 0.05 to 0.5"],
        seeAlso: ["dataset.resize", "dataset.augment"]
      ) { args, context in
        try context.checkInterruption()
        let (height, width) = try heightAndWidth(args)
        return Value(
          DatasetObject(
            try args.receiver(DatasetObject.self).dataset.aligned(
              height: height, width: width, spread: args[spread])))
      })
    let like = TypedParameter.object("like", "dataset", as: DatasetObject.self, or: "their own mean", namedOnly: true)
    registry.add(
      Builtin(
        method: "congeal", of: "dataset", .of(like),
        area: .data, returns: "dataset",
        summary: "Each image moved, turned and scaled a little, so that all lie over each other. Remembered.",
        details: """
          For pictures of one kind of thing, such as faces that were cut out: they show it at slightly different places, and a \
          network need not learn that. The mean of the images is found in six rounds, in each of which every image is moved to lie \
          as near as it can to the mean of all (least-squares congealing). At most 1000 of the images make the mean. Scale, \
          angle and shift keep to some 8 %, 5 degrees and 7 % of the shorter side, and to 25 %, 20 degrees and 22 % at most; sizes \
          stay. like= brings other images to the mean of a dataset that was congealed: take the mean from the people you learn \
          from, then bring strangers to it. Sources: Learned-Miller 2006; Cox and others 2008.
          """,
        example: glyphsExample + """
          known, new = g.split(fraction=0.5, seed=1)
          known = known.congeal()
          new.congeal(like=known).shape
          #> [1, 28, 28]
          """,
        errors: ["there are no images", "the dataset of like= was not congealed"],
        seeAlso: ["dataset.align", "dataset.alignfaces", "dataset.augment"]
      ) { args, context in
        try context.checkInterruption()
        return Value(
          DatasetObject(
            try args.receiver(DatasetObject.self).dataset.congealed(like: try args[like]?.dataset)))
      })
    let size = TypedParameter.int("size", in: 8...2048, default: 150, namedOnly: true)
    let padding = TypedParameter.number("padding", in: 0...4, default: 0.25, namedOnly: true)
    registry.add(
      Builtin(
        method: "alignfaces", of: "dataset", .of(size, padding),
        area: .data, returns: "dataset",
        summary: "The face on each image, turned and scaled so that eyes and nose stand at their places. Remembered.",
        details: """
          As network("face-resnet") was trained to see faces: the largest face that the detector finds, its five points \
          (the corners of the eyes, the base of the nose) as near as turning and scaling brings them to those of the mean \
          face, in colour, size × size pixels, padding of the face's side around it. An image in which no face is found \
          counts as a face that was cut out already. What lies outside the image is black. Wants fetch("mtcnn") and \
          fetch("face-resnet"). Source: King 2017; Kazemi and Sullivan 2014.
          """,
        example: """
          try { images("people").alignfaces() } catch e { print("no people, or no weights") }
          #> no people, or no weights
          """,
        errors: ["the weights are not there", "a side is not within 8 to 2048"], seeAlso: ["network", "extract"]
      ) { args, context in
        try context.checkInterruption()
        return Value(
          DatasetObject(
            try args.receiver(DatasetObject.self).dataset.withFacesAligned(
              size: args[size], padding: args[padding])))
      })
    registry.add(
      Builtin(
        method: "crop", of: "dataset", .of(part.top, part.left, part.height, part.width), area: .data,
        returns: "dataset", summary: "The same part of every image. Remembered.",
        example: glyphsExample + "g.crop(4, 4, 20, 20).shape\n#> [1, 20, 20]", errors: ["the part does not lie inside"]
      ) { args, _ in
        Value(
          DatasetObject(
            try args.receiver(DatasetObject.self).dataset.cropped(
              top: args[part.top], left: args[part.left], height: args[part.height], width: args[part.width])))
      })
    let mean = TypedParameter.number("mean", or: "its own")
    let deviation = TypedParameter.number("deviation", or: "its own")
    registry.add(
      Builtin(
        method: "normalise", of: "dataset", .of(mean, deviation), area: .data,
        returns: "dataset",
        summary: "Pixels as (x − mean) / deviation, where x is from 0 to 1. Remembered.",
        details: "A second normalise replaces the first, and says so: both count from the pixels from 0 to 1.",
        example: glyphsExample + "abs(g.normalise().tensor.mean()) < 0.001\n#> true",
        errors: ["mean is not finite", "deviation is not greater than 0"]
      ) { args, context in
        let dataset = try args.receiver(DatasetObject.self).dataset
        let (mean, deviation) = (try args[mean], try args[deviation])
        let normalised = try dataset.normalised(mean: mean, deviation: deviation)
        if let warning = PixelScale.warning(mean: mean, deviation: deviation) { context.output.warn(warning) }
        let (old, new) = (dataset.preprocessing, normalised.preprocessing)
        if old.mean != 0 || old.deviation != 1, old.mean != new.mean || old.deviation != new.deviation {
          context.output.warn(
            Explanation(
              "normalise(\(new.mean), \(new.deviation)) replaces normalise(\(old.mean), \(old.deviation))",
              help: "both count from the pixels from 0 to 1: one normalise is enough"))
        }
        return Value(DatasetObject(normalised))
      })
    registerAugment(&registry)
  }

  /// A number, or [height, width].
  private static let height = TypedParameter<[Int]>(.required("height", "number")) { try $0.ints($1, in: 1...16384) }
  private static let width = TypedParameter.int("width", in: 1...16384, or: "height")

  /// A height and a width (the height again where it is not given), or [height, width].
  private static func heightAndWidth(_ args: Arguments) throws -> (height: Int, width: Int) {
    let sizes = try args[height]
    guard sizes.count == 1 || (sizes.count == 2 && !args.isGiven(width)) else {
      throw args.mismatch(height, expected: "a height, or [height, width]")
    }
    return (sizes[0], try args[width] ?? sizes[sizes.count - 1])
  }

  private static func registerAugment(_ registry: inout BuiltinRegistry) {
    func setting(
      _ name: String, _ range: ClosedRange<Double>, _ path: WritableKeyPath<Augmentation, Double> & Sendable
    ) -> (parameter: TypedParameter<Double>, path: WritableKeyPath<Augmentation, Double> & Sendable) {
      (.number(name, in: range, default: 0, namedOnly: true), path)
    }
    let settings = [
      setting("rotate", 0...180, \.rotate), setting("shear", 0...2, \.shear), setting("scale", 0...0.9, \.scale),
      setting("shift", 0...10_000, \.shift), setting("brightness", 0...1, \.brightness),
      setting("contrast", 0...1, \.contrast), setting("noise", 0...1, \.noise),
      setting("elastic", 0...1_000, \.elastic),
      setting("cutout", 0...1, \.cutout), setting("thickness", 0...4, \.thickness), setting("crop", 0...0.9, \.crop),
      setting("blur", 0...20, \.blur),
    ]
    let flip = TypedParameter.bool("flip", default: false, namedOnly: true)
    let chance = TypedParameter.number("chance", in: 0...1, default: 1, namedOnly: true)
    registry.add(
      Builtin(
        method: "augment", of: "dataset", settings.map(\.parameter.declared) + .of(flip, chance), area: .data,
        returns: "dataset",
        summary: "Random changes of each image whenever a batch for training is filled.",
        details: """
          rotate: degrees to either side. shear: share of the height. scale: 0.2 is 0.8 to 1.2 times, \
          each of width and height on its own. shift: pixels. \
          brightness, contrast: 0.2 is 0.8 to 1.2 times. noise: deviation, pixels from 0 to 1. elastic: deviation in \
          pixels of a smooth displacement. cutout: side of a filled square, share of the image's. thickness: pixels by \
          which dark strokes grow or shrink. crop: 0.2 shows a window of 0.8 to 1 times the sides. blur: deviation in pixels, from \
          0 to this. flip: mirrored in half of the cases. chance: of each of rotate, shear, \
          scale, shift. Drawn from the training's seed; judging and galleries see the images unchanged. montage shows \
          them augmented. A second augment replaces the first, and says so; augment() takes it away. a + b wants both \
          augmented alike: join them first.
          """,
        example: glyphsExample + "g.augment(rotate=10, shift=2).count\n#> 20", errors: ["a number is out of range"],
        seeAlso: ["montage", "dataset.rotations"]
      ) { args, context in
        var augmentation = Augmentation()
        for (parameter, path) in settings { augmentation[keyPath: path] = try args[parameter] }
        augmentation.flip = try args[flip]
        augmentation.chance = try args[chance]
        let dataset = try args.receiver(DatasetObject.self).dataset
        if let earlier = dataset.augmentation, !augmentation.isNone, earlier != augmentation {
          context.output.warn(
            Explanation(
              "\(augmentation.words) replaces \(earlier.words)",
              help: "give all numbers to one augment, or take the first away with augment()"))
        }
        return Value(DatasetObject(dataset.augmented(augmentation.isNone ? nil : augmentation)))
      })
  }
}
