import Diagnostics

/// What brings a session back after its process died: the journal of its cells, and beside it how their trainings went
/// (`TrainingStates`, which also keeps the steps of loops written by hand).
///
/// A disk that is full stops nobody: what could not be written is tried again with the next cell, and each change of
/// fortune is told once.
struct Recovery {
  /// What the session's user should know.
  enum Notice: Equatable {
    case none
    /// There is no journal, and why.
    case cannotBegin(SessionError)
    /// There was none before, and now there is.
    case begun
    /// The journal that is kept cannot be written.
    case fails(SessionError)
    /// It could not be written, and now holds all again.
    case goesOn
  }

  /// Where journals stand; nil: none is kept.
  private let folder: String?
  private var isWanted = false
  private(set) var journal: Journal?
  private(set) var states: TrainingStates?
  /// A cell that is being made stands in the journal.
  private(set) var hasUnfinishedCell = false

  init(folder: String?) { self.folder = folder }

  /// The next start can bring all of the session back.
  var isWhole: Bool { journal?.isWhole ?? false }

  /// Begins a journal with the cells so far.
  mutating func start(seed: UInt64, _ cells: [EvaluatedCell]) -> Notice {
    isWanted = true
    return begin(seed: seed, cells, isFirst: true)
  }

  private mutating func begin(seed: UInt64, _ cells: [EvaluatedCell], isFirst: Bool) -> Notice {
    guard isWanted, journal == nil, let folder else { return .none }
    do throws(SessionError) {
      let begun = try Journal(folder: folder, seed: seed)
      states = TrainingStates(folder: TrainingStates.folder(ofJournal: begun.path))
      begun.isSyncedAtOnce = false
      for cell in cells { try begun.append(Journal.Record(cell)) }
      try begun.sync()
      begun.isSyncedAtOnce = true
      journal = begun
      return isFirst ? .none : .begun
    } catch {
      return isFirst ? .cannotBegin(error) : .none
    }
  }

  /// The last of `cells` has finished. Where there was no room for a journal so far, it is tried again.
  mutating func record(_ cells: [EvaluatedCell], seed: UInt64) -> Notice {
    guard journal != nil else { return begin(seed: seed, cells, isFirst: false) }
    return cells.last.map { append(Journal.Record($0)) } ?? .none
  }

  func record(seed: UInt64) -> Notice { append(Journal.Record(seed: seed)) }

  /// The last cells were taken back, so many, and `left` are left: they do not come back after a crash.
  func recordUndone(_ count: Int, left: Int) -> Notice {
    defer { states?.forget(from: left) }
    return count > 0 ? append(Journal.Record(undone: count)) : .none
  }

  private func append(_ record: Journal.Record) -> Notice {
    guard let journal else { return .none }
    let hadFailed = journal.hasFailed
    do {
      try journal.append(record)
      guard hadFailed else { return .none }
      journal.hasFailed = false
      return .goesOn
    } catch {
      return hadFailed ? .none : .fails(error)
    }
  }

  /// A cell begins to run.
  /// - Parameters:
  ///   - index: its place among the session's cells, from 0.
  ///   - hasCode: should the process end in its middle, its text is not lost.
  mutating func beginCell(_ index: Int, _ source: String, hasCode: Bool) {
    states?.beginCell(index, source)
    guard hasCode else { return }
    journal?.begin(source)
    hasUnfinishedCell = false
  }

  /// A command has run cells of its own: what the cell around them trains afterwards is nobody's.
  func endCellsOfCommand() { states?.beginCell(-1, "") }

  /// What is kept of the running cell's training does not fit it.
  func forgetCell() { states?.forgetCell() }

  /// A cell that a person is still making; nil: it was given up.
  mutating func keepUnfinished(_ code: String?) {
    guard code != nil || hasUnfinishedCell else { return }
    hasUnfinishedCell = code != nil
    journal?.begin(code ?? "")
  }

  /// The lost session's cells are about to run again: trainings that were over are not done again, and one sync at the
  /// end will do.
  func beginRestoring(_ lost: LostSession) {
    states?.bringBack(from: lost.statesFolder)
    journal?.isSyncedAtOnce = false
  }

  /// - Parameter index: the place of the cell that was running when the session was lost, among those that are back.
  mutating func endRestoring(_ lost: LostSession, at index: Int) {
    states?.isBack(unfinished: lost.unfinished.map { (index, $0) })
    journal?.isSyncedAtOnce = true
    // The lost session's journal is given up only when this one stands.
    if (try? journal?.sync()) == nil { journal = nil }
  }

  /// The session ended as its user wished: there is nothing to bring back.
  mutating func close() {
    journal?.discard()
    abandon()
  }

  /// Keeps no journal from here on; the one that was kept stays, as a process leaves it that was killed.
  mutating func abandon() {
    journal = nil
    isWanted = false
  }
}

extension NotebookSession {
  /// Starts journalling.
  public func startJournal() { recovering { $0.start(seed: seed, entries) } }

  /// A cell has come to its end and stands last among the session's cells.
  func recordLastCell() { recovering { $0.record(entries, seed: seed) } }

  func recordUndone(_ count: Int) { recovering { $0.recordUndone(count, left: entries.count) } }

  /// Does something to the journal, and says what came of it.
  func recovering(_ body: (inout Recovery) -> Recovery.Notice) {
    let notice = body(&recovery)
    engine.context.trainings = recovery.states
    switch notice {
    case .none: break
    case .cannotBegin(let error):
      output?.warn(
        Explanation("no journal is kept: \(error.explanation.message)", help: "%save the session now and then"))
    case .begun: recorder.note("a journal is kept again")
    case .fails(let error):
      recorder.warn(
        Explanation(
          "the journal cannot be written: \(error.explanation.message)",
          help: "it is tried again after each cell; until then %save is what keeps the session"))
    case .goesOn: recorder.note("the journal goes on; nothing is missing in it")
    }
  }

  /// A cell that a person is still making: should the process end now, the next start puts it into the prompt. Nil: it
  /// was given up.
  public func keepUnfinished(_ code: String?) { recovery.keepUnfinished(code) }

  /// A cell that is being made stands in the journal (`keepUnfinished`).
  public var hasUnfinishedCell: Bool { recovery.hasUnfinishedCell }

  /// The next start can bring all of this session back.
  public var isInJournal: Bool { recovery.isWhole }

  /// The session ended as its user wished.
  public func close() { recovery.close() }
}
