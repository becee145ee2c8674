import Files
import Foundation
import Sandbox
import TestSupport
import Testing

/// What a rank beside the first writes stays with it, wherever it would have gone, and is read again from there.
@Suite struct MirrorTests {
  @Test func writesStayAndAreReadAgain() throws {
    let place = try TemporaryFolder()
    let folder = place.path + "/there"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let scratch = place.path + "/scratch"
    try FileManager.default.createDirectory(atPath: scratch, withIntermediateDirectories: true)
    try FileSystem.write("old", to: folder + "/a.txt")
    let files = try FileAccess(mirroredIn: scratch)
    #expect(files.isMirror)
    let policy = AccessPolicy(files: files, allowsNetwork: true, processes: .any, allowsCommands: true)
    try policy.bind {
      #expect(try FileSystem.readText(folder + "/a.txt") == "old")
      try FileSystem.write("new", to: folder + "/a.txt")
      try FileSystem.write("more", to: folder + "/b.txt")
      try FileSystem.makeFolder(folder + "/deep/er")
      try FileSystem.write("c", to: folder + "/deep/er/c.txt")
      try FileSystem.append("!", to: folder + "/a.txt")
      #expect(try FileSystem.readText(folder + "/a.txt") == "new!")
      #expect(try FileSystem.readText(folder + "/deep/er/c.txt") == "c")
      #expect(try FileSystem.list(folder).map(\.name) == ["a.txt", "b.txt", "deep"])
    }
    #expect(try FileSystem.readText(folder + "/a.txt") == "old")
    #expect(try FileSystem.list(folder).map(\.name) == ["a.txt"])
    #expect(throws: AccessSetupError.self) { try FileAccess(mirroredIn: place.path + "/nowhere") }
  }
}
