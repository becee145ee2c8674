import Datasets
import Foundation
import Gallery

/// Answers requests: the page's files, and the JSON interface.
struct GalleryHandler: HTTPHandler {
  let galleryActor: GalleryActor
  let preparation: QueryPreparation
  let options: ServerOptions
  let token: AccessToken
  let hosts: HostCheck
  let limiter: RequestLimiter
  let connections: @Sendable () -> Int
  let threads = PictureThreads()
  let brake = GuessBrake()

  /// What is known before the body is read: who asks for something that does not exist, or may not, is told at once.
  func answer(_ head: HTTPHead, from client: String) async -> HTTPAnswer? {
    do {
      // A browser always says by which name it asks. Without one, nobody knows whether it is this server's.
      guard let host = head["host"] else { throw RequestProblem.noHost }
      guard hosts.allows(host) else { throw RequestProblem.wrongHost }
      let route = try Route(path: head.path)
      guard route.methods.contains(head.method) else {
        if head.method == "OPTIONS" {
          return plain(204, [], type: nil, headers: ["Allow": route.methods.joined(separator: ", ")])
        }
        throw RequestProblem.wrongMethod(head.method, allowed: route.methods)
      }
      if head.method == "POST", let origin = head["origin"], !hosts.isOwn(origin: origin, host: host) {
        throw RequestProblem.foreignOrigin
      }
      if let encoding = head["content-encoding"], encoding.lowercased() != "identity", head.framing != .none {
        throw RequestProblem.encoded(encoding)
      }
      return try await answer(route, head)
    } catch {
      return await answer(to: error)
    }
  }

  /// - Returns: nil: its body is wanted.
  private func answer(_ route: Route, _ head: HTTPHead) async throws -> HTTPAnswer? {
    switch route {
    case .file(let file): return self.file(file, head)
    case .health:
      return try json(await galleryActor.health(waiting: await limiter.waiting, connections: connections()))
    case .openAPI: return plain(200, OpenAPI.bytes, type: "application/json")
    case .gallery:
      // Names are shown to everybody; where they came from, as the pictures are, to who has the token.
      if options.guardsPictures, head["authorization"] != nil {
        try await checkToken(head, "seeing where the references came from needs the token")
      }
      let fields = RequestFields(head)
      return try json(
        try await galleryActor.overview(
          search: String((try fields.text("search") ?? "").prefix(100)),
          offset: try fields.number("offset", 0...100_000_000, default: 0),
          limit: try fields.number("limit", 1...500, default: 60),
          isTrusted: !options.guardsPictures || head["authorization"] != nil))
    case .reference(let index):
      if options.guardsPictures {
        try await checkToken(head, "seeing the gallery's pictures from another machine needs the token")
      }
      guard let png = try await galleryActor.png(index) else {
        throw RequestProblem(404, "no-reference", "there is no reference \(index)", remedy: "/api/gallery lists them")
      }
      return plain(200, png, type: "image/png")
    case .distances: return try json(await galleryActor.histogram())
    case .query, .verify: return nil
    case .enrol, .remove, .forget:
      try await checkChange(head)
      return nil
    }
  }

  func answer(_ head: HTTPHead, _ body: [UInt8], from client: String) async -> HTTPAnswer {
    do {
      switch try Route(path: head.path) {
      case .query: return try await admitted { try await query(head, body) }
      case .verify: return try await admitted { try await verify(head, body) }
      case .enrol: return try await admitted { try await enrol(head, body, client) }
      case .remove: return try await remove(head, body, client)
      case .forget: return try await forget(head, body, client)
      default: throw RequestProblem.notFound(head.path)
      }
    } catch {
      return await answer(to: error)
    }
  }

  /// What is wrong with the gallery's place is written into the log, whole: who asks hears no path and no address.
  private func answer(to error: any Error) async -> HTTPAnswer {
    if StoreTrouble(error) != nil { await galleryActor.tell(error) }
    return answer(RequestProblem(error))
  }

  // MARK: What takes a name

  private func remove(_ request: HTTPHead, _ body: [UInt8], _ client: String) async throws -> HTTPAnswer {
    let fields = RequestFields(request, try Upload(body, request, takesPictures: false))
    let label = try knownLabel(try fields.text("label"))
    return try json(await galleryActor.remove(label, by: client))
  }

  private func forget(_ request: HTTPHead, _ body: [UInt8], _ client: String) async throws -> HTTPAnswer {
    let fields = RequestFields(request, try Upload(body, request, takesPictures: false))
    let isSure = try fields.isChosen("sure")
    let label = try knownLabel(try fields.text("label"))
    return try json(await galleryActor.forget(label, isSure: isSure, by: client))
  }

  // MARK: What takes pictures

  private func admitted(_ work: () async throws -> HTTPAnswer) async throws -> HTTPAnswer {
    guard await limiter.enter(waitingAtMost: options.limits.waitSeconds) else { throw RequestProblem.busy }
    do {
      let response = try await work()
      await limiter.leave()
      return response
    } catch {
      await limiter.leave()
      throw error
    }
  }

  private func query(_ request: HTTPHead, _ body: [UInt8]) async throws -> HTTPAnswer {
    let (k, isWhole, bytes) = try asked(request, body)
    let began = ContinuousClock.now
    let picture = try await prepared(bytes, isWhole: isWhole)
    let faces = try await galleryActor.query(picture, k: k)
    return try json(
      Answer.Query(
        width: picture.width, height: picture.height, finder: options.finder.name,
        threshold: await galleryActor.thresholdInUse, milliseconds: milliseconds(since: began), faces: faces))
  }

  /// What a query asks. The upload goes with the call: it is not held while the query waits for its turn.
  private func asked(_ request: HTTPHead, _ body: [UInt8]) throws -> (k: Int, isWhole: Bool, picture: [UInt8]) {
    let upload = try Upload(body, request)
    let fields = RequestFields(request, upload)
    return (try fields.number("k", 1...50, default: 5), try fields.isChosen("whole"), try upload.picture())
  }

  private func verify(_ request: HTTPHead, _ body: [UInt8]) async throws -> HTTPAnswer {
    let upload = try Upload(body, request)
    let fields = RequestFields(request, upload)
    let (first, second) = (try upload.picture("a"), try upload.picture("b"))
    let isWhole = try fields.isChosen("whole")
    let began = ContinuousClock.now
    let pictures = [try await prepared(first, isWhole: isWhole), try await prepared(second, isWhole: isWhole)]
    var chosen: [Int] = []
    for (picture, name) in zip(pictures, ["a", "b"]) {
      chosen.append(try face(fields, "face_" + name, of: picture, name: "picture \(name)"))
    }
    let verdict = try await galleryActor.verify(pictures[0].faces[chosen[0]].input, pictures[1].faces[chosen[1]].input)
    func side(_ index: Int) -> Answer.Side {
      let boxes = pictures[index].faces.map(\.box)
      return Answer.Side(
        width: pictures[index].width, height: pictures[index].height, faces: boxes.count, face: chosen[index],
        box: boxes[chosen[index]], boxes: boxes)
    }
    return try json(
      Answer.Verify(
        same: verdict.same, distance: verdict.distance, threshold: await galleryActor.thresholdInUse,
        probability: verdict.probability, milliseconds: milliseconds(since: began), a: side(0), b: side(1)))
  }

  private func enrol(_ request: HTTPHead, _ body: [UInt8], _ client: String) async throws -> HTTPAnswer {
    let upload = try Upload(body, request)
    let fields = RequestFields(request, upload)
    let label = try await newLabel(try fields.text("label"))
    let agreement = Agreement(
      consent: try consent(try fields.text("consent")), expires: try expiry(try fields.text("expires")))
    let picture = try await prepared(try upload.picture(), isWhole: try fields.isChosen("whole"))
    let face = try face(fields, "face", of: picture, name: "the picture")
    return try json(await galleryActor.enrol(label, picture.faces[face].input, agreement, by: client))
  }

  /// Of several faces the one that was meant: by its number, as a query gives them, else the largest.
  private func face(
    _ fields: RequestFields, _ field: String, of picture: PreparedPicture, name: String
  ) throws -> Int {
    let index = try fields.number(field, 0...PreparedPicture.faceLimit, default: -1)
    if index < 0, let main = picture.main { return main }
    if picture.faces.indices.contains(index) { return index }
    throw RequestProblem(
      422, "no-face", picture.faces.isEmpty ? "no face was found in \(name)" : "\(name) has no face \(index)",
      remedy: "take another picture, or ask with whole=1: the whole picture is one face")
  }

  private func prepared(_ bytes: [UInt8], isWhole: Bool) async throws -> PreparedPicture {
    let (finder, preparation, limits) = (isWhole ? .wholePicture : options.finder, preparation, options.limits)
    return try await threads.run {
      try PreparedPicture(bytes, finder: finder, preparation: preparation, limits: limits)
    }
  }

  // MARK: Checks

  private func checkChange(_ request: HTTPHead) async throws {
    guard options.allowsEnrolling else {
      throw RequestProblem(
        403, "read-only", "this server does not let anybody change the gallery",
        remedy: "start it with enrol=true, or --allow-enrol")
    }
    try await checkToken(
      request, "changing the gallery needs the token that the server was given or printed when it started")
  }

  private func checkToken(_ request: HTTPHead, _ reason: String) async throws {
    // Nobody guesses by saying nothing.
    guard let header = request["authorization"] else { throw RequestProblem.wrongToken(reason) }
    guard let isRight = await brake.judge({ [token] in token.isIn(header) }) else {
      throw RequestProblem.tooManyGuesses
    }
    if !isRight { throw RequestProblem.wrongToken(reason) }
  }

  static let labelLimit = 80

  /// Who is to be enrolled: a name that can be told from others by reading it, or one that is there already.
  private func newLabel(_ given: String?) async throws -> String {
    if let given, !given.isEmpty, try await galleryActor.contains(given) { return given }
    let label = (given ?? "").trimmed
    guard !label.isEmpty, label.count <= Self.labelLimit, label.utf8.count <= 4 * Self.labelLimit,
      Self.isReadable(label)
    else {
      throw RequestProblem(
        400, "bad-label", "a label has 1 to \(Self.labelLimit) readable characters",
        remedy: Self.labelRemedy)
    }
    return label
  }

  /// Who is to be taken out, as they are called, character by character: a label that was enrolled elsewhere than from the
  /// page may be long, have lines, and differ from another's by a blank.
  private func knownLabel(_ given: String?) throws -> String {
    guard let given, !given.isEmpty else {
      throw RequestProblem(400, "bad-label", "the request names nobody", remedy: Self.labelRemedy)
    }
    return given
  }

  private static let labelRemedy = "give it as label=NAME in the address, or as a form's field \"label\""

  private static func isReadable(_ text: String) -> Bool { text.unicodeScalars.allSatisfy(\.isReadable) }

  static let consentLimit = 500

  private func consent(_ given: String?) throws -> String? {
    guard let text = given?.trimmed, !text.isEmpty else { return nil }
    guard text.count <= Self.consentLimit, text.utf8.count <= 4 * Self.consentLimit, Self.isReadable(text) else {
      throw RequestProblem(
        400, "bad-consent", "consent has at most \(Self.consentLimit) readable characters",
        remedy: "say it in fewer words, without line ends")
    }
    return text
  }

  private func expiry(_ given: String?) throws -> Double? {
    guard let text = given?.trimmed, !text.isEmpty else { return nil }
    guard let time = CalendarDate.seconds(text), time > Date().timeIntervalSince1970 else {
      throw RequestProblem(
        400, "bad-date", "expires is no day to come", remedy: "write it as 2027-01-31; it begins at midnight, UTC")
    }
    return time
  }

  private func milliseconds(since began: ContinuousClock.Instant) -> Double {
    let (seconds, fraction) = (ContinuousClock.now - began).components
    return ((Double(seconds) * 1e3 + Double(fraction) * 1e-15) * 100).rounded() / 100
  }
}

extension Unicode.Scalar {
  /// Whether it is seen as itself: it ends no line, and turns nothing around that stands beside it.
  var isReadable: Bool {
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .lineSeparator, .paragraphSeparator, .unassigned: false
    default: true
    }
  }
}
