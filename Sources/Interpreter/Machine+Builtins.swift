import Diagnostics
import Syntax

extension Machine {
  // MARK: Calls that the loop hands over

  @inline(never)
  func bindDefaults(_ header: UnsafeMutablePointer<CodeHeader>, _ first: Register, _ count: Int) throws {
    guard let prototype = header.pointee.prototype else { return }
    try prototype._withUnsafeGuaranteedRef { try bind($0, first, count) }
  }

  /// Named arguments. True: a closure stands in `base`, its arguments bound; otherwise it was called.
  @inline(never)
  func bindNamed(_ base: Register, _ count: Int, _ frame: UnsafeMutablePointer<Frame>) throws -> Bool {
    let labels = self.labels(frame)
    if case .function(let function) = base.pointee, let closure = function as? Closure {
      try bind(closure.prototype, base + 1, count, labels: labels)
      return true
    }
    try invoke(base, count: count, labels: labels)
    return false
  }

  @inline(never)
  func invokeSessionName(_ slot: Int, _ base: Register, _ count: Int) throws {
    if (stack + slot).isUnset { try missingSessionName(slot, base) } else { base.pointee = stack[slot] }
    try invoke(base, count: count, labels: [])
  }

  @inline(__always)
  func callBuiltin(_ index: Int, _ base: Register, _ count: Int, _ frame: UnsafeMutablePointer<Frame>) throws {
    guard let prototype = frame.pointee.header.pointee.prototype else { return }
    let entry = prototype._withUnsafeGuaranteedRef { Unmanaged.passUnretained($0.builtins[index]) }
    if count == FunctionCompiler.asValue {
      base.pointee = try builtinValue(entry.takeUnretainedValue())
    } else {
      try entry._withUnsafeGuaranteedRef {
        try callBuiltin($0, base + 1, count, labels: [], receiver: .none, result: base)
      }
    }
  }

  @inline(never)
  func callBuiltinNamed(_ index: Int, _ base: Register, _ count: Int, _ frame: UnsafeMutablePointer<Frame>) throws {
    guard let prototype = frame.pointee.header.pointee.prototype?.takeUnretainedValue() else { return }
    try callBuiltin(
      prototype.builtins[index], base + 1, count, labels: labels(frame), receiver: .none, result: base)
  }

  // MARK: Strings

  @inline(never)
  func concatenate(_ first: Register, _ count: Int, _ result: Register) throws {
    var text = ""
    for index in 0..<count {
      switch first[index] {
      case .string(let box): text += box.text
      case .number(let number): text += formatNumber(number)
      default: text += try self.text(of: first[index])
      }
      (first + index).letGo()
    }
    try checkSize(text.utf8.count, "a string")
    result.pointee = Value(text)
  }

  /// What `str(x)` and `print(x)` write: strings bare, everything else as it is shown.
  func text(of value: Value) throws -> String {
    if case .string(let box) = value { return box.text }
    return try value.described(DisplayStyle(full: true), context)
  }

  @inline(never)
  func formatted(_ value: Value, _ index: Int, _ frame: UnsafeMutablePointer<Frame>) throws -> Value {
    guard let prototype = frame.pointee.header.pointee.prototype?.takeUnretainedValue() else { return .none }
    return Value(try value.formatted(prototype.formats[index], context))
  }

  // MARK: Included files

  /// Runs a file at the top level, in the middle of the text that includes it.
  func include(_ path: String) throws -> Value {
    guard depth > 0 else { throw RuntimeError.includePlace }
    let frame = frames[depth - 1]
    guard let prototype = frame.header.pointee.prototype?.takeUnretainedValue(), prototype.isMain else {
      throw RuntimeError.includePlace
    }
    guard let readFile else { throw RuntimeError.includeFailed(path, "this session cannot read files") }
    let resolved = resolve(path, from: including.last ?? prototype.source.name)
    guard !including.contains(resolved), including.count < 64 else { throw RuntimeError.includeCycle(path) }
    let text = try readFile(resolved)
    including.append(resolved)
    defer { including.removeLast() }
    let source = SourceText(name: resolved, text: text)
    let compiled = try compile(source, firstTemporary: nativeTop - stack)
    return try runMain(compiled.prototype)
  }

  /// Relative to the file that includes it.
  private func resolve(_ path: String, from file: String) -> String {
    guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return context.path(path) }
    return String(file[...slash]) + path
  }

  func compile(_ source: SourceText, firstTemporary: Int) throws -> (prototype: Prototype, program: Program) {
    let program = try Parser.parse(source).get()
    let walk = ScopeWalk.walk(program, isMutating: registry.isMutating)
    for name in walk.assigns { _ = try session.slot(for: name) }
    let unit = CompilationUnit(
      source: source, session: session, registry: registry, assigns: Set(walk.assigns))
    let prototype = try FunctionCompiler.compileMain(
      program, unit: unit, scope: walk.main, firstTemporary: firstTemporary)
    return (prototype, program)
  }
}
