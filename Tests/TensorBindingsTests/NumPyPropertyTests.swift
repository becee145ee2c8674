import Diagnostics
import Foundation
import Interpreter
import ScriptSupport
import Testing

/// Tensor expressions on random shapes give what NumPy gives, as functions and as methods: the answers stand in
/// Tests/References/tensor_properties.txt, made by the script beside it.
struct NumPyPropertyTests {
  struct Line: CustomTestStringConvertible, Sendable {
    var expression: String
    var operands: [[Int]]
    /// nil where NumPy refuses.
    var shape: [Int]?
    var values: [Double]
    var testDescription: String { "\(expression) \(operands)" }
  }

  static let lines: [Line] = {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("References/tensor_properties.txt")
    guard let text = try? String(contentsOf: path, encoding: .utf8) else { return [] }
    func shape(_ text: Substring) -> [Int] { text == "-" ? [] : text.split(separator: ",").compactMap { Int($0) } }
    return text.split(separator: "\n").map { line in
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
      return Line(
        expression: String(parts[0]), operands: parts[1].split(separator: ";").map(shape),
        shape: parts[2] == "error" ? nil : shape(parts[2]),
        values: parts[3].split(separator: " ").compactMap { Double($0) })
    }
  }()

  /// Functions of one tensor that are methods of it too.
  static let methods = [
    "sum", "mean", "std", "var", "min", "max", "norm", "any", "all", "argmax", "argmin", "cumsum", "sort", "argsort",
    "prod", "median",
    "exp", "log", "sqrt", "abs", "tanh", "sin", "cos", "sigmoid", "relu", "floor", "ceil", "sign", "round", "isnan",
    "clip", "dot", "maximum", "minimum", "reshape", "transpose", "squeeze", "tan", "log2", "log1p", "isinf", "quantile",
    "percentile", "logsumexp", "cumprod", "diff", "flip", "roll", "tile", "repeat", "pad", "take", "take_along_axis",
    "diag", "trace", "triu", "tril", "setitem",
  ]

  /// `sum(a, axis=1)` as `a.sum(axis=1)`.
  static func asMethod(_ expression: String) -> String? {
    for name in methods where expression.hasPrefix("\(name)(a") {
      let rest = expression.dropFirst(name.count + 2)
      return "a.\(name)(\(rest.hasPrefix(", ") ? rest.dropFirst(2) : rest)"
    }
    return nil
  }

  @Test func thereAreAnswers() { #expect(Self.lines.count > 1700) }

  @Test func expressionsGiveWhatNumPyGives() throws {
    let run = ScriptRun(steps: 10_000_000)
    var mistakes: [String] = []
    for line in Self.lines {
      var setting = ""
      for (k, shape) in line.operands.enumerated() {
        let count = shape.reduce(1, *)
        let numbers = (0..<count).map { "\(Double((7 * $0 + 5 * k) % 13 - 6) / 2)" }.joined(separator: ", ")
        setting += "\(["a", "b", "c"][k]) = tensor([\(numbers)]).reshape(\(shape))\n"
      }
      for expression in [line.expression, Self.asMethod(line.expression)].compactMap({ $0 }) {
        // A record of the answer, in numbers that keep their bits.
        let outcome = run.cell(
          setting + "r = \(expression)\nt = tensor([r]).reshape(-1)\nprint(shape(tensor(r)))\nprint(t.tolist())")
        let where_ = "\(expression) on \(line.operands)"
        guard let shape = line.shape else {
          if outcome.error == nil { mistakes.append("\(where_): NumPy refuses, got \(outcome.lines)") }
          continue
        }
        guard outcome.error == nil, outcome.lines.count == 2 else {
          mistakes.append("\(where_): expected shape \(shape), got \(outcome.error ?? "\(outcome.lines)")")
          continue
        }
        let got = outcome.lines[1].dropFirst().dropLast().split(separator: ",").map {
          Double($0.trimmingCharacters(in: .whitespaces)) ?? ($0.contains("true") ? 1 : $0.contains("false") ? 0 : .nan)
        }
        let near =
          got.count == line.values.count
          && zip(got, line.values).allSatisfy {
            $0.isNaN == $1.isNaN && ($0.isNaN || $0 == $1 || abs($0 - $1) <= 1e-5 * max(1, abs($1)))
          }
        if outcome.lines[0] != "\(shape)" || !near {
          mistakes.append("\(where_): expected \(shape) \(line.values), got \(outcome.lines[0]) \(got)")
        }
      }
    }
    #expect(
      mistakes.isEmpty, "\(mistakes.count) of \(Self.lines.count): \(mistakes.prefix(40).joined(separator: "\n"))")
  }
}
