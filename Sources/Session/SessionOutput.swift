import Diagnostics
import Interpreter

/// What long work tells while it goes on. Never recorded.
public typealias SessionProgress = ProgressEvent

/// A front end's ears: text as a cell prints it, warnings, progress, figures.
public protocol SessionOutput: AnyObject {
  /// Text of `print`, newlines included.
  func write(_ text: String)
  /// Help that somebody has asked for: a page with sentences, columns and code, whose lines a window may break.
  func tell(_ text: String)
  func warn(_ explanation: Explanation)
  /// What differs from run to run, as the time that code took: no result.
  func note(_ text: String)
  func progress(_ event: SessionProgress)
  func show(_ figure: SessionFigure)
  /// Takes away what is shown so far: a window's contents, a cell's output.
  func clear()
  /// A line for `input()`; nil at the end.
  func readLine(prompt: String) -> String?
  /// Why `readLine` has nobody to ask; nil where it has, and at an end such as a file's.
  var whyNobodyAnswers: Explanation? { get }
  /// How values are to be shown there.
  var width: Int { get }
  var color: Bool { get }
}

extension SessionOutput {
  public func tell(_ text: String) { write(text) }
  public var whyNobodyAnswers: Explanation? { nil }
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
  /// Where they stand in the result.
  private(set) var figureLines: [Range<Int>] = []
  /// Figures of the cells before.
  private(set) var figureCount = 0
  /// What `input()` was given.
  private(set) var answers: [String] = []
  /// What it is given in a replay, before anybody is asked.
  var knownAnswers: [String] = []
  private var isFull = false
  /// Figures that are shown once something else comes, unless the script has saved them by then or put them beside
  /// others. What nobody but this holds can have neither happen, and waits for the next figure at most.
  private var waiting: [(object: HostObject, isSaved: Bool)] = []
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
    figureLines = []
    answers = []
    isFull = false
    waiting = []
  }

  /// Shows the figures that wait. The session calls it when a piece of a cell ends.
  func flush() {
    while let (object, isSaved) = waiting.first {
      waiting.removeFirst()
      finish(object, isSaved)
    }
  }

  /// Shows those at the front that the script has let go of.
  private func flushForgotten() {
    while !waiting.isEmpty, isKnownUniquelyReferenced(&waiting[0].object) {
      let (object, isSaved) = waiting.removeFirst()
      finish(object, isSaved)
    }
  }

  private func finish(_ object: HostObject, _ isSaved: Bool) {
    guard let context else { return }
    figureCount += 1
    let figure = SessionFigure(number: figureCount, object: object, context: context)
    figures.append(figure)
    if !recorded.isEmpty, recorded.utf8.last != 10 { record("\n") }
    let start = kept.nextLine
    record(figure.fingerprint() + "\n")
    figureLines.append(start..<kept.nextLine)
    if !isSaved { front?.show(figure) }
  }

  /// It has been shown, or is about to be.
  func hasDisplayed(_ object: HostObject) -> Bool {
    waiting.contains { $0.object === object } || figures.contains { $0.object === object }
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
    front?.tell(text)
  }

  func warn(_ explanation: Explanation) {
    if isMuted { return }
    mark += 1
    flush()
    warnings.append(explanation)
    front?.warn(explanation)
  }

  func progress(_ event: ProgressEvent) {
    // How often it comes differs from run to run; what becomes of a figure must not.
    flushForgotten()
    front?.progress(event)
  }

  func note(_ text: String) {
    flush()
    front?.note(text)
  }

  func display(_ object: HostObject) {
    guard !isMuted else { return }
    mark += 1
    flushForgotten()
    waiting.append((object, false))
  }

  func displayIsSaved(_ object: HostObject) {
    for index in waiting.indices where waiting[index].object === object { waiting[index].isSaved = true }
  }

  func displayIsPart(_ object: HostObject) { waiting.removeAll { $0.object === object } }

  func readLine(prompt: String) -> String? {
    // Nobody is there to answer what asks about a value.
    if isMuted { return nil }
    mark += 1
    flush()
    let answer: String?
    if knownAnswers.isEmpty {
      answer = front?.readLine(prompt: prompt)
    } else {
      answer = knownAnswers.removeFirst()
      front?.write(prompt + (answer ?? "") + "\n")
    }
    if let answer { answers.append(answer) }
    return answer
  }

  var whyNobodyAnswers: Explanation? { isMuted ? nil : front?.whyNobodyAnswers }

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
