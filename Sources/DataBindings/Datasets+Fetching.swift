import Datasets
import Diagnostics
import Downloads
import Faces
import Files
import Interpreter

extension DataBindings {
  static func registerFetching(_ registry: inout BuiltinRegistry) {
    let name = TypedParameter.string("name")
    let from = TypedParameter.string("from", or: "none", namedOnly: true)
    registry.add(
      Builtin(
        "fetch", .of(name, from), area: .data,
        returns: "dataset",
        summary:
          "Downloads a public dataset, or the weights of a known network, into the cache, and gives the file's path.",
        details: """
          Knows \(PublicSet.names.joined(separator: ", ")). It checks size and checksum, or the contents if nobody \
          publishes a checksum. It does not fetch a complete file again, and resumes an interrupted download. The \
          cache is XDG_CACHE_HOME/twinbook or ~/.cache/twinbook, where images(name) looks too. TWINBOOK_FETCH_BASE \
          names a mirror: base + "/omniglot/images_background.zip". "mtcnn" takes the weights for faces() from the \
          Python package facenet-pytorch 2.6.0 (MIT licence; checks its SHA-256, runs nothing in it) and keeps them \
          as safetensors; from= names a copy of the package that you have downloaded (pip download \
          facenet-pytorch==2.6.0 --no-deps). "face-resnet" takes dlib's face recognition network and its predictor \
          of face points from the package face-recognition-models 0.3.0 (public domain) in the same way (pip \
          download face-recognition-models==0.3.0 --no-deps --no-binary :all:), for network("face-resnet").
          """,
        example: "try { fetch(\"omniglott\") } catch e { print(\"not known\") }\n#> not known",
        errors: [
          "the name is not known", "the server cannot be reached, or breaks off", "what came is not what it should be",
          "libcurl is not installed", "from= is not that package",
        ], seeAlso: ["images", "faces", "network"]
      ) { args, context in
        let set: PublicSet
        do { set = try Fetcher.set(named: try args[name]) } catch let error as FetchError {
          throw ArgumentError(name, error.explanation)
        }
        let package = try args[from].map(context.path)
        guard set == .mtcnn || set == .faceResNet || package == nil else {
          throw ArgumentError(
            from, "fetch: from= is for \"mtcnn\" and \"face-resnet\" alone",
            help: "images(path) reads a dataset from anywhere")
        }
        return Value(try fetched(set, from: package, context))
      })
  }

  /// The file's path, with a progress bar for what is downloaded.
  private static func fetched(_ set: PublicSet, from: String?, _ context: ExecutionContext) throws -> String {
    if set == .mtcnn {
      if from == nil, let there = try? MTCNNWeights.find(), MTCNNWeights.isWhole(there) { return there }
    } else if set == .faceResNet {
      if from == nil, let there = FaceResNetWeights.find(), FaceResNetWeights.isWhole(there) { return there }
    } else if let data = Datasets.dataFolder, FileSystem.exists(data + "/" + set.path) {
      return data + "/" + set.path
    }
    let task = "fetching \(set.name)"
    var shown = ContinuousClock.now - .seconds(1)
    var began = false
    defer {
      if began { context.output.progress(ProgressEvent(task: task, fraction: 1, text: "", isFinished: true)) }
    }
    let progress = { (progress: Fetcher.Progress) in
      guard ContinuousClock.now - shown > .milliseconds(100) || progress.done == progress.total else { return }
      shown = .now
      began = true
      context.output.progress(event(progress, task))
    }
    let path: String
    do {
      let isGivenUp = { context.isInterrupted }
      switch set {
      case .mtcnn: path = try MTCNNWeights.fetch(from: from, progress: progress, shouldStop: isGivenUp)
      case .faceResNet: path = try FaceResNetWeights.fetch(from: from, progress: progress, shouldStop: isGivenUp)
      default: path = try Fetcher().fetch(set, progress: progress, shouldStop: isGivenUp)
      }
    } catch is CancellationError { throw Interruption() }
    if began {
      context.output.progress(
        ProgressEvent(
          task: task, fraction: 1, text: "\(set.name): \(FileError.size(FileSystem.size(of: path) ?? 0)), whole",
          isMilestone: true))
    }
    return path
  }

  private static func event(_ progress: Fetcher.Progress, _ task: String) -> ProgressEvent {
    var text = FileError.size(progress.done)
    if let total = progress.total { text += " of \(FileError.size(total))" }
    text += "  \(FileError.size(Int(min(progress.bytesPerSecond, 1e15))))/s"
    return ProgressEvent(
      task: task, fraction: progress.total.map { min(1, Double(progress.done) / Double(max(1, $0))) }, text: text)
  }
}
