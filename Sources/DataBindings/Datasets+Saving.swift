import Datasets
import Diagnostics
import Interpreter

extension DataBindings {
  static func registerDatasetSaving(_ registry: inout BuiltinRegistry) {
    let folder = TypedParameter.string("folder")
    registry.add(
      Builtin(
        method: "save", of: "dataset", .of(folder), area: .data,
        summary: "Writes every image as a PNG into class folders: folder/class/001.png.",
        details: "As prepared (gray, resized), without augmentation; images(folder) reads the same dataset back.",
        example: """
          glyphs(3, 4, seed=1).save("letters")
          images("letters").classes
          #> ["glyph1", "glyph2", "glyph3"]
          """,
        errors: ["the folder cannot be written", "a class's name cannot be a folder's"], seeAlso: ["images", "review"]
      ) { args, context in
        do {
          try args.receiver(DatasetObject.self).dataset.write(to: context.path(try args[folder])) {
            context.isInterrupted
          }
        } catch is CancellationError { throw Interruption() }
        return .none
      })
  }
}
