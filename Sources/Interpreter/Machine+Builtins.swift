import Diagnostics
import Syntax

#if canImport(Glibc)
  import Glibc
#endif

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

  @inline(never)
  func invokeLocal(_ function: Register, _ base: Register, _ count: Int) throws {
    base.pointee = function.pointee
    try invoke(base, count: count, labels: [])
  }

  @inline(__always)
  func callBuiltin(_ index: Int, _ base: Register, _ count: Int, _ frame: UnsafeMutablePointer<Frame>) throws {
    let entry = frame.pointee.header.pointee.builtins[index]
    if count == FunctionCompiler.asValue {
      base.pointee = try builtinValue(entry.takeUnretainedValue())
    } else {
      try entry._withUnsafeGuaranteedRef { try callBuiltin($0, base + 1, count, result: base) }
    }
  }

  @inline(never)
  func callBuiltinNamed(_ index: Int, _ base: Register, _ count: Int, _ frame: UnsafeMutablePointer<Frame>) throws {
    guard let prototype = frame.pointee.header.pointee.prototype?.takeUnretainedValue() else { return }
    try callBuiltin(prototype.builtins[index], base + 1, count, labels: labels(frame), result: base)
  }

  // MARK: Strings

  /// R[result] = the texts of some registers, which are let go of, one after the other.
  @inline(never)
  func concatenate(_ first: Register, _ count: Int, _ result: Register) throws {
    try withTexts(first, count) { bytes, isPlain in
      try checkSize(bytes.count, "a string")
      guard isPlain else {
        result.put(.string(StringBox(String(decoding: bytes, as: UTF8.self))))
        return
      }
      // The text of the last turn of a loop, which nobody holds any more, becomes this turn's.
      let old = UnsafeMutableRawPointer(result).assumingMemoryBound(to: StringBox.self)
      if result.kind == ValueKind.string, isKnownUniquelyReferenced(&old.pointee) {
        result.unmanaged(StringBox.self)._withUnsafeGuaranteedRef { $0.set(ascii: bytes) }
      } else {
        result.put(.string(StringBox(ascii: bytes)))
      }
    }
  }

  /// `text += "item {i}"`: what would be put together only to be added is added at once.
  @inline(never)
  func appendTexts(_ first: Register, _ count: Int, to text: Register) throws {
    guard text.kind == ValueKind.string else {
      try concatenate(first, count, first)
      try addSlowly(text, first, text)
      return
    }
    try withTexts(first, count) { bytes, isPlain in
      try withString(text) { box in
        try checkSize(bytes.count, "a string")
        guard box.byteCount < context.limits.items else {
          throw RuntimeError.tooLarge("a string", Double(box.byteCount))
        }
        try checkGrowth(of: box, by: bytes.count)
        if isPlain {
          try box.append(ascii: bytes)
        } else {
          try box.append(StringBox(String(decoding: bytes, as: UTF8.self)))
        }
      }
    }
  }

  /// - Parameter body: gets the bytes, and whether they are known to be ASCII.
  @inline(__always)
  private func withTexts<R>(
    _ first: Register, _ count: Int, _ body: (UnsafeBufferPointer<UInt8>, Bool) throws -> R
  ) throws -> R {
    if let length = shortText(of: first, count) {
      for index in 0..<count { (first + index).letGo() }
      return try body(UnsafeBufferPointer(start: shortText, count: length), true)
    }
    // Describing a value may come back here, so that the bytes are taken along.
    var bytes: [UInt8] = []
    swap(&bytes, &scratch)
    defer { swap(&bytes, &scratch) }
    bytes.removeAll(keepingCapacity: bytes.capacity < 1 << 16)
    var isPlain = true
    for index in 0..<count {
      let part = first + index
      switch part.kind {
      case ValueKind.string:
        part.unmanaged(StringBox.self)._withUnsafeGuaranteedRef { box in
          if !box.isASCII { isPlain = false }
          box.withBytes { bytes.append(contentsOf: $0) }
        }
      case ValueKind.number: appendNumber(part.number, to: &bytes)
      default:
        isPlain = false
        bytes.append(contentsOf: try text(of: part.pointee).utf8)
      }
      part.letGo()
    }
    return try bytes.withUnsafeBufferPointer { try body($0, isPlain) }
  }

  /// Writes short strings of ASCII and whole numbers one after the other into `shortText`; nil where something else stands
  /// among them, or they are longer.
  @inline(__always)
  private func shortText(of first: Register, _ count: Int) -> Int? {
    var end = 0
    for index in 0..<count {
      let part = first + index
      let room = Self.shortTextLimit - end
      switch part.kind {
      case ValueKind.string:
        let target = shortText + end
        let added = part.unmanaged(StringBox.self)._withUnsafeGuaranteedRef { $0.copyASCII(to: target, room: room) }
        if added < 0 { return nil }
        end += added
      case ValueKind.number:
        guard room >= 20, let whole = Int(exactly: part.number), whole.magnitude < 10_000_000_000_000_000,
          whole != 0 || part.number.sign == .plus
        else {
          return nil
        }
        end += writeDigits(whole, to: shortText + end)
      default: return nil
      }
    }
    return end
  }

  /// At most 17 bytes; how many they are.
  @inline(__always)
  private func writeDigits(_ number: Int, to target: UnsafeMutablePointer<UInt8>) -> Int {
    var left = number.magnitude
    var length = number < 0 ? 1 : 0
    var probe = left
    repeat {
      length += 1
      probe /= 10
    } while probe > 0
    var place = length
    repeat {
      place -= 1
      target[place] = UInt8(truncatingIfNeeded: 48 + left % 10)
      left /= 10
    } while left > 0
    if number < 0 { target[0] = 45 }
    return length
  }

  /// As `formatNumber`; whole numbers, which are most, without a string of their own.
  private func appendNumber(_ number: Double, to bytes: inout [UInt8]) {
    guard let whole = Int(exactly: number), whole.magnitude < 10_000_000_000_000_000,
      whole != 0 || number.sign == .plus
    else {
      bytes.append(contentsOf: formatNumber(number).utf8)
      return
    }
    if whole < 0 { bytes.append(45) }
    withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
      var left = whole.magnitude
      var place = 20
      repeat {
        place -= 1
        digits[place] = UInt8(truncatingIfNeeded: 48 + left % 10)
        left /= 10
      } while left > 0
      bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: digits[place...]))
    }
  }

  /// What `str(x)` and `print(x)` write: strings bare, everything else as it is shown.
  func text(of value: Value) throws -> String {
    if case .string(let box) = value { return box.text }
    // As in NumPy: a million numbers are for a file, or for %show.
    let isLong = if case .tensor(let box) = value { box.tensor.count > 1000 } else { false }
    return try value.described(DisplayStyle(full: !isLong), context)
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
    let file = identity(of: resolved)
    guard including.count < 64, !including.contains(where: { identity(of: $0) == file }) else {
      throw RuntimeError.includeCycle(path)
    }
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

  /// One name for all the ways in which a path may be written: "./a.twin", "a.twin", a link to it.
  private func identity(of path: String) -> String {
    let place = context.path(path)
    guard let real = realpath(place, nil) else { return place }
    defer { free(real) }
    return String(cString: real)
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
