import Collecting
import Diagnostics
import Files
import Interpreter

extension DataBindings {
  static func registerCollecting(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "collect", .of(source, into, label, provider, count, base, workers, near, smallest),
        area: .data, files: .writes,
        summary: "Downloads pictures into a folder for each label, with their sources and licences.",
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

  fileprivate static let source = TypedParameter.value("source", "string, list of strings, or record of lists")
  private static let into = TypedParameter.string("into", default: "raw")
  private static let label = TypedParameter.string("label", or: "the words searched for", namedOnly: true)
  private static let provider = TypedParameter.word("provider", default: Provider.commons, namedOnly: true)
  private static let count = TypedParameter.int("count", in: 1...10_000, default: 50, namedOnly: true)
  private static let base = TypedParameter.string("base", or: "the provider's", namedOnly: true)
  private static let workers = TypedParameter.int("workers", in: 1...32, default: 6, namedOnly: true)
  private static let near = TypedParameter.bool("near", default: false, namedOnly: true)
  private static let smallest = TypedParameter.int("smallest", in: 1...100_000, default: 32, namedOnly: true)

  private static func collect(_ args: Arguments, _ context: ExecutionContext) throws -> Value {
    var options = CollectOptions()
    options.folder = context.path(try args[into])
    while options.folder.count > 1, options.folder.hasSuffix("/") { options.folder.removeLast() }
    let label = try args[Self.label]
    let provider = try args[Self.provider]
    let count = try args[Self.count]
    let base = try args[Self.base]
    options.workers = try args[workers]
    options.leavesOutNear = !(try args[near])
    options.smallestSide = try args[smallest]
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
          task: task, fraction: 1, text: "\(counted(report.kept, "picture")) in \(options.folder), \(report.words)",
          isMilestone: true))
      if report.failed > 0 {
        context.output.warn(
          Explanation(
            "\(counted(report.failed, "picture")) did not come",
            help: "sources.csv says why; the same call tries \(report.failed == 1 ? "it" : "them") again"))
      }
      if report.elsewhere > 0 {
        context.output.warn(
          Explanation(
            "\(counted(report.elsewhere, "picture")) came under another label before, and "
              + "\(report.elsewhere == 1 ? "stays" : "stay") there: “\(report.firstElsewhere)” is not in "
              + "“\(CollectItem.folderName(report.labelNow))”",
            help: "a picture is collected once: move its file, or collect into another folder"))
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
    "\(counted(duplicates, "duplicate")) left out, \(rejected) rejected, \(failed) did not come"
  }
}

/// What a script wants collected.
private enum CollectSource {
  case items([CollectItem])
  case words([String])

  init(_ args: Arguments, label: String?, _ context: ExecutionContext) throws {
    let parameter = DataBindings.source
    let given = try args[parameter]
    func item(_ text: String, _ label: String) throws -> CollectItem {
      do { return try CollectItem(text, label: label) } catch { throw ArgumentError(parameter, error.explanation) }
    }
    if let record = given.asRecord {
      var items: [CollectItem] = []
      for (name, value) in record.fields {
        let texts = value.asText.map { [$0] } ?? value.asItems?.compactMap(\.asText) ?? []
        guard !texts.isEmpty, value.asText != nil || texts.count == value.asItems?.count else {
          throw ArgumentError(
            parameter, "collect: source must be a record of lists of addresses, and “\(name)” has \(value.inWords)")
        }
        items += try texts.map { try item($0, name) }
      }
      self = .items(items)
      return
    }
    let texts = given.asText.map { [$0] } ?? given.asItems?.compactMap(\.asText) ?? []
    guard !texts.isEmpty, given.asText != nil || texts.count == given.asItems?.count else {
      throw args.mismatch(parameter, expected: "a file of addresses, addresses, or words to search for")
    }
    // A search for nothing finds anything.
    guard !texts.contains(where: { $0.allSatisfy(\.isWhitespace) }) else {
      throw args.mismatch(parameter, expected: "a file of addresses, addresses, or words to search for")
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
