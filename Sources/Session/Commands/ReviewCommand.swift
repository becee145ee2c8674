import Datasets
import Diagnostics
import FaceBindings
import Files
import Interpreter
import Syntax

extension SessionCommand {
  static let review = SessionCommand(
    "review",
    usage: "%review folder [as name]",
    summary: "Go through a folder's pictures, the oddest first, and keep or drop each by a key.",
    details: """
      k or Space keeps, d drops, u or Left goes one back, q or Enter finishes (what was not seen is \
      kept), ? lists the keys; Ctrl-C leaves without any change. No file is deleted: the decisions then \
      stand in a cell of the session, r = review("folder", drop=[…]), as if it had been typed, and are \
      saved, replayed and undone with it. Its value is called r, r2 and so on where that is taken, or \
      what stands behind "as". %review folder network=net ranks by a trained network's embeddings. \
      %review r goes on with r: what it dropped stays dropped, and the rest is ranked anew.
      """,
    argument: .special { session, before, word in session.completeReview(before, word) }, needsTrust: true
  ) { session, call, outcome in
    try session.review(call, into: &outcome)
  }
}

/// What `%review` was given: "folder [as name] [network=net]"; instead of a folder, the name of a review.
private struct ReviewRequest {
  var folder: String
  var name: String?
  var network: String?

  init(_ call: CommandCall) throws(SessionError) {
    let words = call.words
    guard let first = words.first, !first.isEmpty else { throw call.missingArgument }
    // Tab leaves a slash behind a folder's name.
    folder = first.count > 1 && first.hasSuffix("/") ? String(first.dropLast()) : first
    var rest = words.dropFirst()
    while let word = rest.popFirst() {
      if word == "as", name == nil {
        guard let given = rest.popFirst() else { throw call.missingArgument }
        guard Self.isName(given) else { throw call.badArgument(given, expected: "a name behind as") }
        name = given
      } else if word.hasPrefix("network="), word.count > 8, network == nil {
        network = String(word.dropFirst(8))
      } else {
        throw call.badArgument(word, expected: "a folder, then “as name” or “network=net”")
      }
    }
  }

  private static func isName(_ word: String) -> Bool {
    guard word.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { return false }
    // A keyword is none.
    if case .success = Parser.parse(SourceText(name: "name", text: "\(word) = 0")) { return true }
    return false
  }
}

extension NotebookSession {
  /// Ranks the pictures, those of a folder or what is left of an earlier review; to ask is the front end's part, and the
  /// cell that it then evaluates is what counts.
  fileprivate func review(_ call: CommandCall, into outcome: inout Evaluation) throws {
    var request = try ReviewRequest(call)
    var dropped: [String] = []
    if let earlier = earlierReview(request.folder) {
      // A name whose network would be left out silently ranks by something else.
      guard earlier.network == nil || request.network != nil else {
        throw call.badArgument(request.folder, expected: "network=… again, by which it was ranked")
      }
      dropped = earlier.dropped
      request.name = request.name ?? request.folder
      request.folder = earlier.folder
    }
    let folder = FileSystem.expanded(request.folder)
    guard replayDepth == 0 else { throw SessionError.commandInsideReplay("review") }
    guard options.isInteractive else { throw SessionError.nobodyToAsk(folder: folder) }
    // To look is to change nothing.
    let begun = beginCell(isUndone: true)
    let code = SessionReview.call(folder, network: request.network, dropped: dropped)
    let run = engine.run(SourceText(name: "%review", text: code))
    try takeBack(changes(since: begun).step)
    if run.wasInterrupted {
      outcome.status = .interrupted
      return
    }
    guard run.diagnostics.isEmpty else {
      outcome.status = .failed
      // Without its place, which is in a line that nobody typed.
      outcome.diagnostics += run.diagnostics.map { Diagnostic($0.explanation, at: nil) }
      return
    }
    guard case .object(let value)? = run.value, let object = value as? ReviewObject else {
      throw SessionError.nothingToReview(folder: folder, reason: "this session calls something else review")
    }
    let review = SessionReview(object, name: request.name ?? freeName("r"), network: request.network)
    guard !review.walk.order.isEmpty else {
      throw SessionError.nothingToReview(
        folder: folder,
        reason: object.broken.first.map { "no picture can be read: \($0.reason)" } ?? "all pictures are dropped")
    }
    outcome.effect = .review(review)
  }

  /// The review that a name of the session stands for, to go on with. A folder of that name comes first.
  private func earlierReview(_ name: String) -> ReviewObject? {
    guard !FileSystem.exists(name), case .object(let object)? = engine.value(of: name) else { return nil }
    return object as? ReviewObject
  }

  /// "r", or else "r2", "r3".
  private func freeName(_ wish: String) -> String {
    let taken = Set(engine.names)
    var name = wish
    var number = 1
    while taken.contains(name) || engine.registry.function(name) != nil {
      number += 1
      name = "\(wish)\(number)"
    }
    return name
  }

  /// A folder, or a review to go on with; behind it the names of networks.
  fileprivate func completeReview(_ before: Int, _ word: String) -> Completion {
    if before == 0 {
      var completion = folders(word)
      let known = Datasets.names(beginning: word, absent: false).filter { name in
        (try? Datasets.resolve(name)).map(FileSystem.isFolder) ?? false
      }
      completion.replacedBytes = word.utf8.count
      let reviews = engine.names.filter { $0.hasPrefix(word) && kind(of: $0) == "review" }
      completion.candidates =
        reviews.map { Completion.Candidate($0, "review") } + known.map { Completion.Candidate($0, "dataset") }
        + completion.candidates
      return completion
    }
    let networks = engine.names.filter { kind(of: $0) == "network" }.map { "network=" + $0 }
    let found = networks.filter { $0.hasPrefix(word) }
    return Completion(replacedBytes: word.utf8.count, candidates: found.map { Completion.Candidate($0, "argument") })
  }
}
