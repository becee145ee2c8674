import Diagnostics
import Foundation
import Interpreter

extension NotebookSession {
  func evaluateCommand(
    _ name: String, _ rest: String, at source: SourceText, into outcome: inout Evaluation
  ) {
    do {
      if name == "!" { throw SessionError.noShell }
      if name == "% " {
        throw SessionError.blankInCommand("%" + rest.trimmingCharacters(in: .whitespaces))
      }
      guard let command = SessionCommand.named(name) else {
        throw SessionError.unknownCommand(name, near: nearName(name, among: SessionCommand.all.map(\.name.rawValue)))
      }
      try perform(command, rest, source: source, into: &outcome)
    } catch {
      outcome.status = .failed
      let explanation = (error as? any ExplainedError)?.explanation ?? Explanation(describe(error))
      outcome.diagnostics.append(Diagnostic(explanation, at: nil))
    }
  }

  /// What a command says; it is no result, and never recorded.
  func say(_ text: String) {
    let text = text.withVisibleControls
    output?.write(text.hasSuffix("\n") ? text : text + "\n")
  }

  private func perform(
    _ command: SessionCommand, _ rest: String, source: SourceText, into outcome: inout Evaluation
  ) throws {
    let words = Self.words(rest)
    switch command.name {
    case .save: try save(words, command)
    case .run: try runFile(words, command, into: &outcome)
    case .replay: try replayFile(words, command, into: &outcome)
    case .history: try showHistory(rest)
    case .who: say(whoTable(kind: words.first))
    case .time:
      guard !rest.isEmpty else { throw SessionError.missingArgument(command: "time", usage: command.usage) }
      let start = ContinuousClock.now
      evaluateCode(SourceText(name: source.name, text: rest, firstLine: source.firstLine), into: &outcome)
      let seconds = Double((ContinuousClock.now - start) / .nanoseconds(1)) / 1e9
      // To standard error in a script, as all that differs from run to run.
      output?.note(Self.duration(seconds))
    case .timeit:
      guard !rest.isEmpty else { throw SessionError.missingArgument(command: "timeit", usage: command.usage) }
      try timeRepeatedly(rest, source, into: &outcome)
    case .undo: try undo(words.first)
    case .reset:
      reset()
      say("names and cells are forgotten; the seed is still \(seed)")
    case .edit: outcome.effect = .edit(try textToEdit(words.first))
    case .load:
      guard let path = words.first else { throw SessionError.missingArgument(command: "load", usage: command.usage) }
      outcome.effect = .prefill(try textToLoad(expand(path)))
    case .show: outcome.effect = .page(try wholeText(rest, source, into: &outcome))
    case .review: try review(words, command, into: &outcome)
    case .seed: try showOrSetSeed(words.first)
    case .figure: try figureCommand(words)
    case .help: try showHelp(words.first)
    case .quit: outcome.effect = .quit
    }
  }

  /// A leading `~` is the home folder, as in a shell.
  func expand(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home = ProcessInfo.processInfo.environment["HOME"] else {
      return path
    }
    return home + path.dropFirst()
  }

  /// Words split at blanks; quotes keep blanks.
  static func words(_ text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var quote: Character?
    var isOpen = false
    for character in text {
      if let open = quote {
        if character == open { quote = nil } else { word.append(character) }
      } else if character == "\"" || character == "'" {
        quote = character
        isOpen = true
      } else if character.isWhitespace {
        if isOpen || !word.isEmpty { words.append(word) }
        word = ""
        isOpen = false
      } else {
        word.append(character)
      }
    }
    if isOpen || !word.isEmpty { words.append(word) }
    return words
  }

  /// "1.24 s", "310 ms", "2.1 µs".
  public static func duration(_ seconds: Double) -> String {
    func three(_ value: Double) -> String {
      String(format: value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value)
    }
    if seconds >= 120 {
      let whole = Int(min(seconds.rounded(), 1e9))
      return whole >= 3600 ? "\(whole / 3600) h \(whole % 3600 / 60) min" : "\(whole / 60) min \(whole % 60) s"
    }
    if seconds >= 1 { return three(seconds) + " s" }
    if seconds >= 1e-3 { return three(seconds * 1e3) + " ms" }
    if seconds >= 1e-6 { return three(seconds * 1e6) + " µs" }
    return three(seconds * 1e9) + " ns"
  }

  private func save(_ words: [String], _ command: SessionCommand) throws {
    let options = words.filter { $0.hasPrefix("--") || $0 == "!" }
    if let unknown = options.first(where: { $0 != "--minimal" && $0 != "!" }) {
      throw SessionError.badArgument(command: "save", argument: unknown, expected: "--minimal or a file's name")
    }
    guard let path = words.first(where: { !options.contains($0) }).map(expand) ?? savedPath else {
      throw SessionError.missingArgument(command: "save", usage: "%save name.twin")
    }
    let count = try save(to: path, minimal: options.contains("--minimal"), replaces: options.contains("!"))
    for (number, names) in unrepeatable.sorted(by: { $0.key < $1.key }) {
      // Said only where a later cell reads what the interrupted one left.
      var open = names
      var read: Set<String> = []
      for entry in entries where entry.number > number {
        read.formUnion(open.intersection(entry.reads.union(entry.changes)))
        open.subtract(entry.overwrites)
      }
      guard !read.isEmpty else { continue }
      recorder.warn(
        Explanation(
          "cell \(number) was interrupted after it had changed \(read.sorted().joined(separator: ", ")): the saved "
            + "cells that build on it will not give the same results",
          help: "evaluate them again from there, and save again"))
    }
    say("saved \(count == 1 ? "1 cell" : "\(count) cells") to \(path)")
  }

  /// Leaves everything as it was: names, networks and random numbers.
  private func timeRepeatedly(_ code: String, _ source: SourceText, into outcome: inout Evaluation) throws {
    let begun = beginCell(isUndone: true)
    recorder.isMuted = true
    defer { recorder.isMuted = false }
    var rounds: [Double] = []
    var perRound = 1
    let start = ContinuousClock.now
    // Once by itself: for errors in their place, and to warm up.
    var run = engine.run(SourceText(name: source.name, text: code, firstLine: source.firstLine))
    while run.diagnostics.isEmpty, !run.wasInterrupted, rounds.isEmpty || ContinuousClock.now - start < .seconds(1),
      rounds.count < 200
    {
      // The loop runs in the language, so that neither parsing nor a thread's start is measured.
      let loop = SourceText(
        name: source.name, text: "for timeit_ in 0..<\(perRound) {\n\(code)\n}", firstLine: source.firstLine - 1)
      let roundStart = ContinuousClock.now
      run = engine.run(loop)
      let seconds = Double((ContinuousClock.now - roundStart) / .nanoseconds(1)) / 1e9
      if seconds < 0.01, perRound < 10_000_000 {
        perRound *= seconds < 0.001 ? 10 : 2
      } else {
        rounds.append(seconds / Double(perRound))
      }
    }
    try takeBack(changes(since: begun).step)
    outcome.diagnostics += run.diagnostics
    if run.wasInterrupted {
      outcome.status = .interrupted
    } else if !run.diagnostics.isEmpty {
      outcome.status = .failed
    }
    guard outcome.status == .finished, let best = rounds.min() else { return }
    let median = rounds.sorted()[rounds.count / 2]
    output?.note(
      "best \(Self.duration(best)), median \(Self.duration(median)) "
        + "(\(rounds.count) \(rounds.count == 1 ? "round" : "rounds") of \(perRound))")
  }

  private func undo(_ word: String?) throws {
    var count = 1
    if let word {
      guard let number = Int(word), number >= 1, number <= Self.undoLimit else {
        throw SessionError.badArgument(
          command: "undo", argument: word, expected: "a number of cells, 1…\(Self.undoLimit)")
      }
      count = number
    }
    var undone: [Int] = []
    let before = entries.count
    while count > 0, let step = undoSteps.last {
      count -= 1
      try takeBack(step)
      undoSteps.removeLast()
      undone.append(step.cellNumber)
      entries.removeLast(max(0, entries.count - step.entryCount))
      definitions.takeBack(step.definitions)
      cellNumber = step.cellNumber
      unrepeatable[step.cellNumber] = nil
    }
    guard !undone.isEmpty else {
      throw entries.isEmpty ? SessionError.nothingToUndo : .undoTooFar(cells: Self.undoLimit)
    }
    takeOutOfJournal(before - entries.count)
    say(
      undone.count == 1
        ? "cell \(undone[0]) is undone"
        : "cells \(undone.reversed().map(String.init).joined(separator: ", ")) are undone")
  }

  private func reset() {
    takeOutOfJournal(entries.count, of: 0)
    engine.replaceNames(with: [:])
    engine.setSeed(seed)
    entries = []
    undoSteps = []
    restoredVersions = [:]
    unrepeatable = [:]
    definitions.forget()
    figures = []
    lastShown = nil
    cellNumber = 1
    hasUnsavedCells = false
  }

  /// A script's cells as they would be typed: without header and results.
  private func textToLoad(_ path: String) throws -> String {
    var document = try NotebookDocument(reading: try TextFile.read(path), name: path)
    document.header = .init()
    document.interpreterLine = nil
    for index in document.cells.indices { document.cells[index].result = nil }
    if document.cells.count == 1, document.cells[0].kind == .code { return document.cells[0].source }
    return String(document.text.dropLast())
  }

  /// All of a value's text: of the expression, or of the value that was shown last.
  private func wholeText(_ code: String, _ source: SourceText, into outcome: inout Evaluation) throws -> String {
    var value = lastShown
    if !code.isEmpty {
      // To look is to change nothing: what the code did is taken back, as it is not recorded.
      let begun = beginCell(isUndone: true)
      let run = engine.run(SourceText(name: source.name, text: code, firstLine: source.firstLine))
      try takeBack(changes(since: begun).step)
      outcome.diagnostics += run.diagnostics
      if run.wasInterrupted { outcome.status = .interrupted }
      if !run.diagnostics.isEmpty { outcome.status = .failed }
      if outcome.status != .finished { return "" }
      value = run.value
    }
    guard let value else { throw SessionError.nothingToShow }
    return try engine.displayWhole(value).withVisibleControls
  }

  /// The journal gives the session as it is, so that what was taken back does not come back after a crash.
  private func takeOutOfJournal(_ count: Int, of left: Int? = nil) {
    if count > 0 { record(Journal.Record(undone: count)) }
    trainingStates?.forget(from: left ?? entries.count)
  }

  private func showOrSetSeed(_ word: String?) throws {
    guard let word else {
      say("seed \(seed)")
      return
    }
    guard let number = UInt64(word) else {
      throw SessionError.badArgument(command: "seed", argument: word, expected: "a whole number from 0")
    }
    setSeed(number)
    if !entries.isEmpty {
      recorder.warn(
        Explanation(
          "cells before this one ran with another seed, so a saved session would not give their results again",
          help: "set the seed first, or %reset"))
    }
    say("seed \(number)")
  }

  private func textToEdit(_ word: String?) throws -> String {
    guard let word else { return "" }
    if let number = Int(word) {
      guard let entry = entries.last(where: { $0.number == number }) else {
        throw SessionError.noSuchCell(number, count: cellNumber - 1)
      }
      return entry.typed
    }
    return try sourceText(of: word)
  }

  private func showHistory(_ rest: String) throws {
    var shown = entries.filter { !$0.typed.isEmpty }
    let bounds = rest.split(separator: "-").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
    if let count = Int(rest) {
      shown = Array(shown.suffix(max(0, count)))
    } else if bounds.count == 2, rest.contains("-") {
      shown = shown.filter { $0.number >= bounds[0] && $0.number <= bounds[1] }
    } else if !rest.isEmpty {
      shown = shown.filter { $0.typed.contains(rest) }
    }
    if shown.isEmpty { return say(entries.isEmpty ? "no cell has run yet" : "no such cell") }
    let width = max(3, String(shown.last?.number ?? 0).count)
    for entry in shown {
      let lines = entry.typed.split(separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated() {
        let number = index == 0 ? String(entry.number) : ""
        let mark = entry.status == .finished ? " " : index == 0 ? "!" : " "
        say(String(repeating: " ", count: max(0, width - number.count)) + number + mark + " " + line)
      }
    }
  }

  private func showHelp(_ word: String?) throws {
    if let word {
      let name = word.hasPrefix("%") ? String(word.dropFirst()) : word
      guard let command = SessionCommand.named(name) else {
        throw SessionError.unknownCommand(name, near: nearName(name, among: SessionCommand.all.map(\.name.rawValue)))
      }
      return say(command.usage + "\n" + command.summary + (command.details.isEmpty ? "" : "\n\n" + command.details))
    }
    let width = SessionCommand.all.map(\.usage.count).max() ?? 0
    var lines = SessionCommand.all.map { command in
      command.usage.padding(toLength: width + 2, withPad: " ", startingAt: 0) + command.summary
    }
    lines.append("")
    lines.append("?name describes a name, ??name shows a function's source, help() begins a tour, Tab completes.")
    say(lines.joined(separator: "\n"))
  }

  private func figureCommand(_ words: [String]) throws {
    guard let first = words.first else {
      if figures.isEmpty { return say("no figure has been shown yet") }
      for figure in figures {
        let title = figure.fingerprint().split(separator: "\n").first.map(String.init) ?? ""
        say("\(figure.number)  \(title)")
      }
      return
    }
    guard let number = Int(first) else {
      throw SessionError.badArgument(command: "figure", argument: first, expected: "a figure's number")
    }
    guard let figure = figures.first(where: { $0.number == number }) else {
      throw SessionError.noSuchFigure(number, count: figures.count)
    }
    guard words.count > 1 else {
      output?.show(figure)
      return
    }
    try figure.save(to: expand(words[1]))
    say("figure \(number) is in \(words[1])")
  }

  private func runFile(_ words: [String], _ command: SessionCommand, into outcome: inout Evaluation) throws {
    guard let path = words.first.map(expand) else {
      throw SessionError.missingArgument(command: "run", usage: command.usage)
    }
    guard replayDepth < 8 else { throw SessionError.commandInsideReplay("run") }
    let bytes = try TextFile.read(path)
    let document = try NotebookDocument(reading: bytes, name: path)
    takeSeed(of: document, path)
    keepHeader(of: document)
    // The cells become one cell of this session: its commands are left out of a saved script, so its code goes in.
    replayDepth += 1
    defer { replayDepth -= 1 }
    // Its text, too: what is saved again reads as it did.
    for cell in document.cells {
      let result = evaluate(cell, file: path)
      if let value = result.value { say(value) }
      if result.status != .finished, !cell.allowsFailure, !result.wasPausedAsRecorded {
        outcome.status = result.status
        outcome.diagnostics += result.diagnostics
        return
      }
      if result.effect == .quit { return }
    }
    // All of it is in this session now, so `%save` may write it again.
    ownFiles.note(path, bytes)
  }

  /// A script's seed counts for its cells. Where random numbers were drawn from this session's own, it cannot.
  private func takeSeed(of document: NotebookDocument, _ path: String) {
    guard let wanted = document.header.seed, wanted != seed else { return }
    if engine.seedsDrawn == 0 { return setSeed(wanted) }
    recorder.warn(
      Explanation(
        "\(path) was made with seed \(wanted), and this session has drawn random numbers with seed \(seed), which stays",
        help: "for the same results: %reset, then %seed \(wanted), then %run"))
  }

  private func replayFile(_ words: [String], _ command: SessionCommand, into outcome: inout Evaluation) throws {
    guard let path = words.first(where: { !$0.hasPrefix("--") }).map(expand) else {
      throw SessionError.missingArgument(command: "replay", usage: command.usage)
    }
    let verify = words.contains("--verify")
    guard replayDepth < 1, let output else { throw SessionError.commandInsideReplay("replay") }
    let document = try NotebookDocument(reading: try TextFile.read(path), name: path)
    let inner = NotebookSession(output: output, options: Options(), interrupt: engine.interruptFlag)
    inner.replayDepth = replayDepth + 1
    inner.isReplaying = true
    let player = ReplayPrinter(output: output, file: path, verify: verify)
    let replayed = inner.run(
      document, file: path, verify: verify, before: { player.before($0, $1) }, step: { player.after($0, $1) })
    player.finish(replayed)
    if replayed.wasInterrupted { outcome.status = .interrupted }
    if replayed.failedCell != nil {
      outcome.status = .failed
      outcome.diagnostics += player.diagnostics
    }
  }
}
