import Foundation
import Gallery
import Testing

@testable import Server

/// What a call takes stands in its address or in its form, and means the same in both.
@Suite struct FieldsTests {
  private static let bearer = ["Authorization": "Bearer \(testToken)"]

  private func fields(_ all: [String: String], _ picture: [UInt8]) -> ([UInt8], [String: String]) {
    let (body, type) = form([("image", picture)] + all.map { ($0.key, Array($0.value.utf8)) })
    return (body, ["Content-Type": type].merging(Self.bearer) { $1 })
  }

  @Test func aFormsFieldsCount() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery, { $0.allowsEnrolling = true }) { client in
      let png = try characters.png(2)
      for (name, value, path) in [
        ("k", "0", "/api/query"), ("k", "two", "/api/query"), ("whole", "yes", "/api/query"),
        ("whole", "", "/api/query"),
        ("whole", "2", "/api/enrol?label=eve"), ("face", "-1", "/api/enrol?label=eve"),
      ] {
        let (body, headers) = fields([name: value], png)
        let inForm = try await client.post(path, body, headers)
        #expect(inForm.status == 400 && inForm.error == "bad-number", "\(name)=\(value): \(inForm.text)")
        let address = path + (path.contains("?") ? "&" : "?") + "\(name)=\(value)"
        #expect(try await client.post(address, png, Self.bearer).error == "bad-number", "\(address)")
      }
      let (body, headers) = fields(["k": "2"], png)
      for path in ["/api/query", "/api/query?k=2"] {
        let faces = try await client.post(path, body, headers).json["faces"] as? [[String: Any]]
        #expect((faces?.first?["matches"] as? [Any])?.count == 2, "\(path)")
      }
    }
    #expect(characters.gallery.references.count == 6)
  }

  /// Where a finder sees nothing, the whole picture can be meant, wherever that is said.
  @Test func wholeCountsInAForm() async throws {
    let characters = try Characters()
    let blind = FaceFinder(name: "blind") { _ in [] }
    try await withServer(characters.gallery, { $0.finder = blind }) { client in
      for (value, faces) in [("0", 0), ("1", 1)] {
        let (body, headers) = fields(["whole": value], try characters.png(2))
        let reply = try await client.post("/api/query", body, headers)
        #expect((reply.json["faces"] as? [Any])?.count == faces, "\(reply.text)")
      }
    }
  }

  /// Whoever says two things is asked which of them is meant: somebody would be removed who was not.
  @Test func addressAndFormHaveToAgree() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery, { $0.allowsEnrolling = true }) { client in
      let encoded = ["Content-Type": "application/x-www-form-urlencoded"].merging(Self.bearer) { $1 }
      for path in ["/api/remove?label=glyph1", "/api/forget?sure=1&label=glyph1"] {
        let reply = try await client.post(path, Array("label=glyph2".utf8), encoded)
        #expect(reply.status == 400 && reply.error == "malformed", "\(path): \(reply.text)")
        #expect((reply.json["reason"] as? String)?.contains("differ in label") == true)
      }
      let unsure = try await client.post("/api/forget?label=glyph1&sure=0", Array("sure=1".utf8), encoded)
      #expect(unsure.error == "malformed", "\(unsure.text)")
      let png = try characters.png(4, number: 2)
      for (name, value) in [("label", "ann"), ("consent", "none"), ("expires", "2999-01-01"), ("face", "1")] {
        let (body, headers) = fields([name: value], png)
        let path = "/api/enrol?label=eve&consent=signed&expires=2998-01-01&face=0"
        let reply = try await client.post(path, body, headers)
        #expect(reply.error == "malformed", "\(name): \(reply.text)")
      }
      #expect(characters.gallery.references.count == 6)
      // Saying one thing twice is no doubt.
      let same = try await client.post("/api/remove?label=glyph1", Array("label=glyph1".utf8), encoded)
      #expect(same.status == 200 && same.json["label"] as? String == "glyph1", "\(same.text)")
    }
  }

  /// Two people who are exactly as near are both told, and neither is the answer.
  @Test func aTieIsTold() async throws {
    let characters = try Characters()
    let twin = try characters.dataset.prepare(try characters.dataset.image(characters.dataset.membersByClass[2][0]))
    try characters.gallery.enroll("twin", images: twin.values, shape: characters.dataset.shape)
    try await withServer(characters.gallery) { client in
      for path in ["/api/query", "/api/query?k=1"] {
        let reply = try await client.post(path, try characters.png(2))
        let face = try #require((reply.json["faces"] as? [[String: Any]])?.first)
        #expect(face["known"] as? Bool == false && face["label"] == nil, "\(reply.text)")
        let nearest = (face["matches"] as? [[String: Any]])?.first?["label"] as? String
        let both: Set<String?> = ["twin", characters.dataset.classNames[2]]
        #expect(Set([nearest, face["tied"] as? String]) == both, "\(reply.text)")
      }
      let other = try await client.post("/api/query", try characters.png(1))
      #expect((other.json["faces"] as? [[String: Any]])?.first?["tied"] == nil, "\(other.text)")
    }
    #expect(String(decoding: PageFile.script.bytes, as: UTF8.self).contains("are equally near"))
  }

  /// Letters of another encoding are refused wherever they stand; somebody would have a name that nobody meant.
  @Test func aFormIsInUTF8() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery, { $0.allowsEnrolling = true }) { client in
      let png = try characters.png(2, number: 1)
      let latin: [UInt8] = [0x5A, 0x6F, 0xEB]
      for name in ["label", "consent", "expires"] {
        let (body, type) = form([("image", png), (name, latin)])
        let path = "/api/enrol" + (name == "label" ? "" : "?label=eve")
        let reply = try await client.post(path, body, ["Content-Type": type].merging(Self.bearer) { $1 })
        #expect(reply.status == 400 && reply.error == "broken-form", "\(reply.text)")
        #expect((reply.json["reason"] as? String)?.contains("\(name) is not in UTF-8") == true)
      }
      let encoded = ["Content-Type": "application/x-www-form-urlencoded"].merging(Self.bearer) { $1 }
      let reply = try await client.post("/api/remove", Array("label=".utf8) + latin, encoded)
      #expect(reply.status == 400 && reply.error == "broken-form", "\(reply.text)")
      let (body, type) = form([("image", png), ("label", Array("Zoë".utf8))])
      let right = try await client.post("/api/enrol", body, ["Content-Type": type].merging(Self.bearer) { $1 })
      #expect(right.json["label"] as? String == "Zoë", "\(right.text)")
    }
    #expect(characters.gallery.labelCount == 7)
  }

  /// What is wrong with a form is what its remedy mends.
  @Test func remediesOfFormsFit() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      let png = try characters.png(2)
      let many = (0...MultipartForm.fieldLimit).map { ("x\($0)", [UInt8(65)]) }
      for (fields, remedy) in [
        ([("image", png), ("image", png)], "give each name once"), ([("image", png)] + many, "no more"),
      ] {
        let (body, type) = form(fields)
        let reply = try await client.post("/api/query", body, ["Content-Type": type])
        #expect(reply.error == "broken-form", "\(reply.text)")
        #expect((reply.json["remedy"] as? String)?.contains(remedy) == true, "\(reply.text)")
      }
    }
  }

  /// `curl -d @ann.png` leaves bytes out, and calls the rest what it calls the whole with --data-binary.
  @Test func aPictureThatLostBytesIsToldSo() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      let encoded = ["Content-Type": "application/x-www-form-urlencoded"]
      let png = try characters.png(2)
      for body in [png.filter { ![0, 10, 13].contains($0) }, Array("image=@ann.png".utf8)] {
        let reply = try await client.post("/api/query", body, encoded)
        #expect(reply.status == 415 && reply.error == "not-an-image", "\(reply.text)")
        #expect((reply.json["remedy"] as? String)?.contains("--data-binary") == true)
      }
      for body in [png, Array("P2 2 1 9 3 4".utf8)] {
        #expect(try await client.post("/api/query", body, encoded).status == 200)
      }
    }
  }

  /// A client that sends JSON, or packs what it sends, is told that, and not that its picture is broken.
  @Test func otherWaysToSendAPictureAreNamed() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      let text = Array("\r\n {\"image\": \"iVBORw0KGgo=\"}".utf8)
      for type in ["application/json", "application/x-www-form-urlencoded"] {
        let reply = try await client.post("/api/query", text, ["Content-Type": type])
        #expect(reply.status == 415 && reply.error == "not-an-image", "\(reply.text)")
        #expect((reply.json["reason"] as? String)?.contains("JSON") == true)
        #expect((reply.json["remedy"] as? String)?.contains("picture's bytes") == true)
      }
      let png = try characters.png(1)
      let packed = try await client.post("/api/query", png, ["Content-Encoding": "gzip"])
      #expect(packed.status == 415 && packed.error == "wrong-encoding", "\(packed.text)")
      #expect(try await client.post("/api/query", png, ["Content-Encoding": "identity"]).status == 200)
    }
  }

  /// Who does not say by which name they ask may ask by another's: no browser leaves it out.
  @Test(arguments: ["1.1", "1.0"])
  func aRequestWithoutHostIsToldSo(_ version: String) async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      let reply = try await client.raw(Array("GET /healthz HTTP/\(version)\r\nConnection: close\r\n\r\n".utf8))
      #expect(reply.status == 400 && reply.error == "malformed", "\(reply.text)")
      #expect((reply.json["reason"] as? String)?.contains("no Host") == true)
      let head = "GET /healthz HTTP/\(version)\r\nHost: localhost\r\nConnection: close\r\n\r\n"
      #expect(try await client.raw(Array(head.utf8)).status == 200)
    }
  }
}
