import Diagnostics

#if canImport(Glibc)
  import Glibc
#endif

extension Machine {
  /// The loop. Runs the newest frame until the frame at `entryDepth` ends, and gives its result.
  ///
  /// What is rare or long stands in methods that are not inlined, so that the loop stays small enough to be compiled
  /// well. Numbers are read and written without counting references.
  func execute(_ entryDepth: Int) throws -> Value {
    var frame = frames + (depth - 1)
    var R = frame.pointee.base
    var K = frame.pointee.header.pointee.constants
    var pc = frame.pointee.pc
    do {
      while true {
        // Operands are read where they are needed: most instructions have fewer than three.
        let i = pc
        pc += 1
        let a = R + Int(i.pointee.a)
        switch i.pointee.op {
        // MARK: Loads
        case .move: a.set(from: R + Int(i.pointee.b))
        case .take:
          let source = R + Int(i.pointee.b)
          a.take(from: source)
        case .loadConstant: a.set(from: K + i.pointee.bc)
        case .loadNone: a.put(.none)
        case .loadBool: a.set(i.pointee.b != 0)
        case .unsetRange: for index in 0..<Int(i.pointee.b) { a[index] = .unset }
        case .clear: for index in 0..<Int(i.pointee.b) { (a + index).letGo() }
        case .check:
          if a.isUnset { try unsetName(K[i.pointee.bc], a, frame) }
        case .getGlobal:
          let source = stack + i.pointee.bc
          if source.isUnset { try missingSessionName(i.pointee.bc, a) } else { a.set(from: source) }
        case .getUpvalue: a.set(from: frame.pointee.captures + Int(i.pointee.b))
        case .getItself: a.pointee = .function(Closure.owner(of: frame.pointee.captures))
        case .getUpcell:
          try readCell(frame.pointee.captures + Int(i.pointee.b), a, K + Int(i.pointee.c))
        case .setUpcell:
          outerWrites &+= 1
          writeCell(frame.pointee.captures + Int(i.pointee.a), R + Int(i.pointee.b))
        case .getCell: try readCell(R + Int(i.pointee.b), a, K + Int(i.pointee.c))
        case .setCell: writeCell(a, R + Int(i.pointee.b))
        case .newCell: a.pointee = makeCell(a.pointee)
        case .newUnsetCell: a.pointee = makeCell(.unset)
        case .closure: makeClosure(i.pointee.bc, a, frame)

        // MARK: Arithmetic
        case .add:
          let l = R + Int(i.pointee.b)
          let r = R + Int(i.pointee.c)
          if l.kind | r.kind == ValueKind.number { a.set(l.number + r.number) } else { try addSlowly(l, r, a) }
        case .subtract:
          let l = R + Int(i.pointee.b)
          let r = R + Int(i.pointee.c)
          if l.kind | r.kind == ValueKind.number {
            a.set(l.number - r.number)
          } else {
            a.pointee = try binary(.subtract, l.pointee, r.pointee)
          }
        case .multiply:
          // + 0: a product of whole numbers is never -0.
          let l = R + Int(i.pointee.b)
          let r = R + Int(i.pointee.c)
          if l.kind | r.kind == ValueKind.number {
            a.set(l.number * r.number + 0)
          } else {
            a.pointee = try binary(.multiply, l.pointee, r.pointee)
          }
        case .divide:
          let l = R + Int(i.pointee.b)
          let r = R + Int(i.pointee.c)
          if l.kind | r.kind == ValueKind.number, r.number != 0 {
            a.set(l.number / r.number)
          } else {
            a.pointee = try binary(.divide, l.pointee, r.pointee)
          }
        case .remainder:
          let l = R + Int(i.pointee.b)
          let r = R + Int(i.pointee.c)
          if l.kind | r.kind == ValueKind.number, r.number != 0 {
            a.set(flooredRemainder(l.number, r.number))
          } else {
            a.pointee = try binary(.remainder, l.pointee, r.pointee)
          }
        case .power: a.pointee = try binary(.power, R[Int(i.pointee.b)], R[Int(i.pointee.c)])
        case .matmul: a.pointee = try binary(.matmul, R[Int(i.pointee.b)], R[Int(i.pointee.c)])
        case .compose: a.pointee = try binary(.compose, R[Int(i.pointee.b)], R[Int(i.pointee.c)])
        case .addK:
          let l = R + Int(i.pointee.b)
          if l.isNumber {
            a.set(l.number + K[Int(i.pointee.c)].constantNumber)
          } else {
            a.pointee = try binary(.add, l.pointee, K[Int(i.pointee.c)])
          }
        case .subtractK:
          let l = R + Int(i.pointee.b)
          if l.isNumber {
            a.set(l.number - K[Int(i.pointee.c)].constantNumber)
          } else {
            a.pointee = try binary(.subtract, l.pointee, K[Int(i.pointee.c)])
          }
        case .multiplyK:
          let l = R + Int(i.pointee.b)
          if l.isNumber {
            a.set(l.number * K[Int(i.pointee.c)].constantNumber + 0)
          } else {
            a.pointee = try binary(.multiply, l.pointee, K[Int(i.pointee.c)])
          }
        case .divideK:
          let l = R + Int(i.pointee.b)
          let divisor = K[Int(i.pointee.c)].constantNumber
          if l.isNumber, divisor != 0 {
            a.set(l.number / divisor)
          } else {
            a.pointee = try binary(.divide, l.pointee, K[Int(i.pointee.c)])
          }
        case .remainderK:
          let l = R + Int(i.pointee.b)
          let divisor = K[Int(i.pointee.c)].constantNumber
          if l.isNumber, divisor != 0 {
            a.set(flooredRemainder(l.number, divisor))
          } else {
            a.pointee = try binary(.remainder, l.pointee, K[Int(i.pointee.c)])
          }
        case .negate:
          let operand = R + Int(i.pointee.b)
          if operand.isNumber { a.set(0 - operand.number) } else { a.pointee = try negated(operand.pointee) }
        case .plus:
          let operand = R + Int(i.pointee.b)
          if operand.isNumber {
            a.set(operand.number)
          } else {
            a.pointee = try binary(.add, .number(0), operand.pointee)
          }
        case .not: a.set(!(try isTrue(R + Int(i.pointee.b))))

        // MARK: Comparisons
        case .equal: try compare(.equal, R + Int(i.pointee.b), R + Int(i.pointee.c), a)
        case .notEqual: try compare(.notEqual, R + Int(i.pointee.b), R + Int(i.pointee.c), a)
        case .less: try compare(.less, R + Int(i.pointee.b), R + Int(i.pointee.c), a)
        case .lessEqual: try compare(.lessEqual, R + Int(i.pointee.b), R + Int(i.pointee.c), a)
        case .greater: try compare(.greater, R + Int(i.pointee.b), R + Int(i.pointee.c), a)
        case .greaterEqual: try compare(.greaterEqual, R + Int(i.pointee.b), R + Int(i.pointee.c), a)
        case .isIn: a.pointee = .bool(try contains(R[Int(i.pointee.c)], R[Int(i.pointee.b)]))
        case .isNotIn: a.pointee = .bool(!(try contains(R[Int(i.pointee.c)], R[Int(i.pointee.b)])))

        // MARK: Jumps
        case .jump: pc += i.pointee.bc
        case .loop:
          pc += i.pointee.bc
          ticks -= 1
          if ticks == 0 { try tick() }
        case .jumpIf: if try isTrue(a) { pc += i.pointee.bc }
        case .jumpUnless: if !(try isTrue(a)) { pc += i.pointee.bc }
        case .jumpIfSet: if !a.isUnset { pc += i.pointee.bc }
        case .unlessEqual:
          if try fails(.equal, a, R + Int(i.pointee.b), ==) { pc += i.pointee.distance }
        case .unlessNotEqual:
          if try fails(.notEqual, a, R + Int(i.pointee.b), !=) { pc += i.pointee.distance }
        case .unlessLess:
          if try fails(.less, a, R + Int(i.pointee.b), <) { pc += i.pointee.distance }
        case .unlessLessEqual:
          if try fails(.lessEqual, a, R + Int(i.pointee.b), <=) { pc += i.pointee.distance }
        case .unlessGreater:
          if try fails(.greater, a, R + Int(i.pointee.b), >) { pc += i.pointee.distance }
        case .unlessGreaterEqual:
          if try fails(.greaterEqual, a, R + Int(i.pointee.b), >=) { pc += i.pointee.distance }
        case .unlessEqualText:
          if !(try isText(a, K + Int(i.pointee.b))) { pc += i.pointee.distance }
        case .unlessNotEqualText:
          if try isText(a, K + Int(i.pointee.b)) { pc += i.pointee.distance }
        case .unlessEqualK:
          if try failsK(.equal, a, K + Int(i.pointee.b), ==) { pc += i.pointee.distance }
        case .unlessNotEqualK:
          if try failsK(.notEqual, a, K + Int(i.pointee.b), !=) { pc += i.pointee.distance }
        case .unlessLessK:
          if try failsK(.less, a, K + Int(i.pointee.b), <) { pc += i.pointee.distance }
        case .unlessLessEqualK:
          if try failsK(.lessEqual, a, K + Int(i.pointee.b), <=) { pc += i.pointee.distance }
        case .unlessGreaterK:
          if try failsK(.greater, a, K + Int(i.pointee.b), >) { pc += i.pointee.distance }
        case .unlessGreaterEqualK:
          if try failsK(.greaterEqual, a, K + Int(i.pointee.b), >=) { pc += i.pointee.distance }

        // MARK: Sequences
        case .prepareLoop: try prepareLoop(R[Int(i.pointee.b)], a)
        case .nextInLoop:
          ticks -= 1
          if ticks == 0 { try tick() }
          if a.isNumber {
            let number = a.number
            if number < (a + 1).number {
              (R + Int(i.pointee.b)).set(number)
              a.initialize(to: .number(number + 1))
              pc += i.pointee.distance
            }
          } else if a.kind == ValueKind.string, nextLetter(a, R + Int(i.pointee.b)) {
            pc += i.pointee.distance
          } else if try nextItem(a, R + Int(i.pointee.b)) {
            pc += i.pointee.distance
          }
        case .makeList: makeList(R + Int(i.pointee.b), Int(i.pointee.c), a)
        case .reserve: try reserveItems(a, forEachOf: R + Int(i.pointee.b))
        case .push: try push(R + Int(i.pointee.b), onto: a)
        case .makeRecord: makeRecord(Int(i.pointee.c), R + Int(i.pointee.b), a, frame)
        case .makeRange: a.pointee = try makeRange(R[Int(i.pointee.b)], R[Int(i.pointee.c)], closed: false)
        case .makeClosedRange: a.pointee = try makeRange(R[Int(i.pointee.b)], R[Int(i.pointee.c)], closed: true)
        case .unpack: try unpack(R[Int(i.pointee.b)], a, Int(i.pointee.c))
        case .getIndex:
          let list = R + Int(i.pointee.b)
          let index = R + Int(i.pointee.c)
          if list.kind == ValueKind.list, index.isNumber {
            try getListItem(list, index.number, a)
          } else if list.kind == ValueKind.record, index.kind == ValueKind.string {
            try getRecordItem(list, index, a)
          } else {
            frame.pointee.pc = pc
            nativeTop = frameTop
            a.pointee = try item(of: list.pointee, index.pointee)
          }
        case .setIndex:
          let index = R + Int(i.pointee.b)
          if a.kind == ValueKind.list, index.isNumber {
            try setListItem(a, index.number, R + Int(i.pointee.c))
          } else if a.kind == ValueKind.record, index.kind == ValueKind.string {
            try setRecordItem(a, index, R + Int(i.pointee.c))
          } else {
            frame.pointee.pc = pc
            nativeTop = frameTop
            try setItem(of: a, index.pointee, to: R[Int(i.pointee.c)])
          }
        case .getSubscripts:
          frame.pointee.pc = pc
          nativeTop = frameTop
          a.pointee = try subscripted(R[Int(i.pointee.b)], Int(i.pointee.c), R, frame)
        case .getMember:
          let object = R + Int(i.pointee.b)
          let cache = frame.pointee.header.pointee.caches + pc.pointee.bc
          pc += 1
          if object.kind == ValueKind.record {
            try getField(object, K + Int(i.pointee.c), cache, a)
          } else {
            frame.pointee.pc = pc - 1
            nativeTop = frameTop
            try getMember(object, K + Int(i.pointee.c), cache, a)
          }
        case .setMember:
          let cache = frame.pointee.header.pointee.caches + pc.pointee.bc
          pc += 1
          if a.kind == ValueKind.record {
            try setField(a, K + Int(i.pointee.b), cache, R + Int(i.pointee.c))
          } else {
            frame.pointee.pc = pc - 1
            nativeTop = frameTop
            try setMember(of: a, K[Int(i.pointee.b)].asText ?? "", to: R[Int(i.pointee.c)])
          }
        case .setPath:
          frame.pointee.pc = pc
          nativeTop = frameTop
          try setPath(Int(i.pointee.b), R, a.pointee, frame)
        case .addToItem:
          let value = R + Int(pc.pointee.a)
          frame.pointee.pc = pc
          pc += 1
          if a.kind | value.kind == ValueKind.number {
            a.set(a.number + value.number)
          } else if try growItem(a, of: R + Int(i.pointee.b), R + Int(i.pointee.c), by: value) {
            pc += 1
          }
        case .addToField:
          let value = R + Int(pc.pointee.a)
          frame.pointee.pc = pc
          pc += 1
          if a.kind | value.kind == ValueKind.number {
            a.set(a.number + value.number)
          } else if try growField(a, of: R + Int(i.pointee.b), K + Int(i.pointee.c), by: value) {
            pc += 2
          }
        case .addToPath:
          let value = R + Int(pc.pointee.a)
          frame.pointee.pc = pc
          pc += 1
          if a.kind | value.kind == ValueKind.number {
            a.set(a.number + value.number)
          } else if try growPlace(a, at: Int(i.pointee.b), R, by: value, frame) {
            pc += 1
          }
        case .concatenate: try concatenate(R + Int(i.pointee.b), Int(i.pointee.c), a)
        case .appendTexts: try appendTexts(R + Int(i.pointee.b), Int(i.pointee.c), to: a)
        case .format: a.pointee = try formatted(R[Int(i.pointee.b)], Int(i.pointee.c), frame)

        // MARK: Calls
        case .call:
          guard a.kind == ValueKind.function,
            let header = a.unmanaged(FunctionValue.self)._withUnsafeGuaranteedRef({ $0.header })
          else {
            frame.pointee.pc = pc
            try invoke(a, count: Int(i.pointee.b), labels: [])
            continue
          }
          frame.pointee.pc = pc
          if Int(i.pointee.b) != header.pointee.parameterCount { try bindDefaults(header, a + 1, Int(i.pointee.b)) }
          try enter(a, header, a + 1, &frame, &R, &K, &pc)
          ticks -= 1
          if ticks == 0 { try tick() }
        case .callGlobal:
          let function = stack + Int(i.pointee.b)
          guard function.kind == ValueKind.function,
            let header = function.unmanaged(FunctionValue.self)._withUnsafeGuaranteedRef({ $0.header })
          else {
            frame.pointee.pc = pc
            try invokeSessionName(Int(i.pointee.b), a, Int(i.pointee.c))
            continue
          }
          frame.pointee.pc = pc
          if Int(i.pointee.c) != header.pointee.parameterCount { try bindDefaults(header, a + 1, Int(i.pointee.c)) }
          try enter(function, header, a + 1, &frame, &R, &K, &pc)
          ticks -= 1
          if ticks == 0 { try tick() }
        case .callLocal:
          let function = R + Int(i.pointee.b)
          guard function.kind == ValueKind.function,
            let header = function.unmanaged(FunctionValue.self)._withUnsafeGuaranteedRef({ $0.header })
          else {
            frame.pointee.pc = pc
            try invokeLocal(function, a, Int(i.pointee.c))
            continue
          }
          frame.pointee.pc = pc
          if Int(i.pointee.c) != header.pointee.parameterCount { try bindDefaults(header, a + 1, Int(i.pointee.c)) }
          try enter(function, header, a + 1, &frame, &R, &K, &pc)
          ticks -= 1
          if ticks == 0 { try tick() }
        case .callNamed:
          frame.pointee.pc = pc
          if try bindNamed(a, Int(i.pointee.b), frame) {
            let header = a.unmanaged(FunctionValue.self)._withUnsafeGuaranteedRef { $0.header }
            guard let header else { continue }
            try enter(a, header, a + 1, &frame, &R, &K, &pc)
          }
        case .callBuiltin:
          frame.pointee.pc = pc
          try callBuiltin(Int(i.pointee.b), a, Int(i.pointee.c), frame)
        case .callBuiltinNamed:
          frame.pointee.pc = pc
          try callBuiltinNamed(Int(i.pointee.b), a, Int(i.pointee.c), frame)
        case .callMethod:
          frame.pointee.pc = pc
          let cache = frame.pointee.header.pointee.caches + pc.pointee.bc
          if try callMethod(a, Int(i.pointee.b), K + Int(i.pointee.c), cache, frame) {
            // A field that holds a closure: it stands in the receiver's register now.
            let header = a.unmanaged(FunctionValue.self)._withUnsafeGuaranteedRef { $0.header }
            guard let header else { continue }
            if Int(i.pointee.b) != header.pointee.parameterCount { try bindDefaults(header, a + 1, Int(i.pointee.b)) }
            try enter(a, header, a + 1, &frame, &R, &K, &pc)
          } else {
            pc += 1
          }
        case .changeMethod:
          frame.pointee.pc = pc
          try changeMethod(a, Int(i.pointee.b), K + Int(i.pointee.c), pc.pointee, R, frame)
          pc += 1
        case .appendItem:
          let list = R + Int(i.pointee.b)
          if list.kind == ValueKind.list {
            try append(a + 1, to: list)
            a.letGo()
            a.initialize(to: .none)
            pc += 2
          }
        case .length:
          let operand = R + Int(i.pointee.b)
          if operand.kind == ValueKind.list {
            a.set(Double(operand.unmanaged(ListBox.self)._withUnsafeGuaranteedRef { $0.items.count }))
          } else {
            frame.pointee.pc = pc
            (a + 1).set(from: operand)
            try callBuiltin(Int(i.pointee.c), a, 1, frame)
          }
        case .extra: break

        case .finish:
          let header = frame.pointee.header
          if depth - 1 == entryDepth {
            let value = a - frame.pointee.base >= header.pointee.clearFrom ? a.taken() : a.copied()
            endFrame(frame)
            depth -= 1
            return value
          }
          let result = R - 1
          if a.isNumber {
            let number = a.number
            clean(R, header.pointee.frameSize)
            result.set(number)
          } else {
            // The function, which may go with it, holds the header.
            let size = header.pointee.frameSize
            result.take(from: a)
            clean(R, size)
          }
          leave(&frame, &R, &K, &pc)
        case .finishNone:
          if depth - 1 == entryDepth {
            endFrame(frame)
            depth -= 1
            return .none
          }
          clean(R, frame.pointee.header.pointee.frameSize)
          (R - 1).put(.none)
          leave(&frame, &R, &K, &pc)
        case .beginTry: handlers.append(Handler(depth: depth, pc: pc + i.pointee.bc, register: a))
        case .endTry: if !handlers.isEmpty { handlers.removeLast() }
        }
      }
    } catch {
      // The place of the error, for its message.
      if frames + (depth - 1) == frame { frame.pointee.pc = pc }
      throw error
    }
  }

  /// Pushes a frame for a closure, whose arguments stand from `base` on, and points the loop at its code.
  @inline(__always)
  private func enter(
    _ closure: Register, _ header: UnsafeMutablePointer<CodeHeader>, _ base: Register,
    _ frame: inout UnsafeMutablePointer<Frame>, _ R: inout Register, _ K: inout UnsafeMutablePointer<Value>,
    _ pc: inout UnsafeMutablePointer<Instruction>
  ) throws {
    let captures = closure.unmanaged(Closure.self)._withUnsafeGuaranteedRef { $0.captures }
    guard depth < frameCapacity else { throw RuntimeError.runawayRecursion(limit: frameCapacity) }
    R = base
    try reserve(R + header.pointee.frameSize)
    frame += 1
    depth += 1
    frame.initialize(to: Frame(header: header, captures: captures, base: R, pc: pc))
    K = header.pointee.constants
    pc = header.pointee.entry
  }

  /// Back to the frame that called.
  @inline(__always)
  private func leave(
    _ frame: inout UnsafeMutablePointer<Frame>, _ R: inout Register, _ K: inout UnsafeMutablePointer<Value>,
    _ pc: inout UnsafeMutablePointer<Instruction>
  ) {
    depth -= 1
    frame -= 1
    R = frame.pointee.base
    K = frame.pointee.header.pointee.constants
    pc = frame.pointee.pc
  }

  /// Whether a comparison of two registers does not hold.
  @inline(__always)
  private func fails(
    _ op: HostOperator, _ left: Register, _ right: Register, _ holds: (Double, Double) -> Bool
  ) throws -> Bool {
    if left.kind | right.kind == ValueKind.number { return !holds(left.number, right.number) }
    return !(try self.holds(op, left, right))
  }

  /// The same with a constant that is a number.
  @inline(__always)
  private func failsK(
    _ op: HostOperator, _ left: Register, _ constant: Register, _ holds: (Double, Double) -> Bool
  ) throws -> Bool {
    if left.isNumber { return !holds(left.number, constant.number) }
    return !(try self.holds(op, left, constant))
  }

  @inline(__always)
  private func clean(_ base: Register, _ count: Int) {
    var place = base
    let end = base + count
    while place < end {
      place.letGo()
      place += 1
    }
  }

  private func endFrame(_ frame: UnsafeMutablePointer<Frame>) {
    let header = frame.pointee.header.pointee
    for index in header.clearFrom..<max(header.clearFrom, header.frameSize) { (frame.pointee.base + index).letGo() }
  }
}

extension Value {
  /// Of a constant that the compiler knows to be a number.
  @inline(__always) fileprivate var constantNumber: Double {
    if case .number(let number) = self { number } else { .nan }
  }
}

/// The remainder with the sign of the divisor, as Python has it.
@inline(__always)
func flooredRemainder(_ left: Double, _ right: Double) -> Double {
  if left >= 0, right > 0, left < 4_503_599_627_370_496, right < 4_503_599_627_370_496 {
    let a = Int(left)
    let b = Int(right)
    if Double(a) == left, Double(b) == right { return Double(a % b) }
  }
  let remainder = fmod(left, right)
  return remainder != 0 && (remainder < 0) != (right < 0) ? remainder + right : remainder + 0
}
