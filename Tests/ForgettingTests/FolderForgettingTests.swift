import Datasets
import Diagnostics
import Files
import Foundation
import Gallery
import Glibc
import NeuralNetworks
import Sandbox
import TestSupport
import Testing

@testable import Forgetting

/// A folder with photographs, faces, a selection and a gallery in it, out of which somebody is taken.
@Suite struct FolderForgettingTests {
  private let folder: TemporaryFolder
  private var top: String { folder.path + "/work" }

  init() throws {
    folder = try TemporaryFolder()
    for name in [
      "work/raw/ann", "work/raw/bob", "work/raw/rejected", "work/faces/ann", "work/faces/bob", "work/selected/ann",
      "work/empty/ann", "work/saved/ann", "work/saved/bob", "outside",
    ] {
      try FileManager.default.createDirectory(atPath: folder.path + "/" + name, withIntermediateDirectories: true)
    }
    let picture = Array("a picture".utf8)
    for name in [
      "raw/ann/1.png", "raw/ann/2.png", "raw/bob/1.png", "raw/rejected/9.png", "raw/rejected/8.png", "faces/ann/1.png",
      "faces/bob/1.png", "selected/ann/1.png",
    ] {
      try folder.put("work/" + name, picture)
    }
    func line(_ file: String, _ label: String, _ status: String, _ reason: String = "") -> String {
      "\(file),\(label),https://example.org/\(file),,'=title,\"a, b\",CC0,,1,1,9,md5,phash,\(status),\(reason)\r\n"
    }
    let head = "file,label,url,page,title,author,licence,licence_url,width,height,bytes,md5,phash,status,reason\r\n"
    try folder.put(
      "work/raw/sources.csv",
      Array(
        (head + line("ann/1.png", "ann", "kept") + line("bob/1.png", "bob", "kept")
          + line("rejected/9.png", "ann", "rejected", "broken") + line("rejected/8.png", "bob", "rejected", "broken")
          + line("", "bob", "duplicate", "the same bytes as ann/1.png") + line("ann/2.png", "ann", "kept")).utf8))
    try folder.put(
      "work/faces/faces.csv",
      Array(
        ("file,photograph,left,top,width,height,confidence,left_eye_x\nann/1.png,ann/1.png,-3.5,2,9,9,0.99,1\n"
          + "bob/1.png,bob/1.png,-4,2,9,9,0.99,1\n").utf8))
    try folder.put(
      "work/selected/review.csv",
      Array("file,class,kept,factor\nann/1.png,ann,yes,1\nbob/1.png,bob,no,1.2\nann/2.png,ann,no,\n".utf8))
    try folder.put("work/saved/ann/001.png", picture)
    try folder.put("work/saved/bob/001.png", picture)
    try folder.put(
      "work/saved/saved.csv", Array("file,class,sha256\r\nann/001.png,ann,0a\r\nbob/001.png,bob,0b\r\n".utf8))
    try folder.put("outside/secret.png", picture)
    symlink(folder.path + "/outside/secret.png", top + "/raw/ann/linked.png")
    symlink(folder.path + "/outside", top + "/faces/outside")
  }

  private func text(_ name: String) -> String {
    (try? String(contentsOfFile: top + "/" + name, encoding: .utf8)) ?? "-"
  }

  private func gallery(_ name: String) throws {
    let network = try Network([.flatten, .dense(units: 2)])
    try network.build(inputShape: [1, 1, 2], seed: 1)
    let people = ReferenceGallery(network: network)
    try people.enroll("ann", images: [0, 1, 2, 3], shape: [1, 1, 2])
    try people.enroll("bob", images: [4, 5], shape: [1, 1, 2])
    try people.save(top + "/" + name)
  }

  private func snapshot() -> [String: String] {
    var found: [String: String] = [:]
    for name in (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? [] {
      found[name] = FileManager.default.contents(atPath: folder.path + "/" + name)?.base64EncodedString() ?? "-"
    }
    return found
  }

  @Test func thePlanTouchesNothing() throws {
    let before = snapshot()
    let plan = try FolderForgetting("ann", in: top)
    #expect(snapshot() == before)
    let goes = Dictionary(plan.goes.map { ($0.place, $0.what) }) { "\($0) and \($1)" }
    #expect(
      goes == [
        "raw/ann": "2 files and 1 file", "raw/rejected": "1 file", "raw/sources.csv": "4 lines", "faces/ann": "1 file",
        "faces/faces.csv": "1 line", "selected/ann": "1 file", "selected/review.csv": "2 lines",
        "empty/ann": "an empty folder", "saved/ann": "1 file", "saved/saved.csv": "1 line",
      ], "\(plan.goes)")
  }

  @Test func whatIsTheirsGoes() throws {
    try gallery("people.gallery")
    let before = snapshot()
    var plan = try FolderForgetting("ann", in: top)
    // A gallery is looked into without being opened to be written.
    #expect(snapshot() == before)
    #expect(
      plan.goes.contains { $0.place == "people.gallery" && $0.what == "2 references, 2 pictures" }, "\(plan.goes)")
    try plan.carryOut()
    for gone in ["raw/ann", "faces/ann", "selected/ann", "saved/ann", "empty/ann", "raw/rejected/9.png"] {
      #expect(!FileManager.default.fileExists(atPath: top + "/" + gone), "\(gone)")
    }
    for stays in ["raw/bob/1.png", "faces/bob/1.png", "raw/rejected/8.png"] {
      #expect(text(stays) == "a picture", "\(stays)")
    }
    #expect(FileManager.default.contents(atPath: folder.path + "/outside/secret.png") == Data("a picture".utf8))
    let sources = text("raw/sources.csv")
    #expect(!sources.contains("ann") && sources.split(separator: "\r\n").count == 4, "\(sources)")
    #expect(sources.contains("the same bytes as another") && sources.contains("'=title,\"a, b\""))
    #expect(
      text("faces/faces.csv")
        == "file,photograph,left,top,width,height,confidence,left_eye_x\nbob/1.png,bob/1.png,-4,2,9,9,0.99,1\n")
    #expect(text("selected/review.csv") == "file,class,kept,factor\nbob/1.png,bob,no,1.2\n")
    #expect(text("saved/saved.csv") == "file,class,sha256\r\nbob/001.png,bob,0b\r\n")
    #expect(try ReferenceGallery.open(top + "/people.gallery").labels == ["bob"])
    // Nothing is left to do.
    let again = try FolderForgetting("ann", in: top)
    #expect(again.goes.isEmpty && again.stays.map(\.place) == ["faces/outside"], "\(again.goes) \(again.stays)")
  }

  /// Weights, scripts, notebooks, archives, files of that name: a person looks at them.
  @Test func whatStaysIsNamed() throws {
    try folder.put("work/lesson.twin", Array("people.enroll(\"ann\", x)\n".utf8))
    try folder.put("work/other.twin", Array("hannah = 1\n".utf8))
    try folder.put("work/notes.ipynb", Array("{\"image/png\": \"iVBOR\"}".utf8))
    try folder.put("work/ann_2.jpg", [1])
    try folder.put("work/pairs.npz", [1])
    try folder.put("work/model.onnx", [1])
    let network = try Network([.flatten, .dense(units: 2)])
    try network.build(inputShape: [1, 1, 2], seed: 1)
    try network.save(top + "/clean.safetensors")
    network.learning.hasUnknown = true
    try network.save(top + "/net.safetensors")
    link(top + "/raw/ann/1.png", folder.path + "/outside/other-name.png")
    symlink(top + "/raw", top + "/ann-raw")
    symlink(top + "/raw", top + "/photos")
    let plan = try FolderForgetting("ann", in: top)
    let stays = Dictionary(plan.stays.map { ($0.place, $0.reason) }) { first, _ in first }
    for (place, word) in [
      ("lesson.twin", "name"), ("notes.ipynb", "pictures"), ("ann_2.jpg", "called"), ("pairs.npz", "arrays"),
      ("model.onnx", "weights"), ("net.safetensors", "weights"), ("raw/ann/1.png", "2 names"), ("ann-raw", "link"),
      ("faces/outside", "link to a folder"),
    ] {
      #expect(stays[place]?.contains(word) == true, "\(place): \(stays)")
    }
    #expect(stays["other.twin"] == nil && stays["clean.safetensors"] == nil)
    // It leads to what is looked through anyway.
    #expect(stays["photos"] == nil)
  }

  /// A folder of that name that is everybody's.
  @Test func foldersOfOthersStay() throws {
    for name in ["faces", "raw", "work"] {
      let plan = try FolderForgetting(name, in: folder.path)
      #expect(plan.goes.isEmpty && plan.stays.contains { $0.place.hasSuffix(name) }, "\(name): \(plan.goes)")
    }
    // Of nobody: "unlabelled" is where collect puts what has no name of its own.
    try FileManager.default.createDirectory(atPath: top + "/raw/unlabelled", withIntermediateDirectories: true)
    try folder.put("work/raw/unlabelled/1.png", [1])
    for name in ["..", ".", "/", "//..", "../outside", "ann/..", "raw//bob", "/bob", "bob/", "*", "%"] {
      var plan = try FolderForgetting(name, in: top)
      let before = snapshot()
      try plan.carryOut()
      #expect(snapshot() == before && plan.goes.isEmpty, "\(name): \(plan.goes)")
    }
    #expect(throws: ForgettingError.emptyLabel) { try FolderForgetting("  ", in: top) }
    #expect(throws: FileError.self) { try FolderForgetting("ann", in: top + "/nowhere") }
    #expect(throws: FileError.notFolder(path: top + "/raw/sources.csv")) {
      try FolderForgetting("ann", in: top + "/raw/sources.csv")
    }
  }

  private func put(_ name: String, _ text: String = "a picture") throws {
    try FileManager.default.createDirectory(
      atPath: FileSystem.parent(of: top + "/" + name), withIntermediateDirectories: true)
    try folder.put("work/" + name, Array(text.utf8))
  }

  /// Classes of folders within folders, as `images` names them: "team/cid".
  @Test func aLabelThatIsAPathIsAFolderWithinAFolder() throws {
    for name in ["team/cid/1.png", "team/cid/2.png", "team/dan/1.png", "raw/team/cid/1.png", "cid/1.png"] {
      try put(name)
    }
    try put("team/saved.csv", "file,class\r\ncid/1.png,cid\r\ndan/1.png,dan\r\n")
    try put("saved.csv", "file,class\r\ncid/1.png,cid\r\nteam/cid/2.png,team/cid\r\n")
    try gallery("people.gallery")
    let people = try ReferenceGallery.open(top + "/people.gallery")
    try people.enroll(["team/cid", "cid", "team/dan"], images: [0, 1, 2, 3, 4, 5], shape: [1, 1, 2])
    var plan = try FolderForgetting("team/cid", in: top)
    #expect(
      Set(plan.goes.map(\.place)) == ["team/cid", "raw/team/cid", "team/saved.csv", "saved.csv", "people.gallery"],
      "\(plan.goes)")
    // The other of that name, who may be the same.
    #expect(plan.stays.contains { $0.place == "cid" && $0.reason.contains("alike") }, "\(plan.stays)")
    #expect(plan.stays.contains { $0.place == "people.gallery" && $0.reason.contains("\"cid\"") }, "\(plan.stays)")
    try plan.carryOut()
    for gone in ["team/cid", "raw/team/cid"] {
      #expect(!FileManager.default.fileExists(atPath: top + "/" + gone), "\(gone)")
    }
    #expect(text("cid/1.png") == "a picture" && text("team/dan/1.png") == "a picture")
    #expect(text("team/saved.csv") == "file,class\r\ndan/1.png,dan\r\n")
    #expect(text("saved.csv") == "file,class\r\ncid/1.png,cid\r\n")
    #expect(try ReferenceGallery.open(top + "/people.gallery").labels == ["ann", "bob", "cid", "team/dan"])
  }

  /// The other way round: the folder within the folder is theirs, and what the gallery calls by its path is named.
  @Test func labelsThatEndInTheNameAreNamed() throws {
    try put("team/cid/1.png")
    try put("team/saved.csv", "file,class\r\ncid/1.png,cid\r\n")
    try gallery("people.gallery")
    let people = try ReferenceGallery.open(top + "/people.gallery")
    try people.enroll(["team/cid", "Cid", "cid old", "lucid"], images: [0, 1, 2, 3, 4, 5, 6, 7], shape: [1, 1, 2])
    // Those that are kept for undo, too.
    try people.remove("Cid")
    var plan = try FolderForgetting("cid", in: top)
    #expect(plan.goes.map(\.place).sorted() == ["team/cid", "team/saved.csv"], "\(plan.goes)")
    let reason = plan.stays.first { $0.place == "people.gallery" }?.reason ?? ""
    for label in ["team/cid", "Cid", "cid old"] { #expect(reason.contains("\"\(label)\""), "\(reason)") }
    #expect(!reason.contains("lucid"))
    try plan.carryOut()
    #expect(!FileManager.default.fileExists(atPath: top + "/team/cid"))
    #expect(
      try ReferenceGallery.open(top + "/people.gallery").labels == ["ann", "bob", "team/cid", "cid old", "lucid"])
    #expect(NamesakeLabels.reason("ann", among: ["ann", "bob", "hannah"]) == nil)
    #expect(NamesakeLabels.reason("ann", among: (0..<9).map { "ann \($0)" })?.contains("and 4 more") == true)
  }

  /// Weights learnt the class by the path that the folder has.
  @Test func weightsThatLearntThePathAreNamed() throws {
    try put("team/cid/1.png")
    let network = try Network([.flatten, .dense(units: 2)])
    try network.build(inputShape: [1, 1, 2], seed: 1)
    if let print = LearningRecord.fingerprint(of: "team/cid") { network.learning.classes.insert(print) }
    try network.save(top + "/net.safetensors")
    for label in ["cid", "team/cid"] {
      let plan = try FolderForgetting(label, in: top)
      #expect(
        plan.stays.contains { $0.place == "net.safetensors" && $0.reason.contains("learnt from \"team/cid\"") },
        "\(label): \(plan.stays)")
    }
  }

  /// Folders and files whose names have the name in them, in whatever case.
  @Test func whatIsCalledAlikeIsNamed() throws {
    for name in ["bob old/1.png", "raw/Bob/1.png", "BOB.png", "photo of bob.png", "bobby/1.png"] { try put(name) }
    try put("notes.txt", "Bob said yes\n")
    let plan = try FolderForgetting("bob", in: top)
    let stays = Set(plan.stays.map(\.place))
    for place in ["bob old", "raw/Bob", "BOB.png", "photo of bob.png", "notes.txt"] {
      #expect(stays.contains(place), "\(place): \(stays)")
    }
    #expect(!stays.contains("bobby") && !plan.goes.contains { $0.place == "bob old" || $0.place == "raw/Bob" })
  }

  /// Names as other disks write them, and as collect makes folders of them.
  @Test func namesWithOddCharacters() throws {
    for (label, name) in [("née", "ne\u{301}e"), ("a/b: c", "a_b_ c"), ("'=1+1", "'=1+1"), ("a,\"b\"", "a,_b_")] {
      try FileManager.default.createDirectory(atPath: top + "/faces/" + name, withIntermediateDirectories: true)
      try folder.put("work/faces/\(name)/1.png", [1])
      try folder.put(
        "work/selected/review.csv",
        Array("file,class,kept,factor\n\(CSV.cell(name + "/1.png")),\(CSV.cell(name)),no,1\n".utf8))
      var plan = try FolderForgetting(label, in: top)
      #expect(plan.goes.map(\.place).sorted() == ["faces/" + name, "selected/review.csv"], "\(label): \(plan.goes)")
      try plan.carryOut()
      #expect(!FileManager.default.fileExists(atPath: top + "/faces/" + name), "\(label)")
      #expect(text("selected/review.csv") == "file,class,kept,factor\n", "\(label)")
    }
  }

  @Test func listsThatLieLeadNowhere() throws {
    let head = "file,label,url,page,title,author,licence,licence_url,width,height,bytes,md5,phash,status,reason\r\n"
    var lines = head
    for file in ["../../outside/secret.png", "/etc/passwd", "ann/linked.png", "", "..", "faces/outside/secret.png"] {
      lines += "\(file),ann,https://e.org,,,,,,,,,,,kept,\r\n"
    }
    try folder.put("work/raw/sources.csv", Array(lines.utf8))
    try folder.put("work/sources.csv", Array(lines.utf8))
    var plan = try FolderForgetting("ann", in: top)
    try plan.carryOut()
    #expect(FileManager.default.contents(atPath: folder.path + "/outside/secret.png") == Data("a picture".utf8))
    #expect(text("sources.csv") == head && !FileManager.default.fileExists(atPath: top + "/raw/ann/linked.png"))
    #expect(access("/etc/passwd", F_OK) == 0)
  }

  /// What changes between the plan and its doing is told, and the rest is done.
  @Test func whatCannotBeDoneIsNamed() throws {
    try gallery("people.gallery")
    try folder.put("work/newer.gallery", Array(try folder.bytes("work/people.gallery")))
    try folder.put("work/broken.gallery", Array(try folder.bytes("work/people.gallery").prefix(5000)))
    var bytes = try folder.bytes("work/newer.gallery")
    // user_version, in the head of the database.
    bytes[63] = 99
    try folder.put("work/newer.gallery", bytes)
    var plan = try FolderForgetting("ann", in: top)
    #expect(plan.stays.contains { $0.place == "newer.gallery" && $0.reason.contains("newer version") }, "\(plan.stays)")
    #expect(plan.stays.contains { $0.place == "broken.gallery" } || plan.goes.contains { $0.place == "broken.gallery" })
    // A link has taken a folder's place, and something new has come into another.
    #expect(rename(top + "/faces/ann", top + "/faces/ann.away") == 0)
    symlink(folder.path + "/outside", top + "/faces/ann")
    try folder.put("work/selected/ann/new.png", [1])
    do {
      try plan.carryOut()
      Issue.record("all of it was done")
    } catch let error as ForgettingError {
      guard case .notAll(_, let failed) = error else { throw error }
      #expect(
        failed.contains { $0.contains("faces/ann") } && failed.contains { $0.contains("selected/ann") }, "\(failed)")
      #expect(error.explanation.help?.contains("again") == true)
    }
    #expect(!FileManager.default.fileExists(atPath: top + "/raw/ann") && text("selected/ann/new.png") != "-")
    #expect(FileManager.default.contents(atPath: folder.path + "/outside/secret.png") == Data("a picture".utf8))
    #expect(try ReferenceGallery.open(top + "/people.gallery").labels == ["bob"])
  }

  @Test(.enabled(if: geteuid() != 0, "the superuser may write anything")) func whatMayOnlyBeReadIsNamed() throws {
    var plan = try FolderForgetting("ann", in: top)
    chmod(top + "/raw/ann", 0o500)
    defer { chmod(top + "/raw/ann", 0o700) }
    #expect(throws: ForgettingError.self) { try plan.carryOut() }
    #expect(text("raw/ann/1.png") == "a picture" && !FileManager.default.fileExists(atPath: top + "/faces/ann"))
  }

  /// A stranger's script takes nobody out of folders.
  @Test func inTheBoxNothingIsTakenAway() throws {
    let scratch = folder.path + "/scratch"
    mkdir(scratch, 0o700)
    let policy = AccessPolicy.boxed(try FileAccess(scriptFolder: top, folders: [], scratch: scratch, base: top))
    let before = snapshot()
    try policy.bind { () throws in
      var plan = try FolderForgetting("ann", in: top)
      #expect(!plan.goes.isEmpty)
      #expect(throws: FileError.refused(path: top, writing: true)) { try plan.carryOut() }
      #expect(throws: FileError.refused(path: folder.path + "/outside", writing: false)) {
        try FolderForgetting("ann", in: folder.path + "/outside")
      }
    }
    #expect(snapshot() == before)
  }

  @Test func namesAreWordsOfTheirOwn() {
    let name = PersonName("ann")
    for text in ["ann", "\"ann\"", "raw/ann/1.png", "ann_1", "x-ann", "Ann", "ANN_2"] {
      #expect(name.isNamed(in: Array(text.utf8)), "\(text)")
    }
    for text in ["hannah", "annual", "Annual", "", "an n", "éann"] {
      #expect(!name.isNamed(in: Array(text.utf8)), "\(text)")
    }
    #expect(PersonName("née").isNamed(in: Array("x ne\u{301}e y".utf8)))
    #expect(PersonName("a \"b\"").isNamed(in: Array("{\"a\": \"a \\\"b\\\"\"}".utf8)))
  }
}
