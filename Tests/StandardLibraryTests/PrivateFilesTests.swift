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
