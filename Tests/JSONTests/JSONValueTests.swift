import Foundation
import Testing

@testable import JSON

struct JSONValueTests {
  @Test(arguments: [
    "null", "true", "-0.5e+10", "\"\"", "\"a\\\\\\\"\\n\\u0001\"", "[]", "{}", "[1,[2,{\"a\":null}]]",
    "\"é😀\"", "12345678901234567890",
  ])
  func valuesComeBack(_ text: String) throws {
    #expect(String(decoding: try JSONValue(reading: text).compact, as: UTF8.self) == text)
  }

  @Test func escapesAreRead() throws {
    #expect(try JSONValue(reading: "\"\\u00e9\\ud83d\\ude00\\/\\b\\f\\t\"").string == "é😀/\u{8}\u{c}\t")
    // Half of a pair is no character.
    #expect(try JSONValue(reading: "\"\\ud83d!\"").string == "\u{FFFD}!")
  }

  @Test(arguments: [
    "", "tru", "+1", ".5", "01", "-", "-01", "1.", "1.e5", "1e", "1e+", "0x1", "--1", "\"\\u12+4\"", "[,1]", "{,}",
    "{\"a\" 1}", "{\"a\":}", "[1", "True", "\u{FEFF}\u{FEFF}1", "[\u{a0}1]",
    "\"a", "\"\\x\"", "\"\n\"", "[1,]", "{\"a\"}", "{a:1}", "1 2", "nulll",
  ])
  func whatIsNoJSONIsRefused(_ text: String) {
    #expect(throws: JSONProblem.self) { try JSONValue(reading: text) }
  }

  /// Foundation reads what is written, and writes what is read.
  @Test func foundationAgrees() throws {
    let value = JSONValue.object([
      "b": .array([.int(1), .string("\u{7f}\u{1}\"\\ é😀\u{2028}"), .null, .bool(false)]), "a": .emptyObject,
    ])
    for bytes in [value.compact, value.indented(by: 1)] {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? NSDictionary)
      let again = try JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
      let read = try JSONValue(reading: Array(again))
      #expect(read["b"] == value["b"] && read["a"] == value["a"])
    }
  }

  @Test func linesAreKnown() throws {
    let value = try JSONValue(reading: "{\n\"a\": [\n1,\n\"b\"]}")
    #expect(value["a"]?.array?.map(\.line) == [3, 4])
  }

  /// What is wrong, and where: columns count characters.
  @Test(arguments: [
    ("[1,\n 2,]", JSONProblem.Reason.missingValue, 2, 4, "]"), ("[1 2]", .missingComma, 1, 4, "2]"),
    ("{\"é\": 'x'}", .unquoted, 1, 7, "'x'}"), ("{a: 1}", .unquoted, 1, 2, "a:"), ("[nan]", .unquoted, 1, 2, "nan]"),
    ("[NaN]", .notFinite, 1, 2, "NaN]"), ("-Infinity", .notFinite, 1, 1, "-Infinity"),
    ("[1, // x\n2]", .comment, 1, 5, "//"),
    ("{} {}", .secondValue, 1, 4, "{}"), ("[\"a\nb\"]", .controlCharacter, 1, 4, "\n"),
    ("\"a\\q\"", .unknownEscape, 1, 3, "\\q\""),
    ("{\"a\": [1, 2", .cutOff, 1, 12, ""), ("01", .other, 1, 1, "01"), ("\n\n", .cutOff, 3, 1, ""),
  ])
  func placesAreTold(_ text: String, _ reason: JSONProblem.Reason, _ line: Int, _ column: Int, _ found: String) {
    #expect(throws: JSONProblem(reason: reason, line: line, column: column, found: found)) {
      try JSONValue(reading: text)
    }
  }

  @Test func depthIsBounded() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try JSONValue(reading: nested(JSONValue.deepest))
    #expect {
      try JSONValue(reading: nested(JSONValue.deepest + 1))
    } throws: { ($0 as? JSONProblem)?.reason == .tooDeep }
  }

  /// With their digits: what reads them decides what they are.
  @Test(arguments: ["0", "-0", "0.0", "1e5", "1E-5", "-1.25e+3", "10", "1e400", "9007199254740993"])
  func numbersAreTaken(_ text: String) throws {
    #expect(try JSONValue(reading: text).content == .number(text))
  }

  @Test func orderIsKept() throws {
    let value = try JSONValue(reading: "{\"b\":1,\"a\":[]}")
    #expect(String(decoding: value.indented(by: 2), as: UTF8.self) == "{\n  \"b\": 1,\n  \"a\": []\n}\n")
    #expect(String(decoding: value.sorted.compact, as: UTF8.self) == "{\"a\":[],\"b\":1}")
  }
}
