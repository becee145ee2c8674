import Datasets
import Diagnostics
import Interpreter

extension DataBindings {
  static func registerDatasetSaving(_ registry: inout BuiltinRegistry) {
    let folder = TypedParameter.string("folder")
    registry.add(
      Builtin(
        method: "save", of: "dataset", .of(folder), area: .data, files: .writes,
        summary: "Writes every image as a PNG into class folders: folder/class/001.png.",
        details: """
          As prepared (gray, resized), without augmentation; images(folder) reads the same dataset back. A save replaces what \
          an earlier one wrote into the folder (folder/saved.csv lists that, with the SHA-256 of each picture). Other pictures there stay, with a warning: \
          images(folder) reads them, too. A picture that you have changed since is not replaced: it is an error, and \
          nothing is written. A save that ends early, on a full disk or by Ctrl-C, leaves new pictures beside older ones; \
          the next save replaces both.
          """,
        example: """
          glyphs(3, 4, seed=1).save("letters")
          images("letters").classes
          #> ["glyph1", "glyph2", "glyph3"]
          """,
        errors: [
          "the folder cannot be written", "a class's name cannot be a folder's",
          "a picture that no earlier save wrote stands where one would go",
          "a picture that an earlier save wrote was changed since", "the disk is full",
        ], seeAlso: ["images", "review"]
      ) { args, context in
        do {
          let target = try args[folder]
          let others = try args.receiver(DatasetObject.self).dataset.write(to: context.path(target)) {
            context.isInterrupted
          }
          warn(ofOthers: others, in: target, by: "save", context)
        } catch is CancellationError { throw Interruption() }
        return .none
      })
  }

  /// That `images` will read more pictures in a folder than were written into it.
  package static func warn(ofOthers count: Int, in folder: String, by action: String, _ context: ExecutionContext) {
    guard count > 0 else { return }
    context.output.warn(
      Explanation(
        "“\(folder)” holds \(count) picture\(count == 1 ? "" : "s") that this \(action) did not write",
        help: "an earlier one did, or somebody else: images(\"\(folder)\") will read them too"))
  }
}
