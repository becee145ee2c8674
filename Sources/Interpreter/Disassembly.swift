import Diagnostics

/// What the compiler made of a function, to be read: each line of its source, and under it the instructions that the
/// machine runs for it.
///
///     area(w, h=1): 3 registers, captures scale
///
///       1 | area = (w, h=1) -> w * h * scale
///           1  jumpIfSet     to 3 if h is given
///           2  loadConstant  h = 1
///         > 3  multiply      $2 = w * h
///           4  getUpvalue    $3 = scale
///           5  multiply      $2 = $2 * $3
///           6  finish        $2
///
/// A register is called by the variable that lives in it; `$2` is one for a value on the way. `>` marks an instruction that
/// another one jumps to. Places that are left out in the count are second words of the instruction before them.
struct Disassembly {
  let prototype: Prototype
  /// By slot.
  let sessionNames: [String]

  /// The function, and after it the functions that it makes.
  var text: String {
    var parts = [heading + "\n\n" + body]
    for (place, child) in prototype.children.enumerated() {
      let made = indices.first { self[$0].op == .closure && self[$0].bc == place }
      let inner = Disassembly(prototype: child, sessionNames: sessionNames).text
      parts.append((made.map { "made by \($0): " } ?? "") + inner)
    }
    return parts.joined(separator: "\n\n")
  }

  private var heading: String {
    let count = prototype.frameSize
    let captures = prototype.captureNames.isEmpty ? "" : ", captures " + prototype.captureNames.joined(separator: ", ")
    return "\(prototype.signature): \(count) register\(count == 1 ? "" : "s")\(captures)"
  }

  /// What stands before the entry is for functions whose variables may be read before they have a value.
  private var indices: Range<Int> { prototype.entry - prototype.code..<prototype.codeCount }

  subscript(index: Int) -> Instruction { prototype.code[index] }

  private var body: String {
    let targets = Set(indices.compactMap(target))
    let shown = indices.filter { self[$0].op != .extra }
    let operations = shown.map { "\(self[$0].op)" }
    let width = (operations.map(\.count).max() ?? 0) + 2
    let places = String(prototype.codeCount).count
    let numbers = shown.map { prototype.source.location(of: prototype.spans[$0].start).line }
    let digits = max(3, String(numbers.max() ?? 1).count)
    var lines: [String] = []
    var current: Int?
    for (number, (index, operation)) in zip(numbers, zip(shown, operations)) {
      if number != current {
        current = number
        lines.append("\(number)".paddedLeft(to: digits) + " | " + prototype.source.line(number))
      }
      let mark = targets.contains(index) ? "> " : "  "
      let line =
        String(repeating: " ", count: digits + 3) + mark + "\(index)".paddedLeft(to: places) + "  "
        + operation.padded(to: width) + operands(of: index)
      lines.append(String(line.reversed().drop { $0 == " " }.reversed()))
    }
    return lines.joined(separator: "\n")
  }

  /// Where an instruction may jump to.
  func target(_ index: Int) -> Int? {
    let instruction = self[index]
    return switch instruction.op {
    case .jump, .loop, .jumpIf, .jumpUnless, .jumpIfSet, .beginTry: index + 1 + instruction.bc
    case .unlessEqual, .unlessNotEqual, .unlessLess, .unlessLessEqual, .unlessGreater, .unlessGreaterEqual,
      .unlessEqualText, .unlessNotEqualText, .unlessEqualK, .unlessNotEqualK, .unlessLessK, .unlessLessEqualK,
      .unlessGreaterK, .unlessGreaterEqualK, .nextInLoop:
      index + 1 + instruction.distance
    case .appendItem, .addToItem, .addToPath: index + 3
    case .addToField: index + 4
    default: nil
    }
  }
}

extension Interpreter {
  /// What the compiler made of a function, line by line of its source; nil for one that is not written in the language.
  public func disassembly(of function: FunctionValue) -> String? {
    guard let closure = function as? Closure else { return nil }
    return Disassembly(prototype: closure.prototype, sessionNames: machine.session.names).text
  }
}
