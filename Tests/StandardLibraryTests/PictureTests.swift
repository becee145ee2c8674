import Diagnostics
import Foundation
import Interpreter
import ScriptSupport
import Testing

/// Pictures out of arrays, and what figures and datasets say of what they are given.
@Suite struct PictureTests {
  private func run(_ code: String) -> (lines: [String], error: String?, warnings: [String]) {
    let run = ScriptRun(steps: 10_000_000)
    let folder = FileManager.default.temporaryDirectory.path + "/twinbook-\(UUID().uuidString)"
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    run.interpreter.context.workingDirectory = folder
    let (lines, error) = run.cell(code)
    let warnings = run.output.warnings
    // Once more, for its line of help.
    guard error != nil, case .failed(let found) = run.interpreter.evaluate(SourceText(name: "cell", text: code)) else {
      return (lines, error, warnings)
    }
    return (lines, found.first?.rendered(color: false), warnings)
  }

  @Test(arguments: [
    ("images(rand([4, 1, 8, 8], seed=1), [0, 0, 10, 9]).classes", "[\"0\", \"9\", \"10\"]"),
    ("images(rand([4, 8, 9], seed=1)).shape", "[1, 8, 9]"),
    ("images(rand([4, 3, 8, 9], seed=1), labels=[\"a\", \"b\", \"a\", \"b\"]).labels", "[0, 1, 0, 1]"),
    ("images(rand([2, 8, 8], seed=1), tensor([[3], [5]])).classes", "[\"3\", \"5\"]"),
    ("image(zeros([3, 5, 6])).shape", "[3, 5, 6]"), ("image(rand([5, 6], seed=1)).shape", "[1, 5, 6]"),
    ("image(zeros([5, 5])).save(\"x.png\")\nimage(\"x.png\").width", "5"),
    ("x = round(rand([2, 1, 4, 4], seed=1) * 255) / 255\nabs(images(x).tensor - x).max() < 0.000001", "true"),
    (
      "x = glyphs(2, 2, seed=1)\n[x.normalise() == x, x.augment(rotate=10) == x, glyphs(2, 2, seed=1) == x]",
      "[false, false, true]"
    ),
    ("x = glyphs(2, 2, seed=1)\n[x in [glyphs(2, 2, seed=1)], x in [x.invert()]]", "[true, false]"),
    ("glyphs(2, 2, seed=1).take(0).resize(5).shape", "[1, 5, 5]"),
    (
      "g = glyphs(3, 4, seed=1)\np = pairs(g, 20, seed=1)\n[p == pairs(glyphs(3, 4, seed=1), 20, seed=1), "
        + "p == pairs(g, 20, seed=2), p == pairs(g.invert(), 20, seed=1), p == pairs(g, 21, seed=1)]",
      "[true, false, false, false]"
    ),
    (
      "g = glyphs(3, 4, seed=1)\nh = glyphs(3, 4, seed=2)\np = pairs(g, 20, seed=1, gallery=h)\n"
        + "[p == pairs(g, 20, seed=1, gallery=h), p == pairs(g, 20, seed=1, gallery=h.invert())]", "[true, false]"
    ),
    (
      "x = rand([4, 2, 1, 3, 3], seed=1)\ny = tensor([1, 0, 1, 0])\n"
        + "[pairs(x, y) == pairs(x + 0, y), pairs(x, y) == pairs(x / 2, y), pairs(x, y) == pairs(x, 1 - y)]",
      "[true, false, false]"
    ),
    (
      "x = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]\nh = histogram(x, bins=9);\n"
        + "[h.edges[-1], sum(h.counts), histogram(x, bins=h.edges).counts == h.counts]", "[1, 10, true]"
    ),
    ("isnan(tsne(rand([50, 3], seed=1) * 1e20, steps=5, seed=1)).any()", "false"),
  ]) func values(_ code: String, _ expected: String) {
    let found = run(code)
    #expect(found.error == nil && found.lines.last == expected, "\(code): \(found)")
  }

  @Test(arguments: [
    ("images(rand([4, 8, 8, 3], seed=1))", "x.transpose(0, 3, 1, 2)"),
    ("images(rand([4, 1, 8, 8], seed=1) * 255)", "images(x / 255)"),
    ("images(randn([4, 1, 8, 8], seed=1))", "x.min()"),
    ("images(rand([4, 1, 8, 8], seed=1), [1, 2])", "2 labels for 4 images"),
    (
      "glyphs(3, 4, seed=1)[[0, 1, 2, 4, 8]].batches(4, perclass=2, seed=1)",
      "batches wants 2 classes with at least 2 images each, got 1"
    ),
    (
      "glyphs(1, 4, seed=1).batches(4, perclass=2, seed=1)",
      "batches needs at least two classes, got 4 images in 1 class"
    ),
    ("image(rand([8, 8, 3], seed=1))", "x.transpose(2, 0, 1)"), ("image(rand([2, 1, 8, 8], seed=1))", "images(x)"),
    ("save(zeros([5, 5]), \"x.png\")", "image(x).save(path)"), ("save(glyphs(1, 1)[0], \"g.png\")", "x.save(path)"),
    ("save(zeros([5, 5]), \"x.txt\")", "savetxt(path, x)"),
    ("montage(rand([4, 20, 20, 3], seed=1))", "x.transpose(0, 3, 1, 2)"),
    ("montage(rand([70, 4, 4], seed=1), labels=[\"a\"] * 61)", "expects 70 labels"),
    ("montage(pairs(glyphs(3, 3, seed=1), 4, seed=1))", "montage(data["),
    ("histogram([1, 2], threshold=nan)", "threshold must be a number"),
    ("plot([1, none, 3])", "item 1 is none"), ("plot([1, \"a\"])", "item 1 is the string"),
    ("plot({a: 1, b: 2})", "bars(x)"), ("curve(1, kind=\"det\")", "log=true"),
    ("tsne(rand([5, 3], seed=1))", "perplexity=1"), ("tsne([[1, nan], [3, 4], [5, 6]], perplexity=1)", "point 0"),
    ("glyphs(2, 2).folds(5)", "folds=10"), ("image(zeros([5, 5])).resize(16384, 16384)", "100 million"),
  ]) func errors(_ code: String, _ words: String) {
    let found = run(code)
    #expect(found.error?.contains(words) == true, "\(code): \(found)")
  }

  @Test(arguments: [
    ("montage(rand([20, 20, 3], seed=1));", "x.transpose(2, 0, 1)"),
    ("glyphs(2, 2, seed=1).normalise(0.5, 0.5).normalise(0.25, 0.5);", "replaces normalise(0.5, 0.5)"),
    ("pairs(rand([4, 2, 8, 8, 1], seed=1), [1, 0, 1, 0]);", "x.transpose(0, 1, 4, 2, 3)"),
    ("x = rand([1, 2, 1, 8, 8], seed=1)\npairs(concat([x, x]), [1, 0]);", "1 of 2 is labelled different"),
    ("writetext(\"x.txt\", \"1e39 1\")\nloadtxt(\"x.txt\");", "1 number of “x.txt” is beyond float32"),
  ]) func warnings(_ code: String, _ words: String) {
    let found = run(code)
    #expect(found.error == nil && found.warnings.count == 1, "\(code): \(found)")
    #expect(found.warnings.first?.contains(words) == true, "\(found.warnings)")
  }

  /// One label for each image that is shown does, as before, and so does one for each of all.
  @Test(arguments: [60, 70]) func labelsOfACutMontage(count: Int) {
    #expect(run("montage(rand([70, 4, 4], seed=1), labels=[\"a\"] * \(count));").error == nil)
    #expect(run("glyphs(2, 2, seed=1).normalise(0.5, 0.5).normalise(0.5, 0.5);").warnings.isEmpty)
  }
}
