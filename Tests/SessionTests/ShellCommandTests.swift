import Foundation
import Testing

@testable import Session

/// Lines for the system's shell, folders, and leaving by a word. In one piece: the folder is the process's.
@Suite(.serialized) struct ShellCommandTests {
  @Test func linesOfTheShellAreShownAndNotRecorded() {
    let desk = Desk()
    #expect(desk.says("!printf 'a\\303\\251\\nb'; echo no >&2") == "aé\nbno\n")
    #expect(desk.says("!exit 3") == "" && desk.front.notes == ["the command ended with code 3"])
    desk.type("x = 1\n!echo there\nx + 1")
    #expect(desk.session.document().cells.map(\.source) == ["x = 1", "x + 1"])
    #expect(desk.session.document().cells.map(\.result) == [nil, "2"])
  }

  /// A shell that ends at once takes its folder with it.
  @Test func whatIsLostIsTold() {
    let desk = Desk()
    #expect(desk.says("!cd /tmp") == "" && desk.front.notes.last?.contains("%cd") == true, "\(desk.front.notes)")
    desk.type("!export A=1")
    #expect(desk.front.notes.last?.contains("its variables") == true, "\(desk.front.notes)")
    desk.type("!cd /tmp && ls -d .")
    #expect(desk.front.notes.count == 2, "\(desk.front.notes)")
  }

  @Test func scriptsRunNoShell() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("s-\(UUID().uuidString).twin").path
    try "!touch \(path).made\n".write(toFile: path, atomically: false, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let said = Desk().says("%run \(path)")
    #expect(said.contains("error: `!` runs no shell commands in a script"))
    #expect(SessionError.shellInScript.explanation.help?.contains("write not") == true)
    #expect(Desk().says("%replay \(path)").contains("in a script"))
    #expect(!FileManager.default.fileExists(atPath: path + ".made"))
  }

  @Test func aLineOfTheShellCanBeInterrupted() {
    let desk = Desk()
    let handle = desk.session.interruptFlag
    Thread.detachNewThread {
      usleep(200_000)
      handle.interrupt()
    }
    let start = ContinuousClock.now
    #expect(desk.type("!sleep 20").status == .interrupted)
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test func foldersAreGoneToAndListed() throws {
    let before = FileManager.default.currentDirectoryPath
    defer { _ = FileManager.default.changeCurrentDirectoryPath(before) }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("f-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder + "/inside", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try "abc".write(toFile: folder + "/a.twin", atomically: false, encoding: .utf8)
    let desk = Desk()
    #expect(desk.says("%cd \(folder)").hasSuffix("f-" + folder.suffix(36) + "\n"))
    #expect(desk.says("%ls") == "a.twin   3\ninside/\n" && desk.says("%ls inside") == "nothing is there\n")
    #expect(desk.says("%cd nowhere").contains("error: cannot go to the folder “nowhere”"))
    desk.type("1", "%save here.twin")
    desk.type("%cd inside")
    desk.type("2")
    #expect(desk.says("%save").contains("saved 2 cells"))
    #expect(FileManager.default.fileExists(atPath: folder + "/here.twin"))
    #expect(!FileManager.default.fileExists(atPath: folder + "/inside/here.twin"))
    #expect(desk.says("%cd -").hasSuffix(folder.suffix(36) + "\n") && desk.says("%cd -").hasSuffix("/inside\n"))
    #expect(Desk().says("%cd -").contains("error: cannot go to the folder “-”"))
  }

  @Test(arguments: ["quit", "exit", "quit()", "exit()", " quit\n"]) func aWordLeaves(_ word: String) {
    #expect(Desk().type(word).effect == .quit)
  }

  @Test func aNameOfTheSessionDoesNot() {
    let desk = Desk()
    #expect(desk.type("exit = 4", "exit").value == "4" && desk.type("quit + 1").effect == nil)
  }
}
