import Diagnostics
import ScriptSupport
import Testing

@testable import Interpreter

/// What a builtin reads by its parameters' declarations.
struct TypedParameterTests {
  private enum Colour: String, CaseIterable { case red, green }

  private static let count = TypedParameter.int("count", in: 1...9)
  private static let share = TypedParameter.number("share", in: 0...1, default: 0.5)
  private static let name = TypedParameter.string("name", or: "none", namedOnly: true)
  private static let colour = TypedParameter.word("colour", default: Colour.green, namedOnly: true)
  private static let sure = TypedParameter.bool("sure", default: false, namedOnly: true)
  private static let seed = TypedParameter.seed(namedOnly: true)
  private static let other = TypedParameter.number("other")

  private static var builtin: Builtin {
    Builtin(
      "paint", .of(count, share, name, colour, sure, seed), area: .core, summary: "", example: ""
    ) { args, context in
      let count = try args[count]
      if count == 7 { throw ArgumentError(name, "seven has no name") }
      if count == 8 { return Value(try args[other]) }
      let texts = [
        "\(count)", formatNumber(try args[share]), try args[name] ?? "-", try args[colour].rawValue,
        "\(try args[sure])",
        "\(try args[seed].value(context))", "\(args.isGiven(share))", "\(args.isNamed(share))",
      ]
      return Value(texts.joined(separator: " "))
    }
  }

  private func cell(_ text: String) -> (lines: [String], error: String?) {
    var library = BuiltinRegistry()
    library.add(Self.builtin)
    let run = ScriptRun(steps: 1000, library: library)
    run.interpreter.context.setSeed(3)
    return run.cell(text)
  }

  @Test func whatIsGivenAndWhatIsNot() {
    #expect(cell("paint(2, seed=5)").lines == ["\"2 0.5 - green false 5 false false\""])
    #expect(
      cell("paint(3, share=0.25, sure=true, colour=\"red\", name=\"x\", seed=1)").lines == [
        "\"3 0.25 x red true 1 true true\""
      ])
    #expect(cell("paint(2, none, name=none, seed=5)").lines == ["\"2 0.5 - green false 5 false false\""])
    // The session's next seed, drawn where it is asked for.
    #expect(cell("[paint(1), paint(1, seed=0)][1]").lines == ["\"1 0.5 - green false 0 false false\""])
    #expect(cell("paint(1) == paint(1)").lines == ["false"])
  }

  @Test func theSignatureComesFromTheDeclarations() {
    #expect(
      Self.builtin.signature
        == "paint(count, share=0.5, name=none, colour=\"green\", sure=false, seed=the session's next)")
  }

  @Test func errorsStandUnderTheArgument() {
    #expect(cell("paint(10)").error == "1:7: paint: count must be a whole number from 1 to 9, got 10")
    #expect(cell("paint(1, 2)").error == "1:10: paint: share must be a number from 0 to 1, got 2")
    #expect(
      cell("paint(1, colour=\"gren\")").error
        == "1:10: paint: colour must be one of \"red\", \"green\", got the string \"gren\"")
    #expect(cell("paint(7, name=\"x\")").error == "1:10: seven has no name")
    // The name is not given: the function is to blame.
    #expect(cell("paint(7)").error == "1:1: seven has no name")
    #expect(cell("paint(8)").error == "1:1: paint has no parameter other")
  }
}
