import Foundation
import StandardLibrary
import Testing

@testable import Session

/// What is asked of a script as a whole.
@Suite struct WholeScriptTests {
  /// Files are no names: what may have written one that is read stays.
  @Test func minimalKeepsWhatWritesTheFilesThatAreRead() throws {
    let folder = NSTemporaryDirectory() + "minimal-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    func kept(_ cells: String...) -> [String] {
      let desk = Desk()
      for cell in cells { desk.type(cell) }
      return desk.session.document(minimal: true).cells.map(\.source)
    }
    let (write, read) = ("writetext(\"\(folder)/o.txt\", \"hi\")", "readtext(\"\(folder)/o.txt\")")
    #expect(kept(write, "unused = 1", read) == [write, read])
    #expect(kept(write, "1 + 1") == ["1 + 1"])
    let images = ["glyphs(2, 2, seed=1).save(\"\(folder)/let\")", "images(\"\(folder)/let\")"]
    #expect(kept(images[0], images[1]) == images)
    let define = "fn put(x) { save(x, \"\(folder)/x.npy\") }"
    let load = "load(\"\(folder)/x.npy\")"
    #expect(kept(define, "t = ones([2])", "put(t)", load) == [define, "t = ones([2])", "put(t)", load])
  }

  @Test func callsThatReadAndWriteAreTold() {
    let registry = StandardLibrary.registry()
    func calls(_ code: String) -> [Bool] {
      let calls = FileCalls(in: code, registry)
      return [calls.writes, calls.reads]
    }
    #expect(calls("x = 1 # save(x)") == [false, false] && calls("\"save(x)\"") == [false, false])
    #expect(calls("t.save(\"x\")") == [true, false] && calls("pairs(\"a\", \"b\")") == [false, true])
    #expect(calls("pairs(letters, 4)") == [false, false] && calls("xs.copy()") == [false, false])
    #expect(calls("gallery(net, at=\"p.gallery\")") == [true, true])
    let writers =
      "writetext writecsv writejson save savetxt collect extract export enroll remove rename renew undo calibrate forget"
    let readers =
      "readtext readcsv readjson load loadtxt image images include extract review resume oneshotruns forget"
    for name in writers.split(separator: " ") { #expect(calls("\(name)(x)")[0], "\(name)") }
    for name in readers.split(separator: " ") { #expect(calls("\(name)(x)")[1], "\(name)") }
    #expect(calls("r.copy(\"kept\")") == [true, false])
    for name in ["pairs", "faces", "network", "adopt"] {
      #expect(calls("\(name)(\"a\")") == [false, true] && calls("\(name)(a)") == [false, false], "\(name)")
    }
    // Whatever takes the name of a file or folder says what it does with it.
    let names: Set<String> = ["path", "folder", "into", "file"]
    for builtin in registry.all where builtin.parameters.contains(where: { names.contains($0.name) }) {
      #expect(!builtin.files.isEmpty, "\(builtin.qualifiedName)")
    }
  }

  /// A script that cannot be read as a whole does nothing; a cell that may fail does so in its turn.
  @Test func aScriptWithASyntaxErrorRunsNotAtAll() throws {
    let text = "# %%\nprint(\"cell 1 ran\")\n\n# %%\nx = (1 +\n\n# %%\ny = = 2\n"
    let desk = Desk()
    var failed: [Int] = []
    let document = try NotebookDocument(reading: text, name: "a.twin")
    let outcome = desk.session.run(document, file: "a.twin") { step, number in
      #expect(step.result.status == .failed && !step.result.diagnostics.isEmpty)
      failed.append(number)
    }
    #expect(failed == [2, 3] && outcome.failedCell == 2 && outcome.cellsRun == 0 && desk.front.written.isEmpty)
    let path = NSTemporaryDirectory() + "syntax-\(UUID().uuidString).twin"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    let result = desk.type("%run \(path)")
    #expect(result.status == .failed && result.diagnostics.count >= 2 && desk.front.written.isEmpty)
    // As it was recorded.
    let allowed = "# %%\nx = 1\n\n# %% [allow-fail]\nx = (1 +\n\n# %% [failed]\n# y = = 2\n\n# %%\nx\n#> 1\n"
    #expect(try Desk().session.run(NotebookDocument(reading: allowed, name: "b"), file: "b") { _, _ in }.succeeded)
  }
}
