import Foundation
import Images
import Testing

@testable import Server

@Suite struct RoutesTests {
  @Test func thePageAndItsFiles() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      for file in PageFile.allCases {
        let reply = try await client.get(file.rawValue)
        #expect(reply.status == 200)
        #expect(reply.headers["content-type"] == file.type)
        #expect(reply.body == file.bytes)
        let policy = try #require(reply.headers["content-security-policy"])
        #expect(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"))
        #expect(!policy.contains("unsafe"))
        #expect(reply.headers["x-content-type-options"] == "nosniff")
        #expect(reply.headers["x-frame-options"] == "DENY")
        let again = try await client.get(file.rawValue, ["If-None-Match": reply.headers["etag"] ?? ""])
        #expect(again.status == 304 && again.body.isEmpty)
        let head = try await client.ask("HEAD", file.rawValue)
        #expect(head.status == 200 && head.headers["content-length"] == "\(reply.body.count)")
      }
      let (html, style, script) = (text(.page), text(.style), text(.script))
      // Nothing from elsewhere, nothing inline.
      #expect(!html.contains("http://") && !html.contains("https://"))
      #expect(!html.contains("style=") && !html.contains("onclick="))
      #expect(!style.contains("url(") && !style.contains("@import"))
      for sink in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"] {
        #expect(!script.contains(sink))
      }
    }
  }

  private func text(_ file: PageFile) -> String { String(decoding: file.bytes, as: UTF8.self) }

  @Test func asksWhoItIs() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      let png = try characters.png(2)
      let reply = try await client.post("/api/query?k=3", png)
      #expect(reply.status == 200)
      #expect(reply.json["width"] as? Int == 16 && reply.json["height"] as? Int == 16)
      #expect(reply.json["threshold"] as? Double == 0.01)
      let faces = try #require(reply.json["faces"] as? [[String: Any]])
      #expect(faces.count == 1)
      #expect(faces[0]["label"] as? String == characters.dataset.classNames[2])
      #expect(faces[0]["known"] as? Bool == true)
      let matches = try #require(faces[0]["matches"] as? [[String: Any]])
      #expect(matches.count == 3)
      #expect(matches[0]["distance"] as? Double == 0)
      let distances = matches.compactMap { $0["distance"] as? Double }
      #expect(distances == distances.sorted())
      // The same as the gallery itself says.
      let expected = try characters.gallery.query(
        try characters.dataset.prepare(try characters.dataset.image(characters.dataset.membersByClass[2][0])).values,
        shape: characters.dataset.shape, k: 3)
      #expect(matches.compactMap { $0["label"] as? String } == expected.map(\.label))
      #expect(zip(distances, expected).allSatisfy { abs($0 - $1.distance) < 1e-6 })
      let picture = try await client.get(try #require(matches[0]["picture"] as? String))
      #expect(picture.headers["content-type"] == "image/png")
      let shown = try PixelImage.decode(picture.body)
      #expect(shown == (try characters.dataset.image(characters.dataset.membersByClass[2][0])))
      // As a form, and as a stranger.
      let (body, type) = form([("image", png)])
      let same = try await client.post("/api/query", body, ["Content-Type": type])
      #expect((same.json["faces"] as? [[String: Any]])?.first?["label"] as? String == characters.dataset.classNames[2])
      let stranger = try await client.post("/api/query", try characters.png(2, number: 1))
      let face = try #require((stranger.json["faces"] as? [[String: Any]])?.first)
      #expect(face["known"] as? Bool == false && face["label"] == nil)
    }
  }

  @Test func picturesOfOtherSizesAreFitted() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      let image = try characters.dataset.image(characters.dataset.membersByClass[1][0])
      let wide = try image.resized(width: 200, height: 120).rgb()
      for bytes in [try wide.encodePNG(), try wide.encodeJPEG(), wide.encodeNetpbm()] {
        let reply = try await client.post("/api/query", bytes)
        #expect(reply.status == 200)
        #expect(reply.json["width"] as? Int == 200)
      }
    }
  }

  @Test func comparesTwo() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      let (same, type) = form([("a", try characters.png(0)), ("b", try characters.png(0))])
      let verdict = try await client.post("/api/verify", same, ["Content-Type": type])
      #expect(verdict.json["same"] as? Bool == true && verdict.json["distance"] as? Double == 0)
      let (other, _) = form([("a", try characters.png(0)), ("b", try characters.png(3))])
      let different = try await client.post("/api/verify", other, ["Content-Type": type])
      #expect(different.json["same"] as? Bool == false)
      let (one, _) = form([("a", try characters.png(0))])
      #expect(try await client.post("/api/verify", one, ["Content-Type": type]).error == "no-image")
      #expect(try await client.post("/api/verify", try characters.png(0)).error == "no-image")
    }
  }

  /// Of several faces the one that is asked for is compared, and enrolled.
  @Test func comparesTheFaceThatIsMeant() async throws {
    let characters = try Characters()
    let images = try (0..<3).map { try characters.dataset.image(characters.dataset.membersByClass[$0][0]) }
    let side = images[0].width
    // Three faces in one picture, the middle one the largest to its finder.
    let rows = (0..<side).flatMap { row in images.flatMap { $0.pixels[(row * side)..<((row + 1) * side)] } }
    let crowd = try #require(PixelImage(width: 3 * side, height: side, channels: 1, pixels: rows)).encodePNG()
    let finder = FaceFinder(name: "thirds") { picture in
      guard picture.width > picture.height else { return try FaceFinder.wholePicture.find(picture) }
      return try (0..<3).map { index in
        PictureFace(
          box: .init(x: Double(index * side), y: 0, width: Double(side), height: Double(side) + (index == 1 ? 1 : 0)),
          confidence: 1, crop: try picture.cropped(left: index * side, top: 0, width: side, height: side))
      }
    }
    try await withServer(
      characters.gallery,
      {
        $0.finder = finder
        $0.allowsEnrolling = true
      }
    ) { client in
      for (index, image) in images.enumerated() {
        let (body, type) = form([("a", try image.encodePNG()), ("b", crowd)])
        for face in 0..<3 {
          let reply = try await client.post("/api/verify?face_b=\(face)", body, ["Content-Type": type])
          #expect(reply.json["same"] as? Bool == (face == index), "\(reply.text)")
          let other = try #require(reply.json["b"] as? [String: Any])
          #expect(other["face"] as? Int == face && (other["boxes"] as? [Any])?.count == 3)
        }
        let largest = try await client.post("/api/verify", body, ["Content-Type": type])
        #expect((largest.json["b"] as? [String: Any])?["face"] as? Int == 1)
      }
      let (body, type) = form([("a", crowd), ("b", crowd), ("face_a", Array("2".utf8)), ("face_b", Array("2".utf8))])
      #expect(try await client.post("/api/verify", body, ["Content-Type": type]).json["distance"] as? Double == 0)
      // The address says one thing, the form another.
      #expect(try await client.post("/api/verify?face_a=3", body, ["Content-Type": type]).error == "malformed")
      let (two, kind) = form([("a", crowd), ("b", crowd)])
      #expect(try await client.post("/api/verify?face_a=3", two, ["Content-Type": kind]).error == "no-face")
      #expect(try await client.post("/api/verify?face_a=x", two, ["Content-Type": kind]).error == "bad-number")
    }
  }

  @Test func showsTheGalleryAndItsDistances() async throws {
    let characters = try Characters(classes: 12)
    try characters.gallery.enroll(
      characters.dataset.classNames[0],
      images: try characters.dataset.prepare(try characters.dataset.image(1)).values, shape: characters.dataset.shape)
    try await withServer(characters.gallery) { client in
      let all = try await client.get("/api/gallery?limit=5").json
      #expect(all["people"] as? Int == 12 && all["references"] as? Int == 13 && all["found"] as? Int == 12)
      let list = try #require(all["list"] as? [[String: Any]])
      #expect(list.count == 5 && list[0]["references"] as? Int == 2)
      #expect((list[0]["pictures"] as? [String])?.count == 2)
      let found = try await client.get("/api/gallery?search=GLYPH1").json
      #expect(found["found"] as? Int == 4)
      let rest = try await client.get("/api/gallery?offset=11").json
      #expect((rest["list"] as? [[String: Any]])?.count == 1)
      let spread = try await client.get("/api/distances").json
      #expect(spread["samePairs"] as? Int == 1 && spread["differentPairs"] as? Int == 77)
      #expect((spread["same"] as? [Int])?.reduce(0, +) == 1 && (spread["different"] as? [Int])?.reduce(0, +) == 77)
      let health = try await client.get("/healthz")
      #expect(health.json["status"] as? String == "ok" && health.json["people"] as? Int == 12)
      let description = try await client.get("/openapi.json").json
      #expect(description["openapi"] as? String == "3.0.3")
      for path in (description["paths"] as? [String: Any] ?? [:]).keys {
        #expect(throws: Never.self) { try Route(path: path.replacingOccurrences(of: "{index}", with: "0")) }
      }
      for wrong in ["limit=0", "limit=x", "offset=-1", "limit=501"] {
        #expect(try await client.get("/api/gallery?\(wrong)").error == "bad-number")
      }
    }
  }

  /// What is said of a query that cannot be understood is so, and says what to do. Unknown names are passed over.
  @Test(arguments: [
    ("limit=3&limit=4", "has limit twice"), ("limit=3&search=a&limit=3", "has limit twice"),
    ("search=%ff%fe", "is not in UTF-8"), ("search=%c3", "is not in UTF-8"), ("search=%zz", "is not percent-encoded"),
    ("search=%2", "is not percent-encoded"), ("search=%", "is not percent-encoded"), ("search=%+1", "is not percent"),
  ])
  func aQueryThatSaysTwoThingsIsRefused(_ query: String, _ reason: String) async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      let reply = try await client.get("/api/gallery?\(query)")
      #expect(reply.status == 400 && reply.error == "malformed", "\(reply.text)")
      #expect((reply.json["reason"] as? String)?.contains(reason) == true, "\(reply.text)")
      #expect((reply.json["remedy"] as? String)?.isEmpty == false)
      #expect(try await client.get("/api/gallery?limit=3&unknown=1&search=%C3%BC+%25").status == 200)
    }
  }

  /// Each error has a remedy, as the page about serving says.
  @Test func everyErrorSaysWhatToDo() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery, { $0.allowsEnrolling = true }) { client in
      let allowed = ["Authorization": "Bearer \(testToken)"]
      let png = try characters.png(1)
      let (twice, type) = form([("label", Array("a".utf8)), ("label", Array("b".utf8))])
      let consent = "/api/enrol?label=a&consent=" + String(repeating: "x", count: 600)
      for (reply, error) in [
        (try await client.get("/api/gallery?limit=x"), "bad-number"),
        (try await client.post("/api/query?k=0", png), "bad-number"),
        (try await client.post(consent, png, allowed), "bad-consent"),
        (try await client.post("/api/remove", twice, allowed.merging(["Content-Type": type]) { $1 }), "broken-form"),
        (try await client.post("/api/query", Array("no picture".utf8)), "not-an-image"),
        (try await client.get("/api/gallery?search=" + String(repeating: "x", count: 9000)), "head-too-large"),
        (try await client.raw(Array("GET / HTTP/2.0\r\n\r\n".utf8)), "wrong-version"),
        (try await client.raw(Array("GET /\r\n\r\n".utf8)), "malformed"),
      ] {
        #expect(reply.error == error, "\(reply.text)")
        #expect((reply.json["remedy"] as? String)?.isEmpty == false, "\(reply.text)")
      }
    }
  }

  @Test func refusesWrongMethodsAndPaths() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      for (method, path, allow) in [
        ("GET", "/api/query", "POST"), ("PUT", "/api/verify", "POST"), ("DELETE", "/api/gallery", "GET, HEAD"),
        ("POST", "/", "GET, HEAD"), ("GET", "/api/enrol", "POST"),
      ] {
        let reply = try await client.ask(method, path)
        #expect(reply.status == 405 && reply.error == "wrong-method")
        #expect(reply.headers["allow"] == allow)
      }
      #expect(try await client.ask("OPTIONS", "/api/query").headers["allow"] == "POST")
      for path in [
        "/nothing", "/api", "/api/references/", "/api/references/x", "/api/references/-1", "/../etc/passwd", "/%2e%2e/",
        "//", "/page.js/",
      ] {
        let reply = try await client.get(path)
        #expect(reply.status == 404, "\(path)")
        #expect(reply.error == "not-found")
      }
      #expect(try await client.get("/api/references/99").error == "no-reference")
      let reply = try await client.ask("HEAD", "/nothing")
      #expect(reply.status == 404 && reply.body.isEmpty)
    }
  }

  @Test func refusesOtherHostsAndOrigins() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      for host in ["evil.example", "evil.example:\(client.port)", "127.0.0.1.evil.example", "10.1.2.3", "a:b:c"] {
        let reply = try await client.get("/api/gallery", ["Host": host])
        #expect(reply.status == 421 && reply.error == "wrong-host", "\(host)")
      }
      for host in ["localhost:\(client.port)", "[::1]:\(client.port)", "LOCALHOST"] {
        #expect(try await client.get("/healthz", ["Host": host]).status == 200)
      }
      let png = try characters.png(0)
      let foreign = try await client.post("/api/query", png, ["Origin": "http://evil.example"])
      #expect(foreign.status == 403 && foreign.error == "foreign-origin")
      #expect(try await client.post("/api/query", png, ["Origin": "null"]).status == 403)
      #expect(try await client.post("/api/query", png, ["Origin": "http://127.0.0.1:\(client.port)"]).status == 200)
    }
  }
}
