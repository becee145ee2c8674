import Diagnostics
import Syntax

/// Lines of help that need more than a sentence's choice.
extension RuntimeError {
  /// The commonest slip is a cell that did not run: a guess about another name comes behind it.
  static func unknownNameAdvice(_ name: String, _ near: NearName?, _ owners: [String], _ isCalled: Bool) -> String {
    let unset = "no cell has given it a value yet"
    if let foreign = foreignNameAdvice(name) {
      guard !isCalled, foreignNameMayBeAVariable(name) else { return foreign }
      return name.count == 1 ? unset : "\(unset); \(foreign)"
    }
    // Short names are variables, unless everybody has something of that name.
    let likely = name.count > 3 || isCalled ? owners : owners.filter(everybodysTypes.contains)
    if let owned = ownersAdvice(name, likely) { return isCalled || name.count > 3 ? owned : "\(unset); \(owned)" }
    guard let near else { return isCalled ? "\(unset); help() lists the functions of the library" : unset }
    let meant = "did you mean `\(near.name)`?"
    return near.isOwn || isCalled ? meant : "\(unset); \(meant)"
  }

  private static let everybodysTypes = ["string", "list", "record", "tensor"]

  /// `split(x)` for `x.split()`.
  private static func ownersAdvice(_ name: String, _ owners: [String]) -> String? {
    // The values that everybody has come first.
    let common = everybodysTypes
    let owners = common.filter(owners.contains) + owners.filter { !common.contains($0) }
    guard let first = owners.first else { return nil }
    let others = owners.count > 1 ? " (and \(owners.dropFirst().prefix(3).joined(separator: ", ")))" : ""
    return "\(article(first))\(others) has it behind a dot: x.\(name); help(\"\(first).\(name)\") tells of it"
  }

  /// `print [1, 2]` is read as an index.
  static let calledFunctionAdvice = "a function is called with parentheses: print([1, 2])"

  /// Where a value that is none may have come from.
  static let noneAdvice = "a method that changes a list in place, such as sort, gives none"

  static let typeAdvice = "type(x) says what a value is, help(x) what it can do"

  static let divisorAdvice = "ask before: if b != 0 { a / b } else { 0 }"

  static func memberAdvice(of type: String) -> String {
    switch type {
    case "none": noneAdvice
    case "number": "functions of numbers stand before them: sqrt(x), round(x)"
    case "bool", "function": "\(article(type)) has nothing behind a dot"
    default: isPlural(type) ? "help(x) lists what \(type) have" : "help(x) lists what \(article(type)) has"
    }
  }

  static func indexableAdvice(of type: String) -> String {
    switch type {
    case "none": noneAdvice
    case "function": calledFunctionAdvice
    default: foreignItemAdvice(of: type) ?? "lists, texts, tensors, records and datasets have items: x[0]"
    }
  }

  static func callableAdvice(of type: String) -> String {
    switch type {
    case "list", "string", "record", "tensor": "an item stands in square brackets: x[0]"
    case "none": noneAdvice
    case "number": "a product has its sign: 2 * (3); a number is read without parentheses: x"
    default: "functions, layers and networks can be called"
    }
  }

  static func indexAdvice(of type: String, got: String) -> String {
    switch type {
    case "record": "write r[\"name\"] or r.name; r.values()[0] is the first value"
    case "slice": "places are counted from 0: x[2:5]"
    default:
      got.hasPrefix("the string")
        ? "places are counted from 0: x[0]; a record has names: r[\"name\"]"
        : "floor(i) makes a number whole; places are counted from 0: x[0]"
    }
  }

  static func unpackAdvice(_ expected: Int, _ got: Int, _ type: String) -> String {
    switch type {
    case "string": "a text gives its characters; `for k, v in r.items()` goes over a record's names and values"
    case "record": "a record gives its names; r.values() are its values"
    default:
      got > expected
        ? "write as many names as there are values; xs[:\(expected)] are the first \(expected)"
        : "write as many names as there are values"
    }
  }

  /// Whoever writes another library's word for a figure means no parameter that is spelt alike: `label=` of a curve.
  static func unknownArgument(_ name: String, of signature: String, near: String?) -> Explanation {
    let drawn = foreignFigureArgumentAdvice(name, of: signature)
    let near = drawn == nil ? near : nil
    let advice = drawn ?? (near == nil ? foreignArgumentAdvice(name, of: signature) : nil)
    return Explanation(
      near.map { "unknown argument `\(name)`; did you mean `\($0)`?" } ?? "unknown argument `\(name)`",
      help: (advice.map { "\($0); " } ?? "") + "the signature is \(signature)")
  }

  /// Nil for a function of the library, which has a page.
  static func argumentAdvice(_ signature: String, _ name: String, _ got: Int?) -> String? {
    if let foreign = foreignCallAdvice(signature) { return foreign }
    guard let got else { return nil }
    let came = got == 0 ? "no argument came" : got == 1 ? "1 argument came" : "\(got) arguments came"
    return "\(came); a parameter with a default may be left out: \(name)=0"
  }

  static func unaryAdvice(_ type: String) -> String {
    switch type {
    case "string": "number(text) gives the number that a text says"
    case "list", "range": "tensor(xs) takes part in arithmetic"
    case "none": noneAdvice
    default: typeAdvice
    }
  }
}

/// Words that lead to Twin's own where somebody comes from another language, and that lessons have as names.
private func foreignNameMayBeAVariable(_ name: String) -> Bool {
  [
    "c", "loop", "val", "loss", "losses", "seed", "string", "product", "model", "accuracy", "count", "size", "length",
    "power", "square", "average", "inner", "degrees", "chunk", "remainder", "cov", "mm", "mv", "cat", "view", "empty",
    "greater", "less", "equal", "place", "fix", "cross", "bar", "legend", "mae", "mse", "slice", "clear", "reset",
    "pie", "title", "contour",
  ].contains(name)
}
