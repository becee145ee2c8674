import Foundation
import Testing

/// `twinbook forget NAME FOLDER`, as an operator types it.
@Suite(.needsExecutable)
struct ForgetTests {
  private func made() throws -> Folder {
    let folder = try Folder()
    let outcome = try Executable.run(
      [
        "eval",
        """
        letters = glyphs(3, 2, seed=1)
        letters.save("work/faces")
        people = gallery(flatten >> dense(4), at="work/people.gallery")
        people.enroll(letters, consent="a form", expires="2199-01-01")
        """,
      ], in: folder)
    #expect(outcome.code == 0, "\(outcome)")
    return folder
  }

  @Test func firstItIsShownThenDone() throws {
    let folder = try made()
    let shown = try Executable.run(["forget", "glyph2", "work"], in: folder)
    #expect(shown.code == 0 && shown.output.contains("would be forgotten of glyph2"), "\(shown)")
    #expect(shown.output.contains("work/faces/glyph2") && shown.output.contains("work/people.gallery"), "\(shown)")
    #expect(
      shown.output.hasSuffix("nothing is gone yet: twinbook forget --yes glyph2 work does it, for good\n"), "\(shown)")
    // The words of a session, which this is not.
    #expect(
      !shown.output.contains("session") && !shown.output.contains("sure=true") && shown.errors.isEmpty, "\(shown)")
    #expect(folder.has("work/faces/glyph2"))
    let done = try Executable.run(["forget", "--yes", "glyph2", "work"], in: folder)
    #expect(done.code == 0 && done.output.contains("glyph2 is forgotten"), "\(done)")
    #expect(!folder.has("work/faces/glyph2") && folder.has("work/faces/glyph1"))
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path + "/work") {
      let data = FileManager.default.contents(atPath: folder.path + "/work/" + name)
      #expect(data?.range(of: Data("glyph2".utf8)) == nil, "\(name)")
    }
    let labels = try Executable.run(["eval", "load(\"work/people.gallery\").labels"], in: folder)
    #expect(labels.output.contains("[\"glyph1\", \"glyph3\"]"), "\(labels)")
    let again = try Executable.run(["forget", "--yes", "glyph2", "work"], in: folder)
    #expect(again.code == 1 && again.errors.contains("nothing in “work” is of \"glyph2\""), "\(again)")
  }

  /// A folder of that name with a folder in it may be everybody's: it is named, and whoever is sure hears that nothing is done.
  @Test func whatMayBeTheirsIsShown() throws {
    let folder = try Folder()
    let outcome = try Executable.run(["eval", "glyphs(2, 2, seed=1).save(\"k/ann/more\")"], in: folder)
    #expect(outcome.code == 0, "\(outcome)")
    let shown = try Executable.run(["forget", "ann", "k"], in: folder)
    #expect(shown.code == 0 && shown.output.contains("nothing is ann's for certain"), "\(shown)")
    #expect(shown.output.contains("k/ann") && shown.output.contains("has folders"), "\(shown)")
    #expect(!shown.output.contains("--yes"), "\(shown)")
    let done = try Executable.run(["forget", "--yes", "ann", "k"], in: folder)
    #expect(done.code == 1 && done.errors.contains("k/ann is called so"), "\(done)")
    let nobody = try Executable.run(["forget", "zoe", "k"], in: folder)
    #expect(nobody.code == 1 && nobody.errors.contains("nothing in “k” is of \"zoe\""), "\(nobody)")
  }

  /// A program that was killed leaves what it enrolled in the log beside the file: the gallery is found all the same.
  @Test func whatAKilledProgramEnrolledIsFound() throws {
    let folder = try Folder()
    try folder.write(
      "enrol.twin",
      """
      letters = glyphs(3, 2, seed=1)
      letters.save("work/faces")
      people = gallery(flatten >> dense(4), at="work/people.gallery")
      people.enroll(letters)
      print("ready")
      for i in 0..<1000000000000 { x = i }
      """)
    let killed = try Executable.run(["run", "enrol.twin"], in: folder, onOutput: ("ready", SIGKILL))
    #expect(killed.code == 137 && folder.has("work/people.gallery-wal"), "\(killed)")
    let shown = try Executable.run(["forget", "glyph2", "work"], in: folder)
    #expect(shown.output.contains("work/people.gallery"), "\(shown)")
    let done = try Executable.run(["forget", "--yes", "glyph2", "work"], in: folder)
    #expect(done.code == 0, "\(done)")
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path + "/work") {
      let data = FileManager.default.contents(atPath: folder.path + "/work/" + name)
      #expect(data?.range(of: Data("glyph2".utf8)) == nil, "\(name)")
    }
  }

  @Test func aGallerysFileAloneIsTaken() throws {
    let folder = try made()
    let done = try Executable.run(["forget", "glyph3", "work/people.gallery", "--yes"], in: folder)
    #expect(done.code == 0 && folder.has("work/faces/glyph3"), "\(done)")
    let again = try Executable.run(["forget", "glyph3", "work/people.gallery"], in: folder)
    #expect(again.code == 1 && again.errors.contains("nobody named \"glyph3\""), "\(again)")
  }

  @Test func namesAreNoCode() throws {
    let folder = try made()
    for name in ["\", sure=true) #", "{1 + 1}", "\\", "a\nb", "-x"] {
      let outcome = try Executable.run(["forget", "--yes", "--", name, "work"], in: folder)
      #expect(outcome.code == 1 && outcome.errors.contains("nothing in “work” is of"), "\(outcome)")
    }
    #expect(folder.has("work/faces/glyph1") && folder.has("work/faces/glyph2") && folder.has("work/faces/glyph3"))
    for (arguments, code) in [(["forget", "ann"], 2), (["forget", "ann", "nowhere"], 1), (["forget"], 2)] {
      #expect(try Executable.run(arguments, in: folder).code == Int32(code), "\(arguments)")
    }
  }

  /// Everything that is held of somebody, for them.
  @Test func whatIsHeldIsGivenOut() throws {
    let folder = try made()
    let outcome = try Executable.run(
      ["eval", "load(\"work/people.gallery\").export(\"glyph1\", into=\"out\").references[1].consent"], in: folder)
    #expect(outcome.output.contains("\"a form\""), "\(outcome)")
    let about = try #require(
      JSONSerialization.jsonObject(with: Data(try folder.read("out/about.json").utf8)) as? [String: Any])
    let references = try #require(about["references"] as? [[String: Any]])
    #expect(about["label"] as? String == "glyph1" && references.count == 2)
    #expect(references[0]["consent"] as? String == "a form" && references[0]["expires"] as? String == "2199-01-01")
    #expect((references[0]["embedding"] as? [Double])?.count == 4 && references[0]["picture"] as? String == "0.png")
    #expect((references[0]["enrolled"] as? String)?.hasPrefix("20") == true)
    let png = FileManager.default.contents(atPath: folder.path + "/out/1.png")
    #expect(png?.starts(with: [0x89, 0x50, 0x4E, 0x47]) == true)
    for name in ["about.json", "0.png"] {
      let mode = try FileManager.default.attributesOfItem(atPath: folder.path + "/out/" + name)[.posixPermissions]
      #expect(mode as? Int == 0o600)
    }
    let again = try Executable.run(
      ["eval", "load(\"work/people.gallery\").export(\"glyph1\", into=\"out\")"], in: folder)
    #expect(again.code == 1 && again.errors.contains("has something in it already"), "\(again)")
    let nobody = try Executable.run(["eval", "load(\"work/people.gallery\").export(\"nobody\")"], in: folder)
    #expect(nobody.code == 1 && nobody.errors.contains("nobody named"), "\(nobody)")
  }
}
