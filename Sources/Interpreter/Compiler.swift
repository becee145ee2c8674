import Diagnostics
import Syntax

/// What all functions of one text share while it is compiled.
final class CompilationUnit {
  let source: SourceText
  let session: SessionNames
  let registry: BuiltinRegistry
  /// Names that this text assigns at top level: they hide builtins from here on.
  let assigns: Set<String>

  init(source: SourceText, session: SessionNames, registry: BuiltinRegistry, assigns: Set<String>) {
    self.source = source
    self.session = session
    self.registry = registry
    self.assigns = assigns
  }
}

/// Compiles one function, or the top level of a text.
///
/// Registers: parameters, then variables, then temporaries as a stack. At top level the first 16,384 registers are the
/// session's names. Temporaries that may hold a list or record are let go of at the end of each statement, so that a
/// change in place finds its list unshared.
final class FunctionCompiler {
  let unit: CompilationUnit
  let scope: FunctionScope
  let parent: FunctionCompiler?

  var code: [Instruction] = []
  var spans: [Span] = []
  var sites: [Int: CallSite] = [:]
  var constants: [Value] = []
  private var numberConstants: [UInt64: Int] = [:]
  private var textConstants: [String: Int] = [:]
  var children: [Prototype] = []
  var captures: [(variable: Variable, capture: Prototype.Capture)] = []
  var templates: [RecordKeys] = []
  var subscripts: [[SubscriptTemplate]] = []
  var paths: [PlacePath] = []
  var formats: [FormatSpecification] = []
  var builtins: [Builtin] = []
  var cacheCount = 0

  var nextTemporary: Int
  var frameSize: Int
  let firstTemporary: Int
  /// Registers that surely have a value at this point.
  var assigned: Set<Int> = []
  var isReachable = true
  var usesUnset = false
  /// Temporaries that may share a list with a variable.
  var dirty: Set<Int> = []

  struct Loop {
    var breaks: [Int] = []
    var continues: [Int] = []
    var tryDepth: Int
  }
  /// Variables whose values the call that is compiled next may take away (see `Compiler+LastUse.swift`).
  var consumable: Set<String> = []
  /// Where an operand did not fit into its 16 bits: more than 65,536 texts, names or places in one function.
  private var tooLargeAt: Span?
  var loops: [Loop] = []
  var tryDepth = 0

  init(unit: CompilationUnit, scope: FunctionScope, parent: FunctionCompiler?, firstTemporary: Int) {
    self.unit = unit
    self.scope = scope
    self.parent = parent
    self.firstTemporary = firstTemporary
    nextTemporary = firstTemporary
    frameSize = firstTemporary
  }

  var isMain: Bool { scope.isMain }

  // MARK: Emission

  @discardableResult
  func emit(_ op: Opcode, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0, at span: Span) -> Int {
    if (a | b | c) >> 16 != 0, tooLargeAt == nil { tooLargeAt = span }
    code.append(Instruction(op, a, b, c))
    spans.append(span)
    return code.count - 1
  }

  @discardableResult
  func emitWide(_ op: Opcode, _ a: Int, _ bc: Int, at span: Span) -> Int {
    let index = emit(op, a, at: span)
    code[index].bc = bc
    return index
  }

  func problem(_ message: String, help: String? = nil, at span: Span) -> Diagnostic {
    Diagnostic(Explanation(message, help: help), at: Place(unit.source, span))
  }

  private func tooLarge(at span: Span) -> Diagnostic {
    problem("this is too large to compile", help: "split it into functions, or build it in a loop", at: span)
  }

  func temporary(at span: Span) throws -> Int {
    let register = nextTemporary
    guard register < 65_000 else {
      throw tooLarge(at: span)
    }
    nextTemporary += 1
    frameSize = max(frameSize, nextTemporary)
    return register
  }

  func isTemporary(_ register: Int) -> Bool { register >= firstTemporary }

  func markDirty(_ register: Int) {
    if isTemporary(register) { dirty.insert(register) }
  }

  /// Lets go of temporaries that are free again and may share lists with variables.
  func clearDirty(at span: Span) {
    guard !dirty.isEmpty else { return }
    let dead = dirty.filter { $0 >= nextTemporary }.sorted()
    dirty.subtract(dead)
    guard isReachable, var start = dead.first else { return }
    var count = 0
    for register in dead {
      if register != start + count {
        emit(.clear, start, count, at: span)
        (start, count) = (register, 0)
      }
      count += 1
    }
    emit(.clear, start, count, at: span)
  }

  func number(_ value: Double) -> Int {
    if let index = numberConstants[value.bitPattern] { return index }
    constants.append(.number(value))
    numberConstants[value.bitPattern] = constants.count - 1
    return constants.count - 1
  }

  func text(_ value: String) -> Int {
    if let index = textConstants[value] { return index }
    let bytes = value.utf8
    let letter = bytes.count == 1 ? bytes.first.map { Value.string(StringBox(letter: $0)) } : nil
    constants.append(letter ?? Value(value))
    textConstants[value] = constants.count - 1
    return constants.count - 1
  }

  func cache() -> Int {
    cacheCount += 1
    return cacheCount - 1
  }

  /// Makes the jumps at `indexes` go to the next instruction.
  func land(_ indexes: [Int]) throws {
    for index in indexes { try setJump(index, to: code.count) }
  }

  func setJump(_ index: Int, to target: Int) throws {
    let distance = target - index - 1
    switch code[index].op {
    case .jump, .loop, .jumpIf, .jumpUnless, .jumpIfSet, .beginTry:
      code[index].bc = distance
    default:
      guard let short = Int16(exactly: distance) else {
        throw problem("this block is too long to compile", help: "split it into functions", at: spans[index])
      }
      code[index].c = UInt16(bitPattern: short)
    }
  }

  func move(_ from: Int, to: Int, at span: Span) {
    guard from != to else { return }
    emit(isTemporary(from) ? .take : .move, to, from, at: span)
    if isTemporary(from) { dirty.remove(from) }
  }

  // MARK: Whole functions

  /// - Parameter firstTemporary: where temporaries may begin; above those of a text that includes this one.
  static func compileMain(
    _ program: Program, unit: CompilationUnit, scope: FunctionScope, firstTemporary: Int
  ) throws -> Prototype {
    let compiler = FunctionCompiler(unit: unit, scope: scope, parent: nil, firstTemporary: firstTemporary)
    for name in unit.session.names {
      if let slot = unit.session.find(name), !unit.session.values[slot].isUnset { compiler.assigned.insert(slot) }
    }
    let whole = Span(0, unit.source.bytes.count)
    try compiler.bodyReturning(program.statements, at: whole)
    return try compiler.finished(name: "top level", span: whole, parameters: [], defaults: [], entry: 0)
  }

  static func compile(_ function: Syntax.Function, in parent: FunctionCompiler) throws -> (Prototype, FunctionCompiler)
  {
    guard let scope = parent.scope.children[function.span] else {
      throw parent.problem("this function could not be compiled", at: function.span)
    }
    var next = 0
    for variable in scope.order {
      variable.register = next
      next += 1
    }
    guard next < 60_000 else { throw parent.problem("this function has too many names", at: function.span) }
    let compiler = FunctionCompiler(unit: parent.unit, scope: scope, parent: parent, firstTemporary: next)
    try compiler.compileBody(function)
    let defaults = function.parameters.map { $0.defaultValue.map { parent.unit.source.slice($0.span) } }
    let prototype = try compiler.finished(
      name: function.name?.text ?? "fn", span: function.span, parameters: function.parameters.map(\.name.text),
      defaults: defaults, entry: compiler.usesUnset ? 0 : 1)
    return (prototype, compiler)
  }

  private func compileBody(_ function: Syntax.Function) throws {
    let span = function.span
    let parameterCount = function.parameters.count
    emit(.unsetRange, parameterCount, scope.order.count - parameterCount, at: span)
    for variable in scope.order where !variable.isParameter && variable.isBoxed {
      emit(.newUnsetCell, variable.register, at: span)
    }
    for parameter in function.parameters {
      guard let variable = scope.variables[parameter.name.text] else { continue }
      if let value = parameter.defaultValue {
        let skip = emitWide(.jumpIfSet, variable.register, 0, at: value.span)
        try into(value, variable.register)
        try land([skip])
      }
      assigned.insert(variable.register)
      if variable.isBoxed { emit(.newCell, variable.register, at: span) }
    }
    switch function.body {
    case .expression(let expression): try returning(expression)
    case .block(let block): try bodyReturning(block.statements, at: block.span)
    }
  }

  private func bodyReturning(_ statements: [Statement], at span: Span) throws {
    for statement in statements.dropLast() { try compile(statement) }
    if case .expression(let last)? = statements.last {
      try returning(last)
    } else {
      if let last = statements.last { try compile(last) }
      emit(.finishNone, at: statements.last?.span ?? span)
    }
  }

  /// The expression's value is the function's.
  func returning(_ expression: Expression) throws {
    let mark = nextTemporary
    defer { nextTemporary = mark }
    if case .conditional(let branches, let otherwise, let span) = expression, tryDepth == 0 {
      let before = assigned
      for branch in branches {
        let jumps = try self.branch(branch.condition, when: false)
        dirty = []
        let after = assigned
        try bodyReturning(branch.body.statements, at: branch.body.span)
        try land(jumps)
        assigned = after.intersection(before).union(before)
        isReachable = true
      }
      if let otherwise {
        try bodyReturning(otherwise.statements, at: otherwise.span)
      } else {
        emit(.finishNone, at: span)
      }
      isReachable = false
      return
    }
    if tryDepth == 0 { markLastUses(in: expression) }
    let register = try operand(expression)
    emit(.finish, register, at: expression.span)
    dirty = []
    isReachable = false
  }

  private func finished(
    name: String, span: Span, parameters: [String], defaults: [String?], entry: Int
  ) throws -> Prototype {
    if let tooLargeAt { throw tooLarge(at: tooLargeAt) }
    return Prototype(
      name: name, source: unit.source, span: span, parameters: parameters,
      registerNames: isMain ? [] : scope.order.map(\.name), captureNames: captures.map(\.variable.name),
      defaults: defaults, frameSize: frameSize + 1, isMain: isMain,
      clearFrom: isMain ? firstTemporary : 0, code: code, entry: entry, constants: constants,
      cacheCount: cacheCount, spans: spans, sites: sites, children: children, captures: captures.map(\.capture),
      templates: templates, subscripts: subscripts, paths: paths, formats: formats, builtins: builtins)
  }

  // MARK: Names

  enum Binding {
    case register(Int)
    case cell(Int)
    case upvalue(Int)
    case upcell(Int)
    /// The running function.
    case itself
    case session(Int)
    case builtin(Builtin)
  }

  func binding(_ name: String) throws -> Binding {
    if let (variable, owner) = scope.find(name) {
      if owner !== scope, variable.isItself, scope.isWithinFunction(named: name, of: owner), scope.parent === owner {
        return .itself
      }
      if owner === scope { return variable.isBoxed ? .cell(variable.register) : .register(variable.register) }
      let index = try capture(variable, owner: owner)
      return variable.isBoxed ? .upcell(index) : .upvalue(index)
    }
    let known = unit.session.find(name).map { unit.assigns.contains(name) || !unit.session.values[$0].isUnset } ?? false
    if !known, !unit.assigns.contains(name), let builtin = unit.registry.function(name) { return .builtin(builtin) }
    let slot = try unit.session.slot(for: name)
    return isMain ? .register(slot) : .session(slot)
  }

  private func capture(_ variable: Variable, owner: FunctionScope) throws -> Int {
    if let index = captures.firstIndex(where: { $0.variable === variable }) { return index }
    guard let parent else { return 0 }
    let isParent =
      variable.isItself && parent.scope.parent === owner && parent.scope.functionName == variable.name
    let capture: Prototype.Capture =
      isParent
      ? .itself
      : parent.scope === owner ? .register(variable.register) : .upvalue(try parent.capture(variable, owner: owner))
    captures.append((variable, capture))
    return captures.count - 1
  }

  /// A register of a variable is read: checks that it has a value where that is not sure.
  func checked(_ register: Int, _ name: String, at span: Span) {
    guard !assigned.contains(register) else { return }
    usesUnset = true
    emitWide(.check, register, text(name), at: span)
    assigned.insert(register)
  }
}
