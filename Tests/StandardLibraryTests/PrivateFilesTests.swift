import Foundation
import Interpreter
import ScriptSupport
import StandardLibrary
import Testing

import Glibc

/// What holds faces, or says whose they are, is its owner's alone from the beginning.
struct PrivateFilesTests {
  private func mode(_ path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o777 : nil
  }

  @Test func facesAreTheirOwnersAlone() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/twinbook-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let run = ScriptRun(steps: 10_000_000)
    run.interpreter.context.workingDirectory = folder
    let (_, error) = run.cell(
      """
      letters = glyphs(3, 4, seed=1)
      letters.save("letters")
      people = gallery(flatten >> dense(4))
      people.enroll("ann", letters[0])
      people.save("people.gallery")
      review("letters").copy("selected")
      """)
    #expect(error == nil)
    #expect(mode(folder + "/people.gallery") == 0o600)
    #expect(mode(folder + "/selected/review.csv") == 0o600)
    #expect(mode(folder + "/letters/saved.csv") == 0o600)
    // One that its owner opened to others stays open.
    #expect(chmod(folder + "/people.gallery", 0o644) == 0)
    #expect(run.cell("people.save(\"people.gallery\")").error == nil)
    #expect(mode(folder + "/people.gallery") == 0o644)
  }

  /// A gallery and a trainer's state are written under no name that is right for something else.
  @Test func otherFilesStayAsTheyAre() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/twinbook-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try "x = 1\n".write(toFile: folder + "/me.twin", atomically: true, encoding: .utf8)
    try "a,b\n".write(toFile: folder + "/notes.txt", atomically: true, encoding: .utf8)
    let run = ScriptRun(steps: 10_000_000)
    run.interpreter.context.workingDirectory = folder
    let (_, error) = run.cell(
      """
      letters = glyphs(3, 4, seed=1)
      people = gallery(flatten >> dense(4))
      people.enroll("ann", letters[0])
      loop = trainer(flatten >> dense(4), letters, batch=8)
      """)
    #expect(error == nil, "\(error ?? "")")
    for (code, words) in [
      ("people.save(\"me.twin\")", "no gallery"), ("people.save(\"notes.txt\")", "no gallery"),
      ("gallery(flatten >> dense(4), at=\"notes.txt\")", "notes.txt” is no gallery"),
      ("people.save(\"new.twin\")", "ends in .twin"), ("people.save(\"new.SAFETENSORS\")", "ends in .safetensors"),
      ("gallery(flatten >> dense(4), at=\"new.csv\")", "ends in .csv"),
      ("people.serve(port=0, save=\"new.png\", enrol=true)", "ends in .png"),
      ("people.serve(port=0, save=\"notes.txt\", enrol=true)", "no gallery"),
      ("loop.save(\"a.txt\")", "ends in .txt"), ("loop.save(\"a.gallery\")", "ends in .gallery"),
      ("loop.run(epochs=1, checkpoint=\"a.twin\")", "ends in .twin"),
      ("people.rename(\"ann\", \"\")", "rename expects"),
    ] {
      let message = run.cell(code).error ?? ""
      #expect(message.contains(words), "\(code): \(message)")
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(left == ["me.twin", "notes.txt"])
    #expect(try String(contentsOfFile: folder + "/me.twin", encoding: .utf8) == "x = 1\n")
  }

  /// What `Documentation/faces-and-people.md` says: the file keeps who was removed, for undo; a new one does not.
  @Test func whoIsRemovedIsInNoNewFile() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/twinbook-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let run = ScriptRun(steps: 10_000_000)
    run.interpreter.context.workingDirectory = folder
    let (_, error) = run.cell(
      """
      letters = glyphs(3, 4, seed=1)
      people = gallery(flatten >> dense(4), at="old.gallery")
      people.enroll("bob", letters[0])
      people.enroll("ann-who-left", letters[5])
      people.remove("ann-who-left")
      people.save("new.gallery")
      """)
    #expect(error == nil)
    func names(_ file: String) -> Bool {
      let data = ["", "-wal"].compactMap { FileManager.default.contents(atPath: folder + "/" + file + $0) }
      return data.contains { $0.range(of: Data("ann-who-left".utf8)) != nil }
    }
    #expect(names("old.gallery") && !names("new.gallery"))
    #expect(run.cell("load(\"new.gallery\").labels").lines == ["[\"bob\"]"])
  }
}
