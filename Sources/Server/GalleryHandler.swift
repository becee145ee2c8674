import FlyingFox
import FlyingSocks
import Foundation

/// Answers requests: the page's files, and the JSON interface.
struct GalleryHandler: HTTPHandler {
  let desk: GalleryDesk
  let preparation: PicturePreparation
  let options: ServerOptions
  let token: AccessToken
  let hosts: HostCheck
  let admission: Admission
  let connections: ConnectionGuard
  let crew = WorkCrew()

  func handleRequest(_ request: HTTPRequest) async -> HTTPResponse {
    guard connections.begin(request.peer) else {
      return response(RequestProblem(400, "closing", "the request before this one was not whole"), isHead: false)
    }
    let body = RequestBody(request, options.limits)
    let isHead = request.method == .HEAD
    var answer: HTTPResponse
    do {
      answer = try await self.answer(request, body)
    } catch {
      answer = response(RequestProblem(error), isHead: isHead)
    }
    await body.drain()
    connections.end(request.peer, isWhole: body.isWhole)
    if !body.isWhole { answer.headers[.connection] = "close" }
    return isHead ? withoutBody(answer) : answer
  }

  private func answer(_ request: HTTPRequest, _ body: RequestBody) async throws -> HTTPResponse {
    guard hosts.allows(request.headers[.host]) else { throw RequestProblem.host(request.headers[.host]) }
    let route = try Route(path: request.target.path())
    guard route.methods.contains(request.method.rawValue) else {
      if request.method == .OPTIONS {
        return plain(204, [], type: nil, extra: ["Allow": route.methods.joined(separator: ", ")])
      }
      throw RequestProblem.wrongMethod(request.method.rawValue, allowed: route.methods)
    }
    if request.method == .POST, let origin = request.headers[HTTPHeader("Origin")],
      !hosts.isOwn(origin: origin, host: request.headers[.host])
    {
      throw RequestProblem.foreignOrigin
    }
    switch route {
    case .file(let file): return self.file(file, request)
    case .health:
      return try json(await desk.health(waiting: await admission.waiting, connections: connections.count))
    case .openAPI: return plain(200, Array(OpenAPI.text.utf8), type: "application/json")
    case .gallery:
      let query = request.query
      return try json(
        await desk.overview(
          search: String((query["search"] ?? "").prefix(100)),
          offset: try number(query["offset"], "offset", 0...1_000_000, default: 0),
          limit: try number(query["limit"], "limit", 1...500, default: 60)))
    case .reference(let index):
      guard let png = try await desk.png(index) else {
        throw RequestProblem(404, "no-reference", "there is no reference \(index)", remedy: "/api/gallery lists them")
      }
      return plain(200, png, type: "image/png", extra: ["Cache-Control": "private, max-age=3600"])
    case .distances: return try json(await desk.histogram())
    case .query: return try await admitted { try await query(request, body) }
    case .verify: return try await admitted { try await verify(request, body) }
    case .enrol:
      try await checkToken(request)
      return try await admitted { try await enrol(request, body) }
    case .remove:
      try await checkToken(request)
      return try json(await desk.remove(try label(request.query["label"])))
    }
  }

  // MARK: What takes pictures

  private func admitted(_ work: () async throws -> HTTPResponse) async throws -> HTTPResponse {
    guard await admission.enter(waitingAtMost: options.limits.waitSeconds) else { throw RequestProblem.busy }
    do {
      let response = try await work()
      await admission.leave()
      return response
    } catch {
      await admission.leave()
      throw error
    }
  }

  private func query(_ request: HTTPRequest, _ body: RequestBody) async throws -> HTTPResponse {
    let k = try number(request.query["k"], "k", 1...50, default: 5)
    let bytes = try Upload(try await body.bytes(), request).picture()
    let began = ContinuousClock.now
    let picture = try await prepared(bytes, isWhole: request.query["whole"] == "1")
    let faces = try await desk.query(picture, k: k)
    return try json(
      Answer.Query(
        width: picture.width, height: picture.height, finder: options.finder.name,
        threshold: await desk.thresholdInUse, milliseconds: milliseconds(since: began), faces: faces))
  }

  private func verify(_ request: HTTPRequest, _ body: RequestBody) async throws -> HTTPResponse {
    let upload = try Upload(try await body.bytes(), request)
    let (first, second) = (try upload.picture("a"), try upload.picture("b"))
    let began = ContinuousClock.now
    let isWhole = request.query["whole"] == "1"
    let pictures = [try await prepared(first, isWhole: isWhole), try await prepared(second, isWhole: isWhole)]
    var mains: [PreparedPicture.Face] = []
    for (picture, name) in zip(pictures, ["a", "b"]) {
      guard let main = picture.main else {
        throw RequestProblem(
          422, "no-face", "no face was found in picture \(name)",
          remedy: "take another picture, or ask with whole=1: the whole picture is one face")
      }
      mains.append(main)
    }
    let verdict = try await desk.verify(mains[0].input, mains[1].input)
    func side(_ index: Int) -> Answer.Side {
      Answer.Side(
        width: pictures[index].width, height: pictures[index].height, faces: pictures[index].faces.count,
        box: mains[index].box)
    }
    return try json(
      Answer.Verify(
        same: verdict.same, distance: verdict.distance, threshold: await desk.thresholdInUse,
        probability: verdict.probability, milliseconds: milliseconds(since: began), a: side(0), b: side(1)))
  }

  private func enrol(_ request: HTTPRequest, _ body: RequestBody) async throws -> HTTPResponse {
    let upload = try Upload(try await body.bytes(), request)
    let label = try label(request.query["label"] ?? upload.text("label"))
    let picture = try await prepared(try upload.picture(), isWhole: request.query["whole"] == "1")
    // Of several faces, the one that was meant.
    let index = try number(
      request.query["face"] ?? upload.text("face"), "face", 0...PreparedPicture.faceLimit, default: -1)
    guard let face = index < 0 ? picture.main : picture.faces.indices.contains(index) ? picture.faces[index] : nil
    else {
      throw RequestProblem(
        422, "no-face", picture.faces.isEmpty ? "no face was found in the picture" : "the picture has no face \(index)",
        remedy: "take another picture, or ask with whole=1: the whole picture is one face")
    }
    return try json(await desk.enrol(label, face.input))
  }

  private func prepared(_ bytes: [UInt8], isWhole: Bool) async throws -> PreparedPicture {
    let (finder, preparation, limits) = (isWhole ? .wholePicture : options.finder, preparation, options.limits)
    return try await crew.run {
      try PreparedPicture(bytes, finder: finder, preparation: preparation, limits: limits)
    }
  }

  // MARK: Checks

  private func checkToken(_ request: HTTPRequest) async throws {
    guard options.allowsEnrolling else {
      throw RequestProblem(
        403, "read-only", "this server does not let anybody change the gallery",
        remedy: "start it with enrol=true, or --allow-enrol")
    }
    guard token.isIn(request.headers[.authorization]) else {
      // Guessing is slow.
      try? await Task.sleep(for: .milliseconds(300))
      throw RequestProblem(
        401, "wrong-token", "changing the gallery needs the token that the server printed when it started",
        remedy: "send it as \"Authorization: Bearer TOKEN\"")
    }
  }

  static let labelLimit = 80

  private func label(_ given: String?) throws -> String {
    let label = (given ?? "").trimmed
    let isReadable = label.unicodeScalars.allSatisfy { scalar in
      switch scalar.properties.generalCategory {
      // Marks of direction turn what stands beside them around.
      case .control, .format, .surrogate, .privateUse, .lineSeparator, .paragraphSeparator, .unassigned: false
      default: true
      }
    }
    guard !label.isEmpty, label.count <= Self.labelLimit, label.utf8.count <= 4 * Self.labelLimit, isReadable else {
      throw RequestProblem(
        400, "bad-label", "a label has 1 to \(Self.labelLimit) readable characters",
        remedy: "give it as label=NAME in the address, or as the form's field")
    }
    return label
  }

  private func number(
    _ text: String?, _ name: String, _ range: ClosedRange<Int>, default fallback: Int
  ) throws -> Int {
    guard let text, !text.isEmpty else { return fallback }
    guard let number = Int(text), range.contains(number) else {
      throw RequestProblem(
        400, "bad-number", "\(name) is a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  private func milliseconds(since began: ContinuousClock.Instant) -> Double {
    let (seconds, fraction) = (ContinuousClock.now - began).components
    return ((Double(seconds) * 1e3 + Double(fraction) * 1e-15) * 100).rounded() / 100
  }
}
