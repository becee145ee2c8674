import Diagnostics
import Memory
import Ranks
import Sandbox
import Synchronization
import Tensors

/// What a training run or a download tells while it works. Never part of a recorded result.
public struct ProgressEvent: Sendable {
  /// "training", "fetching att_faces".
  public var task: String
  /// 0…1; nil where the end is not known.
  public var fraction: Double?
  /// "epoch 3/20  loss 0.0731  val_loss 0.0802  5210 images/s".
  public var text: String
  /// Worth a line of its own where there is no terminal (an epoch's end).
  public var isMilestone: Bool
  public var isFinished: Bool

  public init(
    task: String, fraction: Double? = nil, text: String, isMilestone: Bool = false, isFinished: Bool = false
  ) {
    self.task = task
    self.fraction = fraction
    self.text = text
    self.isMilestone = isMilestone
    self.isFinished = isFinished
  }
}

/// Where a script's words go. The session gives one; tests give one that collects.
public protocol OutputSink: AnyObject {
  /// Text of `print`, newlines included.
  func print(_ text: String)
  /// Words for the person who asked for them, as `help` gives: no result.
  func tell(_ text: String)
  func warn(_ explanation: Explanation)
  func progress(_ event: ProgressEvent)
  /// What is for the person who looks on, and differs from run to run: never recorded.
  func note(_ text: String)
  /// Shows a figure or another object now, as `plot(x)` does in the middle of a cell.
  func display(_ object: HostObject)
  /// The script has put what it displayed into a file of its own (`plot(x).save("x.svg")`): nobody needs to see it too.
  func displayIsSaved(_ object: HostObject)
  /// What was displayed a moment ago becomes a part of something else (`subplots(plot(a), plot(b))`), which is displayed
  /// in its place.
  func displayIsPart(_ object: HostObject)
  /// A line for `input()`, without its newline; nil at the end of input.
  func readLine(prompt: String) -> String?
  /// Why `readLine` has nobody to ask; nil where it has, and at an end such as a file's.
  var whyNobodyAnswers: Explanation? { get }
  /// Grows whenever something comes out.
  var mark: Int { get }
}

extension OutputSink {
  public var mark: Int { 0 }
  public var whyNobodyAnswers: Explanation? { nil }
  public func tell(_ text: String) { print(text) }
  public func note(_ text: String) {}
  public func displayIsSaved(_ object: HostObject) {}
  public func displayIsPart(_ object: HostObject) {}
}

/// Raised from any thread (or a signal handler's thread) to stop what runs.
public final class InterruptFlag: Sendable {
  private let raised = Atomic<Bool>(false)
  private let isFinal = Atomic<Bool>(false)
  public init() {}
  public var isRaised: Bool { raised.load(ordering: .relaxed) }
  public func raise() { raised.store(true, ordering: .relaxed) }
  /// The process is told to go: nothing lowers it again.
  public func raiseForGood() {
    isFinal.store(true, ordering: .relaxed)
    raise()
  }
  public func lower() { if !isFinal.load(ordering: .relaxed) { raised.store(false, ordering: .relaxed) } }
}

/// How a training went when the session ran it before it was lost.
public enum KeptTraining {
  /// The trainer's state when the run was over, or paused.
  case ended([UInt8])
  /// The state when it was last kept, in the middle of the run.
  case begun([UInt8])
}

/// Keeps how trainings end, so that a session that comes back after a crash need not train again.
public protocol TrainingKeeper: AnyObject {
  /// To be called where a run begins: what is known of it.
  func nextRun() -> KeptTraining?
  /// The trainer's state, at the run's end or now and then in its course.
  func keep(_ state: [UInt8], hasEnded: Bool)
  /// What the session kept of this cell under a name when it ran before it was lost.
  func kept(_ part: String) -> [UInt8]?
  /// Keeps something of the cell that runs; false where it cannot be kept.
  func keep(_ bytes: [UInt8], as part: String) -> Bool
  func drop(_ part: String)
}

/// What a library notes while a cell runs.
public protocol CellLog: AnyObject {
  /// The cell has come to its end, whatever that is.
  func finish() throws
  /// What was kept of the cell's first run does not fit this one: it has to be run again, without.
  var hasFailed: Bool { get }
}

/// Bounds that keep a script from taking the machine with it.
public struct Limits: Sendable {
  /// Calls that may be open at once.
  public var frames = 20_000
  /// Native calls that may be open at once (`sorted` with a key that calls `sorted` with a key…).
  public var nativeDepth = 150
  /// Instructions between checks of a budget; nil: no step limit.
  public var steps: Int?
  /// Items of one list, characters of one string.
  public var items = 100_000_000
  /// Memory of the whole process in bytes.
  public var memory = MemoryBudget.resident.bytes

  public init() {}
}

/// What an implementation may ask of the session around it.
public final class ExecutionContext {
  /// Another one while a job is done whose words come later.
  public var output: any OutputSink
  public let interrupt: InterruptFlag
  public var limits = Limits()
  /// Values of `args`: what stands after the script's name on the command line.
  public var scriptArguments: [String] = []
  /// The command of a shell that all of this script stands for, as it would do what so far it only tells of
  /// (`twinbook forget --yes ann work`); nil: a session or a script, which goes on by calls.
  public var shellCommand: String?
  /// Where relative paths start; nil: the process's working directory.
  public var workingDirectory: String?
  /// The page of a command of the session by its name without the percent sign, for `help("%save")`; nil: there are no
  /// commands.
  public var commandPage: (@Sendable (String) throws -> String)?
  /// What the script may do to this machine.
  public var access = AccessPolicy.free
  /// The processes that run this script together; nil: this one alone.
  public var ranks: Ranks?
  /// What is seen and heard outside is done by this process: with ranks, by the first one alone.
  public var speaks: Bool { ranks?.isFirst ?? true }
  /// A saved session is played again: nobody is there to end what waits for a person.
  public var isReplaying = false
  /// A session that was lost is brought back: what its cells changed in a gallery's file or a database stands there.
  public var isRestoring = false
  /// What the cell that runs has left out for that reason, by name.
  public private(set) var passedOver: [String] = []
  /// The tape that records operations while a gradient is taken.
  public var tape: Tape?
  /// The step of a hand-written training loop that is under way (`step(optimizer, () -> loss)`): networks ask for it.
  public var trainingStep: AnyObject?
  /// Where a session keeps how its trainings end; nil: nowhere.
  public weak var trainings: (any TrainingKeeper)?
  /// What is noted of the cell that runs.
  public var cellLog: (any CellLog)?
  /// The library's table, for `help`.
  public internal(set) var registry: BuiltinRegistry
  /// Who runs the script, for operations on values.
  /// Not counted: a weak reference would make each of its calls slower. The machine clears it when it goes.
  unowned(unsafe) var machine: Machine?
  /// Compiles and runs a file at the top level: set by the interpreter.
  var include: ((String) throws -> Value)?

  /// How often `checkInterruption` was called.
  private var asked = 0

  /// The session's seed, and how many seeds were drawn from it.
  public private(set) var sessionSeed: UInt64 = 0
  public private(set) var seedsDrawn: UInt64 = 0

  public init(output: any OutputSink, interrupt: InterruptFlag = InterruptFlag(), registry: BuiltinRegistry) {
    self.output = output
    self.interrupt = interrupt
    self.registry = registry
  }

  /// Starts the sequence of seeds again (`%seed`, the header of a saved session).
  public func setSeed(_ seed: UInt64, drawn: UInt64 = 0) {
    sessionSeed = seed
    seedsDrawn = drawn
  }

  /// A seed for a function that was given none: the same sequence for the same session seed (SplitMix64, 53 bits).
  public func nextSeed() -> UInt64 {
    seedsDrawn &+= 1
    var z = sessionSeed &+ seedsDrawn &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return (z ^ (z >> 31)) >> 11
  }

  /// Whether a call is left out that would change once more what others see, too (`isRestoring`).
  public func passesOver(_ call: String) -> Bool {
    guard isRestoring else { return false }
    if !passedOver.contains(call) { passedOver.append(call) }
    return true
  }

  /// As if so many seeds had been drawn.
  public func skipSeeds(_ count: UInt64) { seedsDrawn &+= count }

  /// Changes whenever a function writes something out, or changes a variable of a function around it.
  public var effects: Int { (machine?.outerWrites ?? 0) &+ output.mark }

  // MARK: Pauses of training

  /// Batches of training that the cell has done.
  public private(set) var batchesDone = 0
  private var pauseAfterBatches: Int?
  /// After how many batches of the cell its training was paused.
  public private(set) var pausedAfterBatches: Int?
  /// The pause was the one that the cell asked for.
  public var hasPausedAsAsked: Bool { pausedAfterBatches != nil && pausedAfterBatches == pauseAfterBatches }

  /// The cell has asked what differs from run to run, as the time.
  public var hasReadClock = false

  /// Something was called whose last digits are the processor's (`Builtin.dependsOnProcessor`). What came before is not
  /// made from it; of what comes later nobody can tell.
  public internal(set) var dependsOnProcessor = false

  /// - Parameter pauseAfterBatches: a recorded Ctrl-C: training pauses after so many batches, as it did then.
  public func beginCell(pauseAfterBatches: Int? = nil) {
    batchesDone = 0
    pausedAfterBatches = nil
    hasReadClock = false
    passedOver = []
    endCell()
    cellLog = nil
    self.pauseAfterBatches = pauseAfterBatches
  }

  /// - Returns: whether the cell did what it did when it was kept.
  @discardableResult
  public func endCell() -> Bool {
    do { try cellLog?.finish() } catch { return false }
    return !(cellLog?.hasFailed ?? false)
  }

  /// To be called after every batch of training that can go on later.
  /// - Returns: whether it has to pause here, consistent as it is.
  public func pausesAfterBatch() -> Bool {
    batchesDone += 1
    guard interrupt.isRaised || batchesDone == pauseAfterBatches else { return false }
    pausedAfterBatches = batchesDone
    return true
  }

  /// A training whose end was kept does no batches; a recorded pause ends it all the same.
  /// - Returns: whether it paused there.
  public func pausesWithoutBatches() -> Bool {
    guard let pauseAfterBatches else { return false }
    pausedAfterBatches = pauseAfterBatches
    return true
  }

  /// Cheap enough for every batch.
  public var isInterrupted: Bool { interrupt.isRaised }

  /// Long work asks here between its parts: whether anybody still waits for it, and now and then whether there is memory
  /// for the next one.
  public func checkInterruption() throws {
    if interrupt.isRaised { throw Interruption() }
    asked &+= 1
    if asked & (MemoryBudget.isTight ? 15 : 255) == 0 { try MemoryBudget.check(adding: 0, limit: limits.memory) }
  }

  /// Calls a function of the script: `context.call(key, [item])`.
  public func call(_ function: FunctionValue, _ arguments: [Value]) throws -> Value {
    guard let machine else { throw RuntimeError.notCallable(function.name) }
    return try machine.call(function, arguments)
  }

  /// The same with one argument, for functions that are called for each of many items.
  public func call(_ function: FunctionValue, one argument: Value) throws -> Value {
    guard let machine else { throw RuntimeError.notCallable(function.name) }
    return try machine.call(function, one: argument)
  }

  /// The words of an error that a script could have caught; one that it could not is thrown again.
  public func caught(_ error: any Error) throws -> Explanation {
    guard let machine, machine.isCatchable(error) else { throw error }
    return machine.diagnose(error)?.explanation ?? Explanation("unexpected error: \(error)")
  }

  /// A path as the script means it.
  public func path(_ path: String) -> String {
    guard let workingDirectory, !path.hasPrefix("/"), !workingDirectory.isEmpty else { return path }
    return workingDirectory + "/" + path
  }
}

/// Ctrl-C, or a call to `InterruptFlag.raise()`. A script cannot catch it.
public struct Interruption: ExplainedError {
  public init() {}
  public var explanation: Explanation { Explanation("interrupted") }
}
