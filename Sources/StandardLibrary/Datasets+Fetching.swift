import Datasets
import Diagnostics
import Files
import Interpreter

extension StandardLibrary {
  static func registerFetching(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "fetch", [.required("name", "string")], area: .data,
        summary: "Downloads a public dataset into the cache, and gives the path of its file.",
        details: """
          Knows \(PublicSet.all.map(\.name).joined(separator: ", ")). Size and checksum (or contents, where none is \
          published) are checked; a file that is there and whole is not fetched again; what came before an interruption \
          is gone on from. The cache is XDG_CACHE_HOME/twinbook or ~/.cache/twinbook, where images(name) looks too. \
          TWINBOOK_FETCH_BASE names a mirror: base + "/omniglot/images_background.zip".
          """,
        example: "try { fetch(\"omniglott\") } catch e { print(\"not known\") }\n#> not known",
        errors: [
          "the name is not known", "the server cannot be reached, or breaks off", "what came is not what it should be",
          "libcurl is not installed",
        ], seeAlso: ["images"]
      ) { args, context in
        let set: PublicSet
        do { set = try Fetcher.set(named: try args.string(0)) } catch let error as FetchError {
          throw ArgumentError(0, error.explanation)
        }
        if let data = Datasets.dataFolder, FileSystem.exists(data + "/" + set.path) {
          return Value(data + "/" + set.path)
        }
        let task = "fetching \(set.name)"
        var shown = ContinuousClock.now - .seconds(1)
        var began = false
        defer {
          if began { context.output.progress(ProgressEvent(task: task, fraction: 1, text: "", isFinished: true)) }
        }
        do {
          let path = try Fetcher().fetch(
            set,
            progress: { progress in
              guard ContinuousClock.now - shown > .milliseconds(100) || progress.done == progress.total else { return }
              shown = .now
              began = true
              context.output.progress(event(progress, task))
            }, shouldStop: { context.isInterrupted })
          if began {
            context.output.progress(
              ProgressEvent(
                task: task, fraction: 1, text: "\(set.name): \(FileError.size(FileSystem.size(of: path) ?? 0)), whole",
                isMilestone: true))
          }
          return Value(path)
        } catch is CancellationError { throw Interruption() }
      })
  }

  private static func event(_ progress: Fetcher.Progress, _ task: String) -> ProgressEvent {
    var text = FileError.size(progress.done)
    if let total = progress.total { text += " of \(FileError.size(total))" }
    text += "  \(FileError.size(Int(min(progress.bytesPerSecond, 1e15))))/s"
    return ProgressEvent(
      task: task, fraction: progress.total.map { min(1, Double(progress.done) / Double(max(1, $0))) }, text: text)
  }
}
