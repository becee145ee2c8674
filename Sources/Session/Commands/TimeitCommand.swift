import Diagnostics

extension SessionCommand {
  static let timeit = SessionCommand(
    "timeit",
    usage: "%timeit [-n RUNS] [-r ROUNDS] code",
    summary: "Evaluate the code many times and say how long one run takes.",
    details: """
      Gives the best and the median round, and leaves everything as it was. Without -n a round is as many runs as take ten \
      milliseconds; without -r there are rounds for about a second.
      """,
    argument: .code(isRecorded: false), actsOnCells: false
  ) { session, call, outcome in
    let options = try TimeitOptions(call)
    guard !options.code.allSatisfy(\.isWhitespace) else { throw call.missingArgument }
    try session.timeRepeatedly(options, in: call.source, into: &outcome)
  }
}

/// What stands behind `%timeit`: IPython's options, and the code.
private struct TimeitOptions {
  /// Runs of a round; nil: as many as can be measured.
  var runs: Int?
  /// Nil: as many as a second has time for.
  var rounds: Int?
  var code: String

  init(_ call: CommandCall) throws {
    code = call.rest
    while let (letter, number, rest) = Self.option(code) {
      let limit = letter == "n" ? 10_000_000 : 200
      guard let number = Int(number), 1...limit ~= number else {
        throw call.badArgument("-\(letter) \(number)", expected: "a whole number from 1 to \(limit)")
      }
      if letter == "n" { runs = number } else { rounds = number }
      code = rest
    }
  }

  /// `-n 3` or `-n3` in front of code: `-n` alone, `-n * 2` and `-n3 - x` are code themselves.
  private static func option(_ text: String) -> (letter: Character, number: String, rest: String)? {
    guard let letter = text.dropFirst().first, text.first == "-", letter == "n" || letter == "r" else { return nil }
    var rest = text.dropFirst(2)
    let isApart = rest.first?.isWhitespace == true
    rest = rest.drop { $0.isWhitespace }
    let number = rest.prefix { !$0.isWhitespace }
    let digits = number.hasPrefix("-") && isApart ? number.dropFirst() : number
    guard !digits.isEmpty, digits.utf8.allSatisfy({ 48...57 ~= $0 || $0 == UInt8(ascii: ".") }) else { return nil }
    // A new line stays: the code's lines are counted.
    let code = String(rest[number.endIndex...].drop { $0 == " " || $0 == "\t" })
    guard let next = code.first else { return nil }
    let beginsCode =
      next.isNewline || next.isLetter || next.isNumber || "_([{\"'".contains(next) || option(code) != nil
    return isApart || beginsCode ? (letter, String(number), code) : nil
  }
}

extension NotebookSession {
  /// Leaves everything as it was: names, networks and random numbers.
  fileprivate func timeRepeatedly(
    _ options: TimeitOptions, in source: SourceText, into outcome: inout Evaluation
  ) throws {
    let begun = beginCell(isUndone: true)
    recorder.isMuted = true
    defer { recorder.isMuted = false }
    var rounds: [Double] = []
    var perRound = options.runs ?? 1
    let start = ContinuousClock.now
    func isEnough() -> Bool {
      if let wanted = options.rounds { return rounds.count >= wanted }
      return !rounds.isEmpty && ContinuousClock.now - start >= .seconds(1) || rounds.count >= 200
    }
    // Once by itself: for errors in their place, and to warm up.
    var run = engine.run(SourceText(name: source.name, text: options.code, firstLine: source.firstLine))
    while run.diagnostics.isEmpty, !run.wasInterrupted, !isEnough() {
      // The loop runs in the language, so that neither parsing nor a thread's start is measured.
      let loop = SourceText(
        name: source.name, text: "for timeit_ in 0..<\(perRound) {\n\(options.code)\n}",
        firstLine: source.firstLine - 1)
      let roundStart = ContinuousClock.now
      run = engine.run(loop)
      let seconds = Double((ContinuousClock.now - roundStart) / .nanoseconds(1)) / 1e9
      if options.runs == nil, seconds < 0.01, perRound < 10_000_000 {
        perRound *= seconds < 0.001 ? 10 : 2
      } else {
        rounds.append(seconds / Double(perRound))
      }
    }
    try takeBack(changes(since: begun).step)
    outcome.take(run)
    guard outcome.status == .finished, let best = rounds.min() else { return }
    let median = rounds.sorted()[rounds.count / 2]
    output?.note(
      "best \(Self.duration(best)), median \(Self.duration(median)) "
        + "(\(rounds.count) \(rounds.count == 1 ? "round" : "rounds") of \(perRound))")
  }
}
