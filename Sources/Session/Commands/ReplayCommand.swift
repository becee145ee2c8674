import Files

extension SessionCommand {
  static let replay = SessionCommand(
    "replay",
    usage: "%replay [--verify] [--trust] name.twin",
    summary: "Run a saved session from nothing, cell by cell, beside this one.",
    details: """
      Nothing of this session is seen or changed. --verify compares each result with the recorded one. The script runs in \
      a box: it reads its own folder, TWINBOOK_DATA and the cache, writes into a folder of its own that is gone \
      afterwards, and has neither network nor commands such as %save. --trust lifts that.
      """,
    argument: .file, needsTrust: true
  ) { session, call, outcome in
    let flags = call.words.filter { $0.hasPrefix("--") }
    if let unknown = flags.first(where: { $0 != "--verify" && $0 != "--trust" }) {
      throw call.badArgument(unknown, expected: "--verify, --trust or a file's name")
    }
    let names = call.words.filter { !$0.hasPrefix("--") }
    guard names.count <= 1 else { throw call.tooManyWords(names, limit: 1) }
    guard let path = names.first.map(FileSystem.expanded) else { throw call.missingArgument }
    let verify = flags.contains("--verify")
    guard session.replayDepth < 1, let output = session.output else {
      throw SessionError.commandInsideReplay("replay")
    }
    let document = try session.options.formats.read(path, checks: verify)
    var options = NotebookSession.Options(library: session.options.library)
    options.formats = session.options.formats
    let box = try flags.contains("--trust") ? nil : ReplayBox(script: path)
    if let box { options.access = box.policy }
    let inner = NotebookSession(output: output, options: options, interrupt: session.engine.interruptFlag)
    inner.replayDepth = session.replayDepth + 1
    inner.isReplaying = true
    let player = ReplayPrinter(output: output, file: path, verify: verify)
    let replayed = inner.run(
      document, file: path, verify: verify, before: { player.before($0, $1) }, step: { player.after($0, $1) })
    player.finish(replayed)
    if let words = box?.close() { session.say(words) }
    if replayed.wasInterrupted { outcome.status = .interrupted }
    if replayed.failedCell != nil {
      outcome.status = .failed
      outcome.diagnostics += player.diagnostics
    }
  }
}
