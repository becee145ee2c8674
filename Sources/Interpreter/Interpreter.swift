import CSystem
import Diagnostics
import Memory
import Ranks
import Syntax
import Tensors

#if canImport(Glibc)
  import Glibc
#endif

/// Runs texts of the language against a session's names. One thread at a time; `context.interrupt` may be raised from any.
///
///     let interpreter = Interpreter(output: sink, registry: StandardLibrary.registry())
///     let result = interpreter.evaluate(SourceText(name: "cell 1", text: "1 + 1"))
public final class Interpreter {
  /// How a text ended.
  public enum Outcome {
    /// The value of its last statement, if that was an expression (or else nil), and whether `;` hides it.
    case value(Value?, isHidden: Bool)
    /// Syntax errors (several at once), or the error that stopped it.
    case failed([Diagnostic])
    case interrupted
  }

  public let context: ExecutionContext
  let machine: Machine

  public init(output: any OutputSink, registry: BuiltinRegistry, interrupt: InterruptFlag = InterruptFlag()) {
    context = ExecutionContext(output: output, interrupt: interrupt, registry: registry)
    machine = Machine(context: context)
  }

  /// Reads files for `include`; gets a path and gives the text, or throws an error in words.
  public var readFile: ((String) throws -> String)? {
    get { machine.readFile }
    set { machine.readFile = newValue }
  }

  /// Compiles and runs a text at the top level.
  ///
  /// Runs on a thread of its own with a large stack, and waits for it: deep native recursion in a parser or a library
  /// then has room.
  public func evaluate(_ source: SourceText) -> Outcome {
    let interrupt = context.interrupt
    return LargeStack.run { [self] in
      twin_reserve_heap()
      return context.access.bind {
        LongWork.run(until: { interrupt.isRaised }) { Ranks.share(context.ranks) { evaluateHere(source) } }
      }
    }
  }

  private func evaluateHere(_ source: SourceText) -> Outcome {
    defer { machine.collectCyclesAtRest() }
    machine.resetSteps()
    // A script may include itself; what else is run ("cell 1") is no file.
    machine.including = source.name.contains("/") || source.name.contains(".") ? [source.name] : []
    do {
      let (prototype, program) = try machine.compile(source, firstTemporary: SessionNames.capacity)
      let value = try machine.runMain(prototype)
      guard let last = program.statements.last, case .expression = last else {
        return .value(nil, isHidden: program.hidesValue)
      }
      return .value(value, isHidden: program.hidesValue)
    } catch let errors as SyntaxErrors {
      return .failed(errors.diagnostics)
    } catch let failure as Failure {
      let isInterrupted = failure.cause is Interruption || failure.cause as? TensorError == .interrupted
      return isInterrupted ? .interrupted : .failed([failure.diagnostic])
    } catch let diagnostic as Diagnostic {
      return .failed([diagnostic])
    } catch TensorError.interrupted {
      return .interrupted
    } catch is Interruption {
      return .interrupted
    } catch let error as any ExplainedError {
      return .failed([Diagnostic(error.explanation, at: nil)])
    } catch {
      return .failed([Diagnostic(Explanation("unexpected error: \(error)"), at: nil)])
    }
  }

  /// The text of a value as it stands under a cell; an error's words where describing it fails.
  public func describe(_ value: Value, _ style: DisplayStyle) -> String {
    LargeStack.run { [self] in
      do {
        return try context.access.bind { try value.described(style, context) }
      } catch let error as any ExplainedError {
        return "<\(value.typeName): \(error.explanation.message)>"
      } catch {
        return "<\(value.typeName)>"
      }
    }
  }

  /// No call is open and no register above the session's names holds anything: what must be so between two texts.
  var isAtRest: Bool {
    machine.depth == 0 && machine.nativeDepth == 0 && machine.handlers.isEmpty
      && (SessionNames.capacity..<(machine.initialized - machine.stack)).allSatisfy { (machine.stack + $0).isPlain }
  }

  /// `Value.digestOfHidden`; nil where describing the value fails.
  public func digestOfHidden(_ value: Value, _ style: DisplayStyle) -> String? {
    LargeStack.run { [self] in try? context.access.bind { try value.digestOfHidden(style) } }
  }

  var itemsCopied: Int { machine.itemsCopied }
  var cellCount: Int { machine.cells.cells.count }

  // MARK: Names

  /// Session names that have a value, in the order in which they came.
  public var names: [(name: String, value: Value)] { machine.session.assigned }

  public func value(of name: String) -> Value? {
    guard let slot = machine.session.find(name), !machine.stack[slot].isUnset else { return nil }
    return machine.stack[slot]
  }

  /// The values of all names in the order in which the names came, `unset` where one has none any more: what a session
  /// compares to see what a cell changed.
  public var slotValues: [Value] {
    Array(UnsafeBufferPointer(start: machine.session.values, count: machine.session.names.count))
  }

  /// The name whose value stands there in `slotValues`.
  public func slotName(_ slot: Int) -> String { machine.session.names[slot] }

  /// Gives a session name a value (`args`), or with nil takes it away.
  public func set(_ name: String, to value: Value?) {
    guard let slot = try? machine.session.slot(for: name) else { return }
    machine.stack[slot] = value ?? .unset
  }

  /// All names and values, to go back to. Lists and records cost nothing to keep: they are copied when they change.
  public struct Snapshot {
    fileprivate var values: [(String, Value)]
  }

  public func snapshot() -> Snapshot { Snapshot(values: names.map { ($0.name, $0.value) }) }

  public func restore(_ snapshot: Snapshot) {
    for (name, _) in names { set(name, to: nil) }
    for (name, value) in snapshot.values { set(name, to: value) }
  }

  public func removeAll() {
    for (name, _) in names { set(name, to: nil) }
  }

  /// The names that a text reads from the session and those it gives a value, for `%save --minimal` and stale marks.
  public func namesUsed(by program: Program) -> (reads: Set<String>, assigns: [String]) {
    let walk = ScopeWalk.walk(program, isMutating: context.registry.isMutating)
    return (walk.reads, walk.assigns)
  }

  /// Calls a function value from outside.
  public func call(_ function: FunctionValue, _ arguments: [Value]) throws -> Value {
    try context.access.bind { try machine.call(function, arguments) }
  }
}

/// Runs work on a thread with a stack of 512 MB (of which only what is used takes memory; less under `ulimit -v`), and waits
/// for it.
enum LargeStack {
  static let size = MemoryBudget.stackSize(upTo: 512 << 20)

  private final class Job {
    let work: () -> Void
    init(_ work: @escaping () -> Void) { self.work = work }
  }

  static func run<R>(_ work: () -> R) -> R {
    var result: R?
    withoutActuallyEscaping({ result = work() }) { escaping in
      var attributes = pthread_attr_t()
      pthread_attr_init(&attributes)
      defer { pthread_attr_destroy(&attributes) }
      let job = Unmanaged.passRetained(Job(escaping))
      var thread = pthread_t()
      let failed =
        pthread_attr_setstacksize(&attributes, size) != 0
        || pthread_create(
          &thread, &attributes,
          { argument in
            guard let argument else { return nil }
            Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().work()
            return nil
          }, job.toOpaque()) != 0
      if failed {
        job.takeRetainedValue().work()
      } else {
        pthread_join(thread, nil)
      }
    }
    if let result { return result }
    return work()
  }
}
