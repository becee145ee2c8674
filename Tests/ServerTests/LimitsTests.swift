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
      #expect(reply.status == 421)
      #expect(try await client.get("/healthz").status == 200)
    }
  }
}
