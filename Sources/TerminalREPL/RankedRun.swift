import Diagnostics
import Files
import NotebookFormats
import Ranks
import Sandbox
import Session
import Tensors

import Glibc

/// One of several processes that run a script together: what it compares with the others before the script, and how all of
/// them come to an end.
public final class RankedRun {
  let ranks: Ranks
  private let box: RankBox?

  /// Of ranks beside the first: where they write.
  var policy: AccessPolicy? { box?.policy }

  private init(_ ranks: Ranks) throws {
    self.ranks = ranks
    box = ranks.isFirst ? nil : try RankBox()
  }

  /// Joins those that a launcher has started with this process.
  ///
  /// - Returns: nil where none has, or it has started this one alone: MPI's library is not opened then.
  /// - Throws: an exit code as `Failure`, whose words have been said.
  public static func join() throws -> RankedRun? {
    guard let environment = RankEnvironment(), environment.count != 1 else { return nil }
    // Before the first thread is made: together the ranks of a machine have as many as it has cores.
    if let threads = environment.threads { setenv("TWINBOOK_THREADS", "\(threads)", 0) }
    do {
      guard let ranks = try Ranks.ofEnvironment() else { return nil }
      return try RankedRun(ranks)
    } catch {
      if environment.speaks { say(error) }
      throw Failure()
    }
  }

  /// For what runs in one process alone; true where a launcher has started several, which is said.
  public static func refuses(_ what: String) -> Bool {
    guard let environment = RankEnvironment(), let count = environment.count, count > 1 else { return false }
    if environment.speaks { say(RankError.notShared(what: what)) }
    return true
  }

  public struct Failure: Error {}

  private static func say(_ error: any Error) {
    let output = TerminalOutput(terminal: Terminal())
    let explanation = (error as? any ExplainedError)?.explanation ?? Explanation("\(error)")
    output.error(Diagnostic(explanation, at: nil).rendered(color: Terminal().errorColor))
  }

  /// The first rank prints; lines that the script asks for are read by it, for all.
  func settle(_ output: TerminalOutput) {
    output.isQuiet = !ranks.isFirst
    let ranks = self.ranks
    output.asksForLine = { read in
      let line = ranks.isFirst ? read() : nil
      let bytes = try? ranks.fromFirst((line.map { [1] + Array($0.utf8) }) ?? [0])
      guard let bytes, bytes.first == 1 else { return nil }
      return String(decoding: bytes.dropFirst(), as: UTF8.self)
    }
  }

  /// Compares with the others what the results depend on.
  func greet(_ document: NotebookDocument, arguments: [String], seed: UInt64?) throws {
    try ranks.greet(
      RankGreeting([
        ("Twinbook's version", "\(NotebookSession.version), numerics \(NumericsContract.version)"),
        ("the program", Self.program()),
        ("the script", Self.sum(document.cells.map(\.source).joined(separator: "\n%%\n").utf8)),
        ("the script's arguments", arguments.joined(separator: " ")),
        ("the seed", seed.map { "\($0)" } ?? "none given"),
      ]))
  }

  /// Tells the others that nothing more comes from here.
  func leave(_ error: any Error) {
    ranks.leave((error as? any ExplainedError)?.explanation.message ?? "\(error)")
  }

  /// Ends all ranks at once, where one cannot even begin.
  public func abort() { ranks.abort(code: 1) }

  /// Waits for all, and says what went wrong on another rank alone.
  ///
  /// - Returns: whether all ended well.
  @discardableResult
  func end(_ code: Int32, _ output: TerminalOutput) -> Bool {
    // What follows from another rank's end is told by that one.
    let own = code == 0 ? "" : ranks.wasLeft ? Self.followed : output.kept.last ?? "it was ended"
    box?.close()
    do {
      let said = try ranks.end(own)
      guard ranks.isFirst else { return code == 0 }
      for (rank, words) in said where !["", own, Self.followed].contains(words) { output.error("\(rank): \(words)") }
      return code == 0 && said.allSatisfy(\.words.isEmpty)
    } catch {
      output.error("error: " + error.explanation.message)
      return false
    }
  }

  private static let followed = "-"

  private static func sum(_ bytes: some Sequence<UInt8>) -> String { FNVHash(bytes).digits }

  /// Of the bytes of the program itself: two builds of one version may differ.
  private static func program() -> String {
    (try? AccessPolicy.free.bind { try FileSystem.read("/proc/self/exe", limit: .max) }).map { sum($0) } ?? "unknown"
  }
}
