import CLibEdit
import CProcess
import Diagnostics
import Files
import Foundation
import NotebookFormats
import Session
import StandardLibrary

/// The interactive session: prompts, cells, results, until its user leaves.
public final class Shell {
  let terminal: Terminal
  let output: TerminalOutput
  let session: NotebookSession
  let foreground = Foreground(stops: true)
  private let history: CellHistory
  private(set) var editor: LineEditor?
  let stateFolder: String?
  /// When Ctrl-C last stopped a cell that ran.
  private var lastInterrupt: ContinuousClock.Instant?
  /// Its user was told that leaving would lose the session; who leaves again means it.
  private var hasAskedToLeave = false

  public init(seed: UInt64? = nil) {
    twin_set_locale()
    terminal = Terminal()
    stateFolder = StateFolder.path()
    if let stateFolder { try? FileSystem.makeFolder(stateFolder) }
    var options = NotebookSession.Options(library: StandardLibrary.registry)
    options.seed = seed
    options.stateFolder = stateFolder
    options.formats = .all
    // Who reads the answers in a file cannot be asked anything.
    options.isInteractive = terminal.readsFromTerminal && terminal.writesToTerminal
    session = NotebookSession(options: options)
    let flag = session.interruptFlag
    output = TerminalOutput(
      terminal: terminal, onFailure: { flag.interrupt() }, isInterrupted: { flag.isInterrupted })
    session.output = output
    history = CellHistory(path: stateFolder.map { $0 + "/history" })
    let session = session
    let terminal = terminal
    editor = LineEditor(
      wake: foreground.signals, history: history, completeness: { session.completeness($0) },
      completion: { session.complete($0) }, size: { terminal.size }, isColored: terminal.color)
  }

  /// - Returns: the exit code.
  public func run() -> Int32 {
    guard let editor else {
      output.error("error: the terminal cannot be set up")
      return 1
    }
    output.write("Twinbook \(NotebookSession.version) · seed \(session.seed) · help() begins a tour, %quit leaves\n")
    output.flush()
    offerLostSession()
    session.startJournal()
    var lastAtPrompt: ContinuousClock.Instant?
    while true {
      output.endLine()
      output.flush()
      // A terminal that takes no more text is gone: nothing is thrown away.
      if output.failure != 0 { return terminated() }
      switch editor.read(prompt: prompt()) {
      case .interrupted:
        while let signal = foreground.nextSignal() {
          switch signal {
          case .interrupt:
            Terminal.writeRaw("^C\n")
            // Who presses it again wants to leave.
            if isSoonAfter(lastInterrupt) {
              lastInterrupt = nil
              if asksToQuit("quit? [y/N] "), let code = leave() { return code }
            } else if isSoonAfter(lastAtPrompt) {
              output.dim("%quit or Ctrl-D leaves the session")
            }
            lastAtPrompt = .now
          case .terminate: return terminated()
          case .resize, .stop, .other: break
          }
        }
      case .hungUp: return terminated()
      case .endOfFile:
        Terminal.writeRaw("\n")
        if let code = leave() { return code }
      case .cell(let text):
        guard !text.allSatisfy(\.isWhitespace) else { continue }
        let asked = hasAskedToLeave
        defer { if asked { hasAskedToLeave = false } }
        editor.remember(text)
        if let code = evaluate(text) { return code }
      }
    }
  }

  private func prompt() -> String {
    let plain = Transcript.prompt(session.cellNumber)
    guard terminal.color else { return plain }
    // libedit: an escape may not end the prompt.
    return "\u{1}\u{1B}[1;32m\u{1}\(plain.dropLast())\u{1}\u{1B}[0m\u{1} "
  }

  /// - Returns: an exit code, if the session is over.
  func evaluate(_ text: String) -> Int32? {
    for cell in session.cells(in: text) {
      let result = evaluateInterruptibly(cell)
      guard let result else { return terminated() }
      show(result)
      switch result.effect {
      case .quit: return leave()
      case .edit(let source):
        if let edited = Editor.edit(source, output: output), !edited.allSatisfy(\.isWhitespace) {
          output.write(edited.withVisibleControls + "\n")
          editor?.remember(edited)
          return evaluate(edited)
        }
      case .prefill(let source):
        if editor?.prefill(source) != true {
          output.write(source.withVisibleControls + "\n")
          output.error("this terminal edits no lines: the cells stand above, and %run name.twin runs them")
        }
      case .page(let text): page(text)
      case .review(let pictures): if let code = review(pictures) { return code }
      case nil: break
      }
      if result.status != .finished { break }
    }
    return nil
  }

  /// Nil: the process is told to go.
  private func evaluateInterruptibly(_ cell: NotebookDocument.Cell) -> CellResult? {
    var result: CellResult?
    lastInterrupt = nil
    var isTerminated = false
    let flag = session.interruptFlag
    twin_echo(false)
    defer { twin_echo(true) }
    foreground.run {
      result = self.session.evaluate(cell, file: nil)
    } onSignal: { signal in
      switch signal {
      case .interrupt:
        flag.interrupt()
        Terminal.writeRaw("^C\n")
        if isSoonAfter(lastInterrupt) {
          lastInterrupt = nil
          if asksToQuit("quit, although a cell is running? The finished cells are kept. [y/N] ") {
            // What runs does not stop: the journal keeps what had finished.
            _ = session.saveBeforeTermination()
            twin_echo(true)
            exit(130)
          }
        } else {
          lastInterrupt = .now
        }
      case .terminate:
        isTerminated = true
        flag.terminate()
      case .stop:
        twin_echo(true)
        twin_stop_process()
        twin_echo(false)
      case .resize, .other: break
      }
    }
    return isTerminated ? nil : result
  }

  private func isSoonAfter(_ time: ContinuousClock.Instant?) -> Bool {
    time.map { ContinuousClock.now - $0 < .seconds(1) } ?? false
  }

  private func asksToQuit(_ question: String) -> Bool {
    twin_input_drain()
    output.clearProgress()
    Terminal.writeRaw(question)
    let key = Key.read(signals: foreground.signals, seconds: 10, answers: "yYnN\r\n\u{1B}")
    Terminal.writeRaw("\n")
    return key == "y" || key == "Y"
  }

  private func show(_ result: CellResult) {
    output.clearProgress()
    if let value = result.value { output.showValue(WrappedText.folded(value, columns: terminal.size.columns)) }
    if let rich = result.rich, terminal.color {
      output.write(rich.text(columns: terminal.size.columns - 1, isTrueColor: terminal.isTrueColor))
    }
    output.endLine()
    if result.isShortened { output.dim("%show gives all of it") }
    output.flush()
    for diagnostic in result.diagnostics { output.error(terminal.rendered(diagnostic)) }
    if result.status == .interrupted, result.diagnostics.isEmpty { output.error("interrupted") }
    if result.duration >= session.options.slowCell {
      var text = NotebookSession.duration(result.duration)
      if let last = result.lastDuration, last > 0.05 {
        let ratio = result.duration / last
        if ratio < 0.9 || ratio > 1.1 { text += " (last time \(NotebookSession.duration(last)))" }
      }
      output.dim(text)
    }
  }

  /// A text of more lines than the window goes through the user's pager.
  private func page(_ text: String) {
    let lines = text.utf8.reduce(1) { $0 + ($1 == 10 ? 1 : 0) }
    guard terminal.writesToTerminal, !terminal.isDumb, lines >= terminal.size.rows, Pager.show(text) else {
      return output.showValue(text)
    }
  }

  /// Nil: the session stays, because leaving would lose it.
  private func leave() -> Int32? {
    output.flush()
    do {
      if let path = try session.keepUnsaved() { output.write("The session was not saved; it is kept in \(path)\n") }
    } catch {
      let reason = "error: the session cannot be kept: \(error.explanation.message)"
      if session.isInJournal {
        output.error(reason + "\n  help: the next start offers to bring it back")
        return 1
      }
      if !hasAskedToLeave {
        hasAskedToLeave = true
        output.error(reason + "\n  help: %save it in another place; %quit once more leaves without it")
        return nil
      }
      output.error(reason)
      return 1
    }
    session.close()
    output.flush()
    return 0
  }

  func terminated() -> Int32 {
    if let path = session.saveBeforeTermination() {
      let rest = session.hasUnfinishedCell ? "; the next start offers the cell that was being made" : ""
      output.error("terminated; the session is saved in \(path)\(rest)")
    } else if session.hasUnsavedCells || session.hasUnfinishedCell {
      if session.isInJournal {
        output.error("terminated; the next start offers to bring the session back")
      } else if let path = try? session.keepUnsaved() {
        output.error("terminated; the session is kept in \(path)")
      } else {
        output.error("terminated; the session could not be kept")
      }
    } else {
      session.close()
    }
    return 143
  }
}

/// A long text in the user's own pager.
enum Pager {
  /// False where there is none, or it failed.
  static func show(_ text: String) -> Bool {
    // The standard one says nothing where it is not installed.
    let program = FileSystem.environment("PAGER") ?? "less -R 2>/dev/null"
    let path = FileSystem.temporaryFolder + "/value-\(UUID().uuidString).txt"
    defer { unlink(path) }
    guard (try? FileSystem.write(text + "\n", to: path, access: .owner)) != nil else { return false }
    return twin_run_program("exec \(program) \"$1\"", path) == 0
  }
}

/// A text in the user's own editor.
enum Editor {
  static func edit(_ text: String, output: TerminalOutput) -> String? {
    let program = FileSystem.environment("VISUAL") ?? FileSystem.environment("EDITOR") ?? "vi"
    let path = FileSystem.temporaryFolder + "/cell-\(UUID().uuidString).twin"
    defer { unlink(path) }
    do {
      try FileSystem.write(text.isEmpty ? "" : text + "\n", to: path, access: .owner)
      let before = FileSystem.state(of: path)
      // $EDITOR may have arguments of its own ("code --wait").
      let code = twin_run_program("exec \(program) \"$1\"", path)
      guard code == 0 else {
        // The shell's codes for a program that is not there, or is none.
        let isMissing = code < 0 || code == 126 || code == 127
        let reason = isMissing ? "cannot be started" : "ended with code \(code)"
        output.error("error: \(program) \(reason); the cell is left as it was")
        if isMissing { output.error("  help: name your editor in the shell: export EDITOR=nano") }
        return nil
      }
      // Left without writing, as by `:q!`: its user does not want it evaluated.
      if let before, FileSystem.state(of: path) == before {
        output.dim("nothing was written, so nothing is evaluated")
        return nil
      }
      var edited = try FileSystem.readText(path)
      while edited.last?.isNewline == true { edited.removeLast() }
      return edited
    } catch {
      output.error("error: \(error.explanation.message)")
      return nil
    }
  }
}
