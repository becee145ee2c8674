import Diagnostics
import Interpreter

/// What long work tells while it goes on. Never recorded.
public typealias SessionProgress = ProgressEvent

/// A front end's ears: text as a cell prints it, warnings, progress, figures.
public protocol SessionOutput: AnyObject {
  /// Text of `print`, newlines included.
  func write(_ text: String)
  func warn(_ explanation: Explanation)
  /// What differs from run to run, as the time that code took: no result.
  func note(_ text: String)
  func progress(_ event: SessionProgress)
  func show(_ figure: SessionFigure)
  /// A line for `input()`; nil at the end.
  func readLine(prompt: String) -> String?
  /// How values are to be shown there.
  var width: Int { get }
  var color: Bool { get }
}

/// A figure that a cell has shown, numbered through the session.
public struct SessionFigure {
  public let number: Int
  let object: HostObject
  let context: ExecutionContext

  /// Its data in words: what a saved session records, and what replay compares.
  public func fingerprint() -> String {
    (try? object.describe(DisplayStyle(width: 80, color: false, full: false))) ?? "figure \(number)"
  }
}

/// Keeps what a cell printed and showed, in order, and hands it on.
final class RecordingOutput: OutputSink {
  weak var front: (any SessionOutput)?
  private(set) var recorded = ""
  /// The same as it is kept: shortened where it is long.
  private(set) var kept = ResultText()
  private(set) var warnings: [Explanation] = []
  private(set) var figures: [SessionFigure] = []
  /// Figures of the cells before.
  private(set) var figureCount = 0
  private var isFull = false
  /// The last figure: shown once something else comes, unless the script has saved it by then.
  private var waiting: SessionFigure?
  /// `%timeit` runs code thousands of times.
  var isMuted = false
  weak var context: ExecutionContext?
  private(set) var mark = 0

  /// What is kept of one cell's output. A loop that prints for ever must not fill the memory.
  static let limit = 4 << 20

  func begin() {
    recorded = ""
    kept = ResultText()
    warnings = []
    figures = []
    isFull = false
    waiting = nil
  }

  /// Shows the figure that waits. The session calls it when a piece of a cell ends.
  func flush() {
    guard let figure = waiting else { return }
    waiting = nil
    front?.show(figure)
  }

  func print(_ text: String) {
    if isMuted { return }
    mark += 1
    flush()
    record(text)
    front?.write(text)
  }

  func tell(_ text: String) {
    if isMuted { return }
    flush()
    front?.write(text)
  }

  func warn(_ explanation: Explanation) {
    mark += 1
    flush()
    warnings.append(explanation)
    front?.warn(explanation)
  }

  func progress(_ event: ProgressEvent) {
    flush()
    front?.progress(event)
  }

  func note(_ text: String) {
    flush()
    front?.note(text)
  }

  func display(_ object: HostObject) {
    guard let context, !isMuted else { return }
    mark += 1
    flush()
    figureCount += 1
    let figure = SessionFigure(number: figureCount, object: object, context: context)
    figures.append(figure)
    if !recorded.isEmpty, recorded.utf8.last != 10 { record("\n") }
    record(figure.fingerprint() + "\n")
    waiting = figure
  }

  func displayIsSaved(_ object: HostObject) {
    if waiting?.object === object { waiting = nil }
  }

  func readLine(prompt: String) -> String? {
    mark += 1
    flush()
    return front?.readLine(prompt: prompt)
  }

  func record(_ text: String) {
    kept.add(text)
    if isFull { return }
    recorded += text
    if recorded.utf8.count > Self.limit {
      recorded = String(decoding: recorded.utf8.prefix(Self.limit), as: UTF8.self) + "\n… (more was printed)\n"
      isFull = true
    }
  }
}
