import Diagnostics
import Foundation
import Interpreter
import ScriptSupport
import StandardLibrary
import Testing

/// What protocols say of data on which nothing can be wrong, and to who gives them something else.
@Suite struct JudgingCallTests {
  private func run(_ code: String) -> (lines: [String], explanation: Explanation?) {
    let run = ScriptRun(steps: 10_000_000)
    let (_, error) = run.cell("net = flatten >> dense(8)\npeople = glyphs(5, 5, seed=1, size=16)")
    #expect(error == nil)
    switch run.interpreter.evaluate(SourceText(name: "cell", text: code)) {
    case .failed(let diagnostics): return ([], diagnostics.first?.explanation)
    default:
      let (lines, _) = run.cell(code)
      return (lines, nil)
    }
  }

  @Test(arguments: [
    "retrieval(net, glyphs(1, 5, seed=1, size=16))", "clustering(net, glyphs(1, 5, seed=1, size=16))",
    "retrieval(net, people, gallery=glyphs(1, 5, seed=1, size=16))",
  ]) func oneClassIsNoTest(_ code: String) {
    let message = run(code).explanation?.message ?? "no error"
    #expect(message.contains("needs at least two classes, got 5 images in 1 class"), "\(code): \(message)")
  }

  @Test func whatCannotBeWrongIsSaid() {
    let one = run("str(identification(net, people, known=0.1, trials=2, seed=1))").lines.joined()
    #expect(one.contains("one class is enrolled in each trial"), "\(one)")
    let two = run("str(identification(net, people, known=0.4, trials=2, seed=1))").lines.joined()
    #expect(two.contains("rank 1") && !two.contains("one class is enrolled"), "\(two)")
    let groups = run("str(clustering(net, glyphs(1, 5, seed=1, size=16), 2, seed=1))").lines.joined()
    #expect(groups.contains("2 clusters") && groups.contains("all images are of one class"), "\(groups)")
    let more = run("str(clustering(net, people, 2, seed=1))").lines.joined()
    #expect(more.contains("2 clusters") && !more.contains("one class"), "\(more)")
  }

  /// Images of classes without references are no question, and that is said.
  @Test func whoIsLeftOutOfAConfusionIsSaid() {
    let more = "glyphs(8, 5, seed=1, size=16)"
    let code = "str(confusion(net, \(more), gallery=\(more).split(classes=5, seed=1)[0]))"
    let some = run(code).lines.joined()
    #expect(
      some.contains("confusion of 5 classes") && some.contains("(15 images of other classes left out)"), "\(some)")
    let none = run("str(confusion(net, people, seed=1))").lines.joined()
    #expect(none.contains("confusion of") && !none.contains("left out"), "\(none)")
  }

  /// Distances that no float holds made every answer wrong, and those that were no numbers made every answer right.
  @Test(arguments: [
    "retrieval(net, far, distance=D)", "episodes(net, far, ways=3, trials=5, seed=1, distance=D)",
    "confusion(net, far, seed=1, distance=D)", "identification(net, far, seed=1, distance=D)",
    "distances(net, far, distance=D)", "report(net, far, trials=5, seed=1, distance=D)",
    "verification(net, pairs(far, 40, seed=1), seed=1, distance=D)",
    "retrieval(net, far, gallery=far, distance=D)",
  ]) func distancesThatNoNumberHolds(_ call: String) {
    let data = "far = people.normalise(mean=0, deviation=1e-25)\n"
    for metric in ["squared", "snr"] {
      let found = run(data + call.replacingOccurrences(of: "=D", with: "=\"\(metric)\"")).explanation
      #expect(found?.message.hasSuffix("no number holds their \(metric) distance") == true, "\(call): \(found as Any)")
      #expect(found?.help?.contains("distance=\"euclidean\"") == true)
    }
    let wide = run(data + call.replacingOccurrences(of: "=D", with: "=\"euclidean\""))
    #expect(wide.explanation == nil)
  }

  /// A folder's name may hold a new line: what it names stays one line.
  @Test func namesOfClassesStandInALine() {
    let named = "x = images(people.tensor, labels=[\"a\\nb{i}\" for i in people.labels])\n"
    let confused = run(named + "str(confusion(net, x, seed=1))").lines
    #expect(confused.count == 1 && confused[0].contains("a\\\\nb"), "\(confused)")
    let audited = run(named + "audit(x, x)").lines.joined(separator: "\n")
    #expect(audited.contains("a\\nb0") && !audited.contains("\nb0"), "\(audited)")
  }

  @Test(arguments: [
    ("identification(net, people, known=1)", "gallery="),
    ("retrieval(net, people, gallery=gallery(net))", "people.identify(x)"),
    ("episodes(net, gallery(net))", "people.identify(x)"), ("retrieval(net, 3)", "images(\"folder\")"),
  ]) func theWayOutIsNamed(_ code: String, _ help: String) {
    let explanation = run(code).explanation
    #expect(explanation?.help?.contains(help) == true, "\(code): \(String(describing: explanation))")
  }
}
