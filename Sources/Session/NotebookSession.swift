import Diagnostics
import Foundation
import Interpreter
import Ranks
import Sandbox
import Syntax

/// A session: cells that are evaluated one after the other, recorded, saved and replayed. It knows of no terminal; the
/// prompt, the script runner and the tests are front ends of it.
///
/// Not thread-safe but for `interrupt()`: one cell at a time.
public final class NotebookSession {
  public struct Options: Sendable {
    /// Makes the table of builtins, given what the script finds in `args`.
    public typealias Library = @Sendable (_ arguments: [String]) -> BuiltinRegistry

    /// Which builtins the cells have. The program says it (`StandardLibrary.registry`), so that sessions are compiled
    /// without waiting for galleries and the server.
    public let library: Library
    public var seed: UInt64?
    /// `args` of the language.
    public var arguments: [String] = []
    /// See `ExecutionContext.shellCommand`.
    public var shellCommand: String?
    /// Where the journal and the history stand; nil: no journal is kept.
    public var stateFolder: String?
    /// A person sits in front of it: commands that only make sense there are allowed.
    public var isInteractive = false
    /// Beside the percent format.
    public var formats = DocumentFormats()
    /// What the cells may do to this machine.
    public var access = AccessPolicy.free
    /// The processes that run the cells together; nil: this one alone.
    public var ranks: Ranks?
    /// Cells longer than this many seconds have their time shown.
    public var slowCell = 1.0

    public init(library: @escaping Library) { self.library = library }
  }

  public let options: Options
  let engine: SessionEngine
  let recorder: RecordingOutput
  public weak var output: (any SessionOutput)? {
    didSet { recorder.front = output }
  }
  /// The cells so far, those without code included.
  var entries: [EvaluatedCell] = []
  var undoHistory = UndoHistory()
  var nameOrigins = NameOrigins()
  var versions = ObjectVersions()
  var recovery: Recovery
  var ownFiles = OwnFiles()
  /// Cells that were interrupted after they had changed something, and what: a replay cannot do that again.
  var unrepeatable: [Int: Set<String>] = [:]
  /// How long each cell took when it last finished, in seconds.
  var durations: [String: Double] = [:]
  /// The value that was shown last, for `%show`.
  var lastShown: Value?
  var earlierResults = EarlierResults()
  var figures: [SessionFigure] = []
  /// The header of the script that runs or was loaded, kept when it is saved again.
  var interpreterLine: String?
  var tolerance: Double?
  var headerLines: [String] = []
  public internal(set) var seed: UInt64
  /// `%seed` has set it.
  var isSeedOfUser = false
  /// The cell that runs has set it, perhaps to what it was.
  var hasSetSeed = false
  public internal(set) var cellNumber = 1
  /// Where `%save` without a name goes.
  public internal(set) var savedPath: String?
  /// Where the session was before `%cd`.
  var folderBefore: String?
  /// Cells have finished since the last `%save`.
  public internal(set) var hasUnsavedCells = false
  /// A document runs: Ctrl-C ends all of it, also where it came between two cells.
  var isRunningDocument = false
  /// A replay inside a session must not be able to start itself again.
  var replayDepth = 0
  /// Somebody types what is evaluated; it stands in no script.
  var isTyped: Bool { !isRunningDocument && replayDepth == 0 && !isReplaying }

  public convenience init(output: (any SessionOutput)? = nil, options: Options) {
    self.init(output: output, options: options, interrupt: InterruptFlag())
  }

  init(output: (any SessionOutput)?, options: Options, interrupt: InterruptFlag) {
    self.options = options
    self.output = output
    recovery = Recovery(folder: options.stateFolder)
    recorder = RecordingOutput()
    recorder.front = output
    // Always the same: a script gives the same bits each time it runs. `%seed` sets another.
    seed = options.seed ?? 0
    engine = SessionEngine(
      output: recorder, registry: options.library(options.arguments), arguments: options.arguments, interrupt: interrupt
    )
    engine.setSeed(seed)
    engine.context.access = options.access
    engine.context.ranks = options.ranks
    engine.context.shellCommand = options.shellCommand
    engine.context.commandPage = { try SessionCommand.find($0).page }
    recorder.context = engine.context
  }

  /// Cells can be taken back. Where nobody asks for it, what that needs is not kept.
  public var keepsUndo: Bool {
    get { undoHistory.isKept }
    set { undoHistory.isKept = newValue }
  }

  /// A saved session is played again: what waits for a person (`serve`) is passed over.
  public var isReplaying: Bool {
    get { engine.context.isReplaying }
    set { engine.context.isReplaying = newValue }
  }

  /// From any thread: what runs stops soon.
  public var interruptFlag: InterruptHandle { InterruptHandle(flag: engine.interruptFlag) }

  /// Whether Enter should evaluate this text.
  public func completeness(_ text: String) -> Completeness {
    // Enter shows why it cannot run.
    if CellCode.isTooLarge(text) { return .complete }
    if let first = text.first(where: { !$0.isWhitespace }), first == "?" { return .complete }
    // An empty line ends it.
    if let first = text.split(separator: "\n").first, Self.wholeCell(String(first)) != nil { return .incomplete }
    if let command = commandLine(text), !command.rest.contains("\n") {
      return command.takesCode ? completenessOfCode(command.rest) : .complete
    }
    if Self.questionAtEnd(text) != nil { return .complete }
    return completenessOfCode(text)
  }

  public enum Completeness: Sendable { case complete, incomplete, invalid }

  func completenessOfCode(_ text: String) -> Completeness {
    switch Parser.completeness(of: SourceText(name: "cell", text: text)) {
    case .complete: .complete
    case .incomplete: .incomplete
    case .invalid: .invalid
    }
  }

  /// Names of the session with a word about each.
  public var names: [String] { engine.names }
}

/// May be kept and used by another thread.
public struct InterruptHandle: Sendable {
  let flag: InterruptFlag

  public func interrupt() { flag.raise() }
  /// Nothing that is evaluated later runs either.
  public func terminate() { flag.raiseForGood() }
  public var isInterrupted: Bool { flag.isRaised }
}
