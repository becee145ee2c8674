import Diagnostics

extension NotebookSession {
  /// Brings a lost session back by running its cells again, each in the folder in which it ran. A cell that fails now
  /// stays as a comment, and the next one runs. Trainings that were over are not done again, and neither are changes of
  /// a gallery's file or a database, which has them.
  /// - Returns: also which cells gave another result than then.
  public func restore(_ lost: LostSession, step: (ReplayStep, Int) -> Void) -> ReplayOutcome {
    if let seed = lost.random.lazy.compactMap(\.self).first?.seed ?? lost.seed { setSeed(seed) }
    engine.interruptFlag.lower()
    isReplaying = true
    engine.context.isRestoring = true
    defer {
      isReplaying = false
      engine.context.isRestoring = false
    }
    recovery.beginRestoring(lost)
    defer { recovery.endRestoring(lost, at: entries.count) }
    let start = WorkingFolder.path
    var (folders, random) = (lost.folders[...], lost.random[...])
    let outcome = run(
      NotebookDocument(cells: lost.cells), file: "restored session", verify: true, goesOn: true,
      before: { _, _ in
        if let folder = folders.popFirst() { goBack(to: folder, or: start) }
        if let place = random.popFirst() ?? nil { begin(at: place) }
      },
      step: { done, number in
        step(done, number)
        let calls = engine.context.passedOver
        guard done.cell.kind == .code, !calls.isEmpty else { return }
        output?.note(
          "cell \(number): \(calls.joined(separator: ", ")) \(calls.count == 1 ? "is" : "are") not done again, for the gallery has it already"
        )
      })
    if !outcome.wasInterrupted {
      goBack(to: lost.folder, or: start)
      // One that was set behind the last cell.
      if let last = lost.seed, last != seed { setSeed(last) }
    }
    // Where the session is now, for the next time.
    recovering { $0.record(seed: seed) }
    return outcome
  }

  /// - Parameter start: where the session goes instead if the folder is no longer there.
  private func goBack(to folder: String?, or start: String?) {
    guard let folder, !WorkingFolder.change(to: folder), let start else { return }
    _ = WorkingFolder.change(to: start)
  }

  /// Keeps a lost session as a script, as it was, beside the journals.
  /// - Returns: where; nil: there is no place for it.
  public func keep(_ lost: LostSession) throws(SessionError) -> String? {
    guard let folder = options.stateFolder else { return nil }
    var document = NotebookDocument(cells: lost.cells)
    document.header.version = Self.version
    document.header.seed = lost.seed
    return try LastSession.keep(document.text, in: folder)
  }
}
