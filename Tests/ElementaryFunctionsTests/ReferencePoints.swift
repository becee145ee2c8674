import ElementaryFunctions
import Foundation
import Testing

/// Arguments and correctly rounded values, made by Scripts/maintainers/elementary-reference.py with mpmath.
struct ReferencePoint {
  var x: Double
  /// The second argument of a function of two.
  var z: Double
  var nearest: Double
  /// By how many units of the last place the true value is more than the nearest double, to a 4096th.
  var more: Double

  /// By how many units of the nearest value's last place a result is off the true value.
  func error(of result: Double) -> Double { abs(Double(order(result) - order(nearest)) - more) }
}

/// Whole numbers in the order of the doubles, one step for each.
func order(_ x: Double) -> Int64 {
  let bits = Int64(bitPattern: x.bitPattern)
  return bits < 0 ? -(bits & .max) : bits
}

struct ReferenceFile {
  var functions: [String: [ReferencePoint]] = [:]

  static let shared = Result { try ReferenceFile() }

  private struct Malformed: Error { var line: Int }

  private init() throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("References/elementary.txt")
    var name = ""
    var points: [ReferencePoint] = []
    for (number, line) in try String(contentsOf: path, encoding: .utf8).split(separator: "\n").enumerated() {
      if line.utf8.first == UInt8(ascii: "#") { continue }
      let words = line.split(separator: " ")
      if words.count == 1 {
        if !name.isEmpty { functions[name] = points }
        name = String(words[0])
        points = []
        continue
      }
      let bits = words.dropLast().compactMap { UInt64($0, radix: 16).map(Double.init(bitPattern:)) }
      guard let more = words.last.flatMap({ Double($0) }), bits.count == words.count - 1, (2...3).contains(bits.count)
      else { throw Malformed(line: number + 1) }
      points.append(
        ReferencePoint(
          x: bits[0], z: bits.count == 3 ? bits[1] : 0, nearest: bits[bits.count - 1], more: more / 4096))
    }
    functions[name] = points
  }
}

/// A function of the module by its name, with the error that its description states.
struct Function: CustomTestStringConvertible, Sendable {
  var name: String
  var stated: Double
  var value: @Sendable (Double, Double) -> Double

  var testDescription: String { name }

  init(_ name: String, _ stated: Double, _ value: @escaping @Sendable (Double, Double) -> Double) {
    self.name = name
    self.stated = stated
    self.value = value
  }

  static let all: [Function] = [
    Function("exp", 0.52) { x, _ in Elementary.exp(x) },
    Function("exp2", 0.52) { x, _ in Elementary.exp2(x) },
    Function("expm1", 0.54) { x, _ in Elementary.expm1(x) },
    Function("log", 0.501) { x, _ in Elementary.log(x) },
    Function("log2", 0.501) { x, _ in Elementary.log2(x) },
    Function("log10", 0.501) { x, _ in Elementary.log10(x) },
    Function("log1p", 0.501) { x, _ in Elementary.log1p(x) },
    Function("sin", 0.65) { x, _ in Elementary.sin(x) },
    Function("cos", 0.65) { x, _ in Elementary.cos(x) },
    Function("tan", 0.7) { x, _ in Elementary.tan(x) },
    Function("asin", 0.7) { x, _ in Elementary.asin(x) },
    Function("acos", 0.7) { x, _ in Elementary.acos(x) },
    Function("atan", 0.7) { x, _ in Elementary.atan(x) },
    Function("sinh", 0.55) { x, _ in Elementary.sinh(x) },
    Function("cosh", 0.52) { x, _ in Elementary.cosh(x) },
    Function("tanh", 0.57) { x, _ in Elementary.tanh(x) },
    Function("sigmoid", 0.52) { x, _ in Elementary.sigmoid(x) },
    Function("softplus", 0.52) { x, _ in Elementary.softplus(x) },
    Function("pow", 0.52) { x, y in Elementary.pow(x, y) },
    Function("atan2", 0.7) { y, x in Elementary.atan2(y, x) },
  ]
}
