import Diagnostics
import Interpreter
import MetricLearning
import Tensors

extension DataBindings {
  static func registerDatasetBatches(_ registry: inout BuiltinRegistry) {
    let size = TypedParameter.int("size", in: 1...65_536, default: 128)
    let perClass = TypedParameter.int("perclass", in: 2...1024, or: "none", namedOnly: true)
    let seed = TypedParameter.seed(or: "none", namedOnly: true)
    let epoch = TypedParameter.int("epoch", in: 1...1_000_000, default: 1, namedOnly: true)
    registry.add(
      Builtin(
        method: "batches", of: "dataset", .of(size, perClass, seed, epoch), area: .data, returns: "batches",
        summary: "Batches for a loop written by hand: images [n, channels, height, width], and labels [n].",
        details: """
          Filled one batch at a time; the last may be smaller. Without a seed in the dataset's order and as they are; \
          with one, the batches (and the augmentation) that a trainer with this seed takes in that epoch. `perclass` \
          draws so many images of each of size / perclass classes, for losses that compare a batch's images.
          """,
        example: """
          letters = glyphs(5, 4, seed=1)
          net = flatten >> dense(8)
          rule = adam(0.001)
          for epoch in 1...2 {
            for images, labels in letters.batches(8, perclass=2, seed=3, epoch=epoch) {
              loss = step(rule, () -> supcon()(net(images), labels))
            }
          }
          loss > 0
          #> true
          """, errors: ["there are no images", "size is less than two classes of perclass images"],
        seeAlso: ["pairs.batches", "step", "trainer"]
      ) { args, context in
        let source = try args.receiver(DatasetObject.self).imageSource
        let each = try args[perClass]
        // Balanced batches are draws.
        let draws = each != nil || args.isGiven(seed)
        return Value(
          ImageBatchesObject(
            try ImageBatches(
              source, size: args[size], perClass: each, seed: draws ? try args[seed].value(context) : nil,
              epoch: args[epoch] - 1)))
      })
  }
}

/// Labelled images in batches of tensors, made while a loop goes over them.
final class ImageBatchesObject: HostObject {
  let batches: ImageBatches

  init(_ batches: ImageBatches) {
    self.batches = batches
    super.init()
  }

  override var typeName: String { "batches" }
  override var length: Int? { batches.count }
  override var summary: String { "\(batches.count) batch\(batches.count == 1 ? "" : "es") of images and labels" }
  override func describe(_ style: DisplayStyle) -> String { summary }

  override func iterate(_ context: ExecutionContext) -> ValueIterator? {
    var next = 0
    return ValueIterator { [batches] in
      guard next < batches.count else { return nil }
      try context.checkInterruption()
      next += 1
      let (images, labels) = try batches.batch(next - 1)
      return Value([Value(images), Value(labels)])
    }
  }
}
