import Collecting
import Diagnostics
import Files
import Interpreter

extension DataBindings {
  static func registerCollecting(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "collect",
        [
          .required("source", "string, list of strings, or record of lists"),
          .optional("into", "string", default: "raw"),
          .optional("label", "string", "the words searched for", namedOnly: true),
          .optional("provider", "string", default: "commons", namedOnly: true),
          .optional("count", "number", default: 50, namedOnly: true),
          .optional("base", "string", "the provider's", namedOnly: true),
          .optional("workers", "number", default: 6, namedOnly: true),
          .optional("near", "bool", default: false, namedOnly: true),
          .optional("smallest", "number", default: 32, namedOnly: true),
        ],
        area: .data, summary: "Downloads pictures into a folder for each label, with their sources and licences.",
        details: """
          The source is a file of addresses (one a line, or a CSV with the columns url and label), an address, a \
          list of addresses, a record {label: [addresses]}, or words to search for at Wikimedia Commons \
          (provider="commons") or Openverse ("openverse"), until the label has count pictures. It downloads several \
          at once, at most two from one host, with pauses, and retries what does not come, after longer waits or \
          when the server says. It looks at the content of a file to tell whether it is a picture. It leaves out \
          files with the same bytes, and pictures that look like another unless near=true; it puts broken ones into \
          rejected/. sources.csv says for each address what became of it, who made the picture and under which \
          licence. A second call resumes where the first ended. It returns how many are there: kept, duplicates, \
          rejected, failed.
          """,
        example: """
          try { collect("addresses.csv", into="raw") } catch e { print("there is no such list here") }
          #> there is no such list here
          """,
        errors: [
          "a line of the list is no address", "the provider does not answer, or has no such pictures",
          "libcurl is not installed", "the folder cannot be written",
        ], seeAlso: ["images", "fetch"]
      ) { args, context in try collect(args, context) })
  }

  private static func collect(_ args: Arguments, _ context: ExecutionContext) throws -> Value {
    var options = CollectOptions()
    options.folder = context.path(try args.string(1))
    while options.folder.count > 1, options.folder.hasSuffix("/") { options.folder.removeLast() }
    let label = args.isGiven(2) ? try args.string(2) : nil
    let provider = try Provider.named(
      try args.string(3, oneOf: Provider.allCases.map(\.rawValue)))
    let count = try args.int(4, in: 1...10_000)
    let base = args.isGiven(5) ? try args.string(5) : nil
    options.workers = try args.int(6, in: 1...32)
    options.leavesOutNear = !(try args.bool(7))
    options.smallestSide = try args.int(8, in: 1...100_000)
    let source = try CollectSource(args, label: label, context)
    let task = "collecting"
    func show(_ progress: CollectProgress) { context.output.progress(event(progress, task)) }
    defer { context.output.progress(ProgressEvent(task: task, fraction: 1, text: "", isFinished: true)) }
    do {
      let collector = try Collector(options)
      var report = CollectReport()
      switch source {
      case .items(let items):
        report = try collector.collect(items, progress: show, shouldStop: { context.isInterrupted })
      case .words(let keywords):
        for keyword in keywords {
          report.add(
            try collector.collect(
              search: keyword, at: provider, base: base, label: label ?? keyword, count: count, progress: show,
              shouldStop: { context.isInterrupted }))
        }
      }
      context.output.progress(
        ProgressEvent(
          task: task, fraction: 1, text: "\(report.kept) pictures are in \(options.folder), \(report.words)",
          isMilestone: true))
      if report.failed > 0 {
        context.output.warn(
          Explanation(
            "\(report.failed) pictures did not come", help: "sources.csv says why; the same call tries them again"))
      }
      return Value(fields: [
        ("kept", Value(report.kept)), ("duplicates", Value(report.duplicates)), ("rejected", Value(report.rejected)),
        ("failed", Value(report.failed)),
      ])
    } catch is CancellationError { throw Interruption() }
  }

  private static func event(_ progress: CollectProgress, _ task: String) -> ProgressEvent {
    let speed = progress.seconds > 0.5 ? Double(progress.bytes) / progress.seconds : 0
    return ProgressEvent(
      task: task, fraction: Double(progress.done) / Double(max(1, progress.total)),
      text: "\(progress.done)/\(progress.total)  \(progress.kept) kept  \(FileError.size(progress.bytes))"
        + (speed > 0 ? "  \(FileError.size(Int(min(speed, 1e15))))/s" : ""))
  }
}

extension CollectReport {
  fileprivate mutating func add(_ other: CollectReport) {
    kept += other.kept
    duplicates += other.duplicates
    rejected += other.rejected
    failed += other.failed
    downloadedBytes = other.downloadedBytes
  }

  fileprivate var words: String {
    "\(duplicates) left out as duplicates, \(rejected) rejected, \(failed) did not come"
  }
}

/// What a script wants collected.
private enum CollectSource {
  case items([CollectItem])
  case words([String])

  init(_ args: Arguments, label: String?, _ context: ExecutionContext) throws {
    func item(_ text: String, _ label: String) throws -> CollectItem {
      do { return try CollectItem(text, label: label) } catch { throw ArgumentError(0, error.explanation) }
    }
    if case .record = args[0] {
      let record = try args.record(0)
      var items: [CollectItem] = []
      for (name, value) in record.fields {
        let texts = value.asText.map { [$0] } ?? value.asItems?.compactMap(\.asText) ?? []
        guard !texts.isEmpty else { throw args.mismatch(0, expected: "a record of lists of addresses") }
        items += try texts.map { try item($0, name) }
      }
      self = .items(items)
      return
    }
    let texts = args[0].asText.map { [$0] } ?? args[0].asItems?.compactMap(\.asText) ?? []
    guard !texts.isEmpty, args[0].asText != nil || texts.count == args[0].asItems?.count else {
      throw args.mismatch(0, expected: "a file of addresses, addresses, or words to search for")
    }
    if texts.contains(where: { $0.contains("://") }) {
      self = .items(try texts.map { try item($0, label ?? "") })
    } else if texts.count == 1, let path = texts.first.map(context.path),
      FileSystem.exists(path) || [".txt", ".csv", ".tsv"].contains(where: { path.lowercased().hasSuffix($0) })
    {
      self = .items(try AddressList.read(path, label: label))
    } else {
      self = .words(texts)
    }
  }
}
