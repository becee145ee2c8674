/// What `help(">>")` and `?>>` show. Brackets, commas and the like have no page.
extension Symbol {
  public var page: String? {
    guard let entry else { return nil }
    let example = entry.example.split(separator: "\n").map { "  \($0)" }
    return "\(entry.shape)\n\(entry.summary)\n\nExample:\n" + example.joined(separator: "\n")
  }

  /// Code, and what it shows behind `#>`.
  public var example: String? { entry?.example }

  private struct Entry {
    var shape: String
    var summary: String
    var example: String

    init(_ shape: String, _ summary: String, example: String) {
      (self.shape, self.summary, self.example) = (shape, summary, example)
    }
  }

  private var entry: Entry? {
    switch self {
    case .pipe: Entry("x |> f", "Gives x to the function f, as f(x) does.", example: "[3, 1] |> sorted\n#> [1, 3]")
    case .compose:
      Entry(
        "f >> g", "First f, then g: joins layers to a network, and functions to a function.",
        example: "(abs >> sqrt)(-9)\n#> 3")
    case .arrow:
      Entry("x -> value", "A function of x; (a, b) -> value has two.", example: "map(x -> x + 1, [1, 2])\n#> [2, 3]")
    case .halfOpenRange:
      Entry("a..<b", "The numbers from a up to, not including, b.", example: "list(0..<3)\n#> [0, 1, 2]")
    case .closedRange: Entry("a...b", "The numbers from a to b.", example: "list(1...3)\n#> [1, 2, 3]")
    case .equal, .notEqual:
      Entry(
        "a == b, a != b",
        "Whether both are equal. Lists and records are compared by what they hold;\n"
          + "tensors number by number, which gives a mask.", example: "[1, 2] == [1, 2]\n#> true")
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      Entry(
        "a < b, a <= b, a > b, a >= b",
        "Compares numbers and texts; of tensors number by number, which gives a mask.\n"
          + "Comparisons form chains.", example: "x = 3\n0 <= x < 5\n#> true")
    case .assign:
      Entry(
        "x = value", "Gives a name a value; so do xs[0] = value and r.field = value to a part.",
        example: "a, b = [1, 2]\na\n#> 1")
    case .addAssign, .subtractAssign, .multiplyAssign, .divideAssign, .remainderAssign, .matrixProductAssign,
      .powerAssign:
      Entry("x \(rawValue) value", "The same as x = x \(rawValue.dropLast()) value.", example: compoundExample)
    case .plus:
      Entry(
        "a + b", "Adds numbers and tensors; joins texts, lists, and datasets that are prepared\nalike.",
        example: "[1] + [2, 3]\n#> [1, 2, 3]")
    case .minus: Entry("a - b, -a", "Subtracts numbers and tensors.", example: "5 - 7\n#> -2")
    case .times:
      Entry("a * b", "Multiplies numbers and tensors; repeats a text or a list.", example: "\"ab\" * 2\n#> \"abab\"")
    case .over:
      Entry("a / b", "Divides numbers and tensors; whole division is floor(a / b).", example: "floor(7 / 2)\n#> 3")
    case .remainder:
      Entry("a % b", "What is left of a division. It has the sign of b, as in Python.", example: "-7 % 3\n#> 2")
    case .matrixProduct:
      Entry("a @ b", "The product of matrices, or of vectors.", example: "tensor([1, 2]) @ tensor([3, 4])\n#> 11")
    case .power: Entry("a ^ b", "The power; from right to left.", example: "2 ^ 3 ^ 2\n#> 512")
    case .semicolon:
      Entry(
        "a; b", "Parts two statements on one line. At the end of a cell it hides the value.",
        example: "x = 2; x * 3\n#> 6")
    default: nil
    }
  }

  private var compoundExample: String {
    self == .matrixProductAssign
      ? "x = eye(2)\nx @= tensor([3, 4])\nx\n#> tensor([3, 4])" : "x = 7\nx \(rawValue) 2\nx\n#> \(compoundResult)"
  }

  /// Of 7 and 2.
  private var compoundResult: String {
    switch self {
    case .addAssign: "9"
    case .subtractAssign: "5"
    case .multiplyAssign: "14"
    case .divideAssign: "3.5"
    case .remainderAssign: "1"
    default: "49"
    }
  }
}
