import CLibEdit
import Diagnostics
import Files
import Foundation
import NotebookFormats
import Ranks
import Sandbox
import Session
import StandardLibrary

/// Runs scripts without prompts: `run`, `eval`, `replay`, and standard input.
///
/// A script's results go to standard output as a session shows them: what `print` prints, and each cell's value unless
/// `;` hides it.
public final class ScriptRunner {
  private let terminal: Terminal
  private let output: TerminalOutput
  private let session: NotebookSession
  private let foreground = Foreground()
  private let box: ReplayBox?
  private let ranked: RankedRun?

  /// - Parameters:
  ///   - shellCommand: what the code that is evaluated stands for, where an operator typed another command.
  ///   - box: that of a script which somebody else may have written.
  ///   - ranked: where other processes run the same script together with this one.
  public init(
    arguments: [String] = [], seed: UInt64? = nil, shellCommand: String? = nil, box: ReplayBox? = nil,
    ranked: RankedRun? = nil
  ) {
    self.box = box
    self.ranked = ranked
    terminal = ranked == nil ? Terminal() : .ofRank
    var options = NotebookSession.Options(library: StandardLibrary.registry)
    options.arguments = arguments
    options.shellCommand = shellCommand
    options.seed = seed
    options.formats = .all
    if let box { options.access = box.policy }
    if let ranked {
      options.ranks = ranked.ranks
      if box == nil, let policy = ranked.policy { options.access = policy }
    }
    session = NotebookSession(options: options)
    let flag = session.interruptFlag
    output = TerminalOutput(
      terminal: terminal, onFailure: { flag.interrupt() }, isInterrupted: { flag.isInterrupted })
    session.output = output
    ranked?.settle(output)
  }

  /// A text to standard output. 0, or 1 where it cannot be written.
  public static func write(_ text: String) -> Int32 {
    let output = TerminalOutput(terminal: Terminal())
    output.write(text)
    output.flush()
    complainOfFailure(of: output)
    return output.failure == 0 ? 0 : 1
  }

  private static func complainOfFailure(of output: TerminalOutput) {
    // Whoever read the pipe has gone: usual with `head`, and not worth a word.
    guard output.failure != 0, output.failure != EPIPE else { return }
    let reason = String(cString: strerror(output.failure))
    output.error("error: " + SessionError.outputClosed(reason: reason).explanation.message)
  }

  /// 0, or 1 for a script that failed.
  public func run(_ script: ScriptSource) -> Int32 {
    perform {
      try DocumentFormats.all.read(script)
    } run: { document in
      self.run(document, name: script.name)
    }
  }

  /// - Parameter isTyped: false for code that stands for another command of the shell. Its errors show no line of it.
  public func evaluate(_ code: String, isTyped: Bool = true) -> Int32 {
    perform {
      var cell = NotebookDocument.Cell(source: code)
      cell.isMarked = false
      return NotebookDocument(cells: [cell])
    } run: { document in
      self.run(document, name: "eval", showsCode: isTyped)
    }
  }

  /// A runner in a box, with what walls the kernel can raise around this process as well; or, where the script is trusted,
  /// one without, which says so.
  ///
  /// - Parameters:
  ///   - keep: where what the script writes is to stay.
  ///   - writable: folders that this program itself writes to.
  ///   - ranked: where other processes play the same script. Then the program's own box stands alone: the kernel's walls
  ///     would keep the ranks from one another, too.
  /// - Returns: nil where no box can be made; the reason is said.
  public static func boxed(
    script: ScriptSource, trust: Bool, keep: String? = nil, writable: [String] = [], ranked: RankedRun? = nil
  ) -> ScriptRunner? {
    if trust {
      let runner = ScriptRunner(ranked: ranked)
      runner.output.error(
        "trusted: \(script.name) may read and write your files, use the network, and use commands such as %save and %run"
      )
      return runner
    }
    do {
      // What the other ranks write is the same, and goes with them.
      let box = try ReplayBox(script: script.name, keep: ranked?.ranks.isFirst ?? true ? keep : nil)
      guard ranked == nil else { return ScriptRunner(box: box, ranked: ranked) }
      var writable = writable.map(FileSystem.expanded) + [box.place]
      if let figures = FileSystem.environment("TWINBOOK_FIGURES") {
        try FileSystem.makeFolder(figures)
        writable.append(figures)
      }
      let libraries = (FileSystem.environment("LD_LIBRARY_PATH") ?? "").split(separator: ":").map(String.init)
      // A kernel that has no such walls is no reason to refuse: the first one stands.
      _ = KernelWall.raise(around: box.files, programs: libraries, writable: writable)
      return ScriptRunner(box: box)
    } catch {
      let output = TerminalOutput(terminal: Terminal())
      let explanation = (error as? any ExplainedError)?.explanation ?? Explanation("\(error)")
      output.error(Diagnostic(explanation, at: nil).rendered(color: Terminal().errorColor))
      return nil
    }
  }

  /// What the script wrote, and where it is.
  private func closeBox() {
    if let words = box?.close() { output.say(words) }
  }

  public func replay(_ script: ScriptSource, verify: Bool) -> Int32 {
    perform {
      try DocumentFormats.all.read(script, checks: verify)
    } run: { document in
      self.output.drawsFigures = !verify
      self.session.isReplaying = true
      self.session.keepsUndo = document.cells.contains { $0.source.contains("%undo") || $0.source.contains("%run") }
      let printer = ReplayPrinter(output: self.output, file: script.name, verify: verify)
      let outcome = self.session.run(
        document, file: script.name, verify: verify, before: { printer.before($0, $1) }, step: { printer.after($0, $1) }
      )
      printer.finish(outcome)
      self.output.flush()
      for diagnostic in printer.diagnostics {
        self.output.error(self.terminal.rendered(diagnostic))
      }
      if outcome.wasInterrupted, self.output.failure == 0 { self.output.error("interrupted") }
      self.closeBox()
      return outcome.succeeded
    }
  }

  /// `-`, and the system's names for it.
  public static func isStandardOutput(_ target: String) -> Bool {
    ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].contains(target)
  }

  /// Writes a document in another format; 0, or 1 where it cannot be read, run or written.
  /// - Parameters:
  ///   - runs: what its cells give now is written, with their figures.
  ///   - target: a file, or `-` for standard output, which gets a script.
  public func convert(_ source: ScriptSource, to target: String, running runs: Bool) -> Int32 {
    perform {
      try DocumentFormats.all.readWithLayout(source)
    } run: { document in
      do {
        let format = try DocumentFormats.all.formatToWrite(target)
        var document = document
        if runs {
          self.output.writesNothing = true
          // What `input()` was answered is known, a page is not served, and nobody sits there to be asked.
          self.session.isReplaying = true
          let layout = document.layout
          guard self.run(document, name: source.name) else { return false }
          document = (self.box?.policy ?? .free).bind {
            self.session.document(withPictures: format.holdsPictures)
          }
          self.closeBox()
          // Whoever writes it keeps it where the cells give what stands in it.
          document.layout = layout
        }
        if Self.isStandardOutput(target) { return Self.write(document.percentText) == 0 }
        try ScriptFile.write(try format.bytes(of: document, name: target), to: target)
        return true
      } catch {
        let explanation = (error as? any ExplainedError)?.explanation ?? Explanation("\(error)")
        self.output.error(Diagnostic(explanation, at: nil).rendered(color: self.terminal.errorColor))
        return false
      }
    }
  }

  /// Reads on this thread, runs on the deep one, and listens for signals meanwhile.
  private func perform(
    _ read: () throws -> NotebookDocument, run: @escaping (NotebookDocument) -> Bool
  ) -> Int32 {
    let document: NotebookDocument
    do {
      document = try read()
      try ranked?.greet(document, arguments: session.options.arguments, seed: session.options.seed)
    } catch {
      ranked?.leave(error)
      defer { ranked?.end(1, output) }
      let explanation = (error as? any ExplainedError)?.explanation ?? Explanation("\(error)")
      output.error(Diagnostic(explanation, at: nil).rendered(color: terminal.errorColor))
      return 1
    }
    var succeeded = false
    var signalled: Int32 = 0
    var interrupts = 0
    let flag = session.interruptFlag
    foreground.run {
      succeeded = run(document)
    } onSignal: { signal in
      switch signal {
      case .interrupt:
        interrupts += 1
        signalled = 130
        flag.interrupt()
        // A script has nobody to ask: the third Ctrl-C ends it wherever it is.
        if interrupts >= 3 { exit(130) }
      case .terminate:
        signalled = 143
        flag.terminate()
      case .resize, .stop, .other: break
      }
    }
    output.endLine()
    output.flush()
    if let ranked {
      let failed = signalled == 143 || !succeeded || flag.isInterrupted
      guard ranked.end(failed ? 1 : 0, output) else { return signalled == 0 ? 1 : signalled }
    }
    if output.failure != 0 {
      Self.complainOfFailure(of: output)
      return 1
    }
    // A server that ended by Ctrl-C ended as it should, and its script went on.
    if signalled == 143 || (signalled != 0 && (!succeeded || flag.isInterrupted)) { return signalled }
    return succeeded ? 0 : 1
  }

  private func run(_ document: NotebookDocument, name: String, showsCode: Bool = true) -> Bool {
    session.keepsUndo = document.cells.contains { $0.source.contains("%undo") || $0.source.contains("%run") }
    let outcome = session.run(document, file: name) { step, _ in
      guard step.cell.kind == .code else { return }
      let result = step.result
      if let value = result.value { self.output.showValue(value) }
      self.output.endLine()
      self.output.flush()
      for diagnostic in result.diagnostics {
        let alone = Diagnostic(diagnostic.explanation, at: nil, severity: diagnostic.severity)
        self.output.error(self.terminal.rendered(showsCode ? diagnostic : alone))
      }
      if result.status == .interrupted, result.diagnostics.isEmpty, self.output.failure == 0 {
        self.output.error("interrupted")
      }
    }
    return outcome.succeeded
  }
}
