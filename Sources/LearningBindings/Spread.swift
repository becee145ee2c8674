import Diagnostics
import Files
import Interpreter
import Ranks
import Sandbox
import Tensors

extension LearningBindings {
  static func registerSpread(_ registry: inout BuiltinRegistry) {
    let items = TypedParameter.value("items", "list")
    let function = TypedParameter.function("function")
    let save = TypedParameter.string("save", or: "none", namedOnly: true)
    registry.add(
      Builtin(
        "spread", .of(items, function, save), area: .training, returns: "list",
        summary: "The function's value for each item, each found by one of the ranks that mpirun has started.",
        details: """
          Without ranks the items come one after the other; with them whoever has nothing to do takes the next. Values, \
          what the function prints, and seeds that it draws are the same for any number of ranks, in the order of the \
          items. A value is a number, a text, a list, a record, a tensor or a network. An item whose function fails \
          gives none, and its error is said as a warning; the others go on. A rank that dies loses its item to another \
          one (mpirun --enable-recovery). `save` names a folder for the values: a run that was stopped goes on from \
          there. Within the function a trainer trains on its own rank alone.
          """,
        example: """
          letters = glyphs(12, 6, seed=1, size=16)
          learn, held = letters.split(fraction=0.5, seed=2)
          spread([8, 16], size -> {
            loop = trainer(flatten >> dense(size), learn, batch=24, seed=3)
            loop.run(epochs=1)
            episodes(loop.network, held, ways=5, trials=50, seed=4).trials
          })
          #> [50, 50]
          """,
        errors: [
          "the value cannot go from rank to rank, as a function", "the folder holds results of another function",
        ],
        seeAlso: ["map", "sweep", "trainer"]
      ) { args, context in
        let items = try context.items(args, items)
        let function = try args[function]
        let jobs = SpreadJobs(
          items: items, function: function, seed: context.nextSeed(),
          folder: try args[save].map { context.path($0) }, context)
        return Value(try jobs.run())
      })
    registry.add(
      Builtin(
        "ranks", [], area: .training, returns: "record",
        summary: "The processes that run this script together: how many, where, by what, and what they have sent.",
        details: """
          `count` is 1 without mpirun. `names` says where each runs, `bytes` and `messages` what all of them have sent so \
          far: two calls around trainer.run() show what a training costs the network.
          """,
        example: "ranks().count\n#> 1", seeAlso: ["spread", "trainer"]
      ) { _, context in
        guard let ranks = context.ranks else {
          return Value(fields: [
            ("count", 1), ("names", []), ("carrier", .none), ("bytes", 0), ("messages", 0),
          ])
        }
        let sent = try ranks.gather([UInt64(ranks.sent.bytes), UInt64(ranks.sent.messages)])
        return Value(fields: [
          ("count", Value(ranks.count)), ("names", Value(texts: (0..<ranks.count).map { ranks.name($0) })),
          ("carrier", Value(ranks.carrier)), ("bytes", Value(Int(sent.reduce(0) { $0 + $1[0] }))),
          ("messages", Value(Int(sent.reduce(0) { $0 + $1[1] }))),
        ])
      })
  }
}

/// The items of one call of `spread`.
private struct SpreadJobs {
  let items: [Value]
  let function: FunctionValue
  let seed: UInt64
  let folder: String?
  let context: ExecutionContext

  init(items: [Value], function: FunctionValue, seed: UInt64, folder: String?, _ context: ExecutionContext) {
    (self.items, self.function, self.seed, self.folder, self.context) = (items, function, seed, folder, context)
  }

  func run() throws -> [Value] {
    let ranks = context.ranks
    var known: [Int: [UInt8]] = [:]
    if let folder, context.speaks {
      try FileSystem.makeFolder(folder)
      known = try stored(folder)
    }
    let policy = AccessPolicy.current
    var failure: (any Error)?
    let results: [[UInt8]]
    if let ranks {
      let reporter = Reporter(context.output, count: items.count)
      // The function's trainers train alone on their rank.
      context.ranks = nil
      defer { context.ranks = ranks }
      results = try ranks.jobs(
        items.count, identity: items.indices.reduce(0) { $0 &* 31 &+ identity($1) }, known: known,
        keep: { job, bytes in
          guard let folder else { return }
          policy.bind { do { try store(job, bytes, in: folder) } catch { failure = error } }
        }, progress: { reporter.report($0) }
      ) { try perform($0, keepsWords: true) }
      reporter.finish()
    } else {
      results = try items.indices.map { job in
        if let bytes = known[job] { return bytes }
        let bytes = try perform(job, keepsWords: folder != nil)
        if let folder { try store(job, bytes, in: folder) }
        return bytes
      }
    }
    if let failure { throw failure }
    return try results.enumerated().map { try value($1, $0) }
  }

  /// One item: its value or its error, and what was said, as bytes.
  private func perform(_ job: Int, keepsWords: Bool) throws -> [UInt8] {
    try context.checkInterruption()
    let (session, drawn, output) = (context.sessionSeed, context.seedsDrawn, context.output)
    // A sequence of seeds for each item, whoever does it and whatever was done before.
    context.setSeed(seed &+ UInt64(job) &* 0x9E37_79B9_7F4A_7C15)
    let words = keepsWords ? JobOutput(output) : nil
    if let words { context.output = words }
    defer {
      context.setSeed(session, drawn: drawn)
      context.output = output
    }
    var bytes: [UInt8] = []
    do {
      let value = try AccessPolicy.ofJobs.bind {
        try Ranks.alone { try ValueBytes.encoded(try context.call(function, one: items[job])) }
      }
      bytes.append(1)
      JobOutput.write(words?.sayings ?? [], to: &bytes)
      bytes += value
    } catch {
      let explanation = try context.caught(error)
      bytes.append(0)
      JobOutput.write(words?.sayings ?? [], to: &bytes)
      bytes.add(text: explanation.message)
      bytes.add(text: explanation.help ?? "")
    }
    return bytes
  }

  private func value(_ bytes: [UInt8], _ job: Int) throws -> Value {
    var reader = ByteReader(bytes)
    let isValue = try reader.byte() == 1
    JobOutput.say(try JobOutput.read(&reader), context.output)
    if isValue { return try ValueBytes.decoded(reader.rest()) }
    let (message, help) = (try reader.text(), try reader.text())
    context.output.warn(
      Explanation(
        "spread: item \(job + 1) of \(items.count), \(items[job].summarized()), failed: \(message)",
        help: help.isEmpty ? nil : help))
    return .none
  }

  // MARK: The folder

  private func path(_ job: Int, _ folder: String) -> String { "\(folder)/item\(job + 1).value" }

  /// What a result belongs to: the item, the function's text, and the seed.
  private func identity(_ job: Int) -> UInt64 {
    let text = "\(items.count)\0\(items[job].summarized())\0\(function.source ?? function.name)\0\(seed)"
    return FNVHash(text.utf8).value
  }

  private static let mark = Array("twinbook spread 1\n".utf8)

  private func store(_ job: Int, _ bytes: [UInt8], in folder: String) throws {
    // What failed may have failed for a reason that is gone the next time.
    guard bytes.first == 1 else { return }
    var file = Self.mark
    file.add(identity(job))
    try FileSystem.write(file + bytes, to: path(job, folder))
  }

  private func stored(_ folder: String) throws -> [Int: [UInt8]] {
    var known: [Int: [UInt8]] = [:]
    for job in items.indices {
      let path = path(job, folder)
      guard FileSystem.exists(path) else { continue }
      let file = try FileSystem.read(path)
      var reader = ByteReader(file)
      do {
        guard try reader.take(Self.mark.count) == Self.mark else { throw SpreadError.damaged }
        guard try reader.word() == identity(job) else { throw SpreadError.otherJobs(folder: folder, job: job + 1) }
        let bytes = reader.rest()
        var inner = ByteReader(bytes)
        guard try inner.byte() == 1 else { throw SpreadError.damaged }
        _ = try JobOutput.read(&inner)
        _ = try ValueBytes.decoded(inner.rest())
        known[job] = bytes
      } catch let error as SpreadError where error != .damaged { throw error } catch {
        throw SpreadError.damagedFile(path: path)
      }
    }
    return known
  }
}

extension AccessPolicy {
  /// A rank beside the first writes into a folder of its own, since the first one writes the same; a job is done by one
  /// rank alone, whose files have to stay.
  static var ofJobs: AccessPolicy {
    var policy = current
    if policy.files?.isMirror == true { policy.files = nil }
    return policy
  }
}

/// How far the jobs are, for whoever looks on.
final class Reporter {
  private let output: any OutputSink
  private let count: Int
  private var shown = -1

  init(_ output: any OutputSink, count: Int) { (self.output, self.count) = (output, count) }

  func report(_ progress: Ranks.JobProgress) {
    for words in progress.lost {
      output.warn(Explanation(words, help: "what it was doing is done by another rank; those that are left go on"))
    }
    guard progress.finished != shown else { return }
    shown = progress.finished
    output.progress(
      ProgressEvent(
        task: "jobs", fraction: Double(shown) / Double(max(1, count)), text: "\(shown) of \(count) done",
        isMilestone: true))
  }

  func finish() { output.progress(ProgressEvent(task: "jobs", fraction: 1, text: "", isFinished: true)) }
}
