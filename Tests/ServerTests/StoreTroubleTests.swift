import Foundation
import Gallery
import Synchronization
import Testing

@testable import Server

/// A gallery whose place fails: who asks hears that it is no fault of theirs, and not where the gallery is.
@Suite struct StoreTroubleTests {
  private static let bearer = ["Authorization": "Bearer \(testToken)"]

  private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
  }

  @Test func aFileThatIsMovedIsTold() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("twinbook-trouble-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/people.gallery"
    let characters = try Characters()
    try characters.gallery.save(path)
    let lines = Lines()
    try await withServer(
      try ReferenceGallery.load(path),
      {
        $0.allowsEnrolling = true
        $0.log = { lines.add($0) }
      }
    ) { client in
      #expect(try await client.get("/healthz").status == 200)
      try FileManager.default.moveItem(atPath: path, toPath: folder + "/away")
      let png = try characters.png(0, number: 1)
      for call in ["enrol?label=eve", "remove?label=glyph1"] {
        let reply = try await client.post("/api/\(call)", call.hasPrefix("enrol") ? png : [], Self.bearer)
        #expect(reply.status == 500 && reply.error == "not-saved", "\(reply.text)")
        #expect(!reply.text.contains(folder) && reply.text.contains("moved"), "\(reply.text)")
      }
      let health = try await client.get("/healthz")
      #expect(health.status == 500 && !health.text.contains(folder), "\(health.text)")
      // Put back, it is well; and what is wrong again is told again.
      try FileManager.default.moveItem(atPath: folder + "/away", toPath: path)
      #expect(try await client.get("/healthz").status == 200)
      #expect(try await client.post("/api/enrol?label=eve", png, Self.bearer).status == 200)
      try FileManager.default.moveItem(atPath: path, toPath: folder + "/away")
      #expect(try await client.get("/healthz").status == 500)
    }
    let told = lines.all.filter { $0.contains(path) }
    #expect(told.count == 2 && told.allSatisfy { $0.contains("the gallery cannot be used: ") }, "\(lines.all)")
  }

  @Test func eachTroubleHasItsStatus() {
    for (trouble, status, word) in [
      (StoreTrouble.unreachable, 503, "unavailable"), (.busy, 503, "unavailable"),
      (.unwritable(reason: "its disk is full"), 500, "not-saved"),
      (.unreadable(reason: "its file cannot be read"), 500, "failed"),
    ] {
      let problem = RequestProblem.store(trouble)
      #expect(problem.status == status && problem.error == word, "\(problem)")
      #expect((problem.retryAfter != nil) == (status == 503))
    }
  }
}
