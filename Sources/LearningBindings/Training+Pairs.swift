import CoreLibrary
import Diagnostics
import Files
import Interpreter
import MetricLearning
import TensorFiles
import Tensors

extension LearningBindings {
  static func registerPairsMembers(_ registry: inout BuiltinRegistry) {
    let images = TypedParameter.value("images", "tensor or path of one")
    let labels = TypedParameter.value("labels", "tensor or path of one")
    registry.add(
      Builtin(
        "pairs", .of(images, labels), area: .data, returns: "pairs", files: .readsNamed,
        summary: "Pairs out of arrays, as pairs.save and NumPy write them.",
        details: """
          images: [pairs, 2, channels, height, width]; labels: [pairs, 1] or [pairs], 1 for same, 0 for different. Equal \
          images count as one; images that pairs call the same, by however many steps, are one class ("class1", …). A \
          warning tells of pairs that are labelled different all the same.
          """,
        example: """
          pairs(glyphs(5, 4, seed=1), 40, seed=2).save("X.npy", "Y.npy")
          p = pairs("X.npy", "Y.npy")
          p[0].same
          #> false
          """, errors: ["the arrays' shapes do not fit", "a label is neither 0 nor 1"], seeAlso: ["pairs.save"],
        dispatch: ["string", "tensor"]
      ) { args, context in
        func array(_ parameter: TypedParameter<Value>) throws -> Tensor {
          guard let path = try args[parameter].asText else { return try args.tensor(parameter) }
          let (content, warning) = try Overflow.watching(path) { try TensorFile.read(context.path(path)) }
          guard case .array(let tensor) = content else {
            throw args.mismatch(parameter, expected: "a tensor, or the path of an .npy file")
          }
          if let warning { context.output.warn(warning) }
          return tensor
        }
        let pixels = try array(images)
        let pairs = try Pairs(images: pixels, same: try array(labels))
        if let way = ChannelsLast.wayOut(pixels.shape) {
          context.output.warn(
            Explanation(
              "pairs: images of shape \(pixels.shape) were taken for [pairs, 2, channels, height, width], but look channels "
                + "last", help: way))
        }
        let odd = pairs.contradictions
        if let first = odd.first {
          context.output.warn(
            Explanation(
              "pairs: \(odd.count) of \(pairs.count) \(odd.count == 1 ? "is" : "are") labelled different, but other pairs "
                + "make the two images one class; the first is p[\(first)]",
              help: "images that pairs call the same, by however many steps, are one class: look at these labels"))
        }
        if pixels.hasPixelsOfBytes {
          let source = try args[images].asText.map { "load(\"\($0)\")" } ?? "images"
          context.output.warn(
            PixelRange.warning("the images of these pairs", help: "divide them by 255: pairs(\(source) / 255, labels)"))
        }
        return Value(PairsObject(pairs))
      })
    let size = TypedParameter.int("size", in: 1...65_536, default: 128)
    let seed = TypedParameter.seed(or: "none", namedOnly: true)
    registry.add(
      Builtin(
        method: "batches", of: "pairs", .of(size, seed), area: .data, returns: "batches",
        summary: "Batches for a loop written by hand: left images, right images, and 1 for same, 0 for different.",
        details: """
          The images are tensors [size, channels, height, width], filled one batch at a time; the last batch may be \
          smaller. With `seed` the pairs come in an order drawn from it, and a dataset's augmentation is drawn too; \
          without, pairs and images are as they are.
          """,
        example: """
          net = flatten >> dense(8)
          rule = adam(0.001)
          for a, b, same in pairs(glyphs(5, 4, seed=1), 100, seed=2).batches(32, seed=3) {
            loss = step(rule, () -> { u, v = net(a, b); contrastive(margin=1)(u, v, same) })
          }
          loss > 0
          #> true
          """, seeAlso: ["step", "contrastive", "trainer"]
      ) { args, context in
        let pairs = try args.receiver(PairsObject.self).pairs
        let size = try args[size]
        let drawn = args.isGiven(seed) ? try args[seed].value(context) : nil
        return Value(try BatchesObject(pairs, size: size, seed: drawn))
      })
    let (imagesPath, labelsPath) = (TypedParameter.string("images"), TypedParameter.string("labels"))
    registry.add(
      Builtin(
        method: "save", of: "pairs", .of(imagesPath, labelsPath), area: .data, files: .writes,
        summary: "Writes the pairs as two .npy files: images [count, 2, channels, height, width], labels [count, 1].",
        details:
          "float32, images as a network sees them (from 0 to 1, unless normalise scales them), 1 for same: numpy.load reads "
          + "both, and pairs(…) too.",
        example: """
          pairs(glyphs(5, 4, seed=1), 10, seed=2).save("X.npy", "Y.npy")
          load("X.npy").shape
          #> [10, 2, 1, 28, 28]
          pairs("X.npy", "Y.npy").count
          #> 10
          """,
        errors: ["a name does not end in .npy", "both names are of one file", "the folder cannot be written"],
        seeAlso: ["pairs.batches", "load"]
      ) { args, context in
        let pairs = try args.receiver(PairsObject.self).pairs
        for parameter in [imagesPath, labelsPath] {
          let path = try args[parameter]
          guard path.lowercased().hasSuffix(".npy") else {
            throw ArgumentError(parameter, "save: the path must end in .npy, got \"\(path)\"")
          }
        }
        let (imagesFile, labelsFile) = (context.path(try args[imagesPath]), context.path(try args[labelsPath]))
        guard !areOneFile(imagesFile, labelsFile) else {
          throw ArgumentError(
            labelsPath, "save: images and labels are two files, got \"\(try args[labelsPath])\" for both",
            help: "give the labels another name: pairs.save(\"X.npy\", \"Y.npy\")")
        }
        let images = try pairs.imageTensor()
        try context.checkInterruption()
        try TensorFile.write(images, to: imagesFile)
        let same = try Tensor(pairs.same.map { $0 ? 1 : 0 }, shape: [pairs.count, 1])
        try TensorFile.write(same, to: labelsFile)
        return .none
      })
  }
}

/// Whether the second of two files would be written over the first, which need not be there yet.
private func areOneFile(_ first: String, _ second: String) -> Bool {
  if let there = FileSystem.identity(of: first) { return there == FileSystem.identity(of: second) }
  guard FileSystem.name(of: first) == FileSystem.name(of: second) else { return false }
  let (one, other) = (FileSystem.parent(of: first), FileSystem.parent(of: second))
  return one == other || (FileSystem.identity(of: one).map { $0 == FileSystem.identity(of: other) } ?? false)
}

/// Pairs in batches of tensors, made while a loop goes over them.
final class BatchesObject: HostObject {
  let pairs: Pairs
  let size: Int
  let seed: UInt64?

  init(_ pairs: Pairs, size: Int, seed: UInt64?) throws {
    self.size = size
    self.seed = seed
    self.pairs = try seed.map { try pairs.shuffled(seed: $0) } ?? pairs
    super.init()
  }

  override var typeName: String { "batches" }
  override var length: Int? { (pairs.count + size - 1) / size }
  override var summary: String {
    "\(counted((pairs.count + size - 1) / size, "batch", "batches")) of up to \(counted(size, "pair"))"
  }
  override func describe(_ style: DisplayStyle) -> String { summary }

  override func iterate(_ context: ExecutionContext) -> ValueIterator? {
    var next = 0
    return ValueIterator { [self] in
      guard next < pairs.count else { return nil }
      try context.checkInterruption()
      let range = next..<min(pairs.count, next + size)
      next = range.upperBound
      let same = try Tensor(pairs.same[range].map { $0 ? 1 : 0 }, shape: [range.count])
      let draw = seed.map { $0 &+ UInt64(range.lowerBound) }
      let left = try pairs.images(pairs.first[range], draw: draw)
      let right = try pairs.images(pairs.second[range], draw: draw.map { ~$0 })
      return Value([Value(left), Value(right), Value(same)])
    }
  }
}
