import Diagnostics
import Syntax
import Tensors

/// One open call.
struct Frame {
  var header: UnsafeMutablePointer<CodeHeader>
  /// The closure's captures; it is kept alive by the register below `base`, or by the session name that was called.
  var captures: UnsafeMutablePointer<Value>
  var base: Register
  /// The next instruction, while another call is running.
  var pc: UnsafeMutablePointer<Instruction>
}

/// An open `try`.
struct Handler {
  var depth: Int
  var pc: UnsafeMutablePointer<Instruction>
  var register: Register
}

/// Runs compiled functions on a stack of registers.
///
/// Everything above the running frame holds no references: a frame is cleaned when it ends. A call puts the callee's
/// first register right after the register of the function, so that arguments need no copying, and the result takes the
/// function's place.
final class Machine {
  /// Registers for all open calls: 20,000 calls of 100 registers and more.
  static let stackCapacity = 3_000_000

  let context: ExecutionContext
  let registry: BuiltinRegistry
  let session: SessionNames
  let stack: Register
  let stackEnd: Register
  /// Registers up to here have been given a value at some time.
  var initialized: Register
  let frames: UnsafeMutablePointer<Frame>
  let frameCapacity: Int
  /// Open calls; the running one is `frames[depth - 1]`.
  var depth = 0
  var handlers: [Handler] = []
  /// The builtin that an argument error comes from.
  var errorTarget: Builtin?
  /// The first register that native code called from here may use.
  var nativeTop: Register
  var nativeDepth = 0
  /// Instructions are counted in calls and turns of loops.
  var stepsLeft: Int
  var ticks = Machine.tickInterval
  static let tickInterval = 2048
  /// The method `get` of records, which is not asked but known (see `getOrDefault`).
  let getOfRecords: UnsafeMutableRawPointer?
  /// Files that are being included, for cycles.
  var including: [String] = []
  /// Reads a file for `include`; the session or the executable sets it.
  var readFile: ((String) throws -> String)?
  /// The strings of one ASCII character.
  let asciiValues: Register
  /// Of each, references that are counted, but that nobody holds (see `setLetter`).
  let letterCredits: UnsafeMutablePointer<Int> = .allocate(capacity: 128)
  /// Where texts are put together: long ones, and short ones of strings and numbers alone.
  var scratch: [UInt8] = []
  let shortText: UnsafeMutablePointer<UInt8> = .allocate(capacity: Machine.shortTextLimit + 32)
  static let shortTextLimit = 256
  /// How often a function has changed a variable of a function around it.
  var outerWrites = 0
  /// Variables that functions share.
  let cells = CellRegistry()
  /// Items made since the last look at the process's memory.
  var charged = 0
  /// Items of shared lists and records that were copied before a change; for tests.
  var itemsCopied = 0
  private var ticksUntilLook = Machine.ticksBetweenLooks

  init(context: ExecutionContext) {
    self.context = context
    registry = context.registry
    getOfRecords = context.registry.member("get", of: "record").map { Unmanaged.passUnretained($0).toOpaque() }
    stack = .allocate(capacity: Self.stackCapacity)
    stackEnd = stack + Self.stackCapacity
    // Room for arguments of a builtin below, whatever is called first.
    let names = SessionNames.capacity
    stack.initialize(repeating: .unset, count: names)
    initialized = stack + names
    nativeTop = stack + names
    session = SessionNames(values: stack)
    frameCapacity = context.limits.frames
    frames = .allocate(capacity: frameCapacity + 2)
    stepsLeft = context.limits.steps ?? .max
    asciiValues = .allocate(capacity: 128)
    for code in 0..<128 {
      (asciiValues + code).initialize(to: .string(StringBox(letter: UInt8(code))))
      letterCredits[code] = 0
    }
    context.machine = self
    context.include = { [unowned self] path in try self.include(path) }
  }

  deinit {
    context.machine = nil
    context.include = nil
    stack.deinitialize(count: initialized - stack)
    stack.deallocate()
    for code in 0..<128 {
      for _ in 0..<letterCredits[code] { (asciiValues + code).unmanaged(StringBox.self).release() }
    }
    letterCredits.deallocate()
    asciiValues.deinitialize(count: 128)
    asciiValues.deallocate()
    frames.deallocate()
    shortText.deallocate()
  }

  /// Gives registers a first value, so that the stack up to `end` may be used.
  @inline(__always)
  func reserve(_ end: Register) throws {
    if end > initialized { try reserveSlowly(end) }
  }

  @inline(never)
  private func reserveSlowly(_ end: Register) throws {
    guard end + 512 < stackEnd else { throw RuntimeError.runawayRecursion(limit: depth) }
    let count = end + 256 - initialized
    initialized.initialize(repeating: .none, count: count)
    initialized += count
  }

  // MARK: Entry

  /// Runs a text's top level and gives the value of its last expression.
  func runMain(_ prototype: Prototype) throws -> Value {
    let entryDepth = depth
    try push(prototype.header, captures: stack, base: stack)
    return try withExtendedLifetime(prototype) { try run(from: entryDepth) }
  }

  private func push(
    _ header: UnsafeMutablePointer<CodeHeader>, captures: UnsafeMutablePointer<Value>, base: Register
  ) throws {
    guard depth < frameCapacity else { throw RuntimeError.runawayRecursion(limit: frameCapacity) }
    try reserve(base + header.pointee.frameSize)
    frames[depth] = Frame(header: header, captures: captures, base: base, pc: header.pointee.entry)
    depth += 1
  }

  /// Calls a function from native code: `sorted(xs, key=f)`.
  func call(_ function: FunctionValue, _ arguments: [Value]) throws -> Value {
    try call(function, count: arguments.count) { first in
      for index in arguments.indices { first[index] = arguments[index] }
    }
  }

  /// The same with one argument, which needs no array.
  func call(_ function: FunctionValue, one argument: Value) throws -> Value {
    try call(function, count: 1) { first in first.pointee = argument }
  }

  @inline(__always)
  private func call(_ function: FunctionValue, count: Int, _ fill: (Register) -> Void) throws -> Value {
    guard nativeDepth < context.limits.nativeDepth else {
      throw RuntimeError.nativeRecursion(limit: context.limits.nativeDepth)
    }
    let base = nativeTop
    nativeDepth += 1
    defer {
      nativeDepth -= 1
      nativeTop = base
    }
    try reserve(base + count + 2)
    base.pointee = .function(function)
    fill(base + 1)
    nativeTop = base + count + 1
    guard let header = function.header else {
      // Closures count their own steps.
      ticks -= 1
      if ticks <= 0 { try tick() }
      defer { for index in 0...count { (base + index).letGo() } }
      try invoke(base, count: count, labels: [])
      return base.taken()
    }
    let closure = unsafeDowncast(function, to: Closure.self)
    let entryDepth = depth
    do {
      if count != header.pointee.parameterCount { try bind(closure.prototype, base + 1, count) }
      try push(header, captures: closure.captures, base: base + 1)
    } catch {
      for index in 0...max(count, header.pointee.parameterCount) { (base + index).letGo() }
      throw error
    }
    let result = try run(from: entryDepth)
    base.letGo()
    return result
  }

  /// Calls a function for each of many items, and hands over what it gives.
  func call(_ function: FunctionValue, each items: [Value], _ take: (Int, Value) throws -> Void) throws {
    guard let header = function.header, header.pointee.parameterCount == 1,
      nativeDepth < context.limits.nativeDepth
    else {
      for (index, item) in items.enumerated() { try take(index, try call(function, one: item)) }
      return
    }
    let captures = unsafeDowncast(function, to: Closure.self).captures
    let base = nativeTop
    try reserve(base + 2)
    nativeDepth += 1
    defer {
      nativeDepth -= 1
      nativeTop = base
      base.letGo()
    }
    base.pointee = .function(function)
    let entryDepth = depth
    for index in items.indices {
      nativeTop = base + 2
      items.withUnsafeBufferPointer { items in
        if let first = items.baseAddress { (base + 1).set(from: first + index) }
      }
      do {
        ticks -= 1
        if ticks <= 0 { try tick() }
        try push(header, captures: captures, base: base + 1)
      } catch {
        (base + 1).letGo()
        throw error
      }
      try take(index, try run(from: entryDepth))
    }
  }

  /// Runs until the frame at `entryDepth` ends; errors go to the nearest `try` above it.
  private func run(from entryDepth: Int) throws -> Value {
    let handlersBefore = handlers.count
    while true {
      do {
        return try execute(entryDepth)
      } catch {
        let diagnostic = diagnose(error)
        guard isCatchable(error), let handler = handlers.last, handlers.count > handlersBefore else {
          handlers.removeLast(handlers.count - handlersBefore)
          unwind(to: entryDepth)
          if let diagnostic { throw Failure(diagnostic: diagnostic, cause: (error as? Failure)?.cause ?? error) }
          throw error
        }
        handlers.removeLast()
        unwind(to: handler.depth)
        frames[depth - 1].pc = handler.pc
        handler.register.pointee = record(of: diagnostic)
      }
    }
  }

  /// Ends the calls above `target`, and lets go of what they held.
  private func unwind(to target: Int) {
    // Arguments of a builtin that failed may stand above the frame that called it.
    letGoAboveTop()
    guard depth > target else { return }
    while depth > target {
      depth -= 1
      let frame = frames[depth]
      let header = frame.header.pointee
      for index in header.clearFrom..<max(header.clearFrom, header.frameSize) { (frame.base + index).letGo() }
    }
    // So may those of a builtin that called back into the frames that have ended.
    letGoAboveTop()
  }

  /// Lets go of what stands above the topmost frame.
  private func letGoAboveTop() {
    guard depth > 0 else { return }
    let frame = frames[depth - 1]
    let top = frame.base + frame.header.pointee.frameSize
    var place = top
    while place < initialized, place < top + 512 {
      place.letGo()
      place += 1
    }
  }

  /// Now and then: has the user pressed Ctrl-C, is the budget used up?
  @inline(never)
  func tick() throws {
    ticks = Self.tickInterval
    if context.interrupt.isRaised { throw Interruption() }
    ticksUntilLook -= 1
    if ticksUntilLook == 0 {
      ticksUntilLook = Self.ticksBetweenLooks
      try checkMemory()
    }
    if let limit = context.limits.steps {
      stepsLeft -= Self.tickInterval
      if stepsLeft < 0 { throw StepLimitReached(limit: limit) }
    }
  }

  /// Asked before each operation that may take long: between two ticks lie so many of them that whoever pressed Ctrl-C
  /// would wait for minutes.
  @inline(__always)
  func checkInterrupt() throws {
    if context.interrupt.isRaised { throw Interruption() }
  }

  /// The next turn ticks: something long was done where nothing may be thrown.
  @inline(never)
  func tickSoon() {
    // Steps that were not taken do not count, of a budget that can be used up.
    if stepsLeft < .max - Self.tickInterval { stepsLeft += ticks - 1 }
    ticks = 1
  }

  func resetSteps() {
    stepsLeft = context.limits.steps ?? .max
    ticks = Self.tickInterval
  }
}

/// A script cannot catch it, or it would run for ever.
struct StepLimitReached: ExplainedError {
  var limit: Int
  var explanation: Explanation { RuntimeError.stepLimit(limit).explanation }
}

/// An error with its place, on its way through native code.
struct Failure: Error {
  var diagnostic: Diagnostic
  var cause: any Error
}
