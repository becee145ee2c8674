import Foundation
import Gallery
import Testing

@testable import Server

@Suite struct EnrollingTests {
  static let bearer = ["Authorization": "Bearer \(testToken)"]

  @Test func isOffUnlessAllowed() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery) { client in
      for path in ["/api/enrol?label=eve", "/api/remove?label=glyph1", "/api/forget?label=glyph1"] {
        let reply = try await client.post(path, try characters.png(0), Self.bearer)
        #expect(reply.status == 403 && reply.error == "read-only")
      }
    }
    #expect(characters.gallery.references.count == 6)
  }

  @Test func needsTheToken() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery, { $0.allowsEnrolling = true }) { client in
      for header in [
        nil, "", "Bearer", "Bearer ", "Bearer wrong-token-here", "Basic \(testToken)", testToken,
        "Bearer \(testToken)x", "Bearer a-token-for-test",
      ] {
        let reply = try await client.post(
          "/api/enrol?label=eve", try characters.png(0), header.map { ["Authorization": $0] } ?? [:])
        #expect(reply.status == 401 && reply.error == "wrong-token", "\(header ?? "none")")
      }
    }
    #expect(characters.gallery.references.count == 6)
  }

  @Test func enrolsAndRemoves() async throws {
    let characters = try Characters()
    let hostile = "<img src=x onerror=alert(1)>"
    try await withServer(characters.gallery, { $0.allowsEnrolling = true }) { client in
      let picture = try characters.png(4, number: 2)
      let unknown = try await client.post("/api/query", picture)
      #expect((unknown.json["faces"] as? [[String: Any]])?.first?["known"] as? Bool == false)
      let label = hostile.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
      let reply = try await client.post("/api/enrol?label=\(label)", picture, Self.bearer)
      #expect(reply.status == 200 && reply.json["label"] as? String == hostile)
      #expect(reply.json["people"] as? Int == 7 && reply.json["references"] as? Int == 1)
      // As JSON, never as something that a browser takes for markup.
      #expect(reply.headers["content-type"] == "application/json")
      let known = try await client.post("/api/query", picture)
      #expect((known.json["faces"] as? [[String: Any]])?.first?["label"] as? String == hostile)
      // A second one by a form.
      let (body, type) = form([("label", Array(hostile.utf8)), ("image", try characters.png(4, number: 1))])
      let second = try await client.post("/api/enrol", body, ["Content-Type": type].merging(Self.bearer) { $1 })
      #expect(second.json["references"] as? Int == 2)
      for bad in ["", "%20", "a%00b", "a%0Ab", "a%E2%80%AEb", String(repeating: "x", count: 81)] {
        #expect(try await client.post("/api/enrol?label=\(bad)", picture, Self.bearer).error == "bad-label", "\(bad)")
      }
      #expect(try await client.post("/api/enrol?label=eve&face=3", picture, Self.bearer).error == "no-face")
      #expect(try await client.post("/api/enrol?label=eve", [1, 2, 3], Self.bearer).error == "not-an-image")
      let removed = try await client.post("/api/remove?label=\(label)", [], Self.bearer)
      #expect(removed.json["references"] as? Int == 2 && removed.json["people"] as? Int == 6)
      let nobody = try await client.post("/api/remove?label=\(label)", [], Self.bearer)
      #expect(nobody.status == 422)
    }
    #expect(try characters.gallery.labels == characters.dataset.classNames)
  }

  /// As browsers, curl and Python write a blank in an address and in a form.
  @Test func aPlusSignIsABlank() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery, { $0.allowsEnrolling = true }) { client in
      let picture = try characters.png(4, number: 2)
      let encoded = ["Content-Type": "application/x-www-form-urlencoded"].merging(Self.bearer) { $1 }
      // curl's --data-binary calls a picture so.
      let reply = try await client.post("/api/enrol?label=Ann+Lee&consent=said+yes%2Bsigned", picture, encoded)
      #expect(reply.status == 200 && reply.json["label"] as? String == "Ann Lee", "\(reply.json)")
      #expect(try characters.gallery.everything(of: "Ann Lee").first?.origin.consent == "said yes+signed")
      #expect(try await client.post("/api/enrol?label=C%2B%2B", picture, Self.bearer).json["label"] as? String == "C++")
      // The path is no query.
      #expect(try await client.post("/api/enrol+?label=x", picture, Self.bearer).status == 404)
      let plan = try await client.post("/api/forget?label=Ann+Lee", [], Self.bearer)
      #expect(plan.status == 200 && plan.json["label"] as? String == "Ann Lee", "\(plan.json)")
      // The same in a body.
      let forgotten = try await client.post("/api/forget", Array("label=Ann+Lee&sure=1".utf8), encoded)
      #expect(forgotten.json["done"] as? Bool == true && forgotten.json["label"] as? String == "Ann Lee")
      #expect(try await client.post("/api/enrol?label=Ann+Lee", picture, Self.bearer).status == 200)
      #expect(try await client.post("/api/remove?label=Ann+Lee", [], Self.bearer).json["label"] as? String == "Ann Lee")
      let removed = try await client.post("/api/remove", Array("label=C%2B%2B\n".utf8), encoded)
      #expect(removed.json["label"] as? String == "C++", "\(removed.json)")
      let (body, type) = form([("label", Array("glyph1".utf8))])
      let parts = try await client.post("/api/remove", body, ["Content-Type": type].merging(Self.bearer) { $1 })
      #expect(parts.json["label"] as? String == "glyph1", "\(parts.json)")
      for (bad, error) in [("label=%zz", "broken-form"), ("", "bad-label"), ("name=ann", "bad-label")] {
        #expect(try await client.post("/api/remove", Array(bad.utf8), encoded).error == error, "\(bad)")
      }
    }
  }

  /// Whoever wants to forget Ann has to look at "team/ann", too.
  @Test func labelsThatAreCalledAlikeAreNamed() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery, { $0.allowsEnrolling = true }) { client in
      for label in ["ann", "team%2Fann", "hannah"] {
        let reply = try await client.post("/api/enrol?label=" + label, try characters.png(4, number: 2), Self.bearer)
        #expect(reply.status == 200)
      }
      for sure in ["0", "1"] {
        let reply = try await client.post("/api/forget?label=ann&sure=" + sure, [], Self.bearer)
        let stays = (reply.json["stays"] as? [[String: String]] ?? []).filter { $0["place"] == "the gallery" }
        #expect(
          stays.map { $0["reason"] ?? "" }
            == ["has \"team/ann\", who may be them: forget takes each by its own label"], "\(reply.json)")
      }
      #expect(try characters.gallery.labels.suffix(2) == ["team/ann", "hannah"])
    }
  }

  /// Labels that were enrolled elsewhere may have any characters, and differ by a blank: who is taken out is who was named.
  @Test func whoIsTakenOutIsNamedByteForByte() async throws {
    let characters = try Characters(isEnrolled: false)
    let long = String(repeating: "Ann ", count: 3000) + "\n"
    for label in ["kim", "kim ", " kim", "a\nb", "b\u{202E}a", long] {
      try characters.gallery.enroll(
        label, images: try characters.dataset.prepare(try characters.dataset.image(0)).values,
        shape: characters.dataset.shape)
    }
    let encoded = ["Content-Type": "application/x-www-form-urlencoded"].merging(Self.bearer) { $1 }
    try await withServer(characters.gallery, { $0.allowsEnrolling = true }) { client in
      // Enrolled further under the name that is there; a new one has no blanks at its ends.
      let further = try await client.post("/api/enrol?label=kim%20", try characters.png(1), Self.bearer)
      #expect(further.json["label"] as? String == "kim " && further.json["references"] as? Int == 2)
      let new = try await client.post("/api/enrol?label=lee%20", try characters.png(1), Self.bearer)
      #expect(new.json["label"] as? String == "lee" && new.json["references"] as? Int == 1)
      let forgotten = try await client.post("/api/forget?label=kim%20&sure=1", [], Self.bearer)
      #expect(forgotten.json["label"] as? String == "kim " && forgotten.json["done"] as? Bool == true)
      #expect(try characters.gallery.labels == ["kim", " kim", "a\nb", "b\u{202E}a", long, "lee"])
      // A blank that is not encoded, at the end of a form.
      let nobody = try await client.post("/api/remove", Array("label=kim \r\n".utf8), encoded)
      #expect(nobody.status == 422 && nobody.json["remedy"] as? String == "did you mean \"kim\"?", "\(nobody.text)")
      for label in [" kim", "a\nb", "b\u{202E}a", long] {
        let name = try #require(label.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
        let plan = try await client.post("/api/forget", Array("label=\(name)".utf8), encoded)
        #expect(plan.status == 200 && plan.json["label"] as? String == label, "\(plan.text)")
        let removed = try await client.post("/api/remove", Array("label=\(name)".utf8), encoded)
        #expect(removed.status == 200 && removed.json["label"] as? String == label, "\(removed.text)")
      }
      #expect(try await client.post("/api/remove?label=", [], Self.bearer).error == "bad-label")
    }
    #expect(try characters.gallery.labels == ["kim", "lee"])
  }

  /// A client has no language: what it is told to do are requests.
  @Test func aRemedyIsARequest() async throws {
    let characters = try Characters()
    try await withServer(characters.gallery, { $0.allowsEnrolling = true }) { client in
      for path in ["/api/remove?label=somebody-else", "/api/forget?label=somebody-else&sure=1"] {
        let reply = try await client.post(path, [], Self.bearer)
        #expect(reply.status == 422 && reply.json["remedy"] as? String == "/api/gallery?search= lists them", "\(path)")
      }
    }
    for error: GalleryError in [
      .empty(function: "query"), .allExpired(function: "query", count: 2), .notFinite(function: "query"),
      .imageNotFinite(function: "query"), .networkReplaced(path: "x"), .notCalibrated(function: "identify"),
      .calledOtherwise(label: "a", now: ["b"]), .blanksAround(function: "enroll", label: "a "), .emptyLabel,
    ] {
      let remedy = RequestProblem(error).remedy
      #expect(!["people.", "load(", "isfinite("].contains { remedy.contains($0) }, "\(remedy)")
    }
  }

  @Test func anEmptyGalleryGrows() async throws {
    let characters = try Characters(isEnrolled: false)
    #expect(throws: ServerError.nobody) { try GalleryServer(lending: LentGallery(characters.gallery)) }
    try await withServer(characters.gallery, { $0.allowsEnrolling = true }) { client in
      let nobody = try await client.post("/api/query", try characters.png(0))
      #expect(nobody.status == 200)
      #expect(((nobody.json["faces"] as? [[String: Any]])?.first?["matches"] as? [Any])?.isEmpty == true)
      #expect(try await client.get("/api/distances").status == 200)
      #expect(try await client.post("/api/enrol?label=ann", try characters.png(0), Self.bearer).status == 200)
      let ann = try await client.post("/api/query", try characters.png(0))
      #expect((ann.json["faces"] as? [[String: Any]])?.first?["label"] as? String == "ann")
    }
  }

  @Test func whoIsEnrolledIsKeptAtOnce() async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("twinbook-serve-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/people.gallery"
    let characters = try Characters()
    let png = try characters.png(0, number: 1)
    let labels = try await withServer(
      characters.gallery,
      {
        $0.allowsEnrolling = true
        $0.savePath = path
      }
    ) { client in
      let reply = try await client.post("/api/enrol?label=eve", png, Self.bearer)
      #expect(reply.status == 200)
      // While it serves on: a kill would lose nothing.
      return try ReferenceGallery.load(path).labels
    }
    #expect(labels == characters.dataset.classNames + ["eve"])
    let other = try Characters()
    let lost = try await withServer(
      other.gallery,
      {
        $0.allowsEnrolling = true
        $0.savePath = folder + "/nowhere/people.gallery"
      }
    ) { client in try await client.post("/api/enrol?label=eve", png, Self.bearer) }
    #expect(lost.status == 500 && lost.error == "not-saved")
  }

  /// What the person agreed to comes with the picture, is shown, and ends it.
  @Test func consentAndExpiryAreKept() async throws {
    let characters = try Characters(isEnrolled: false)
    let tomorrow = CalendarDate.day(characters.gallery.time + 86_400 * 2)
    try await withServer(characters.gallery, { $0.allowsEnrolling = true }) { client in
      let png = try characters.png(0)
      for bad in ["expires=2001-01-01", "expires=soon", "expires=2027-13-01", "expires=never"] {
        #expect(try await client.post("/api/enrol?label=ann&\(bad)", png, Self.bearer).error == "bad-date", "\(bad)")
      }
      for bad in [String(repeating: "x", count: 501), "a%00b", "a%0Ab"] {
        #expect(
          try await client.post("/api/enrol?label=ann&consent=\(bad)", png, Self.bearer).error == "bad-consent",
          "\(bad)")
      }
      let reply = try await client.post(
        "/api/enrol?label=ann&consent=said%20yes&expires=\(tomorrow)", png, Self.bearer)
      #expect(reply.status == 200)
      // By a form as well.
      let (body, type) = form([("label", Array("bob".utf8)), ("consent", Array("a form".utf8)), ("image", png)])
      #expect(
        try await client.post("/api/enrol", body, ["Content-Type": type].merging(Self.bearer) { $1 }).status == 200)
      let list = try #require(try await client.get("/api/gallery").json["list"] as? [[String: Any]])
      #expect(list[0]["consent"] as? [String] == ["said yes"] && list[0]["expires"] as? String == tomorrow)
      #expect(list[0]["sources"] as? [String] == ["page"] && list[0]["expired"] as? Int == 0)
      #expect((list[0]["enrolled"] as? String)?.count == 10 && list[1]["consent"] as? [String] == ["a form"])
      #expect(list[1]["expires"] == nil)
    }
    #expect(try characters.gallery.summary(of: "bob").consents == ["a form"])
  }

  /// Who has expired is shown as such, and is nobody's answer.
  @Test func whoHasExpiredIsNobodysAnswer() async throws {
    let characters = try Characters()
    let input = try characters.dataset.prepare(try characters.dataset.image(characters.dataset.membersByClass[5][1]))
      .values
    try characters.gallery.enroll("gone", images: input, shape: characters.dataset.shape, expires: 1)
    let png = try characters.png(5, number: 1)
    try await withServer(characters.gallery) { client in
      let faces = try await client.post("/api/query?k=50", png).json["faces"] as? [[String: Any]]
      let labels = (faces?.first?["matches"] as? [[String: Any]])?.compactMap { $0["label"] as? String }
      #expect(labels?.count == 6 && labels?.contains("gone") == false)
      let gallery = try await client.get("/api/gallery").json
      #expect(gallery["expired"] as? Int == 1 && gallery["references"] as? Int == 7)
      let gone = (gallery["list"] as? [[String: Any]])?.first { $0["label"] as? String == "gone" }
      #expect(gone?["expired"] as? Int == 1 && gone?["expires"] as? String == "1970-01-01T00:00:01Z")
    }
    let alone = try Characters(isEnrolled: false)
    try alone.gallery.enroll("gone", images: input, shape: characters.dataset.shape, expires: 1)
    try await withServer(alone.gallery) { client in
      let reply = try await client.post("/api/query", png)
      let faces = reply.json["faces"] as? [[String: Any]]
      #expect(reply.status == 200 && (faces?.first?["matches"] as? [Any])?.isEmpty == true)
    }
  }

  @Test func tokensAreComparedWhole() throws {
    let token = try AccessToken("correct-horse-battery")
    #expect(token.matches("correct-horse-battery"))
    for wrong in [
      "", "correct-horse-batter", "correct-horse-batteryy", "Correct-horse-battery",
      "correct-horse-batterycorrect-horse-battery",
    ] {
      #expect(!token.matches(wrong))
    }
    #expect(throws: ServerError.weakToken(length: 3)) { try AccessToken("abc") }
    #expect(throws: ServerError.weakToken(length: 15)) { try AccessToken("fifteen-letters") }
    #expect(throws: ServerError.weakToken(length: 25)) {
      try AccessToken("with a space between words".dropLast().description)
    }
    // The reason is the one that holds.
    for (length, words) in [(15, "got one of 15"), (25, "in this one are others, or spaces"), (300, "to 256 letters")] {
      let message = ServerError.weakToken(length: length).explanation.message
      #expect(message.contains(words), "\(message)")
    }
    let (one, two) = (try AccessToken(nil), try AccessToken(nil))
    #expect(one.text.count == 32 && one.text != two.text)
  }
}
