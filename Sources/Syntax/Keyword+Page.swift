/// What `help("for")` and `?for` show. The library has a page of each of its names, and a word of the language is none.
extension Keyword {
  public var page: String {
    let entry = entry
    let example = entry.example.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
    return "\(entry.shape)\n\(entry.summary)\n\nExample:\n" + example.joined(separator: "\n")
      + "\n\nSee also: " + entry.seeAlso.map(\.rawValue).joined(separator: ", ")
  }

  /// Code, and what it shows behind `#>`.
  public var example: String { entry.example }

  private struct Entry {
    var shape: String
    var summary: String
    var example: String
    var seeAlso: [Keyword]

    init(_ shape: String, _ summary: String, example: String, seeAlso: Keyword...) {
      (self.shape, self.summary, self.example, self.seeAlso) = (shape, summary, example, seeAlso)
    }
  }

  private var entry: Entry {
    switch self {
    case .for:
      Entry(
        "for x in xs { … }",
        "Goes over the items of a list, a range, a text, a record's names or a dataset.\n"
          + "[f(x) for x in xs if condition] makes a list in the same way.",
        example: """
          for i, name in enumerate(["ann", "ben"]) { print("{i} {name}") }
          #> 0 ann
          #> 1 ben
          [x * x for x in 1...4 if x != 2]
          #> [1, 9, 16]
          """, seeAlso: .in, .while, .break, .continue)
    case .while:
      Entry(
        "while condition { … }", "Repeats its block as long as the condition is true.",
        example: """
          n = 1
          while n < 100 { n = n * 2 }
          n
          #> 128
          """, seeAlso: .for, .break, .continue)
    case .break:
      Entry(
        "break", "Leaves the innermost loop around it.",
        example: """
          for x in [3, 8, 5] { if x > 5 { break } }
          x
          #> 8
          """, seeAlso: .continue, .for, .while)
    case .continue:
      Entry(
        "continue", "Goes on with the next turn of the innermost loop around it.",
        example: """
          for x in 1...4 { if x == 2 { continue }; print(x) }
          #> 1
          #> 3
          #> 4
          """, seeAlso: .break, .for, .while)
    case .if:
      Entry(
        "if condition { … } else if condition { … } else { … }",
        "Runs the first block whose condition is true. Its last value is the value of\nthe whole.",
        example: """
          x = 7
          size = if x > 5 { "large" } else { "small" }
          size
          #> "large"
          """, seeAlso: .else, .and, .or, .not)
    case .else:
      Entry(
        "if condition { … } else { … }", "Begins the block that runs where the condition of `if` is not true.",
        example: """
          if 1 > 2 { "one" } else { "two" }
          #> "two"
          """, seeAlso: .if)
    case .fn:
      Entry(
        "fn name(a, b=2) { … }",
        "Defines a function. Its last value is its result; b may be left out of a call.\n"
          + "x -> x + 1 is a function without a name.",
        example: """
          fn area(width, height=2) { width * height }
          area(3)
          #> 6
          map(x -> x + 1, [1, 2])
          #> [2, 3]
          """, seeAlso: .return)
    case .return:
      Entry(
        "return value", "Leaves a function with a result, before its end.",
        example: """
          fn sign(x) { if x < 0 { return "minus" }; "plus" }
          sign(-3)
          #> "minus"
          """, seeAlso: .fn)
    case .try:
      Entry(
        "try { … } catch e { … }",
        "Runs the second block where the first one fails; e has message, help, line\nand source.",
        example: """
          try { [1, 2][5] } catch e { e.message }
          #> "index 5 is out of range: the list has 2 items"
          """, seeAlso: .catch)
    case .catch:
      Entry(
        "try { … } catch e { … }", "Begins the block that runs where the block of `try` fails.",
        example: """
          try { error("too dark") } catch e { e.message }
          #> "too dark"
          """, seeAlso: .try)
    case .and:
      Entry(
        "a and b", "True where both are. Where a is not true, b is not looked at.",
        example: """
          3 > 2 and 2 > 1
          #> true
          """, seeAlso: .or, .not)
    case .or:
      Entry(
        "a or b", "True where one of both is. Where a is true, b is not looked at.",
        example: """
          3 < 2 or 2 > 1
          #> true
          """, seeAlso: .and, .not)
    case .not:
      Entry(
        "not a", "True where a is not. `x not in xs` asks whether something is missing.",
        example: """
          not 3 > 2
          #> false
          4 not in [1, 2]
          #> true
          """, seeAlso: .and, .or, .in)
    case .in:
      Entry(
        "x in xs",
        "Asks for an item of a list or range, a name of a record, or a part of a text.\n"
          + "Behind `for` it names what to go over.",
        example: """
          2 in [1, 2, 3]
          #> true
          "win" in "twins"
          #> true
          """, seeAlso: .not, .for)
    case .true, .false:
      Entry(
        rawValue, "The two answers to a question such as 3 > 2.",
        example: """
          [3 > 2, 3 < 2]
          #> [true, false]
          """, seeAlso: self == .true ? .false : .true, .not, .if)
    case .none:
      Entry(
        "none", "No value: what a function gives that has no result, and what many arguments\ntake for “not given”.",
        example: """
          x = none
          x == none
          #> true
          """, seeAlso: .if)
    }
  }
}
