import Files
import Foundation
import Sandbox
import StandardLibrary
import TestSupport
import Testing

@testable import Session

/// Scripts that try each door of the box.
struct BoxTests {
  /// A replay of a text that stands in a folder of its own.
  struct Box {
    let top: TemporaryFolder
    let front = Front()
    let session: NotebookSession
    let box: ReplayBox

    init(_ files: [String: String] = [:]) throws {
      top = try TemporaryFolder()
      for name in ["script", "outside"] {
        try FileManager.default.createDirectory(atPath: top.path + "/" + name, withIntermediateDirectories: true)
      }
      try "hunter2 is the secret\n".write(toFile: top.path + "/outside/secret.txt", atomically: false, encoding: .utf8)
      for (name, text) in files {
        try text.write(toFile: top.path + "/script/" + name, atomically: false, encoding: .utf8)
      }
      box = try ReplayBox(script: top.path + "/script/a.twin")
      var options = NotebookSession.Options(library: StandardLibrary.registry)
      options.access = box.policy
      session = NotebookSession(output: front, options: options)
      session.isReplaying = true
    }

    /// The error's words.
    func error(_ code: String) -> String {
      let result = session.evaluate(code)
      return result.diagnostics.map { "\($0.explanation.message) \($0.explanation.help ?? "")" }.joined(separator: "\n")
    }

    var secret: String { top.path + "/outside/secret.txt" }
  }

  @Test(arguments: SessionCommand.all.filter(\.needsTrust).map(\.name))
  func commandsThatNeedTrust(_ name: String) throws {
    let box = try Box(["b.twin": "1 + 1\n"])
    _ = box.session.evaluate("x = 1")
    let error = box.error("%\(name) \(box.top.path)/script/b.twin")
    #expect(error.contains("may not use %\(name)") && error.contains("--trust"), "\(error)")
    #expect(box.session.evaluate("x").value == "1")
    #expect(try String(contentsOfFile: box.top.path + "/script/b.twin", encoding: .utf8) == "1 + 1\n")
  }

  @Test func theseNeedIt() {
    #expect(
      Set(SessionCommand.all.filter(\.needsTrust).map(\.name))
        == ["save", "edit", "load", "run", "reset", "replay", "review", "cd"])
  }

  /// Shown before: a cell that leaves a shell's start file behind.
  @Test func aStartFileIsNotWritten() throws {
    let box = try Box()
    let start = box.top.path + "/outside/.bashrc"
    for code in [
      "%save \(start)", "%save! \(start)", "writetext(\"\(start)\", \"echo owned\")",
      "writetext(\"../outside/.bashrc\", \"echo owned\")", "savetxt(\"\(start)\", ones([1]))",
      "%time writetext(\"\(start)\", \"echo owned\")", "%show writetext(\"\(start)\", \"echo owned\")",
      "%timeit writetext(\"\(start)\", \"echo owned\")",
    ] {
      #expect(!box.error(code).isEmpty, "\(code)")
      #expect(!FileManager.default.fileExists(atPath: start), "\(code)")
    }
  }

  /// Shown before: what an error told of a file, a server was told.
  @Test func errorsTellNothingOfOtherFiles() throws {
    let box = try Box()
    for call in [
      "collect(\"PATH\")", "readtext(\"PATH\")", "readcsv(\"PATH\")", "loadtxt(\"PATH\")", "load(\"PATH\")",
      "image(\"PATH\")", "images(\"PATH\")", "include(\"PATH\")", "review(\"PATH\")", "extract(\"PATH\", into=\"x\")",
      "faces(\"PATH\")", "fetch(\"mtcnn\", from=\"PATH\")",
    ] {
      let code = call.replacing("PATH", with: box.secret)
      let words = box.session.evaluate("m = none\ntry { \(code) } catch e { m = str(e) }\nm")
      let all = "\(words.value ?? "") \(words.output) \(box.error(code))"
      #expect(!all.contains("hunter2"), "\(all)")
      #expect(
        all.contains("may not read") || all.contains("network") || call.hasPrefix("include") || all.contains("mtcnn"),
        "\(code): \(all)")
    }
    #expect(box.error("include(\"\(box.secret)\")").contains("may not read"))
    #expect(box.error("include(\"../outside/secret.txt\")").contains("may not read"))
  }

  @Test func includesBesideItAreRead() throws {
    let box = try Box(["b.twin": "y = 41 + 1\n"])
    #expect(box.error("include(\"\(box.top.path)/script/b.twin\")") == "")
    #expect(box.session.evaluate("y").value == "42")
  }

  @Test func nothingIsSentFor() throws {
    let box = try Box()
    for code in [
      "collect(\"http://127.0.0.1:9/a.png\")", "collect(\"red panda\")", "fetch(\"omniglot_small1\")",
      "collect([\"http://127.0.0.1:9/\" + \"x\"])", "collect(\"cats\", base=\"http://127.0.0.1:9\")",
    ] {
      let error = box.error(code)
      // What is in the cache needs no network.
      if code.hasPrefix("fetch"), error.isEmpty { continue }
      #expect(error.contains("may not use the network"), "\(code): \(error)")
    }
  }

  /// A database on a server is a network, too; one in a file beside the script is copied before it is opened.
  @Test func databasesAreOpenedInTheBox() throws {
    let box = try Box()
    _ = box.session.evaluate("net = flatten >> dense(4)\nx = glyphs(2, 2)")
    for code in ["gallery(net, at=\"postgresql://127.0.0.1:9/x\")", "load(\"postgresql://127.0.0.1:9/x\")"] {
      #expect(box.error(code).contains("may not use the network"), "\(code): \(box.error(code))")
    }
    let outside = box.top.path + "/outside/people.gallery"
    #expect(box.error("gallery(net, at=\"\(outside)\")").contains("may not"))
    #expect(!FileManager.default.fileExists(atPath: outside))
    #expect(box.error("people = gallery(net, at=\"people.gallery\")\npeople.enroll(\"ann\", x[0])") == "")
    #expect(FileManager.default.fileExists(atPath: box.box.folder + "/people.gallery"))
    #expect(box.session.evaluate("load(\"people.gallery\").labels").value == "[\"ann\"]")
  }

  @Test func nobodyListens() throws {
    let box = try Box()
    box.session.isReplaying = false
    _ = box.session.evaluate(
      "net = flatten >> dense(4)\npeople = gallery(net)\nx = glyphs(2, 2)\npeople.enroll(\"a\", x[0])")
    for code in ["serve(people, port=0, seconds=1)", "serve(people, port=0, background=true)"] {
      #expect(box.error(code).contains("may not listen"), "\(code)")
    }
  }

  @Test func noProgramIsStarted() throws {
    let box = try Box()
    let mark = box.top.path + "/outside/mark"
    box.session.isReplaying = false
    #expect(!box.error("!touch \(mark)").isEmpty)
    #expect(!FileManager.default.fileExists(atPath: mark))
  }

  /// What it writes it reads again, and all of it goes with the box.
  @Test func whatItWritesIsItsOwn() throws {
    let box = try Box()
    let code = """
      writetext("a/notes.txt", "one") ;
      """
    #expect(box.error(code).contains("no folder"))
    let result = box.session.evaluate(
      "save(ones([2]), \"x.npy\")\nwritetext(\"notes.txt\", \"one\")\nreadtext(\"notes.txt\") + str(load(\"x.npy\").shape)"
    )
    #expect(result.value == "\"one[2]\"", "\(result.diagnostics)")
    let folder = box.box.folder
    #expect(FileManager.default.fileExists(atPath: folder + "/notes.txt"))
    let words = box.box.close()
    #expect(words?.contains("2 files") == true && words?.contains("--keep") == true, "\(words ?? "")")
    #expect(!FileManager.default.fileExists(atPath: folder))
    #expect(box.box.close() == nil)
  }

  /// Also where the working folder is not the script's: what it wrote is looked for first.
  @Test func foldersThatItWroteAreReviewed() throws {
    let box = try Box()
    let result = box.session.evaluate(
      "glyphs(2, 4, seed=1).save(\"letters\")\nr = review(\"letters\")\nr.copy(\"kept\")\nimages(\"kept\").count")
    #expect(result.value == "8", "\(result.diagnostics)")
  }

  /// What a run that was killed has left, the next one takes away; what others have, and what is nobody's, stays.
  @Test func foldersOfKilledRunsGo() throws {
    let first = try TemporaryPlace("rank")
    let top = try TemporaryFolder()
    try "mine".write(toFile: top.path + "/own.txt", atomically: false, encoding: .utf8)
    let name = UUID().uuidString
    let (left, other, link) = (first.place + "/replay-\(name)", first.place + "/\(name)", first.place + "/rank-\(name)")
    for folder in [left + "/deep", other] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    try "left".write(toFile: left + "/deep/x.txt", atomically: false, encoding: .utf8)
    // A link to elsewhere in what was left, and one in place of such a folder.
    try FileManager.default.createSymbolicLink(atPath: left + "/out", withDestinationPath: top.path)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: top.path)
    defer {
      try? FileManager.default.removeItem(atPath: other)
      unlink(link)
    }
    let second = try ReplayBox(script: top.path + "/a.twin")
    #expect(!FileManager.default.fileExists(atPath: left))
    for path in [first.path, second.folder, other, link, top.path + "/own.txt"] {
      #expect(FileManager.default.fileExists(atPath: path), "\(path)")
    }
    first.remove()
    _ = second.close()
    #expect(
      !FileManager.default.fileExists(atPath: first.path) && !FileManager.default.fileExists(atPath: second.folder))
  }

  @Test func whatIsKeptStays() throws {
    let top = try TemporaryFolder()
    let box = try ReplayBox(script: top.path + "/a.twin", keep: top.path + "/kept")
    try box.policy.bind { try FileSystem.write("1", to: "one.txt") }
    #expect(box.close()?.contains("kept: one.txt") == true)
    #expect(try String(contentsOfFile: top.path + "/kept/one.txt", encoding: .utf8) == "1")
    #expect(throws: AccessSetupError.notFresh(top.path + "/kept")) {
      try ReplayBox(script: top.path + "/a.twin", keep: top.path + "/kept")
    }
  }

  /// `%replay` in a session: the script is in the box, the session is not.
  @Test func theCommandHasABoxToo() throws {
    let top = try TemporaryFolder()
    let target = top.path + "/elsewhere.txt"
    try FileManager.default.createDirectory(atPath: top.path + "/script", withIntermediateDirectories: true)
    try "writetext(\"\(target)\", \"x\")\n".write(
      toFile: top.path + "/script/a.twin", atomically: false, encoding: .utf8)
    let desk = Desk()
    _ = desk.says("%replay \(top.path)/script/a.twin")
    #expect(!FileManager.default.fileExists(atPath: target))
    #expect(desk.says("%replay --trust \(top.path)/script/a.twin") != "")
    #expect(FileManager.default.fileExists(atPath: target))
  }

  /// The box was the script's, not the session's.
  @Test func theSessionIsFreeAfterAReplay() throws {
    let top = try TemporaryFolder()
    try "1 + 1\n".write(toFile: top.path + "/a.twin", atomically: false, encoding: .utf8)
    let desk = Desk()
    _ = desk.says("%replay \(top.path)/a.twin")
    #expect(desk.says("writetext(\"\(top.path)/elsewhere.txt\", \"x\")") == "")
    #expect(FileManager.default.fileExists(atPath: top.path + "/elsewhere.txt"))
  }
}
