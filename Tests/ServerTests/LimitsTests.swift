import Foundation
import Images
import Synchronization
import Testing

@testable import Server

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct LimitsTests {
  @Test func badPicturesAreRefusedInWords() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      let png = try characters.png(0)
      let jpeg = try characters.dataset.image(0).encodeJPEG()
      let cases: [([UInt8], Int, String)] = [
        ([], 400, "no-image"), (Array("I am a letter, not a picture".utf8), 415, "not-an-image"),
        (Array(png.prefix(png.count / 2)), 422, "broken-image"),
        (Array(jpeg.prefix(jpeg.count / 2)), 422, "broken-image"),
        (Array("P5 100000 100000 255\n".utf8), 413, "too-many-pixels"),
        (Array("P5 0 4 255\n".utf8), 422, "broken-image"),
        (Array("<svg xmlns='http://www.w3.org/2000/svg'/>".utf8), 415, "not-an-image"),
        (Array("GIF89a".utf8) + [UInt8](repeating: 0, count: 50), 415, "not-an-image"),
      ]
      for (bytes, status, error) in cases {
        let reply = try await client.post("/api/query", bytes)
        #expect(reply.status == status && reply.error == error, "\(error): \(reply.text)")
        #expect((reply.json["reason"] as? String)?.isEmpty == false)
      }
      for (body, type) in [
        (Array("no form at all".utf8), "multipart/form-data; boundary=x"), ([], "multipart/form-data; boundary=x"),
        (Array("--x\r\n".utf8), "multipart/form-data; boundary=x"), (png, "multipart/form-data"),
        (Array("--x\r\n\r\nhello\r\n--y".utf8), "multipart/form-data; boundary=x"),
      ] {
        let reply = try await client.post("/api/query", body, ["Content-Type": type])
        #expect(reply.status == 400 && reply.error == "broken-form", "\(reply.text)")
      }
      #expect(try await client.post("/api/query?k=0", png).error == "bad-number")
      #expect(try await client.post("/api/query?k=two", png).error == "bad-number")
    }
  }

  /// 52 million pixels in fifty kilobytes.
  @Test func aBombIsNotUnpacked() async throws {
    let characters = try Characters()
    let side = 7200
    let black = try #require(
      PixelImage(width: side, height: side, channels: 1, pixels: [UInt8](repeating: 0, count: side * side)))
    let bomb = try black.encodePNG()
    #expect(bomb.count < 1 << 20)
    try await withServer(characters.gallery) { client in
      let reply = try await client.post("/api/query", bomb)
      #expect(reply.status == 413 && reply.error == "too-many-pixels")
    }
  }

  @Test func largeBodiesAreRefused() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      let limit = ServerLimits().bodyBytes
      let padded = try characters.png(1) + [UInt8](repeating: 0, count: limit)
      let reply = try await client.post("/api/query", padded)
      #expect(reply.status == 413 && reply.error == "too-large")
      // Announced as ten gigabytes: not waited for.
      let head = "POST /api/query HTTP/1.1\r\nHost: 127.0.0.1:\(client.port)\r\nContent-Length: 10000000000\r\n\r\n"
      let huge = try await client.raw(Array(head.utf8))
      #expect(huge.status == 413 && huge.headers["connection"] == "close")
      // Without a length, in chunks.
      let begin = "POST /api/query HTTP/1.1\r\nHost: 127.0.0.1:\(client.port)\r\nTransfer-Encoding: chunked\r\n\r\n"
      let png = try characters.png(1)
      func chunk(_ bytes: [UInt8]) -> [UInt8] {
        Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10]
      }
      let end = Array("0\r\n\r\n".utf8)
      let whole = try await client.raw(
        Array(begin.utf8) + chunk(Array(png.prefix(20))) + chunk(Array(png.dropFirst(20))) + end)
      #expect(whole.status == 200)
      let many = chunk([UInt8](repeating: 7, count: 1 << 20))
      let large = try await client.raw(Array(begin.utf8) + (0..<9).flatMap { _ in many } + end)
      #expect(large.status == 413 && large.error == "too-large")
      #expect(try await client.get("/healthz").status == 200)
    }
  }

  /// What follows a body that was not read to its end is no request, however much it looks like one.
  @Test func whatFollowsAHalfReadBodyIsNotAnswered() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      try await onThread {
        let connection = try Connection(port: client.port, seconds: 600)
        defer { connection.close() }
        let host = "Host: 127.0.0.1:\(client.port)\r\n"
        let inner = "GET /healthz HTTP/1.1\r\n\(host)\r\n"
        connection.send(
          Array("POST /api/query HTTP/1.1\r\n\(host)Content-Length: 10000000000\r\n\r\n\(inner)".utf8))
        #expect(try connection.reply().status == 413)
        let rest = try? connection.reply()
        #expect(rest == nil || rest?.error == "closing")
        #expect(connection.isClosed())
      }
    }
  }

  @Test func slowClientsAreLetGo() async throws {
    let characters = try Characters()
    try await withServer(
      characters.gallery,
      {
        $0.limits.bodySeconds = 0.5
        $0.limits.idleSeconds = 5
      }
    ) { client in
      let host = "Host: 127.0.0.1:\(client.port)\r\n"
      let half = "POST /api/query HTTP/1.1\r\n\(host)Content-Length: 100000\r\n\r\nonly this"
      let reply = try await client.raw(Array(half.utf8))
      #expect(reply.status == 408 && reply.error == "too-slow")
      // Who says nothing, who says half, and who says a letter now and then.
      let letters = try await withThrowingTaskGroup(of: Int.self) { group in
        for said in ["", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\n\(host)X-Half: "] {
          group.addTask {
            try await onThread {
              let connection = try Connection(port: client.port)
              defer { connection.close() }
              connection.send(Array(said.utf8))
              #expect(connection.isClosed(), "\(said)")
              return 0
            }
          }
        }
        group.addTask {
          try await onThread {
            let connection = try Connection(port: client.port)
            defer { connection.close() }
            var sent = 0
            for letter in Array("GET / HTTP/1.1\r\nX: ".utf8) + [UInt8](repeating: 97, count: 6000) {
              if connection.send([letter]) == 0 { break }
              sent += 1
              usleep(50_000)
            }
            return sent
          }
        }
        return try await group.reduce(0, +)
      }
      #expect(letters < 6000)
      #expect(try await client.get("/healthz").status == 200)
    }
  }

  /// A request's head that does not end must not fill the memory.
  @Test func endlessHeadsAreCutOff() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery, { $0.limits.idleSeconds = 60 }) { client in
      let sent = try await onThread {
        let connection = try Connection(port: client.port, seconds: 600)
        defer { connection.close() }
        connection.send(Array("GET / HTTP/1.1\r\nX-Long: ".utf8))
        let piece = [UInt8](repeating: 97, count: 1 << 16)
        var sent = 0
        while sent < 1 << 30 {
          let count = connection.send(piece)
          sent += count
          if count < piece.count { break }
        }
        return sent
      }
      #expect(sent < 1 << 30)
      #expect(try await client.get("/healthz").status == 200)
    }
  }

  @Test func connectionsAreKept() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      let png = try characters.png(3)
      try await onThread {
        let connection = try Connection(port: client.port)
        defer { connection.close() }
        let host = "Host: 127.0.0.1:\(client.port)\r\n"
        for _ in 0..<5 {
          connection.send(Array("POST /api/query HTTP/1.1\r\n\(host)Content-Length: \(png.count)\r\n\r\n".utf8) + png)
          #expect(try connection.reply().status == 200)
          connection.send(Array("POST /api/query HTTP/1.1\r\n\(host)Content-Length: 9000000\r\n\r\n".utf8))
          connection.send([UInt8](repeating: 1, count: 9_000_000))
          #expect(try connection.reply().status == 413)
        }
      }
    }
  }

  @Test func nonsenseIsNoAnswerButDoesNoHarm() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      for text in [
        "\r\n\r\n", "hello\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST /api/query HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST /api/query HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", "GET \u{0} HTTP/1.1\r\n\r\n",
        "POST /api/query HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello",
      ] {
        try await onThread {
          let connection = try Connection(port: client.port, seconds: 600)
          connection.send(Array(text.utf8))
          shutdown(connection.file, Int32(SHUT_WR))
          if let reply = try? connection.reply() { #expect(reply.status >= 400, "\(text)") }
          connection.close()
        }
      }
      // No Host at all.
      let reply = try await client.raw(Array("GET / HTTP/1.1\r\n\r\n".utf8))
      #expect(reply.status == 400)
      #expect(try await client.get("/healthz").status == 200)
    }
  }

  /// Uploads that say nothing more take no place from anybody: they are many, and the places are two.
  @Test func silentUploadsStopNobody() async throws {
    let characters = try Characters()
    let png = try characters.png(2)
    try await withServer(characters.gallery) { client in
      let silent = try (0..<20).map { _ in try Connection(port: client.port) }
      defer { for connection in silent { connection.close() } }
      for (index, connection) in silent.enumerated() {
        let path = ["query", "verify"][index % 2]
        connection.send(
          Array(
            "POST /api/\(path) HTTP/1.1\r\nHost: 127.0.0.1:\(client.port)\r\nContent-Length: 100000\r\n\r\nx".utf8))
      }
      for _ in 0..<3 { #expect(try await client.post("/api/query", png).status == 200) }
      #expect(try await client.get("/healthz").json["connections"] as? Int ?? 0 > 20)
    }
  }

  /// Large bodies have places, and who has one that others wait for has to send.
  @Test func largeBodiesShareTheirPlaces() async throws {
    let characters = try Characters()
    let png = try characters.png(2)
    try await withServer(characters.gallery, { $0.limits.largeBodies = 1 }) { client in
      try await onThread {
        let host = "Host: 127.0.0.1:\(client.port)\r\n"
        func begin(_ length: Int, _ count: Int) throws -> Connection {
          let connection = try Connection(port: client.port)
          connection.send(Array("POST /api/query HTTP/1.1\r\n\(host)Content-Length: \(length)\r\n\r\n".utf8))
          connection.send(png + [UInt8](repeating: 0, count: count - png.count))
          return connection
        }
        let silent = try begin(280_001, 280_000)
        // Small ones need no place.
        let small = try begin(20_000, 20_000)
        #expect(try small.reply().status == 200)
        let large = try (0..<3).map { _ in try begin(300_000, 300_000) }
        for connection in large { #expect(try connection.reply().status == 200) }
        let reply = try silent.reply()
        #expect(reply.status == 408 && reply.error == "too-slow")
        for connection in [silent, small] + large { connection.close() }
      }
    }
  }

  @Test func leaveToSendIsGiven() async throws {
    let characters = try Characters()
    let png = try characters.png(1)
    try await withServer(characters.gallery) { client in
      try await onThread {
        let host = "Host: 127.0.0.1:\(client.port)\r\n"
        func ask(_ path: String, length: Int, _ more: String = "") throws -> (Connection, Reply) {
          let connection = try Connection(port: client.port)
          connection.send(
            Array(
              "POST \(path) HTTP/1.1\r\n\(host)\(more)Content-Length: \(length)\r\nExpect: 100-Continue\r\n\r\n".utf8))
          return (connection, try connection.reply())
        }
        let (connection, leave) = try ask("/api/query", length: png.count)
        #expect(leave.status == 100 && leave.headers.isEmpty)
        connection.send(png)
        #expect(try connection.reply().status == 200)
        connection.close()
        // What is refused is refused without it.
        for (path, length, more, status) in [
          ("/api/nothing", 5, "", 404), ("/api/query", 9_000_000, "", 413), ("/api/enrol?label=x", 5, "", 403),
          ("/api/query", 5, "Origin: http://evil.example\r\n", 403), ("/", 5, "", 405),
        ] {
          let (refused, reply) = try ask(path, length: length, more)
          #expect(reply.status == status && reply.headers["connection"] == "close", "\(path)")
          #expect(refused.isClosed())
          refused.close()
        }
      }
    }
  }

  /// One way to understand a request, or none.
  @Test func whatIsNotHTTPIsRefused() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      let host = "Host: 127.0.0.1:\(client.port)\r\n"
      for (text, status) in [
        ("GET / HTTP/1.1\r\n\(host)\(host)\r\n", 400), ("GET / HTTP/1.1\r\n\(host)Host: evil.example\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost : 127.0.0.1\r\n\r\n", 400), ("GET / HTTP/1.1\r\n\(host) folded: x\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\(host)X\u{0}: y\r\n\r\n", 400), ("GET / HTTP/2.0\r\n\(host)\r\n", 505),
        ("GET /  HTTP/1.1\r\n\(host)\r\n", 400), ("GET nowhere HTTP/1.1\r\n\(host)\r\n", 400),
        ("POST /api/query HTTP/1.1\r\n\(host)Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400),
        ("POST /api/query HTTP/1.1\r\n\(host)Content-Length: +3\r\n\r\nabc", 400),
        ("POST /api/query HTTP/1.1\r\n\(host)Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        ("POST /api/query HTTP/1.1\r\n\(host)Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
        ("POST /api/query HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        ("GET / HTTP/1.1\r\n\(host)\(String(repeating: "X: y\r\n", count: 101))\r\n", 431),
        ("GET http://evil.example/ HTTP/1.1\r\n\(host)\r\n", 421), ("GET / HTTP/1.0\r\n\(host)\r\n", 200),
        ("GET http://127.0.0.1:\(client.port)/healthz HTTP/1.1\r\n\(host)\r\n", 200),
        ("\r\n\r\nGET /healthz HTTP/1.1\r\n\(host)\r\n", 200),
        ("\r\n\r\nGET /healthz HTTP/1.1\n\(host)\n", 400),
      ] {
        let reply = try await client.raw(Array(text.utf8))
        #expect(reply.status == status, "\(text.prefix(80)): \(reply.text.prefix(200))")
      }
      for name in [
        "127.0.0.1:\(client.port).evil.com", "127.0.0.1:99999", "127.0.0.1:x", "[::1].evil.com", "[::1]x", "[::1",
        ":80", "",
        "localhost:80:80",
      ] {
        let reply = try await client.get("/healthz", ["Host": name])
        #expect(reply.status == 421, "\(name)")
      }
    }
  }

  /// As documented: 8 KB before a body, lines of 2 KB, and no more.
  @Test func headsHaveALength() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      let limit = ServerLimits().headBytes
      let start = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:\(client.port)\r\n"
      func head(_ count: Int, line: Int = 1000) -> [UInt8] {
        var text = start
        while text.utf8.count + 2 < count {
          let left = count - text.utf8.count - 2
          // None so short that it could not follow.
          let length = left <= line ? left : left < line + 10 ? left - 10 : line
          text += "X: " + String(repeating: "a", count: length - 5) + "\r\n"
        }
        return Array((text + "\r\n").utf8)
      }
      #expect(try await client.raw(head(limit)).status == 200)
      #expect(try await client.raw(head(limit + 1)).status == 431)
      #expect(try await client.raw(head(4000, line: 2000)).status == 200)
      #expect(try await client.raw(head(4000, line: 2060)).status == 431)
      let long = try await client.raw(head(35_000))
      #expect(long.error == "head-too-large")
    }
  }

  /// Several requests in one piece, and one in pieces.
  @Test func piecesDoNotMatter() async throws {
    let characters = try Characters()
    let png = try characters.png(1)
    try await withServer(characters.gallery) { client in
      try await onThread {
        let host = "Host: 127.0.0.1:\(client.port)\r\n"
        let query = Array("POST /api/query HTTP/1.1\r\n\(host)Content-Length: \(png.count)\r\n\r\n".utf8) + png
        let last = Array("GET /healthz HTTP/1.1\r\n\(host)Connection: close\r\n\r\n".utf8)
        let connection = try Connection(port: client.port)
        defer { connection.close() }
        connection.send(query + query + last)
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let got = recv(connection.file, &buffer, buffer.count, 0), got > 0 { all += buffer[..<got] }
        let text = String(decoding: all, as: UTF8.self)
        #expect(text.components(separatedBy: "HTTP/1.1 200 OK\r\n").count == 4)
        let slow = try Connection(port: client.port)
        defer { slow.close() }
        for byte in query {
          slow.send([byte])
          if byte == 10 { usleep(1000) }
        }
        #expect(try slow.reply().status == 200)
      }
    }
  }
}
