import Foundation
import Testing

@testable import NotebookFormats

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
    "", "tru", "+1", ".5", "01x", "\"a", "\"\\x\"", "\"\n\"", "[1,]", "{\"a\"}", "{a:1}", "1 2", "nulll",
  ])
  func whatIsNoJSONIsRefused(_ text: String) {
    #expect(throws: JSONProblem.self) { try JSONValue(reading: text) }
  }

  /// Foundation reads what is written, and writes what is read.
  @Test func foundationAgrees() throws {
    let value = JSONValue.object([
      "b": .array([.int(1), .string("\u{7f}\u{1}\"\\ é😀\u{2028}"), .null, .bool(false)]), "a": .emptyObject,
    ])
    for bytes in [value.compact, value.indented] {
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
}
