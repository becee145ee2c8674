import DataBindings
import Datasets
import Diagnostics
import Faces
import Files
import Interpreter

/// What `extract` did: `312 faces of 300 photographs`.
final class ExtractionObject: HostObject {
  let extraction: FaceExtraction
  let crop: FaceCrop

  init(_ extraction: FaceExtraction, _ crop: FaceCrop) {
    self.extraction = extraction
    self.crop = crop
    super.init()
  }

  override var typeName: String { "extraction" }
  override var length: Int? { extraction.written.count }
  override var summary: String {
    "\(counted(extraction.written.count, "face")) of \(counted(extraction.photographs, "photograph"))"
  }

  override func describe(_ style: DisplayStyle) -> String {
    var lines = ["\(summary), \(crop.size)×\(crop.size)\(crop.align ? ", aligned" : ""), in “\(extraction.target)”"]
    func list(_ title: String, _ names: [String]) {
      guard !names.isEmpty else { return }
      let shown = names.prefix(style.full ? names.count : 3)
      lines.append(
        "\(title): \(names.count) (\(shown.joined(separator: ", "))\(shown.count < names.count ? ", …" : ""))")
    }
    list("without a face", extraction.without)
    list("set aside", extraction.broken.map { $0.file })
    if let first = extraction.broken.first { lines.append("  \(first.reason)") }
    return lines.joined(separator: "\n")
  }
}

extension FaceBindings {
  static func registerFaceExtracting(_ registry: inout BuiltinRegistry, _ detectors: LoadedDetector) {
    let folder = TypedParameter.string("folder")
    let into = TypedParameter.string("into")
    let pick = TypedParameter.word("pick", default: FaceExtraction.Pick.largest, namedOnly: true)
    registry.add(
      Builtin(
        "extract", .of(folder, into, pick, crop.size, crop.margin, crop.align, smallest, threshold), area: .data,
        files: [.reads, .writes],
        summary: "Cuts the faces out of a folder of photographs into another folder, class by class.",
        details: """
          The function looks at every picture in the folder, at any depth. It writes each face as a PNG of size × \
          size pixels into a folder of the same class, so that images(into) reads them. pick says which face of \
          several: "largest", "central" (nearest to the photograph's middle), "confident", or "all" ("a-2.png" is \
          the second face of a.jpg). .without lists the photographs without a face, .broken the files that cannot be \
          read; neither is an error. into/faces.csv holds the place, confidence and landmarks of each face, also of \
          those that an earlier extraction wrote into the folder and this one does not. Only faces that it lists are \
          replaced: any other file in the way is an error. Ctrl-C ends the call and keeps what was written. Ranks \
          that mpirun has started look at some of the photographs each.
          """ + " " + cropDetails,
        example: """
          try { extract("photos", into="faces") } catch e { print("no photographs, or no weights") }
          #> no photographs, or no weights
          """,
        errors: [
          "there is no such folder, or no picture in it", "the weights are not there: fetch(\"mtcnn\")",
          "into is the folder itself or lies within it", "into cannot be written",
          "a file that no earlier extraction wrote stands where a face would go",
        ], seeAlso: ["faces", "review", "images"]
      ) { args, context in
        let photographs = try args[folder]
        let target = try args[into]
        let choice = try args[pick]
        let crop = try Self.crop.read(args)
        guard FileSystem.isFolder(context.path(photographs)) else {
          if let refusal = FileSystem.refusal(ofReading: context.path(photographs)) { throw refusal }
          let there = FileSystem.exists(context.path(photographs))
          let error =
            there
            ? FileError.notFolder(path: photographs)
            : FileSystem.missing(photographs, at: context.path(photographs))
          throw ArgumentError(folder, error.explanation)
        }
        var detector = try detectors.detector()
        detector.settings.smallest = try args[smallest]
        detector.settings.outputThreshold = try args[threshold]
        let interrupt = context.interrupt
        let task = "extracting faces"
        defer { context.output.progress(ProgressEvent(task: task, fraction: 1, text: "", isFinished: true)) }
        do {
          var extraction = try FaceExtraction.run(
            context.path(photographs), into: context.path(target), crop: crop, pick: choice, detector: detector,
            progress: { done, all, faces in
              context.output.progress(
                ProgressEvent(
                  task: task, fraction: Double(done) / Double(max(1, all)),
                  text: "\(done) of \(all) photographs  \(faces) faces"))
            },
            lost: { words in
              context.output.warn(
                Explanation(words, help: "another rank looks at its photographs; those that are left go on"))
            }, isGivenUp: { interrupt.isRaised })
          extraction.target = target
          context.output.progress(
            ProgressEvent(
              task: task, fraction: 1,
              text: "\(extraction.photographs) photographs  \(extraction.written.count) faces", isMilestone: true))
          DataBindings.warn(ofOthers: extraction.strangers, in: target, by: "extraction", context)
          return Value(ExtractionObject(extraction, crop))
        } catch is CancellationError { throw Interruption() }
      })
    registerExtractionMembers(&registry)
  }

  private static func registerExtractionMembers(_ registry: inout BuiltinRegistry) {
    func property(_ name: String, _ summary: String, _ value: @escaping (FaceExtraction) -> Value) {
      registry.add(
        Builtin(
          property: name, of: "extraction", area: .data, summary: summary,
          example: """
            try { done = extract("photos", into="faces"); done.\(name) } catch e { print("nothing extracted") }
            #> nothing extracted
            """, seeAlso: ["extract"]
        ) { args, _ in value(try args.receiver(ExtractionObject.self).extraction) })
    }
    property("count", "How many faces were written.") { Value($0.written.count) }
    property("folder", "Where they are, for images().") { Value($0.target) }
    property("without", "Photographs in which no face was found.") { Value(texts: $0.without) }
    property("broken", "Files that were set aside: records of file and reason.") { extraction in
      Value(extraction.broken.map { Value(fields: [("file", Value($0.file)), ("reason", Value($0.reason))]) })
    }
    property("written", "Records of file, source (the photograph), confidence and box.") { extraction in
      Value(
        extraction.written.map { entry in
          Value(fields: [
            ("file", Value(entry.file)), ("source", Value(entry.source)),
            ("confidence", rounded(entry.face.confidence, 10_000)), ("box", boxRecord(entry.face.box)),
          ])
        })
    }
  }
}
