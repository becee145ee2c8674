import Foundation
import Interpreter
import ScriptSupport
import Testing

/// Text and tables of text, read and written.
struct TextFilesTests {
  /// A folder with files of these bytes, and a script that runs in it.
  private final class Place {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("twinbook-text-\(UUID())")
    let run = ScriptRun(steps: 1_000_000)

    init(_ files: [String: [UInt8]] = [:]) throws {
      try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
      for (name, bytes) in files { try Data(bytes).write(to: path.appendingPathComponent(name)) }
      run.interpreter.context.workingDirectory = path.path
    }

    deinit { try? FileManager.default.removeItem(at: path) }

    func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: path.appendingPathComponent(name))) }
  }

  @Test(arguments: [
    // What Python's csv and pandas make of them.
    ("a,b\n1,2\n", "[{a: 1, b: 2}]"), ("a,b\r\n1,x\r\n", "[{a: 1, b: \"x\"}]"), ("a,b\n1,2", "[{a: 1, b: 2}]"),
    ("a,b\n\"x, y\",\"say \"\"hi\"\"\"\n", "[{a: \"x, y\", b: \"say \\\"hi\\\"\"}]"),
    ("a,b\n\"two\nlines\",1\n", "[{a: \"two\\nlines\", b: 1}]"),
    ("a,b\n,1\n2,\n", "[{a: none, b: 1}, {a: 2, b: none}]"),
    ("a,b\nx,1\n,y\n", "[{a: \"x\", b: \"1\"}, {a: \"\", b: \"y\"}]"),
    ("\u{FEFF}a\n1e3\n-0.5\n", "[{a: 1000}, {a: -0.5}]"),
    ("a\n\"\"\n", "[{a: \"\"}]"), ("a\n\n1\n\n", "[{a: 1}]"), ("a,b\n", "[]"), ("", "[]"),
    // Ids that numbers would change stay text.
    ("id,n\n9007199254740993,1\n2,3\n", "[{id: \"9007199254740993\", n: 1}, {id: \"2\", n: 3}]"),
    ("month,n\n2024_01,1_000\n2024_02,2\n", "[{month: \"2024_01\", n: \"1_000\"}, {month: \"2024_02\", n: \"2\"}]"),
    ("x\n1e3\n+.5\nnan(1)\n", "[{x: \"1e3\"}, {x: \"+.5\"}, {x: \"nan(1)\"}]"),
    ("id\n-123456789012345678\n", "[{id: \"-123456789012345678\"}]"),
    ("id\n9007199254740992\n", "[{id: 9007199254740992}]"), ("x\n1e300\n", "[{x: 1e+300}]"),
    ("x\n1000000000000000000000\n123456789012345678.5\n", "[{x: 1e+21}, {x: 1.2345678901234568e+17}]"),
    ("naïve,日本\né,1\n", "[{naïve: \"é\", 日本: 1}]"),
  ]) func readsCSV(_ text: String, _ expected: String) throws {
    let place = try Place(["x.csv": Array(text.utf8)])
    let outcome = place.run.cell("readcsv(\"x.csv\")")
    #expect(outcome.lines == [expected], "\(outcome)")
  }

  @Test func otherTables() throws {
    let place = try Place(["x.csv": Array("1;a\n2;b\n".utf8), "y.tsv": Array("n\tm\n007\t1\n".utf8)])
    #expect(place.run.cell("readcsv(\"x.csv\", header=false, delimiter=\";\")").lines == ["[[1, \"a\"], [2, \"b\"]]"])
    #expect(place.run.cell("readcsv(\"y.tsv\", delimiter=\"\\t\", text=true)").lines == ["[{n: \"007\", m: \"1\"}]"])
  }

  /// Whatever is written comes back.
  @Test(arguments: [
    "[{a: 1.5, b: \"x\"}, {a: -2, b: \"y, z\"}]", "[{name: \"two\\nlines\", n: 0.1}, {name: \"\\\"q\\\"\", n: 1e300}]",
    "[{a: 1, b: none}, {a: 2, b: 3}]", "[{a: \" x \", b: \"é\"}]",
  ]) func comesBack(_ rows: String) throws {
    let place = try Place()
    let outcome = place.run.cell("rows = \(rows)\nwritecsv(\"x.csv\", rows)\nreadcsv(\"x.csv\") == rows")
    #expect(outcome.lines == ["true"], "\(outcome)")
  }

  @Test func writesCSV() throws {
    let place = try Place()
    #expect(place.run.cell("writecsv(\"t.csv\", tensor([[1, 0.1], [3, 16777217 * 0 + 4]]))").error == nil)
    #expect(String(decoding: try place.bytes("t.csv"), as: UTF8.self) == "1,0.1\n3,4\n")
    #expect(place.run.cell("writecsv(\"h.csv\", [[1, \"a\"]], header=[\"n\", \"s\"], delimiter=\";\")").error == nil)
    #expect(String(decoding: try place.bytes("h.csv"), as: UTF8.self) == "n;s\n1;a\n")
  }

  /// Columns, of each kind that a column may be.
  @Test(arguments: [
    ("{name: [\"ann\", \"bob\"], age: [1, none]}", "name,age\nann,1\nbob,\n"),
    ("{a: tensor([0.1, 2]), b: 3...4, c: [true, false]}", "a,b,c\n0.1,3,true\n2,4,false\n"), ("{a: []}", "a\n"),
    ("{b: [1], a: [2]}, header=[\"a\", \"b\"]", "a,b\n2,1\n"),
  ]) func writesColumns(_ columns: String, _ expected: String) throws {
    let place = try Place()
    let outcome = place.run.cell("writecsv(\"x.csv\", \(columns))")
    #expect(outcome.error == nil, "\(outcome)")
    #expect(String(decoding: try place.bytes("x.csv"), as: UTF8.self) == expected)
  }

  /// As numpy.loadtxt has it.
  @Test(arguments: [
    ("1 2\n3 4\n", "loadtxt(\"x.txt\")", "[[1, 2], [3, 4]]"), ("1 2 3\n", "loadtxt(\"x.txt\")", "[1, 2, 3]"),
    ("1\n2\n", "loadtxt(\"x.txt\")", "[1, 2]"),
    ("# head\n1,2 # tail\n\n3,4\n", "loadtxt(\"x.txt\", \",\")", "[[1, 2], [3, 4]]"),
    ("x y\n1 2\n", "loadtxt(\"x.txt\", skiprows=1)", "[1, 2]"),
    ("1 2 3\n4 5 6\n", "loadtxt(\"x.txt\", usecols=[2, 0])", "[[3, 1], [6, 4]]"),
    ("1 2 3\n4 5 6\n", "loadtxt(\"x.txt\", usecols=-1)", "[3, 6]"),
    ("1e3\t-inf\n", "loadtxt(\"x.txt\")", "[1000, -inf]"),
    ("16777217\r\n3\r\n", "loadtxt(\"x.txt\")", "[16777217, 3]"),
  ]) func loadsNumbers(_ text: String, _ call: String, _ expected: String) throws {
    let place = try Place(["x.txt": Array(text.utf8)])
    #expect(place.run.cell("\(call).tolist()").lines == [expected])
  }

  @Test func roundedNumbersAreTold() throws {
    let place = try Place(["x.txt": Array("9007199254740993 16777217\n1 2\n".utf8), "y.txt": Array("1e300\n".utf8)])
    #expect(place.run.cell("loadtxt(\"x.txt\").shape").lines == ["[2, 2]"])
    #expect(place.run.output.warnings.count == 1)
    #expect(place.run.output.warnings.first?.hasPrefix("2 whole numbers of “x.txt” are rounded") == true)
    #expect(place.run.cell("loadtxt(\"x.txt\", usecols=1).tolist()").lines == ["[16777217, 2]"])
    // Beyond float32, and told so.
    #expect(place.run.cell("loadtxt(\"y.txt\")").error == nil)
    #expect(place.run.output.warnings.count == 2 && place.run.output.warnings.last?.contains("y.txt") == true)
    let again = try Place(["x.txt": Array("9007199254740993 16777217\n1 2\n".utf8)])
    #expect(again.run.cell("loadtxt(\"x.txt\").tolist()[0][1]").lines == ["16777216"])
  }

  @Test func underscoresMakeNoNumber() throws {
    let place = try Place(["x.txt": Array("1 2024_01\n".utf8)])
    #expect(place.run.cell("loadtxt(\"x.txt\")").error?.contains("\"2024_01\" is no number") == true)
    #expect(place.run.cell("loadtxt(\"x.txt\", usecols=0)").lines == ["1"])
  }

  @Test func savesNumbers() throws {
    let place = try Place()
    let script = """
      x = tensor([[0.1, 16777216], [-3, 1e-20]])
      savetxt("x.txt", x)
      print((loadtxt("x.txt") == x).all())
      savetxt("y.txt", x, "%.2f", ",", header="a,b")
      """
    let outcome = place.run.cell(script)
    #expect(outcome.lines == ["true"], "\(outcome)")
    #expect(String(decoding: try place.bytes("y.txt"), as: UTF8.self) == "# a,b\n0.10,16777216.00\n-3.00,0.00\n")
  }

  @Test(arguments: [
    ("readcsv(\"ragged.csv\")", "line 3: 1 column where 2 are expected"),
    ("readcsv(\"open.csv\")", "a quote that begins in line 2"),
    ("readcsv(\"behind.csv\")", "text follows a quote"), ("readcsv(\"twice.csv\")", "two columns \"a\""),
    ("loadtxt(\"words.txt\")", "line 2: \"x\" is no number"), ("loadtxt(\"ragged.txt\")", "line 2: 1 column where 2"),
    ("readtext(\"zero.bin\")", "byte 2 is zero"), ("readtext(\"latin.txt\")", "is not text in UTF-8"),
    ("readtext(\"wide.txt\")", "UTF-16"), ("readtext(\"none.txt\")", "there is no file"),
    ("readtext(\".\")", "is a folder"),
    ("readtext(\"/dev/zero\")", "is a device"), ("writetext(\"zero.bin\", \"a\")", "is no text: it was not replaced"),
    ("writetext(\"none/x.txt\", \"a\")", "there is no folder"),
    ("writecsv(\"zero.bin\", [[1]])", "it was not replaced"),
    ("savetxt(\"zero.bin\", ones(2))", "it was not replaced"),
    ("writetext(\"x.txt\", \"ab\\0\")", "“x.txt” was not written: byte 2 would be zero"),
    ("writetext(\"x.txt\", \"\\0\", append=true)", "byte 0 would be zero"),
    ("writecsv(\"x.csv\", [[\"a\\0\"]])", "byte 1 would be zero"),
    ("savetxt(\"x.csv\", ones(2), header=\"\\0\")", "would be zero"),
    ("writecsv(\"x.csv\", [[1, 2], [3]])", "row 1 has 1 cell,"),
    ("writecsv(\"x.csv\", [{a: 1}, {b: 1}])", "row 1 has the fields"),
    ("writecsv(\"x.csv\", {a: [1, 2], b: [3]})", "column \"b\" has 1 cell, \"a\" has 2"),
    ("writecsv(\"x.csv\", {a: [1], b: \"x\"})", "\"b\" is the string"), ("writecsv(\"x.csv\", {})", "no columns"),
    ("writecsv(\"x.csv\", {a: [1]}, header=[\"b\"])", "has the columns"),
    ("writecsv(\"x.csv\", rand([2, 5, 5]))", "one axis or two"),
    ("writecsv(\"x.csv\", [{a: 1}, {a: ones(3)}])", "row 1, column \"a\" holds a tensor"),
    ("writecsv(\"x.csv\", [[1, len]])", "row 0, column 1 holds"),
    ("writecsv(\"x.csv\", [[[1]]])", "row 0, column 0 holds"),
    ("savetxt(\"x.txt\", ones([1, 1, 1]))", "one axis or two"),
    ("savetxt(\"x.txt\", ones(2), \"%q\")", "a format such as"),
    ("readcsv(\"ragged.csv\", delimiter=\"ab\")", "one character"),
  ]) func errors(_ call: String, _ message: String) throws {
    let place = try Place([
      "ragged.csv": Array("a,b\n1,2\n3\n".utf8), "open.csv": Array("a\n\"x\n".utf8),
      "behind.csv": Array("a\n\"x\"y\n".utf8),
      "twice.csv": Array("a,a\n1,2\n".utf8), "words.txt": Array("1\nx\n".utf8), "ragged.txt": Array("1 2\n3\n".utf8),
      "zero.bin": [1, 2, 0, 4], "latin.txt": [0x63, 0x61, 0x66, 0xE9], "wide.txt": [0xFF, 0xFE, 0x61, 0],
    ])
    let outcome = place.run.cell(call)
    #expect(outcome.error?.contains(message) == true, "\(call): \(outcome)")
    #expect(try place.bytes("zero.bin") == [1, 2, 0, 4])
  }

  /// A text that is there is replaced whole; a long one, and one whose characters take several bytes, are text as well.
  @Test func replacesText() throws {
    let place = try Place(["x.txt": Array(String(repeating: "日本", count: 2000).utf8)])
    #expect(place.run.cell("writetext(\"x.txt\", \"a\")\nreadtext(\"x.txt\")").lines == ["\"a\""])
  }
}
