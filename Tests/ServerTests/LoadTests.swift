import Foundation
import Synchronization
import Testing

@testable import Server

#if canImport(Glibc)
  import Glibc
#endif

@Suite(.serialized) struct LoadTests {
  /// Each of two hundred clients that ask at once gets its own answer.
  @Test func twoHundredClients() async throws {
    let characters = try Characters(classes: 20)
    let pictures = try (0..<20).map { try characters.png($0) }
    try await withServer(characters.gallery) { client in
      let replies = try await withThrowingTaskGroup(of: (Int, Reply).self) { group in
        for index in 0..<200 {
          group.addTask { (index, try await client.post("/api/query", pictures[index % 20])) }
        }
        return try await group.reduce(into: [(Int, Reply)]()) { $0.append($1) }
      }
      #expect(replies.count == 200)
      for (index, reply) in replies {
        #expect(reply.status == 200)
        let label = (reply.json["faces"] as? [[String: Any]])?.first?["label"] as? String
        #expect(label == characters.dataset.classNames[index % 20])
      }
      #expect(try await client.get("/healthz").json["queries"] as? Int == 200)
    }
  }

  /// A finder that waits until it is let go.
  private final class Gate: Sendable {
    let isOpen = Atomic<Bool>(false)

    var finder: FaceFinder {
      FaceFinder(name: "gate") { [self] picture in
        while !isOpen.load(ordering: .relaxed) { usleep(5000) }
        return try FaceFinder.wholePicture.find(picture)
      }
    }
  }

  /// Asks many at once, and opens the gate when so many were turned away.
  private static func crowd(
    _ count: Int, turnedAway: Int, _ gate: Gate, _ client: Client, _ png: [UInt8]
  ) async throws -> [Reply] {
    try await withThrowingTaskGroup(of: Reply.self) { group in
      for _ in 0..<count { group.addTask { try await client.post("/api/query", png) } }
      var replies: [Reply] = []
      while let reply = try await group.next() {
        replies.append(reply)
        if replies.count == turnedAway { gate.isOpen.store(true, ordering: .relaxed) }
      }
      return replies
    }
  }

  private static func narrow(_ gate: Gate, waiting: Int, seconds: Double) -> (inout ServerOptions) -> Void {
    { options in
      options.limits.atOnce = 1
      options.limits.waiting = waiting
      options.limits.waitSeconds = seconds
      options.finder = gate.finder
    }
  }

  @Test func whoFindsNoPlaceIsTold() async throws {
    let characters = try Characters()
    let gate = Gate()
    let png = try characters.png(0)
    let replies = try await withServer(characters.gallery, Self.narrow(gate, waiting: 4, seconds: 900)) { client in
      let replies = try await Self.crowd(30, turnedAway: 25, gate, client, png)
      // Others are not kept waiting: the page, the gallery.
      let health = try await client.get("/healthz")
      return replies + [health]
    }
    #expect(replies.count { $0.status == 200 } == 6)
    let turnedAway = replies.filter { $0.status == 503 }
    #expect(turnedAway.count == 25)
    #expect(turnedAway.allSatisfy { $0.error == "busy" && $0.headers["retry-after"] == "1" })
  }

  /// Whoever waits too long is told so, too.
  @Test func waitingEnds() async throws {
    let characters = try Characters()
    let gate = Gate()
    let png = try characters.png(0)
    let replies = try await withServer(characters.gallery, Self.narrow(gate, waiting: 9, seconds: 0.2)) { client in
      try await Self.crowd(3, turnedAway: 2, gate, client, png)
    }
    #expect(replies.map(\.status) == [503, 503, 200])
  }

  /// More connections than are kept: the idle ones make room, who asks is answered.
  @Test func idleConnectionsMakeRoom() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery, { $0.limits.connections = 20 }) { client in
      let idle = try (0..<80).map { _ in try Connection(port: client.port) }
      defer { for connection in idle { connection.close() } }
      for _ in 0..<600 where idle.count(where: { !Self.isOpen($0) }) < 55 {
        try await Task.sleep(for: .milliseconds(100))
      }
      #expect(try await client.get("/healthz").status == 200)
      #expect(try await client.post("/api/query", try characters.png(0)).status == 200)
      #expect(idle.count { !Self.isOpen($0) } >= 55)
    }
  }

  private static func isOpen(_ connection: Connection) -> Bool {
    var byte: UInt8 = 0
    let count = recv(connection.file, &byte, 1, Int32(MSG_DONTWAIT))
    return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)
  }

  /// Uploads, forms and whole requests with random mistakes in them: an answer or a closed connection, never a fall.
  @Test(arguments: 0..<4) func fuzzedRequests(_ seed: Int) async throws {
    let characters = try Characters()
    let png = try characters.png(0)
    let picture = try characters.dataset.image(0)
    let seeds = [png, try picture.rgb().encodeJPEG(), picture.encodeNetpbm()]
    let (body, type) = form([("a", png), ("b", png)])
    try await withServer(
      characters.gallery,
      {
        $0.allowsEnrolling = true
        $0.limits.bodySeconds = 1
        $0.limits.references = 50
      }
    ) { client in
      var random = Random(state: UInt64(seed) &* 7919 &+ 1)
      for turn in 0..<120 {
        let reply: Reply?
        switch turn % 4 {
        case 0: reply = try await client.post("/api/query", random.mutated(seeds[random.below(3)]))
        case 1: reply = try await client.post("/api/verify", random.mutated(body), ["Content-Type": type])
        case 2:
          reply = try await client.post(
            "/api/enrol?label=x", random.mutated(seeds[random.below(3)]), EnrollingTests.bearer)
        default:
          let request =
            Array(
              "POST /api/query?k=2 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: \(png.count)\r\n\r\n"
                .utf8)
            + png
          let bytes = random.mutated(request)
          reply = try await onThread {
            let connection = try Connection(port: client.port)
            defer { connection.close() }
            connection.send(bytes)
            shutdown(connection.file, Int32(SHUT_WR))
            return try? connection.reply()
          }
        }
        if let reply { #expect((200..<500).contains(reply.status), "\(turn): \(reply.status) \(reply.text)") }
      }
      #expect(try await client.get("/healthz").status == 200)
    }
  }

  private struct Random {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
    mutating func below(_ count: Int) -> Int { Int(next() % UInt64(max(1, count))) }

    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
      var result = bytes
      if below(5) == 0 { return Array(bytes.prefix(below(bytes.count))) }
      for _ in 0...below(4) where !result.isEmpty {
        let at = below(2) == 0 ? below(min(120, result.count)) : below(result.count)
        switch below(4) {
        case 0: result[at] = UInt8(truncatingIfNeeded: next())
        case 1: result[at] = [0, 255, 127, 128, 13][below(5)]
        case 2: result.remove(at: at)
        default: result.insert(UInt8(truncatingIfNeeded: next()), at: at)
        }
      }
      return result
    }
  }
}
