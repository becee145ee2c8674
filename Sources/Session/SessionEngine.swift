import Diagnostics
import Files
import Interpreter
import Syntax

/// The border with the interpreter: everything that the session asks of it.
final class SessionEngine {
  struct Run {
    var value: Value?
    var hidesValue = false
    var diagnostics: [Diagnostic] = []
    var wasInterrupted = false
    /// Without those whose objects it changes, which only its end can tell.
    var names = CellNames()
  }

  private let interpreter: Interpreter
  var context: ExecutionContext { interpreter.context }
  var registry: BuiltinRegistry { context.registry }
  var interruptFlag: InterruptFlag { context.interrupt }

  init(output: any OutputSink, registry: BuiltinRegistry, arguments: [String], interrupt: InterruptFlag) {
    interpreter = Interpreter(output: output, registry: registry, interrupt: interrupt)
    interpreter.context.scriptArguments = arguments
    // An included file may be a saved session: its header and results are comments to the parser.
    interpreter.readFile = { path in try FileSystem.readText(path, limit: ScriptFile.limit) }
  }

  func setSeed(_ seed: UInt64, drawn: UInt64 = 0) { context.setSeed(seed, drawn: drawn) }
  var seedsDrawn: UInt64 { context.seedsDrawn }

  func run(_ source: SourceText) -> Run {
    var run = Run()
    if case .success(let program) = Parser.parse(source) {
      let used = interpreter.namesUsed(by: program)
      run.names.reads = readsOfBefore(program.statements)
      run.names.assigns = Set(used.assigns)
      run.names.overwrites = Self.overwrites(program)
      for statement in program.statements { note(statement, in: [], loops: [:], &run.names) }
    }
    switch interpreter.evaluate(source) {
    case .value(let value, let isHidden):
      // An assignment and `print(x)` have nothing to show.
      run.value = value.flatMap { $0.isNone || $0.isUnset ? nil : $0 }
      run.hidesValue = isHidden
    case .failed(let diagnostics):
      run.diagnostics = diagnostics.isEmpty ? [Diagnostic(Explanation("the cell failed"), at: nil)] : diagnostics
    case .interrupted: run.wasInterrupted = true
    }
    return run
  }

  /// The names that statements read as they were before them: not those that have been given a value by then.
  private func readsOfBefore(_ statements: [Statement], given: Set<String> = []) -> Set<String> {
    var given = given
    var reads: Set<String> = []
    func note(_ statement: Statement) {
      let used = interpreter.namesUsed(by: Program(statements: [statement], hidesValue: false))
      reads.formUnion(used.reads.subtracting(given))
    }
    for statement in statements {
      switch statement {
      case .forLoop(let target, let sequence, let body, _) where Self.isOfNames(target):
        note(.expression(sequence))
        reads.formUnion(readsOfBefore(body.statements, given: given.union(Self.names(target))))
      case .whileLoop(let condition, let body, _):
        note(.expression(condition))
        reads.formUnion(readsOfBefore(body.statements, given: given))
      default:
        note(statement)
        given.formUnion(Self.overwrites(Program(statements: [statement], hidesValue: false)))
      }
    }
    return reads
  }

  private static func isOfNames(_ target: Target) -> Bool {
    switch target {
    case .name: true
    case .tuple(let targets, _): targets.allSatisfy(isOfNames)
    case .member, .index: false
    }
  }

  /// What each name that the statement gives a value is made from. A loop's variables are made from what it goes over,
  /// not from what its body reads; what its body makes of them is made from that, too.
  private func note(
    _ statement: Statement, in around: Set<String>, loops: [String: Set<String>], _ names: inout CellNames
  ) {
    func reads(_ statement: Statement) -> (reads: Set<String>, assigns: [String], overwrites: Set<String>) {
      let alone = Program(statements: [statement], hidesValue: false)
      let used = interpreter.namesUsed(by: alone)
      let resolved = used.reads.reduce(into: Set<String>()) { result, name in
        if let sources = loops[name] { result.formUnion(sources) } else { result.insert(name) }
      }
      return (resolved.union(around), used.assigns, around.isEmpty ? Self.overwrites(alone) : [])
    }
    switch statement {
    case .forLoop(let target, let sequence, let body, _):
      let sources = reads(.expression(sequence)).reads
      var loops = loops
      for name in Self.names(target) {
        names.madeFrom[name, default: []].formUnion(sources)
        loops[name] = sources
      }
      for inner in body.statements { note(inner, in: sources, loops: loops, &names) }
    case .whileLoop(let condition, let body, _):
      let sources = reads(.expression(condition)).reads
      for inner in body.statements { note(inner, in: sources, loops: loops, &names) }
    default:
      let used = reads(statement)
      for name in used.assigns {
        if used.overwrites.contains(name) { names.madeFrom[name] = [] }
        names.madeFrom[name, default: []].formUnion(used.reads)
      }
      for name in used.reads { names.standsWith[name, default: []].formUnion(used.reads) }
    }
  }

  private static func names(_ target: Target) -> [String] {
    switch target {
    case .name(let name): [name.text]
    case .tuple(let targets, _): targets.flatMap(names)
    case .member, .index: []
    }
  }

  private static func overwrites(_ program: Program) -> Set<String> {
    Set(
      program.statements.flatMap { statement -> [String] in
        switch statement {
        case .assign(let target, _): names(target)
        case .function(let function): function.name.map { [$0.text] } ?? []
        default: []
        }
      })
  }

  var names: [String] { interpreter.names.map(\.name) }
  func value(of name: String) -> Value? { interpreter.value(of: name) }

  /// By slot; see `Interpreter.slotValues`.
  var slotValues: [Value] { interpreter.slotValues }
  func slotName(_ slot: Int) -> String { interpreter.slotName(slot) }
  func set(_ name: String, to value: Value) { interpreter.set(name, to: value.isUnset ? nil : value) }

  func replaceNames(with values: [String: Value]) {
    interpreter.removeAll()
    for (name, value) in values { interpreter.set(name, to: value) }
  }

  /// What stands under a cell; always of the same width, because it is recorded. A long string is shortened as it is in
  /// a saved script, so that what a notebook of Jupyter keeps of it is what a replay gives.
  func display(_ value: Value) -> String {
    let text = interpreter.describe(value, Self.recordedStyle)
    guard case .string = value, text.utf8.count > ResultText.lineBytes else { return text }
    return ResultText.canonical(text.withVisibleControls)
  }

  private static let recordedStyle = DisplayStyle(width: 80, color: false, full: false)

  /// A hash of the whole value, where `display` leaves some of it out and has none of its own.
  func digestOfHidden(_ value: Value) -> String? { interpreter.digestOfHidden(value, Self.recordedStyle) }

  /// Whether the text leaves some of the value out.
  func isShortened(_ value: Value, _ text: String) -> Bool {
    switch value {
    case .tensor(let box): box.tensor.count > 0 && text.hasPrefix("tensor of shape")
    case .list, .record: text.contains("…")
    case .string(let box): box.byteCount > text.utf8.count
    case .object(let object):
      text.contains("…") && (try? object.describe(DisplayStyle(width: 80, color: false, full: true))) != text
    default: false
    }
  }

  /// All of it. Numbers by the million are for a file.
  func displayWhole(_ value: Value) throws -> String {
    if case .tensor(let box) = value, box.tensor.count > 2_000_000 {
      throw SessionError.tooMuchToShow(box.tensor.count)
    }
    return interpreter.describe(value, DisplayStyle(width: 80, color: false, full: true))
  }

  /// What the compiler made of a function; nil for one that is not written in the language.
  func disassembly(of function: FunctionValue) -> String? { interpreter.disassembly(of: function) }

  /// One short line, for `%who`.
  func summary(_ value: Value) -> String {
    if case .object(let object) = value { return object.summary }
    var value = value
    // Of a string of millions of characters the first are all that is shown.
    if case .string(let box) = value, box.byteCount > ResultText.lineBytes {
      value = Value(String(box.text.prefix(100)))
    }
    let line = display(value).split(separator: "\n").first.map(String.init) ?? ""
    return line.count > 48 ? line.prefix(47) + "…" : line
  }

  /// A builtin's page.
  func help(_ builtin: Builtin) -> String { builtin.page }
}
