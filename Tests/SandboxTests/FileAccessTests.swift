import Foundation
import Sandbox
import Testing

@Suite struct FileAccessTests {
  private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

  @Test func rootsAreWholeNames() throws {
    let yard = try Yard()
    let files = try #require(yard.policy.files)
    let real = try #require(files.readableFolders.first)
    #expect(files.allowsReading(bytes(real + "/a.txt")) && files.allowsReading(bytes(real)))
    // "/x/scriptures" is not below "/x/script".
    #expect(!files.allowsReading(bytes(real + "ures/a.txt")))
    #expect(!files.allowsReading(bytes("/etc/passwd")) && !files.allowsReading(bytes("/")))
    #expect(files.allowsWriting(bytes(files.scratch + "/a")) && !files.allowsWriting(bytes(real + "/a")))
  }

  @Test func keysBesideTheScriptAreLeftAlone() throws {
    let yard = try Yard()
    let files = try #require(yard.policy.files)
    let (script, data) = (files.readableFolders[0], files.readableFolders[1])
    for name in ["/.ssh/id_rsa", "/a/.git/config", "/.netrc"] {
      #expect(!files.allowsReading(bytes(script + name)))
      #expect(files.allowsReading(bytes(data + name)))
    }
  }

  /// The system tells é in one letter from é in two, and so does the policy.
  @Test func namesAreBytes() throws {
    let yard = try Yard()
    let (one, two) = ("caf\u{E9}", "cafe\u{301}")
    #expect(one == two)
    for name in [one, two] {
      try FileManager.default.createDirectory(
        atPath: yard.top.path + "/" + name, withIntermediateDirectories: true)
    }
    let files = try FileAccess(scriptFolder: yard.top.path + "/" + one, folders: [], scratch: yard.scratch)
    let top = String(files.readableFolders[0].dropLast(4))
    #expect(files.allowsReading(bytes(top + one + "/x")) && !files.allowsReading(bytes(top + two + "/x")))
  }

  @Test(arguments: [
    ("a.txt", "/a.txt"), ("./a/../b.txt", "/b.txt"), ("a//b", "/a/b"), ("a/..", ""), (".", ""),
  ])
  func pathsBelowTheBaseHaveACopy(_ path: String, _ expected: String) throws {
    let yard = try Yard()
    let files = try #require(yard.policy.files)
    #expect(files.own(path) == files.scratch + expected)
    #expect(files.own(files.base + "/" + path) == files.scratch + expected)
  }

  @Test(arguments: ["../a.txt", "/etc/passwd", "a/../../b", "/", "..", "../script/../outside/x"])
  func othersHaveNone(_ path: String) throws {
    let files = try #require(try Yard().policy.files)
    #expect(files.own(path) == nil)
  }

  @Test func aBoxNeedsItsFolder() throws {
    #expect(throws: AccessSetupError.noScratch("/nowhere/at/all")) {
      try FileAccess(scriptFolder: nil, folders: [], scratch: "/nowhere/at/all")
    }
  }
}
