import Foundation
import ScriptSupport
import Testing

/// Values as JSON, and back.
struct JSONTextTests {
  private func run(_ code: String) -> (lines: [String], error: String?) { ScriptRun(steps: 1_000_000).cell(code) }

  @Test(arguments: [
    ("[1, 2.5, -0.0, 1e3]", "[1, 2.5, -0, 1000]"), ("{\"a\": {\"b c\": null}}", "{a: {\"b c\": none}}"),
    ("\"\\u00e9\\n\"", "\"é\\n\""), ("true", "true"), ("[]", "[]"), ("{}", "{}"), ("[[], [{}]]", "[[], [{}]]"),
    ("[{\"a\": 1, \"b\": 2}, {\"a\": 3, \"b\": 4}]", "[{a: 1, b: 2}, {a: 3, b: 4}]"),
    ("[{\"a\": 1}, {\"b\": 2}, 3]", "[{a: 1}, {b: 2}, 3]"),
    // An id that a number would change stays text.
    ("[9007199254740993, 9007199254740992, 1e300]", "[\"9007199254740993\", 9007199254740992, 1e+300]"),
  ]) func reads(_ json: String, _ expected: String) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("twinbook-json-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data(("\u{FEFF}" + json).utf8).write(to: folder.appendingPathComponent("x.json"))
    let run = ScriptRun(steps: 1_000_000)
    run.interpreter.context.workingDirectory = folder.path
    let outcome = run.cell("x = readjson(\"x.json\")\nx")
    #expect(outcome.lines == [expected], "\(outcome)")
    // What is written comes back, in a file as in a text.
    let again = run.cell(
      "writejson(\"y.json\", x, indent=2)\nprint(readjson(\"y.json\") == x, parsejson(tojson(x)) == x)")
    #expect(again.lines == ["true true"], "\(again)")
  }

  /// Foundation reads what is written.
  @Test func foundationAgrees() throws {
    let outcome = run(
      "print(tojson({n: none, t: tensor([[1, 0.1], [-0.0, 1e-7]]), r: 0..<3, s: \"a\\\"\\n\\{é\", e: zeros([0, 2]), x: 1/3, whole: tensor(3), big: 1e21}))"
    )
    let text = try #require(outcome.lines.first, "\(outcome)")
    let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(object["n"] is NSNull && object["s"] as? String == "a\"\n{é")
    #expect(object["t"] as? [[Double]] == [[1, 0.1], [0, 1e-7]] && object["r"] as? [Double] == [0, 1, 2])
    #expect(object["x"] as? Double == 1.0 / 3 && object["whole"] as? Double == 3 && object["big"] as? Double == 1e21)
    #expect((object["e"] as? [Any])?.isEmpty == true && text.contains("-0.0"))
  }

  @Test(arguments: [
    ("tojson([1, {a: nan}])", "value[1][\"a\"] is nan"), ("tojson(tensor([[1, 2], [inf, 4]]))", "value[1, 0] is inf"),
    ("tojson({f: print})", "value[\"f\"] is the function print"), ("parsejson('[1,]')", "line 1, column 4"),
    ("parsejson('')", "it is empty"), ("parsejson('\\{\"a\": 1, \"a\": 2\\}')", "\"a\" stands twice"),
    ("parsejson('[1e999]')", "more than a number can hold"), ("parsejson('[NaN]')", "line 1, column 2, \"NaN]\""),
    ("parsejson('1\\n2')", "stands behind the value"), ("readjson(\"/none/x.json\")", "there is no file"),
    ("x = []\nfor i in 0..<300 { x = [x] }\ntojson(x)", "deeper than 200"),
  ]) func refuses(_ code: String, _ words: String) {
    let outcome = run(code)
    #expect(outcome.error?.contains(words) == true, "\(outcome)")
  }
}
