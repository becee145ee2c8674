import Diagnostics
import Files
import Interpreter
import StandardLibrary
import Syntax

/// What `%review` was given: "folder [as name] [network=net]"; instead of a folder, the name of a review.
private struct ReviewRequest {
  var folder: String
  var name: String?
  var network: String?

  init(_ words: [String], _ command: SessionCommand) throws(SessionError) {
    guard let first = words.first, !first.isEmpty else {
      throw .missingArgument(command: "review", usage: command.usage)
    }
    // Tab leaves a slash behind a folder's name.
    folder = first.count > 1 && first.hasSuffix("/") ? String(first.dropLast()) : first
    var rest = words.dropFirst()
    while let word = rest.popFirst() {
      if word == "as", name == nil {
        guard let given = rest.popFirst() else { throw .missingArgument(command: "review", usage: command.usage) }
        guard Self.isName(given) else {
          throw .badArgument(command: "review", argument: given, expected: "a name behind as")
        }
        name = given
      } else if word.hasPrefix("network="), word.count > 8, network == nil {
        network = String(word.dropFirst(8))
      } else {
        throw .badArgument(command: "review", argument: word, expected: "a folder, then “as name” or “network=net”")
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
  /// Ranks the pictures, those of a folder or what is left of an earlier review; to ask is the front end's part, and the cell that it then evaluates is what counts.
  func review(_ words: [String], _ command: SessionCommand, into outcome: inout Evaluation) throws {
    var request = try ReviewRequest(words, command)
    var dropped: [String] = []
    if let earlier = earlierReview(request.folder) {
      // A name whose network would be left out silently ranks by something else.
      guard earlier.network == nil || request.network != nil else {
        throw SessionError.badArgument(
          command: "review", argument: request.folder, expected: "network=… again, by which it was ranked")
      }
      dropped = earlier.dropped
      request.name = request.name ?? request.folder
      request.folder = earlier.folder
    }
    let folder = expand(request.folder)
    guard replayDepth == 0 else { throw SessionError.commandInsideReplay("review") }
    guard options.isInteractive else { throw SessionError.nobodyToAsk(folder: folder) }
    // To look is to change nothing.
    let begun = beginCell(isUndone: true)
    let call = SessionReview.call(folder, network: request.network, dropped: dropped)
    let run = engine.run(SourceText(name: "%review", text: call))
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

  /// A cell that a person is still making: should the process end now, the next start puts it into the prompt. Nil: it
  /// was given up.
  public func keepUnfinished(_ code: String?) {
    guard code != nil || hasUnfinishedCell else { return }
    hasUnfinishedCell = code != nil
    journal?.begin(code ?? "")
  }
}
