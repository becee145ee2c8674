import Files
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

  /// How long the system takes would tell whether something is there: what lies elsewhere by its words is not asked about.
  @Test func otherPlacesAreNotLookedAt() throws {
    let yard = try Yard()
    try yard.link("named", to: yard.script)
    let files = try FileAccess(
      scriptFolder: yard.script, named: yard.top.path + "/named", folders: [yard.top.path + "/data"],
      scratch: yard.scratch, base: yard.top.path)
    for path in ["script/own.txt", "named/own.txt", "data/.hidden", "script/none", yard.scratch + "/x"] {
      #expect(files.allowsLooking(files.absolute(path)), "\(path)")
    }
    for path in [
      "outside/secret.txt", "outside/none", "script/../outside", "/etc/passwd", "named/.ssh/id", "script/.git", ".",
      "nameds/x",
    ] { #expect(!files.allowsLooking(files.absolute(path)), "\(path)") }
    try AccessPolicy.boxed(files).bind { () throws in
      #expect(try FileSystem.readText("named/own.txt") == "mine" && FileSystem.list("named").map(\.name) == ["own.txt"])
      #expect(throws: FileError.missing(path: "named/onw.txt", near: "named/own.txt")) {
        try FileSystem.read("named/onw.txt")
      }
    }
    // A name that leads to another folder is none of the script's.
    try yard.link("other", to: yard.outside)
    let others = try FileAccess(
      scriptFolder: yard.script, named: yard.top.path + "/other", folders: [], scratch: yard.scratch)
    #expect(!others.allowsLooking(yard.top.path + "/other/secret.txt"))
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
