import Diagnostics
import Foundation
import Interpreter
import StandardLibrary
import ScriptSupport
import Testing

/// Whatever a builtin makes of a value that a gradient is taken for, its slope is right, or it refuses in words. Every
/// entry of the library is called with such a value in each of its places, beside others that fit, and what the tape says
/// is compared with differences.
struct GradientsOfBuiltinsTests {
  /// What is asked for nothing: it waits for a person or the network, or ends a gradient on purpose.
  static let leftOut: Set<String> = ["input", "serve", "fetch", "collect", "detach", "now", "error", "include", "help"]

  /// Texts of a value with the variable x in it.
  static let traced = [
    "x", "[x, 0.4]", "tensor([0.3, 1.2, 0.7]) * x", "tensor([[0.3, 1.2], [0.7, 0.5]]) * x", "[[x, 0.2], [0.9, 0.1]]",
  ]

  /// Texts of values without it, for a parameter by the words of its type.
  static func plain(_ type: String) -> [String] {
    var texts: [String] = []
    if type.contains("tensor") || type.contains("list") || type.contains("values") {
      texts += [
        "tensor([0.5, 0.2, 0.9])", "[0.5, 0.8]", "tensor([[0.3, 0.2], [0.1, 0.9]])", "[0, 1]",
        "tensor([[1, 0], [0, 1]])", "tensor([1, 0, 1])",
      ]
    }
    if type.contains("number") || type.contains("length") || type.contains("value") { texts += ["2", "0.4", "1", "3"] }
    if type.contains("function") { texts += ["v -> v * 2", "(a, b) -> a < b"] }
    if type.contains("string") { texts += ["\"a\"", "\"ij->ji\"", "\"i,i\""] }
    if type.contains("bool") { texts += ["true"] }
    if type.contains("brackets") { texts += ["0, 5", "[0, 2], 0"] }
    return texts.isEmpty ? ["2", "\"a\"", "[0.5, 0.8]"] : texts
  }

  /// One number of whatever comes out, each part of it with a weight of its own.
  static let total = """
    fn total(r) {
      kind = type(r)
      if kind == "number" { return r * 1.3 }
      if kind == "tensor" {
        if r.size == 0 { return 0 }
        if r.rank == 0 { return r * 1.3 }
        return (r.reshape(-1) * (arange(r.size) * 0.3 + 1)).sum()
      }
      s = 0
      if kind == "list" { for i, part in enumerate(r) { s = s + total(part) * (1 + i * 0.7) } }
      if kind == "record" { for name in r { s = s + total(r[name]) } }
      s
    }
    """

  /// The calls of one entry with x in parameter `place`: texts.
  static func calls(_ entry: Builtin, _ place: Int) -> [String] {
    let named = entry.parameters.contains { $0.name == "seed" } ? ["seed=1"] : []
    // What comes before has to be given too, and all that is required.
    let given = entry.parameters.indices.filter {
      $0 == place || entry.parameters[$0].defaultText == nil || entry.parameters[$0].isVariadic
        || $0 < place && !entry.parameters[$0].isNamedOnly
    }
    var lists: [[String]] = [[]]
    for index in given {
      let parameter = entry.parameters[index]
      var texts = index == place ? traced : plain(parameter.type)
      if parameter.isVariadic, index == place {
        texts += ["x, 2", "0.4, x", "tensor([0.1, 0.2]) * x, tensor([1, 2])", "0, x", "[0, 1], x"]
      }
      if parameter.isNamedOnly { texts = texts.map { "\(parameter.name)=\($0)" } }
      lists = lists.flatMap { list in texts.map { list + [$0] } }
      // Long lists are thinned out evenly.
      if lists.count > 40 { lists = stride(from: 0, to: lists.count, by: lists.count / 40 + 1).map { lists[$0] } }
    }
    return lists.map { list in
      let text = (list + named).joined(separator: ", ")
      guard let receiver = entry.receiver else { return "\(entry.name)(\(text))" }
      let subject = receiver == "tensor" ? "tensor([0.5, 0.2])" : receiver == "list" ? "[0.5, 0.2]" : "0.5"
      return "(\(subject)).\(entry.name)(\(text))"
    }
  }

  /// Calls of a method with x before the dot.
  static func receiverCalls(_ entry: Builtin, _ receiver: String) -> [String] {
    let subjects = receiver == "tensor" ? Array(traced[2...3]) + ["x"] : receiver == "list" ? [traced[1]] : ["x"]
    let required = entry.parameters.filter { $0.defaultText == nil }
    var lists: [[String]] = [[]]
    for parameter in required { lists = lists.flatMap { list in plain(parameter.type).map { list + [$0] } } }
    return subjects.flatMap { subject in
      entry.kind == .property
        ? ["(\(subject)).\(entry.name)"]
        : lists.prefix(40).map { "(\(subject)).\(entry.name)(\($0.joined(separator: ", ")))" }
    }
  }

  private struct Outcome {
    var checked = 0
    var refused = 0
    var mistakes: [String] = []
  }

  /// Compares the tape's slope with differences, for as many of the calls as can be made.
  private func check(
    _ calls: [String], of entry: Builtin, _ run: ScriptRun, _ outcome: inout Outcome, enough: Int = 6
  ) {
    var done = 0
    for call in calls {
      if done == enough { return }
      run.interpreter.context.setSeed(5)
      // Differences at two distances: where they disagree there is a corner or a step near, and no slope to compare.
      let tried = run.cell(
        "f = x -> total(\(call))\nprint([f(0.6), f(0.62), f(0.58), f(0.61), f(0.59)])")
      guard tried.error == nil, let line = tried.lines.last else { continue }
      let values = line.dropFirst().dropLast().split(separator: ",").compactMap {
        Double($0.trimmingCharacters(in: .whitespaces))
      }
      guard values.count == 5, values.allSatisfy(\.isFinite) else { continue }
      let (wide, near) = ((values[1] - values[2]) / 0.04, (values[3] - values[4]) / 0.02)
      let scale = max(1, abs(wide), abs(values[0]))
      guard abs(wide - near) < 0.02 * scale else { continue }
      let got = run.cell("print(gradient(f, 0.6))")
      done += 1
      if let error = got.error {
        // A picture has no slope: its builtin says what it wants instead.
        if error.contains("gradient") || entry.area == .plots {
          outcome.refused += 1
        } else {
          outcome.mistakes.append("\(call): \(error)")
        }
        continue
      }
      guard let slope = got.lines.last.flatMap({ Double($0) }), abs(slope - wide) < 0.03 * scale else {
        outcome.mistakes.append("\(call): the slope is \(wide), the tape says \(got.lines.last ?? "nothing")")
        continue
      }
      outcome.checked += 1
    }
  }

  @Test func everyBuiltinHasARuleOrRefuses() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("twinbook-gradients-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = ScriptRun(steps: 2_000_000)
    run.interpreter.context.workingDirectory = folder.path
    #expect(run.cell(Self.total).error == nil)
    var mistakes: [String] = []
    var uncovered: [String] = []
    var count = 0
    for entry in StandardLibrary.registry().all
    where !Self.leftOut.contains(entry.name) && entry.kind != .constant {
      var outcome = Outcome()
      if entry.receiver == nil || ["tensor", "list", "number"].contains(entry.receiver) {
        for place in entry.parameters.indices { check(Self.calls(entry, place), of: entry, run, &outcome) }
      }
      let receivers = entry.alsoMethodOf + (entry.receiver.map { [$0] } ?? [])
      for receiver in receivers where ["tensor", "list", "number"].contains(receiver) {
        check(Self.receiverCalls(entry, receiver), of: entry, run, &outcome)
      }
      mistakes += outcome.mistakes
      count += outcome.checked
      let isMathematics = [.mathematics, .tensors].contains(entry.area)
      if isMathematics, outcome.checked + outcome.refused == 0 { uncovered.append(entry.qualifiedName) }
    }
    #expect(count > 400, "only \(count) calls were compared")
    #expect(mistakes.isEmpty, "\(mistakes.count): \(mistakes.prefix(60).joined(separator: "\n"))")
    // What takes a path or a text has nothing that a slope goes through.
    // Neither has what counts: whole numbers have no slope.
    let withoutNumbers: Set<String> = [
      "load", "loadtxt", "save", "chr", "ord", "zeros", "ones", "eye", "rand", "randn", "randint", "permutation",
      "onehot",
    ]
    #expect(Set(uncovered).subtracting(withoutNumbers).isEmpty, "no call of these was compared: \(uncovered)")
  }

  /// The examples of the report, and their like.
  @Test(arguments: [
    ("gradient(x -> tan(x), 1)", 3.42552), ("gradient(x -> float(x) * x, 3)", 6),
    ("gradient(x -> number(x) * x, 3)", 6),
    ("gradient(x -> linspace(0, x, 3).sum(), 2)", 1.5), ("gradient(x -> linspace(x, 1, 3).sum(), 2)", 1.5),
    ("gradient(x -> divmod(x, 2)[1], 3.5)", 1), ("gradient(x -> divmod(7, x)[1], 2)", -3),
    ("gradient(x -> divmod(x, 2)[0], 3.5)", 0), ("gradient(x -> x ^ 0, 0)", 0),
    ("gradient(x -> (x ^ 0).sum(), tensor([0, 1]))[0]", 0),
    ("gradient(x -> arange(x, x + 3, 1).sum(), 2)", 3), ("gradient(x -> full([2], x).sum(), 2)", 2),
    ("gradient(x -> int(x) * x, 2.5)", 2), ("gradient(x -> x * detach(x), 3)", 3),
    ("gradient(x -> max([x, 1]) + min(x, 9), 3)", 2), ("gradient(x -> sum([x, x ^ 2], 1), 3)", 7),
    ("gradient(x -> max([x, 2 * x], axis=0), 3)", 2), ("gradient(x -> min([[x, 1], [5, x]], axis=0)[1], 3)", 0),
    ("gradient(x -> sum([[x, 1], [2, x]], axis=0)[0], 3)", 1), ("gradient(x -> setitem(zeros(3), 1, x).sum(), 3)", 1),
  ]) func slopes(_ text: String, _ expected: Double) throws {
    let outcome = ScriptRun(steps: 100_000).cell("print(\(text))")
    let got = try #require(outcome.lines.first.flatMap { Double($0) }, "\(text): \(outcome)")
    #expect(abs(got - expected) < 1e-4 * max(1, abs(expected)), "\(text): \(got)")
  }

  @Test(arguments: [
    "range(x, 5, 2)", "x...5", "onehot([x], 3)", "enumerate([1], x)", "zeros([x])", "randint(0, x)", "round(2.5, x)",
    "glyphs(x, 2)",
  ]) func refusals(_ text: String) {
    let outcome = ScriptRun(steps: 100_000).cell("gradient(x -> { r = \(text); x }, 2)")
    #expect(outcome.error?.contains("gradient") == true, "\(text): \(outcome)")
  }
}
