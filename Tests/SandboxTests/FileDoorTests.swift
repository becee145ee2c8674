import Files
import Foundation
import Glibc
import Sandbox
import Synchronization
import Tensors
import Testing

/// Each way in which files are opened, under a policy.
@Suite struct FileDoorTests {
  @Test func readsItsOwnAndTheData() throws {
    let yard = try Yard()
    try yard.policy.bind { () throws in
      #expect(try FileSystem.readText("own.txt") == "mine")
      #expect(try FileSystem.readText(yard.script + "/own.txt") == "mine")
      #expect(try FileSystem.readText(yard.top.path + "/data/data.txt") == "data")
      #expect(try FileSystem.list(yard.script).map(\.name) == ["own.txt"])
      #expect(FileSystem.exists("own.txt") && FileSystem.size(of: "own.txt") == 4)
    }
    // Outside of the box nothing has changed.
    #expect(try FileSystem.readText(yard.outside + "/secret.txt") == Yard.secret)
  }

  @Test func readsNothingElse() throws {
    let yard = try Yard()
    try yard.link("script/link.txt", to: yard.outside + "/secret.txt")
    try yard.link("script/folder", to: yard.outside)
    try yard.link("script/chain.txt", to: "link.txt")
    try yard.policy.bind { () throws in
      for path in [
        yard.outside + "/secret.txt", "../outside/secret.txt", "link.txt", "chain.txt", "folder/secret.txt",
        "folder/../../outside/secret.txt", "/proc/self/cwd/../outside/secret.txt", "/etc/passwd", "/proc/self/environ",
        "/proc/self/root/etc/passwd", "~/.profile", "./link.txt",
      ] {
        #expect(refused { _ = try FileSystem.read(path) }, "\(path)")
        #expect(refused { _ = try FileSystem.readStart(path, count: 4) }, "\(path)")
        #expect(!FileSystem.exists(path) && FileSystem.size(of: path) == nil, "\(path)")
        #expect(FileSystem.identity(of: path) == nil && FileSystem.state(of: path) == nil, "\(path)")
      }
      for path in [yard.outside, "folder", "..", "/"] {
        #expect(refused { _ = try FileSystem.list(path) }, "\(path)")
        #expect(!FileSystem.isFolder(path), "\(path)")
      }
      // Nor is it told what is there and what is not.
      #expect(refused { _ = try FileSystem.read(yard.outside + "/nothing.txt") })
      #expect(throws: FileError.missing(path: "onw.txt", near: "own.txt")) { try FileSystem.read("onw.txt") }
    }
  }

  /// Played from the folder above: nothing that lifts the box would help.
  @Test func whatStandsBesideAScriptFromElsewhereIsTold() throws {
    let yard = try Yard()
    let (top, script) = (yard.top, yard.script)
    try "key".write(toFile: script + "/.key", atomically: false, encoding: .utf8)
    let policy = AccessPolicy.boxed(
      try FileAccess(
        scriptFolder: script, named: script, folders: [], scratch: yard.scratch, base: top.path))
    try policy.bind { () throws in
      let beside = FileError.besideScript(path: "own.txt", folder: script)
      #expect(throws: beside) { try FileSystem.read("own.txt") }
      #expect(FileSystem.refusal(ofReading: "own.txt") == beside)
      let help = try #require(beside.explanation.help)
      #expect(help.contains("go to “\(script)”") && !help.contains("--trust"))
      // What is nowhere, or what the script may not read there either, is refused as before.
      for name in ["nothing.txt", ".key", "../outside/secret.txt", "/etc/passwd"] {
        #expect(refused { _ = try FileSystem.read(name) }, "\(name)")
        #expect(FileSystem.besideScript(name) == nil, "\(name)")
      }
    }
  }

  /// Links that came with a script, as an archive may bring them: what is at their ends, and what is not, sounds alike.
  @Test func linksTellNothingOfWhatIsThere() throws {
    let yard = try Yard()
    try FileManager.default.createDirectory(atPath: yard.outside + "/keys", withIntermediateDirectories: true)
    try FileManager.default.createDirectory(atPath: yard.script + "/real", withIntermediateDirectories: true)
    for (name, target) in [
      ("folder", yard.outside), ("there", yard.outside + "/secret.txt"), ("away", yard.outside + "/nothing"),
      ("round", yard.script + "/round"), ("own", yard.script + "/own.txt"), ("real/up", "../../outside"),
    ] { try yard.link("script/" + name, to: target) }
    try yard.policy.bind { () throws in
      func words(_ path: String, _ work: (String) throws -> Void) -> String {
        do {
          try work(path)
          return "done"
        } catch { return "\(error)".replacingOccurrences(of: path, with: "PATH") }
      }
      let doors: [(String, (String) throws -> Void)] = [
        ("read", { _ = try FileSystem.read($0) }), ("start", { _ = try FileSystem.readStart($0, count: 1) }),
        ("list", { _ = try FileSystem.list($0) }), ("copy", { _ = try FileSystem.placeForLibrary($0, making: false) }),
        ("hold", { _ = try HeldFolder($0, writing: false) }), ("append", { try FileSystem.append("x", to: $0 + "/x") }),
        ("write", { try FileSystem.write("x", to: $0 + "/x") }), ("make", { try FileSystem.makeFolder($0) }),
        ("refusal", { if let refusal = FileSystem.refusal(ofReading: $0) { throw refusal } }),
      ]
      for (door, work) in doors {
        for (here, gone) in [
          ("folder/secret.txt", "folder/nothing.txt"), ("folder/keys", "folder/kexs"), ("there", "away"),
          ("folder/keys/x", "folder/kexs/x"), ("folder/secret.txt/x", "folder/nothing.txt/x"),
          ("real/up/keys", "real/up/kexs"), ("there/x", "away/x"),
        ] { #expect(words(here, work) == words(gone, work), "\(door): \(here)") }
      }
      // What stands beside it, and what does not, it may know.
      #expect(throws: FileError.missing(path: "real/nothing.txt", near: nil)) {
        try FileSystem.read("real/nothing.txt")
      }
      #expect(throws: FileError.missing(path: "own/x", near: nil)) { try FileSystem.read("own/x") }
      #expect(throws: FileError.notFolder(path: "own.txt")) { try FileSystem.list("own.txt") }
      #expect(refused { _ = try FileSystem.read("round") })
    }
  }

  @Test func writesGoToItsOwnFolder() throws {
    let yard = try Yard()
    let before = yard.snapshot("script")
    try yard.policy.bind { () throws in
      try FileSystem.write("new", to: "own.txt")
      try FileSystem.makeFolder("a/b")
      try FileSystem.write("deep", to: "a/b/c.txt")
      try FileSystem.append("more", to: "own.txt")
      // What it wrote it reads, and sees beside what was there.
      #expect(try FileSystem.readText("own.txt") == "newmore" && FileSystem.readText("a/b/c.txt") == "deep")
      #expect(try FileSystem.list(".").map(\.name) == ["a", "own.txt"])
      #expect(try !FileSystem.writeNew([1], to: "own.txt"))
      #expect(try FileSystem.writeNew([1], to: "fresh.bin"))
      try FileSystem.remove("fresh.bin")
      #expect(!FileSystem.exists("fresh.bin"))
    }
    #expect(yard.snapshot("script") == before)
    #expect(yard.text("scratch/own.txt") == "newmore" && yard.text("scratch/a/b/c.txt") == "deep")
  }

  /// What its owner keeps from others stays kept in what the script makes of it, whatever the umask says.
  @Test func whatIsPrivateStaysPrivate() throws {
    let yard = try Yard()
    let (own, data) = (yard.script + "/own.txt", yard.top.path + "/data/data.txt")
    #expect(chmod(own, 0o600) == 0 && chmod(data, 0o640) == 0)
    func mode(_ path: String) -> mode_t? {
      var status = stat()
      return stat(path, &status) == 0 ? status.st_mode & 0o777 : nil
    }
    let copy = try yard.policy.bind { () throws in
      try FileSystem.append("more", to: "own.txt")
      _ = try FileSystem.placeForLibrary("own.txt", making: false)
      let copy = try FileSystem.placeForLibrary(data, making: false)
      try FileSystem.write("new", to: "new.txt")
      return copy
    }
    let usual = mode(yard.scratch + "/new.txt") ?? 0
    #expect(mode(yard.scratch + "/own.txt") == 0o600 && mode(copy) == 0o640 & usual && usual & 0o600 == 0o600)
    // Written anew, and again.
    #expect(unlink(yard.scratch + "/own.txt") == 0)
    for _ in 0..<2 {
      try yard.policy.bind { try FileSystem.write("new", to: "own.txt") }
      #expect(mode(yard.scratch + "/own.txt") == 0o600)
    }
    try yard.policy.bind { try FileSystem.write([1], to: "own.txt", beneath: ".") }
    #expect(mode(yard.scratch + "/own.txt") == 0o600 && mode(own) == 0o600)
  }

  /// A file beside the script that grows is copied first.
  @Test func whatIsAddedToGrowsInACopy() throws {
    let yard = try Yard()
    try yard.policy.bind { try FileSystem.append(" and more", to: "own.txt") }
    #expect(yard.text("script/own.txt") == "mine" && yard.text("scratch/own.txt") == "mine and more")
  }

  /// A folder beside the script can be written into, without being touched.
  @Test func foldersStandInBoth() throws {
    let yard = try Yard()
    try FileManager.default.createDirectory(atPath: yard.script + "/faces/ann", withIntermediateDirectories: true)
    try "1".write(toFile: yard.script + "/faces/ann/1.txt", atomically: false, encoding: .utf8)
    try yard.policy.bind { () throws in
      try FileSystem.write("2", to: "faces/ann/2.txt")
      #expect(try FileSystem.list("faces/ann").map(\.name) == ["1.txt", "2.txt"])
      #expect(try FileSystem.readText("faces/ann/1.txt") == "1")
      #expect(throws: FileError.missingFolder(path: "nobody/x.txt", folder: "nobody")) {
        try FileSystem.write("x", to: "nobody/x.txt")
      }
    }
    #expect(yard.text("script/faces/ann/2.txt") == nil)
  }

  @Test func writesNowhereElse() throws {
    let yard = try Yard()
    try yard.link("script/folder", to: yard.outside)
    let before = yard.snapshot("outside")
    try yard.policy.bind { () throws in
      for path in [
        yard.outside + "/secret.txt", yard.outside + "/new.txt", "../outside/new.txt", "/tmp/twinbook-new.txt",
        "~/.bashrc", "/proc/self/cwd/x", "a/../../outside/secret.txt",
      ] {
        #expect(refused { try FileSystem.write("x", to: path) }, "\(path)")
        #expect(refused { try FileSystem.append("x", to: path) }, "\(path)")
        #expect(refused { _ = try FileSystem.writeNew([1], to: path) }, "\(path)")
        #expect(refused { try FileSystem.remove(path) }, "\(path)")
        #expect(refused { try FileSystem.makeFolder(path + "/x") }, "\(path)")
        #expect(refused { close(try FileSystem.openToUpdate(path)) }, "\(path)")
        #expect(refused { _ = try FileWriter(path) }, "\(path)")
      }
      // Through a linked folder it writes beside, not through.
      try? FileSystem.write("x", to: "folder/secret.txt")
    }
    #expect(yard.snapshot("outside") == before)
    #expect(!FileManager.default.fileExists(atPath: "/tmp/twinbook-new.txt"))
  }

  /// Links that somebody plants in the script's own folder lead nowhere.
  @Test func plantedLinksLeadNowhere() throws {
    let yard = try Yard()
    try yard.link("scratch/file.txt", to: yard.outside + "/secret.txt")
    try yard.link("scratch/folder", to: yard.outside)
    let before = yard.snapshot("outside")
    try yard.policy.bind { () throws in
      for path in ["file.txt", "folder/new.txt", "folder/secret.txt"] {
        #expect(refused { try FileSystem.write("x", to: path) }, "\(path)")
        #expect((try? FileSystem.read(path)) == nil, "\(path)")
        #expect((try? FileSystem.append("x", to: path)) == nil, "\(path)")
      }
      #expect(refused { try FileSystem.remove("folder/secret.txt") })
      #expect((try? FileSystem.openToUpdate("file.txt")) == nil)
    }
    #expect(yard.snapshot("outside") == before)
  }

  /// Folders that are made go down through no link, however they come to be made, nor does what a library opens itself.
  @Test func plantedLinksAreNoWayToMakeFolders() throws {
    let yard = try Yard()
    try yard.link("scratch/folder", to: yard.outside)
    try yard.link("scratch/people.gallery", to: yard.outside + "/secret.txt")
    // Beside the script stands a folder of the same name, with one in it: writing there makes both in the script's own.
    try FileManager.default.createDirectory(atPath: yard.script + "/folder/inner", withIntermediateDirectories: true)
    try "1".write(toFile: yard.script + "/folder/inner/1.txt", atomically: false, encoding: .utf8)
    let before = yard.snapshot("outside")
    try yard.policy.bind { () throws in
      for path in ["folder/new", "folder/new/deep", "a/../folder/new"] {
        #expect(refused { try FileSystem.makeFolder(path) }, "\(path)")
      }
      #expect(refused { try FileSystem.write("x", to: "folder/inner/2.txt") })
      #expect(refused { _ = try FileSystem.append("x", to: "folder/inner/1.txt") })
      #expect(refused { try FileSystem.write([1], to: "deep/2.txt", beneath: "folder/inner") })
      for making in [true, false] {
        for path in ["people.gallery", "folder/secret.txt", "folder/new.gallery"] {
          #expect((try? FileSystem.placeForLibrary(path, making: making)) == nil, "\(path)")
        }
      }
      // What stands there as a file is no folder.
      try FileSystem.write("x", to: "plain.txt")
      #expect(throws: FileError.notFolder(path: "plain.txt/new")) { try FileSystem.makeFolder("plain.txt/new") }
      try FileSystem.makeFolder("a/b/c")
      #expect(FileSystem.isFolder("a/b/c"))
    }
    #expect(yard.snapshot("outside") == before)
    #expect(FileManager.default.fileExists(atPath: yard.scratch + "/a/b/c"))
  }

  /// A gallery beside the script is copied, a piece at a time; what the script writes goes into the copy.
  @Test func whatALibraryOpensIsACopy() throws {
    let yard = try Yard()
    let bytes = (0..<2_500_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try Data(bytes).write(to: URL(fileURLWithPath: yard.script + "/people.gallery"))
    try yard.policy.bind { () throws in
      let place = try FileSystem.placeForLibrary("people.gallery", making: false)
      #expect(place.hasSuffix("/scratch/people.gallery") && FileManager.default.contents(atPath: place) == Data(bytes))
      let elsewhere = try FileSystem.placeForLibrary(yard.top.path + "/data/data.txt", making: false)
      #expect(elsewhere.contains("/scratch/.copy-"))
      #expect(refused { _ = try FileSystem.placeForLibrary(yard.outside + "/secret.txt", making: false) })
    }
  }

  /// A folder is held for taking things away from it: its own alone.
  @Test func foldersAreHeldInTheBox() throws {
    let yard = try Yard()
    try yard.policy.bind { () throws in
      #expect(try HeldFolder(yard.script, writing: false).walk().map(\.path) == ["own.txt"])
      #expect(refused { _ = try HeldFolder(yard.script, writing: true) })
      #expect(refused { _ = try HeldFolder(yard.outside, writing: false) })
      try FileSystem.makeFolder("mine")
      try FileSystem.write("x", to: "mine/x.txt")
      try HeldFolder("mine", writing: true).remove("x.txt")
      #expect(try HeldFolder("mine", writing: true).walk().isEmpty)
    }
    #expect(yard.text("script/own.txt") == "mine")
  }

  /// What a held folder lists and reads is what a script may: `forget` looks into all files of a folder, and a network's file
  /// may name others beside it.
  @Test func heldFoldersHideWhatBeginsWithADot() throws {
    let yard = try Yard()
    try FileManager.default.createDirectory(atPath: yard.script + "/.git/a", withIntermediateDirectories: true)
    for name in [".env", ".git/config"] {
      try Yard.secret.write(toFile: yard.script + "/" + name, atomically: false, encoding: .utf8)
    }
    try "data".write(toFile: yard.top.path + "/data/.mine", atomically: false, encoding: .utf8)
    try yard.policy.bind { () throws in
      let held = try HeldFolder(yard.script, writing: false)
      #expect(try held.walk().map(\.path) == ["own.txt"] && held.read("own.txt") == Array("mine".utf8))
      for name in [".env", ".git/config", ".none", "\\x2Eenv"] {
        #expect(throws: FileError.self) { try held.read(name) }
        #expect(throws: FileError.self) { try held.readStart(name, count: 4) }
      }
      for name in [".env", ".git/config", ".none"] { #expect(refused { _ = try held.read(name) }, "\(name)") }
      #expect(try HeldFolder(yard.top.path + "/data", writing: false).walk().map(\.path) == [".mine", "data.txt"])
      try FileSystem.makeFolder("mine")
      try FileSystem.write("x", to: "mine/.x")
      #expect(try HeldFolder("mine", writing: true).walk().map(\.path) == [".x"])
    }
    // Who is free sees all.
    #expect(try HeldFolder(yard.script, writing: false).walk().map(\.path).contains(".git/config"))
  }

  /// A name that is a file of its own at one moment and a link elsewhere at the next.
  @Test func linksThatChangeAreNoWay() throws {
    let yard = try Yard()
    let name = yard.script + "/moving.txt"
    let stop = Mutex(false)
    let outside = yard.outside
    let thread = Thread {
      while !stop.withLock({ $0 }) {
        for target in ["own.txt", outside + "/secret.txt"] {
          symlink(target, name + ".new")
          rename(name + ".new", name)
        }
      }
    }
    thread.start()
    defer { stop.withLock { $0 = true } }
    var (reads, refusals) = (0, 0)
    try yard.policy.bind { () throws in
      let end = ContinuousClock.now + .seconds(120)
      while reads < 300 || refusals < 300, ContinuousClock.now < end {
        do {
          #expect(try FileSystem.readText("moving.txt") == "mine")
          reads += 1
        } catch FileError.refused { refusals += 1 } catch FileError.missing { continue } catch {
          Issue.record("\(error)")
        }
      }
    }
    #expect(reads >= 300 && refusals >= 300)
  }

  /// A folder of the script's own that becomes a link while a file is written into it.
  @Test func foldersThatChangeAreNoWay() throws {
    let yard = try Yard()
    let place = yard.scratch + "/moving"
    let stop = Mutex(false)
    let outside = yard.outside
    let thread = Thread {
      while !stop.withLock({ $0 }) {
        mkdir(place, 0o755)
        rename(place, place + ".away")
        symlink(outside, place)
        unlink(place)
        rename(place + ".away", place)
      }
    }
    thread.start()
    let before = yard.snapshot("outside")
    try yard.policy.bind { () throws in
      let end = ContinuousClock.now + .milliseconds(1500)
      while ContinuousClock.now < end {
        try? FileSystem.write("x", to: "moving/secret.txt")
        try? FileSystem.append("x", to: "moving/secret.txt")
        try? FileSystem.remove("moving/secret.txt")
      }
    }
    stop.withLock { $0 = true }
    usleep(50_000)
    #expect(yard.snapshot("outside") == before)
  }

  /// What the caller may not, its workers may not.
  @Test func workersAreInTheBoxToo() throws {
    let yard = try Yard()
    let workers = Workers(threads: 4)
    let read = Mutex(0)
    let refusals = Mutex(0)
    try yard.policy.bind { () throws in
      workers.parallel(slices: 64) { _ in
        if (try? FileSystem.read("own.txt")) != nil { read.withLock { $0 += 1 } }
        if refused({ _ = try FileSystem.read(yard.outside + "/secret.txt") }) { refusals.withLock { $0 += 1 } }
        usleep(500)
      }
    }
    #expect(read.withLock { $0 } == 64 && refusals.withLock { $0 } == 64)
    // And the next job, of somebody else, is free again.
    let free = Mutex(0)
    workers.parallel(slices: 64) { _ in
      if (try? FileSystem.read(yard.outside + "/secret.txt")) != nil { free.withLock { $0 += 1 } }
      usleep(500)
    }
    #expect(free.withLock { $0 } == 64)
  }
}
