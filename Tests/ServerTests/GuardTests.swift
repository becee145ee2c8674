import Foundation
import Gallery
import Testing

import Glibc

@testable import Server

/// Small requests that cost much, and who may see faces.
@Suite struct GuardTests {
  static let bearer = ["Authorization": "Bearer \(testToken)"]

  /// From elsewhere a face is shown to who has the token; what is shown is kept by nobody on the way.
  @Test func facesAreShownWithTheToken() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery, { $0.publicName = "faces.example.org" }) { client in
      for path in ["/api/references/0", "/api/references/99"] {
        let refused = try await client.get(path)
        #expect(refused.status == 401 && refused.error == "wrong-token" && !refused.text.contains("PNG"))
      }
      let shown = try await client.get("/api/references/0", Self.bearer)
      #expect(shown.status == 200 && shown.headers["content-type"] == "image/png")
      #expect(shown.headers["cache-control"] == "no-store")
      #expect(try await client.get("/api/gallery").json["guarded"] as? Bool == true)
    }
    try await withServer(characters.gallery) { client in
      let shown = try await client.get("/api/references/0")
      #expect(shown.status == 200 && shown.headers["cache-control"] == "no-store")
      #expect(try await client.get("/api/gallery").json["guarded"] as? Bool == false)
    }
  }

  /// Names are shown to everybody who can ask; where references came from, and what was agreed to, as faces are.
  @Test func originsAreShownWithTheToken() async throws {
    let characters = try Characters()
    try characters.gallery.renew("glyph1", .init(consent: "said yes"))
    func first(_ reply: Reply) -> [String: Any]? { (reply.json["list"] as? [[String: Any]])?.first }
    try await withServer(characters.gallery, { $0.publicName = "faces.example.org" }) { client in
      let without = first(try await client.get("/api/gallery"))
      #expect(without?["label"] as? String == "glyph1" && without?["consent"] == nil && without?["sources"] == nil)
      let with = first(try await client.get("/api/gallery", EnrollingTests.bearer))
      #expect(with?["consent"] as? [String] == ["said yes"])
      let wrong = try await client.get("/api/gallery", ["Authorization": "Bearer a-token-that-is-wrong"])
      #expect(wrong.status == 401 && wrong.error == "wrong-token")
    }
    try await withServer(characters.gallery) { client in
      let here = first(try await client.get("/api/gallery"))
      #expect(here?["consent"] as? [String] == ["said yes"])
    }
  }

  @Test func guardedWhereOthersCanAsk() {
    func guards(_ change: (inout ServerOptions) -> Void) -> Bool {
      var options = ServerOptions()
      change(&options)
      return options.guardsPictures
    }
    #expect(guards { $0.host = "0.0.0.0" } && guards { $0.host = "::" } && guards { $0.host = "192.168.1.2" })
    #expect(guards { $0.publicName = "faces.example.org" })
    #expect(ServerOptions().host == "127.0.0.1" && !guards { _ in })
    #expect(!guards { $0.host = "127.0.0.1" } && !guards { $0.host = "::1" } && !guards { $0.host = "localhost" })
  }

  /// What the token does not guard: names, answers, distances.
  @Test func whoCanReachThePageCanAsk() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery, { $0.publicName = "faces.example.org" }) { client in
      let faces = try await client.post("/api/query", try characters.png(2)).json["faces"] as? [[String: Any]]
      #expect(faces?.first?["label"] as? String == characters.dataset.classNames[2])
      let list = try await client.get("/api/gallery").json["list"] as? [[String: Any]]
      #expect(list?.count == 6)
      #expect(try await client.get("/api/distances").status == 200)
    }
  }

  /// A server before this one hands its own name on; no other name is taken, and no other site's page.
  @Test func aServerBeforeItHasItsName() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery, { $0.publicName = "Faces.example.org" }) { client in
      let png = try characters.png(0)
      func ask(_ host: String, _ origin: String?) async throws -> Int {
        var headers = ["Host": host]
        if let origin { headers["Origin"] = origin }
        return try await client.post("/api/query", png, headers).status
      }
      #expect(try await ask("faces.example.org", "https://faces.example.org") == 200)
      #expect(try await ask("faces.example.org:443", nil) == 200)
      #expect(try await ask("faces.example.org", "https://evil.example.org") == 403)
      #expect(try await ask("faces.example.org.evil.org", nil) == 421)
      #expect(try await ask("evil.org", nil) == 421)
      // What a proxy says of who asks, and by which name, changes nothing.
      let reply = try await client.get(
        "/api/references/0",
        [
          "Host": "evil.org", "X-Forwarded-Host": "faces.example.org", "X-Forwarded-For": "127.0.0.1",
          "Forwarded": "for=127.0.0.1;host=faces.example.org",
        ])
      #expect(reply.status == 421)
      let forged = try await client.get(
        "/api/references/0", ["Host": "faces.example.org", "X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1"])
      #expect(forged.status == 401)
    }
    for bad in ["", "https://a.example", "a.example:443", "a b", String(repeating: "a", count: 254), "a\nb"] {
      var options = ServerOptions()
      options.publicName = bad
      #expect(throws: ServerError.badName(bad)) {
        try GalleryServer(lending: LentGallery(characters.gallery), options)
      }
    }
  }

  /// Many who guess together wait one for the other, and the last are turned away unjudged.
  @Test func guessesAreSlowedForAll() async throws {
    let brake = GuessBrake(pause: .milliseconds(20), places: 4)
    #expect(await brake.judge { true } == true)
    #expect(await brake.judge { false } == false)
    let began = ContinuousClock.now
    // The right one waits with the others: else its answer would tell it.
    let judged = await withTaskGroup(of: Bool?.self, returning: Int.self) { group in
      for number in 0..<10 { group.addTask { await brake.judge { number == 3 } } }
      var count = 0
      for await one in group where one != nil { count += 1 }
      return count
    }
    // They were judged one behind the other: at least so long, however fast the machine is.
    #expect((1...10).contains(judged) && ContinuousClock.now - began >= .milliseconds(15 * judged), "\(judged)")
  }

  @Test func whoGuessesIsToldToWait() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery, { $0.allowsEnrolling = true }) { client in
      let statuses = try await withThrowingTaskGroup(of: Int.self, returning: [Int].self) { group in
        for number in 0..<40 {
          group.addTask {
            try await client.post("/api/remove?label=x", [], ["Authorization": "Bearer guess-\(number)-of-a-token"])
              .status
          }
        }
        var all: [Int] = []
        for try await status in group { all.append(status) }
        return all
      }
      #expect(statuses.allSatisfy { $0 == 401 || $0 == 429 } && statuses.contains(429), "\(statuses)")
      // Afterwards who has the token is heard again.
      var last = 0
      for _ in 0..<200 where last != 422 && last != 404 && last != 200 {
        last = try await client.post("/api/remove?label=nobody", [], Self.bearer).status
        if last == 429 { try await Task.sleep(for: .milliseconds(100)) }
      }
      #expect(last != 429 && last != 401, "\(last)")
    }
    #expect(characters.gallery.references.count == 6)
  }

  /// One address has so many connections; who has them all can still use them.
  @Test func oneAddressHasItsShare() async throws {
    let characters = try Characters()
    let change: (inout ServerOptions) -> Void = {
      $0.limits.connectionsOfOne = 3
      $0.limits.countsLoopback = true
    }
    try await withServer(characters.gallery, change) { client in
      try await onThread {
        let request = Array("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:\(client.port)\r\n\r\n".utf8)
        var kept: [Connection] = []
        for _ in 0..<3 {
          let connection = try Connection(port: client.port)
          connection.send(request)
          #expect(try connection.reply().status == 200)
          kept.append(connection)
        }
        let fourth = try Connection(port: client.port)
        _ = fourth.send(request)
        #expect(fourth.isClosed())
        fourth.close()
        kept[0].send(request)
        #expect(try kept[0].reply().status == 200)
        kept[1].close()
        // Its place is free as soon as its thread has seen the end.
        var isHeard = false
        for _ in 0..<200 where !isHeard {
          let again = try Connection(port: client.port)
          defer { again.close() }
          again.send(request)
          isHeard = (try? again.reply().status) == 200
          if !isHeard { usleep(10_000) }
        }
        #expect(isHeard)
        kept[0].close()
        kept[2].close()
      }
    }
  }

  @Test func addressesAreCounted() {
    #expect(PeerAddress(four: [127, 0, 0, 9]).isLoopback && !PeerAddress(four: [10, 0, 0, 1]).isLoopback)
    let mapped = [UInt8](repeating: 0, count: 10) + [255, 255, 10, 0, 0, 1]
    #expect(PeerAddress(six: mapped) == PeerAddress(four: [10, 0, 0, 1]))
    let one = [UInt8](repeating: 0, count: 15) + [1]
    #expect(PeerAddress(six: one).isLoopback)
    // A network of IPv6 is one: whoever has it has as many addresses as they like.
    let net: [UInt8] = [0x20, 1, 0xD, 0xB8, 0, 0, 0, 1]
    #expect(PeerAddress(six: net + [0, 0, 0, 0, 0, 0, 0, 1]) == PeerAddress(six: net + [9, 9, 9, 9, 9, 9, 9, 9]))
    #expect(PeerAddress(six: net + one.suffix(8)) != PeerAddress(six: net.reversed() + one.suffix(8)))
  }

  /// Heads that never end keep nobody from being heard: three hundred of them, and the next who asks is answered.
  @Test func unfinishedHeadsStopNobody() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      try await onThread {
        var silent: [Connection] = []
        defer { for connection in silent { connection.close() } }
        let start = Array("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:\(client.port)\r\nX: ".utf8)
        for number in 0..<300 {
          let connection = try Connection(port: client.port)
          // Every third has a line that is too long, and is told so; the others say nothing more.
          connection.send(start + [UInt8](repeating: 97, count: number % 3 == 0 ? 12_000 : 1500))
          silent.append(connection)
        }
        let request = Array("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:\(client.port)\r\n\r\n".utf8)
        var times: [Duration] = []
        for _ in 0..<500 {
          let began = ContinuousClock.now
          let connection = try Connection(port: client.port)
          connection.send(request)
          #expect(try connection.reply().status == 200)
          times.append(ContinuousClock.now - began)
          connection.close()
        }
        // The first one waits until all before it have got their threads.
        let sorted = times.sorted()
        print(
          "/healthz under 300 unfinished heads: median \(sorted[250]), 99 % \(sorted[494]), longest \(sorted[499]), "
            + "first \(times[0])")
        #expect(try silent[0].reply().error == "head-too-large")
      }
    }
  }

  /// What two programs could understand in two ways is refused, and the connection with it.
  @Test(arguments: [
    "Content-Length: 5\r\nContent-Length: 5\r\n", "Content-Length: 5, 5\r\n", "Content-Length: +5\r\n",
    "Content-Length: -1\r\n", "Content-Length: 0x5\r\n", "Content-Length: 99999999999999999999\r\n",
    "Content-Length:\r\n", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding: xchunked\r\n", "Content-Length : 5\r\n", " Content-Length: 5\r\n", "X: a\rb\r\n",
    "X: a\r\n folded\r\n", "X\u{0}: 1\r\n", "Host: 127.0.0.1\r\n",
  ])
  func doubtfulHeadsAreRefused(_ lines: String) async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      let text = "POST /api/query HTTP/1.1\r\nHost: 127.0.0.1:\(client.port)\r\n\(lines)\r\nhello"
      let smuggled = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:\(client.port)\r\n\r\n"
      let reply = try await client.raw(Array((text + smuggled).utf8))
      #expect([400, 501].contains(reply.status), "\(lines): \(reply.status) \(reply.text)")
      #expect(!reply.text.contains("\"status\":\"ok\""))
    }
  }

  /// A line feed alone ends a line for some, and stands in it for others: it is refused wherever it comes, and nothing that
  /// is sent behind it is a request.
  @Test(arguments: [
    "GET /healthz HTTP/1.1\nHOST\n\n", "GET /healthz HTTP/1.1\r\nHOST\r\n\n", "GET /healthz HTTP/1.1\r\nHOST\n\r\n",
    "GET /healthz HTTP/1.1\nHOST\r\n\r\n", "GET /healthz HTTP/1.1\r\nHOST\r\nX: a\nContent-Length: 40\r\n\r\n",
  ])
  func bareLineFeedsAreRefused(_ head: String) async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      let host = "Host: 127.0.0.1:\(client.port)"
      let behind = "GET /healthz HTTP/1.1\r\n\(host)\r\nConnection: close\r\n\r\n"
      let text = head.replacingOccurrences(of: "HOST", with: host) + behind
      let reply = try await client.raw(Array(text.utf8))
      #expect(reply.status == 400 && reply.error == "malformed", "\(head.debugDescription): \(reply.text)")
      #expect(!reply.text.contains("\"status\":\"ok\""))
    }
  }

  /// The limits that `Documentation/security.md` tells are those of a server that was told no others.
  @Test func limitsAreThoseOfThePage() throws {
    var folder = URL(fileURLWithPath: #filePath)
    for _ in 0..<3 { folder.deleteLastPathComponent() }
    let page = try String(contentsOf: folder.appendingPathComponent("Documentation/security.md"), encoding: .utf8)
    let limits = ServerLimits()
    for words in [
      "lines of \(limits.lineBytes >> 10) KB, heads of \(limits.headBytes >> 10) KB",
      " \(Int(limits.idleSeconds)) seconds;",
      "\(limits.connectionsOfOne) connections of each", "tokens have \(AccessToken.least) letters",
    ] { #expect(page.contains(words), "the page does not say “\(words)”") }
    #expect(!limits.countsLoopback)
  }

  /// What a chunk's line may look like is one thing alone: proxies differ in what else they take for its end.
  @Test(arguments: [
    "5\nhello\r\n0\r\n\r\n", "5;\nhello\r\n0\r\n\r\n", "5;x\ry\r\nhello\r\n0\r\n\r\n", "5\r\nhello\n0\r\n\r\n",
    "5\r\nhelloxx0\r\n\r\n", "0 5\r\nhello\r\n0\r\n\r\n", " 5\r\nhello\r\n0\r\n\r\n", "5 x\r\nhello\r\n0\r\n\r\n",
    "0x5\r\nhello\r\n0\r\n\r\n", "+5\r\nhello\r\n0\r\n\r\n", "5\r\nhello\r\n0\r\n\n",
    "5\r\nhello\r\n0\r\nX: a\nY: b\r\n\r\n",
    "000000005\r\nhello\r\n0\r\n\r\n", "\r\n5\r\nhello\r\n0\r\n\r\n", "5;\u{0}\r\nhello\r\n0\r\n\r\n",
  ])
  func doubtfulChunksAreRefused(_ body: String) async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      let host = "Host: 127.0.0.1:\(client.port)"
      let head = "POST /api/query HTTP/1.1\r\n\(host)\r\nTransfer-Encoding: chunked\r\n\r\n"
      let behind = "GET /healthz HTTP/1.1\r\n\(host)\r\nConnection: close\r\n\r\n"
      let reply = try await client.raw(Array((head + body + behind).utf8))
      #expect(reply.status == 400 && reply.error == "malformed", "\(body.debugDescription): \(reply.text)")
      // One answer, and the end: the request behind it is none.
      #expect(reply.headers["connection"] == "close")
      let plain = "5;name=\"value\" \t\r\nhello\r\n0;last\r\nTrailer: x\r\n\r\n"
      let last = head.replacingOccurrences(of: "Transfer", with: "Connection: close\r\nTransfer")
      let taken = try await client.raw(Array((last + plain).utf8))
      #expect(taken.error == "not-an-image", "\(taken.text)")
    }
  }

  @Test(arguments: [
    ("[::1]", true), ("[::1]:8080", true), ("[::1", false), ("::1", false), ("[::1]x", false), ("[::1]:99999", false),
    ("[fe80::1%25eth0]", false), ("127.0.0.1:", true), ("127.0.0.1:80:80", false), ("localhost.", false),
    ("LOCALHOST", true), ("[::ffff:127.0.0.1]", false), ("2130706433", false), ("0x7f.1", false),
  ])
  func hostsOfThisMachine(_ host: String, _ isOwn: Bool) {
    #expect(HostCheck(host: "127.0.0.1").allows(host) == isOwn, "\(host)")
  }
}
