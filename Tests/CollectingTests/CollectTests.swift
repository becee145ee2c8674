import Datasets
import Foundation
import Images
import Synchronization
import Testing

@testable import Collecting

@Suite struct CollectTests {
  private func items(_ server: WebServer, _ paths: [String], label: String = "ann") throws -> [CollectItem] {
    try paths.map { try CollectItem(server.base + $0, label: label) }
  }

  @Test func collectsByLabel() async throws {
    let folder = try Folder()
    let pictures = try (0..<8).map { try Pictures.png($0) }
    let server = try WebServer(
      Dictionary(uniqueKeysWithValues: pictures.enumerated().map { ("/\($0).png", [.bytes($1)]) }))
    defer { server.stop() }
    let list = try (0..<8).map { try CollectItem("\(server.base)/\($0).png", label: $0 < 5 ? "ann" : "bob") }
    let options = CollectOptions.quick(folder)
    let path = folder.path
    let report = try await onThread { try Collector(options).collect(list) }
    #expect(report.kept == 8 && report.failed == 0 && report.rejected == 0 && report.duplicates == 0)
    #expect(folder.files.count { $0.hasPrefix("ann/") } == 5)
    #expect(folder.files.count { $0.hasPrefix("bob/") } == 3)
    for row in try folder.rows() {
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + "/" + (row["file"] ?? ""))))
      let number = try #require(row["url"]?.split(separator: "/").last?.split(separator: ".").first.flatMap { Int($0) })
      #expect(bytes == pictures[number])
      #expect(row["status"] == "kept" && row["width"] == "64" && row["bytes"] == "\(bytes.count)")
    }
    #expect(server.requests.allSatisfy { $0.agent.contains("twinbook") })
    // Nothing is asked for twice.
    let again = try await onThread { try Collector(options).collect(list) }
    #expect(again.kept == 8 && again.downloadedBytes == 0 && server.requests.count == 8)
  }

  /// A list whose labels were mended, or in which one address has two: a picture stays where it came first, and that is told.
  @Test func otherLabelsOfTheSameAddresses() async throws {
    let folder = try Folder()
    let server = try WebServer(["/1.png": [.bytes(try Pictures.png(1))], "/2.png": [.bytes(try Pictures.png(2))]])
    defer { server.stop() }
    let options = CollectOptions.quick(folder)
    let both = try items(server, ["/1.png", "/2.png"])
    let first = try await onThread { try Collector(options).collect(both) }
    #expect(first.kept == 2 && first.elsewhere == 0)
    let mended = try items(server, ["/1.png"]) + items(server, ["/2.png"], label: "bob")
    let second = try await onThread { try Collector(options).collect(mended) }
    #expect(second.kept == 2 && second.elsewhere == 1 && second.labelNow == "bob")
    #expect(second.firstElsewhere.hasPrefix("ann/") && folder.files.count { $0.hasPrefix("bob/") } == 0)
    // One list that says two things.
    let twice = try await onThread { try Collector(options).collect(both + mended) }
    #expect(twice.kept == 2 && twice.elsewhere == 1)
    // Whoever names no label means those that there are; and a file that was moved is where it should be.
    let bare = try items(server, ["/1.png", "/2.png"], label: "")
    #expect(try await onThread { try Collector(options).collect(bare) }.elsewhere == 0)
    try FileManager.default.createDirectory(atPath: folder.path + "/bob", withIntermediateDirectories: true)
    try FileManager.default.moveItem(
      atPath: folder.path + "/" + second.firstElsewhere, toPath: folder.path + "/bob/2.png")
    #expect(try await onThread { try Collector(options).collect(mended) }.elsewhere == 0)
  }

  /// Redirects into this machine are followed only where the list names the place.
  @Test func redirectsIntoNearPlaces() async throws {
    let folder = try Folder()
    let inner = try WebServer(["/secret.png": [.bytes(try Pictures.png(1))]])
    defer { inner.stop() }
    let port = inner.port
    let places = [
      "127.0.0.1:\(port)", "localhost:\(port)", "127.0.0.2:\(port)", "0.0.0.0:\(port)", "[::1]:\(port)",
      "[::ffff:127.0.0.1]:\(port)", "169.254.169.254", "10.0.0.1", "192.168.1.1:\(port)", "172.16.0.1",
      "2130706433:\(port)",
      "0x7f.1:\(port)", "[fe80::1]",
    ]
    let outer = try WebServer(
      Dictionary(
        uniqueKeysWithValues: places.enumerated().map { ("/\($0)", [.redirect("http://\($1)/secret.png")]) }
          + [("/own", [.redirect("/picture.png")]), ("/picture.png", [.bytes(try Pictures.png(2))])]))
    defer { outer.stop() }
    var options = CollectOptions.quick(folder)
    options.retries = 1
    let list = try items(outer, places.indices.map { "/\($0)" } + ["/own"])
    let report = try await onThread { [options] in try Collector(options).collect(list) }
    #expect(report.kept == 1 && report.rejected == places.count, "\(report)")
    #expect(inner.requests.isEmpty)
    for row in try folder.rows() where row["status"] == "rejected" {
      #expect(row["reason"]?.contains("which nobody named") == true, "\(row["url"] ?? ""): \(row["reason"] ?? "")")
    }
    // Named in the list, the place is meant.
    let other = try Folder()
    let named = try items(outer, ["/0"]) + [CollectItem("http://127.0.0.1:\(port)/secret.png", label: "ann")]
    let second = CollectOptions.quick(other)
    let both = try await onThread { try Collector(second).collect(named) }
    #expect(both.kept == 1 && both.duplicates == 1)
  }

  @Test func whateverTheServerDoes() async throws {
    let folder = try Folder()
    let png = try Pictures.png(1)
    let outside = FileManager.default.temporaryDirectory.path
    let server = try WebServer([
      "/good": [.bytes(png, type: "text/html")],
      "/page": [.bytes(Array("<!DOCTYPE html><html>".utf8), type: "image/png")],
      "/empty": [.bytes([])], "/gone": [.status(404)], "/forbidden": [.status(403)], "/circle": [.circle],
      "/file": [.redirect("file:///etc/passwd")], "/cut": [.cutOff(png)], "/stalls": [.stalls], "/huge": [.huge],
      "/endless": [.endless], "/drips": [.drips(png)], "/nonsense": [.nonsense],
      "/broken": [.bytes(Array(png.prefix(png.count / 2)))],
      "/small": [.bytes(try Pictures.png(2, size: 16))], "/gif": [.bytes(Array("GIF89a0123456789".utf8))],
      "/webp": [.bytes(Array("RIFF0000WEBPVP8 ".utf8))], "/bomb": [.bytes(Array("P5 60000 60000 255\n".utf8))],
      "/redirected": [.redirect("/other")], "/other": [.bytes(try Pictures.png(3))],
    ])
    defer { server.stop() }
    let names = [
      "good", "page", "empty", "gone", "forbidden", "circle", "file", "cut", "stalls", "huge", "endless", "drips",
      "nonsense", "broken", "small", "gif", "webp", "bomb", "redirected",
    ]
    var options = CollectOptions.quick(folder)
    options.retries = 1
    options.seconds = 3
    options.bytes = 1 << 20
    options.workers = 12
    options.perHost = 12
    let list = try items(server, names.map { "/" + $0 })
    let report = try await onThread { [options] in try Collector(options).collect(list) }
    let rows = try folder.rows()
    var status: [String: String] = [:]
    var reason: [String: String] = [:]
    for row in rows {
      let name = String(row["url"]?.split(separator: "/").last ?? "")
      status[name] = row["status"]
      reason[name] = row["reason"]
    }
    let expected = [
      "good": "kept", "redirected": "kept", "page": "rejected", "empty": "rejected", "gone": "rejected",
      "forbidden": "rejected", "circle": "rejected", "huge": "rejected", "endless": "rejected", "broken": "rejected",
      "small": "rejected", "gif": "rejected", "webp": "rejected", "bomb": "rejected", "cut": "failed",
      "stalls": "failed", "drips": "failed",
    ]
    for (name, word) in expected { #expect(status[name] == word, "\(name): \(reason[name] ?? "")") }
    // libcurl takes nonsense for an answer of HTTP/0.9, which is off, or for a failure: in any case nothing is kept.
    #expect(status["nonsense"] != "kept" && status["file"] != "kept")
    #expect(report.kept == 2)
    #expect(reason["page"] == "it is a web page")
    #expect(reason["gif"] == "it is a GIF, which is not read")
    #expect(reason["small"] == "it has 16×16 pixels, and 32 a side are the least")
    #expect(reason["circle"] == "it leads in a circle: it redirects again and again")
    #expect(reason["huge"] == "it is larger than is allowed" && reason["endless"] == "it is larger than is allowed")
    #expect(reason["gone"] == "the server answered 404")
    #expect(reason["cut"] == "the connection ended early")
    // The broken pictures are there to be looked at, and are no class.
    #expect(folder.files.count { $0.hasPrefix("rejected/") } == 2)
    #expect(folder.files.count { $0.hasPrefix("ann/") } == 2)
    let dataset = try Datasets.load(folder.path, size: (height: 64, width: 64))
    #expect(dataset.classNames == ["ann"] && dataset.count == 2)
    #expect(outside.isEmpty == false)
  }

  @Test func triesAgainAndWaitsAsAsked() async throws {
    let folder = try Folder()
    let png = try Pictures.png(1)
    let server = try WebServer([
      "/flaky": [.status(503), .cutOff(png), .bytes(png)],
      "/busy": [.status(429, headers: ["Retry-After: 1"]), .bytes(try Pictures.png(2))],
      "/never": [.status(500)],
    ])
    defer { server.stop() }
    var options = CollectOptions.quick(folder)
    options.retries = 3
    let list = try items(server, ["/flaky", "/busy", "/never"])
    let report = try await onThread { [options] in try Collector(options).collect(list) }
    #expect(report.kept == 2 && report.failed == 1)
    #expect(server.targets.count { $0 == "/flaky" } == 3)
    #expect(server.targets.count { $0 == "/never" } == 4)
    let busy = server.requests.filter { $0.target == "/busy" }
    #expect(busy.count == 2 && busy[1].time - busy[0].time >= .milliseconds(990))
    // Nobody else of the host was asked in between, once it had asked for the pause.
    #expect(
      !server.requests.contains {
        $0.time > busy[0].time + .milliseconds(200) && $0.time < busy[1].time - .milliseconds(20)
      })
    // What failed is tried again the next time, what was kept is not.
    _ = try await onThread { [options] in try Collector(options).collect(list) }
    #expect(server.targets.count { $0 == "/never" } == 8 && server.targets.count { $0 == "/flaky" } == 3)
  }

  @Test func aLongPauseIsNotWaitedFor() async throws {
    let folder = try Folder()
    let server = try WebServer(answers: { _ in .status(429, headers: ["Retry-After: 3600"]) })
    defer { server.stop() }
    var options = CollectOptions.quick(folder)
    options.workers = 1
    let list = try items(server, (0..<20).map { "/\($0)" })
    let report = try await onThread { [options] in try Collector(options).collect(list) }
    #expect(report.failed == 20 && server.requests.count == 1)
    #expect(try folder.rows().first?["reason"] == "the server answered 429 and asks to wait 3600 seconds")
  }

  @Test func isPolite() async throws {
    let folder = try Folder()
    let pictures = try (0..<6).map { try Pictures.png($0) }
    let server = try WebServer(
      Dictionary(uniqueKeysWithValues: pictures.enumerated().map { ("/\($0)", [.bytes($1)]) }))
    defer { server.stop() }
    var options = CollectOptions.quick(folder)
    options.pause = 0.1
    options.perHost = 2
    options.workers = 8
    let list = try items(server, (0..<6).map { "/\($0)" })
    _ = try await onThread { [options] in try Collector(options).collect(list) }
    let times = server.requests.map(\.time).sorted()
    #expect(times.count == 6 && server.mostActive <= 2)
    #expect(times[5] - times[0] >= .milliseconds(450))
  }

  @Test func duplicatesAreTold() async throws {
    let folder = try Folder()
    let image = try Pictures.image(1, size: 96)
    let png = try image.encodePNG()
    let server = try WebServer([
      "/a": [.bytes(png)], "/same": [.bytes(png)],
      "/scaled": [.bytes(try image.resized(width: 80, height: 80).encodeJPEG())],
      "/b": [.bytes(try Pictures.png(2, size: 96))],
    ])
    defer { server.stop() }
    var options = CollectOptions.quick(folder)
    options.leavesOutNear = true
    options.workers = 1
    let list = try items(server, ["/a", "/same", "/scaled", "/b", "/a"])
    let report = try await onThread { [options] in try Collector(options).collect(list) }
    #expect(report.kept == 2 && report.duplicates == 2)
    let rows = try folder.rows()
    let first = rows.first { $0["url"]?.hasSuffix("/a") == true }?["file"] ?? ""
    #expect(rows.first { $0["url"]?.hasSuffix("/same") == true }?["reason"] == "the same bytes as \(first)")
    #expect(rows.first { $0["url"]?.hasSuffix("/scaled") == true }?["reason"] == "looks like \(first)")
    // Remembered by the next run.
    let (later, _) = (try items(server, ["/same?again"]), 0)
    let again = try await onThread { [options] in try Collector(options).collect(later) }
    #expect(again.duplicates == 1)
  }

  @Test func goesOnAfterAnInterruption() async throws {
    let folder = try Folder()
    let pictures = try (0..<10).map { try Pictures.png($0) }
    var manners = Dictionary(
      uniqueKeysWithValues: pictures.enumerated().map { ("/\($0)", [WebServer.Manner.bytes($1)]) })
    manners["/stalls"] = [.stalls, .bytes(try Pictures.png(77))]
    let server = try WebServer(manners)
    defer { server.stop() }
    let options = CollectOptions.quick(folder)
    let list = try items(server, (0..<10).map { "/\($0)" } + ["/stalls"])
    await #expect(throws: CancellationError.self) {
      try await onThread {
        let kept = Atomic<Int>(0)
        _ = try Collector(options).collect(
          list, progress: { kept.store($0.kept, ordering: .relaxed) },
          shouldStop: { kept.load(ordering: .relaxed) == 10 })
      }
    }
    #expect(try folder.rows().count { $0["status"] == "kept" } == 10)
    // As a kill would leave it: the last line half written.
    let text = try folder.read("sources.csv")
    try (text + "ann/half.png,ann,http://127").write(
      toFile: folder.path + "/sources.csv", atomically: true, encoding: .utf8)
    let report = try await onThread { try Collector(options).collect(list) }
    #expect(report.kept == 11)
    #expect(server.requests.count == 12)
  }

  @Test func aFullOrForeignFolderIsSaidSo() async throws {
    let folder = try Folder()
    try "a,b\r\n1,2\r\n".write(toFile: folder.path + "/sources.csv", atomically: true, encoding: .utf8)
    let options = CollectOptions.quick(folder)
    #expect(throws: CollectError.notOurs(path: folder.path + "/sources.csv", reason: "its first line is another's")) {
      try Collector(options)
    }
    let other = try Folder()
    let server = try WebServer(["/a": [.bytes(try Pictures.png(1))]])
    defer { server.stop() }
    // A file stands where the label's folder should be.
    try "".write(toFile: other.path + "/ann", atomically: true, encoding: .utf8)
    let list = try items(server, ["/a"])
    let elsewhere = CollectOptions.quick(other)
    await #expect(throws: (any Error).self) { try await onThread { _ = try Collector(elsewhere).collect(list) } }
  }

  /// Labels are the list's, and folders are ours.
  @Test func labelsCannotLeaveTheFolder() async throws {
    let folder = try Folder()
    let labels = [
      "../../up", "/etc", "..", ".", "a/b\\c", "", "nul\u{0}l", "rejected", "=cmd|' /C calc'!A0", "Ünïcode 名前",
      ".hidden",
    ]
    let server = try WebServer(answers: { target in
      (try? Pictures.png(Int(target.dropFirst()) ?? 0)).map { .bytes($0) }
    })
    defer { server.stop() }
    let list = try labels.enumerated().map { try CollectItem("\(server.base)/\($0)", label: $1) }
    let options = CollectOptions.quick(folder)
    let report = try await onThread { try Collector(options).collect(list) }
    #expect(report.kept == labels.count)
    #expect(folder.files.count == labels.count + 1)
    for file in folder.files where file != "sources.csv" {
      #expect(file.split(separator: "/").count == 2 && !file.hasPrefix(".") && !file.hasPrefix("rejected/"), "\(file)")
    }
    // A spreadsheet takes no cell for a formula, and what is read back is what was written.
    let text = try folder.read("sources.csv")
    #expect(!text.contains(",=") && !text.contains("\n="))
    let again = try await onThread { try Collector(options).collect(list) }
    #expect(again.kept == labels.count && again.downloadedBytes == 0)
  }
}
