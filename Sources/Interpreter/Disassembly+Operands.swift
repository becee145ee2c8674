/// Operands in the notation of the language, as far as it has one.
extension Disassembly {
  func operands(of index: Int) -> String {
    let i = self[index]
    let a = register(i.a)
    func b() -> String { register(i.b) }
    func c() -> String { register(i.c) }
    func to() -> String { "to \(target(index) ?? 0)" }
    func binary(_ sign: String) -> String { "\(a) = \(b()) \(sign) \(c())" }
    func withConstant(_ sign: String) -> String { "\(a) = \(b()) \(sign) \(constant(Int(i.c)))" }
    func unless(_ sign: String) -> String { "\(to()) unless \(a) \(sign) \(b())" }
    func unlessConstant(_ sign: String) -> String { "\(to()) unless \(a) \(sign) \(constant(Int(i.b)))" }
    switch i.op {
    case .move, .take, .getCell: return "\(a) = \(b())"
    case .loadConstant: return "\(a) = \(constant(i.bc))"
    case .loadNone: return "\(a) = none"
    case .loadBool: return "\(a) = \(i.b != 0)"
    case .unsetRange, .clear: return registers(Int(i.a), Int(i.b))
    case .check, .newCell, .newUnsetCell, .finish: return a
    case .getGlobal: return "\(a) = \(sessionName(i.bc))"
    case .getUpvalue, .getUpcell: return "\(a) = \(captured(Int(i.b)))"
    case .getItself: return "\(a) = \(prototype.name)"
    case .setUpcell: return "\(captured(Int(i.a))) = \(b())"
    case .setCell: return "\(a) = \(b())"
    case .closure:
      return "\(a) = " + (prototype.children.indices.contains(i.bc) ? prototype.children[i.bc].signature : "a function")

    case .add: return binary("+")
    case .subtract: return binary("-")
    case .multiply: return binary("*")
    case .divide: return binary("/")
    case .remainder: return binary("%")
    case .power: return binary("^")
    case .matmul: return binary("@")
    case .compose: return binary(">>")
    case .addK: return withConstant("+")
    case .subtractK: return withConstant("-")
    case .multiplyK: return withConstant("*")
    case .divideK: return withConstant("/")
    case .remainderK: return withConstant("%")
    case .negate: return "\(a) = -\(b())"
    case .plus: return "\(a) = +\(b())"
    case .not: return "\(a) = not \(b())"
    case .equal: return binary("==")
    case .notEqual: return binary("!=")
    case .less: return binary("<")
    case .lessEqual: return binary("<=")
    case .greater: return binary(">")
    case .greaterEqual: return binary(">=")
    case .isIn: return binary("in")
    case .isNotIn: return binary("not in")

    case .jump, .loop: return to()
    case .jumpIf: return "\(to()) if \(a)"
    case .jumpUnless: return "\(to()) unless \(a)"
    case .jumpIfSet: return "\(to()) if \(a) is given"
    case .unlessEqual: return unless("==")
    case .unlessNotEqual: return unless("!=")
    case .unlessLess: return unless("<")
    case .unlessLessEqual: return unless("<=")
    case .unlessGreater: return unless(">")
    case .unlessGreaterEqual: return unless(">=")
    case .unlessEqualText, .unlessEqualK: return unlessConstant("==")
    case .unlessNotEqualText, .unlessNotEqualK: return unlessConstant("!=")
    case .unlessLessK: return unlessConstant("<")
    case .unlessLessEqualK: return unlessConstant("<=")
    case .unlessGreaterK: return unlessConstant(">")
    case .unlessGreaterEqualK: return unlessConstant(">=")

    case .prepareLoop: return "\(registers(Int(i.a), 2)) over \(b())"
    case .nextInLoop: return "\(to()) with \(b()) = the next of \(a)"
    case .makeList: return "\(a) = [\(registers(Int(i.b), Int(i.c)))]"
    case .reserve: return "\(a) makes room for each of \(b())"
    case .push: return "\(a).append(\(b()))"
    case .makeRecord: return "\(a) = \(record(Int(i.c), from: Int(i.b)))"
    case .makeRange: return "\(a) = \(b())..<\(c())"
    case .makeClosedRange: return "\(a) = \(b())...\(c())"
    case .unpack: return "\(registers(Int(i.a), Int(i.c))) = \(b())"
    case .getIndex: return "\(a) = \(b())[\(c())]"
    case .setIndex: return "\(a)[\(b())] = \(c())"
    case .getSubscripts: return "\(a) = \(b())\(subscripts(Int(i.c)))"
    case .getMember: return "\(a) = \(b()).\(text(Int(i.c)))"
    case .setMember: return "\(a).\(text(Int(i.b))) = \(c())"
    case .setPath: return "\(place(Int(i.b))) = \(a)"
    case .addToItem: return "\(a) += \(extra(index)), to \(target(index) ?? 0) if \(b())[\(c())] grows where it stands"
    case .addToField:
      return "\(a) += \(extra(index)), to \(target(index) ?? 0) if \(b()).\(text(Int(i.c))) grows where it stands"
    case .addToPath:
      return "\(a) += \(extra(index)), to \(target(index) ?? 0) if \(place(Int(i.b))) grows where it stands"
    case .concatenate: return "\(a) = \(registers(Int(i.b), Int(i.c)))"
    case .appendTexts: return "\(a) += \(registers(Int(i.b), Int(i.c)))"
    case .format: return "\(a) = \(b())"

    case .call, .callNamed: return "\(a) = \(a)\(arguments(index, Int(i.b)))"
    case .callLocal: return "\(a) = \(b())\(arguments(index, Int(i.c)))"
    case .callGlobal: return "\(a) = \(sessionName(Int(i.b)))\(arguments(index, Int(i.c)))"
    case .callBuiltin, .callBuiltinNamed:
      let called = "\(a) = \(builtin(Int(i.b)))"
      return Int(i.c) == FunctionCompiler.asValue ? called : called + arguments(index, Int(i.c))
    case .callMethod: return "\(a) = \(a).\(text(Int(i.c)))\(arguments(index, Int(i.b)))"
    case .changeMethod:
      return "\(a) = \(place(Int(self[index + 1].a))).\(text(Int(i.c)))\(arguments(index, Int(i.b)))"
    case .appendItem: return "\(b()).append(\(register(i.a + 1))), \(to()) if \(b()) is a list"
    case .length: return "\(a) = \(builtin(Int(i.c)))(\(b()))"
    case .extra, .finishNone, .endTry: return ""
    case .beginTry: return "\(to()) with the error in \(a)"
    }
  }

  // MARK: What operands stand for

  private func register(_ number: UInt16) -> String { register(Int(number)) }

  private func register(_ number: Int) -> String {
    prototype.registerNames.indices.contains(number) ? prototype.registerNames[number] : "$\(number)"
  }

  /// "$4, $5"; of more than eight the first and the last.
  private func registers(_ first: Int, _ count: Int) -> String {
    guard count > 8 else { return (first..<first + count).map { register($0) }.joined(separator: ", ") }
    return "\(register(first)), …, \(register(first + count - 1))"
  }

  private func constant(_ place: Int) -> String {
    guard place >= 0, place < prototype.constantCount else { return "a constant" }
    return prototype.constants[place].summarized()
  }

  /// A constant that is a name.
  private func text(_ place: Int) -> String {
    guard place >= 0, place < prototype.constantCount else { return "" }
    return prototype.constants[place].asText ?? ""
  }

  private func sessionName(_ slot: Int) -> String {
    sessionNames.indices.contains(slot) ? sessionNames[slot] : "session name \(slot)"
  }

  private func captured(_ place: Int) -> String {
    prototype.captureNames.indices.contains(place) ? prototype.captureNames[place] : "capture \(place)"
  }

  private func builtin(_ place: Int) -> String {
    prototype.builtins.indices.contains(place) ? prototype.builtins[place].name : "builtin \(place)"
  }

  /// The register in an instruction's second word.
  private func extra(_ index: Int) -> String { register(self[index + 1].a) }

  /// Arguments stand in the registers above the one that gets the result.
  private func arguments(_ index: Int, _ count: Int) -> String {
    let first = Int(self[index].a) + 1
    let labels = prototype.namedCalls[index] ?? []
    let texts = (0..<count).map { place in
      let label = labels.indices.contains(place) ? labels[place] : nil
      return (label.map { $0 + "=" } ?? "") + register(first + place)
    }
    return "(\(texts.joined(separator: ", ")))"
  }

  private func record(_ template: Int, from first: Int) -> String {
    guard prototype.templates.indices.contains(template) else { return "a record" }
    let fields = prototype.templates[template].names.enumerated().map { "\($1.text): \(register(first + $0))" }
    return "{\(fields.joined(separator: ", "))}"
  }

  private func subscripts(_ place: Int) -> String {
    guard prototype.subscripts.indices.contains(place) else { return "[]" }
    let texts = prototype.subscripts[place].map { item in
      switch item {
      case .index(let number): return register(number)
      case .slice(let start, let stop, let step):
        let ends = [start, stop].map { $0.map { register($0) } ?? "" }.joined(separator: ":")
        return ends + (step.map { ":" + register($0) } ?? "")
      case .ellipsis: return "..."
      }
    }
    return "[\(texts.joined(separator: ", "))]"
  }

  private func place(_ number: Int) -> String {
    guard number >= 0, number < prototype.pathCount else { return "a place" }
    let path = prototype.pathStorage[number]
    var text: String
    if case .temporary(let number) = path.root { text = register(number) } else { text = path.name }
    for step in path.steps {
      switch step {
      case .member(let name): text += "." + name
      case .index(let number): text += "[\(register(number))]"
      case .subscripts(let number): text += subscripts(number)
      }
    }
    return text
  }
}
