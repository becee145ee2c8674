import Foundation
import Testing

@testable import Server

/// `Resources/openapi.json` is held against a validator of others, the routes, and what the server answers.
@Suite struct OpenAPITests {
  private func description() throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(OpenAPI.bytes)) as? [String: Any])
  }

  // MARK: By a validator from PyPI: pip install openapi-spec-validator

  private static let hasValidator = runs("import openapi_spec_validator")

  private static func runs(_ code: String, _ arguments: String...) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", code] + arguments
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  @Test(.enabled(if: hasValidator, "openapi-spec-validator is not installed"))
  func aValidatorTakesIt() throws {
    let check =
      "import json, sys\nfrom openapi_spec_validator import validate\nvalidate(json.load(open(sys.argv[1])))"
    let folder = FileManager.default.temporaryDirectory.path
    let (good, bad) = (folder + "/openapi-\(UUID().uuidString).json", folder + "/openapi-\(UUID().uuidString).json")
    defer { for path in [good, bad] { try? FileManager.default.removeItem(atPath: path) } }
    try Data(OpenAPI.bytes).write(to: URL(fileURLWithPath: good))
    #expect(Self.runs(check, good))
    // It does tell a bad one.
    let text = String(decoding: OpenAPI.bytes, as: UTF8.self)
    try text.replacingOccurrences(of: "\"openapi\": \"3.0.3\",", with: "").write(
      toFile: bad, atomically: true, encoding: .utf8)
    #expect(!Self.runs(check, bad))
  }

  // MARK: Routes

  /// Each route of the interface is described with its method, and nothing else is.
  @Test func itDescribesTheRoutes() throws {
    let paths = try #require(try description()["paths"] as? [String: [String: Any]])
    let routes: [(path: String, route: Route)] = [
      ("/healthz", .health), ("/api/gallery", .gallery), ("/api/references/{index}", .reference(3)),
      ("/api/distances", .distances), ("/api/query", .query), ("/api/verify", .verify), ("/api/enrol", .enrol),
      ("/api/remove", .remove), ("/api/forget", .forget),
    ]
    #expect(Set(paths.keys) == Set(routes.map(\.path)))
    for (path, route) in routes {
      #expect(try Route(path: path.replacingOccurrences(of: "{index}", with: "3")) == route)
      let described = Set(try #require(paths[path]).keys.map { $0.uppercased() })
      #expect(described == Set(route.methods).subtracting(["HEAD"]), "\(path)")
    }
  }

  /// The names that stand twice in one object. Parsers of JSON take the last of them without a word, and with it a schema
  /// that nobody meant.
  private func namesTwice(_ text: String) -> [String] {
    var twice: [String] = []
    // Of the objects around a place; a list has nil.
    var around: [Set<String>?] = []
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "{": around.append([])
      case "[": around.append(nil)
      case "}", "]": around.removeLast()
      case "\"":
        var word = ""
        while let next = rest.popFirst(), next != "\"" {
          word.unicodeScalars.append(next)
          if next == "\\", let escaped = rest.popFirst() { word.unicodeScalars.append(escaped) }
        }
        guard rest.first(where: { !$0.properties.isWhitespace }) == ":" else { continue }
        guard let object = around.last, object != nil else { continue }
        if around[around.count - 1]?.insert(word).inserted == false { twice.append(word) }
      default: break
      }
    }
    return twice
  }

  @Test func noNameStandsTwiceInAnObject() {
    #expect(namesTwice(String(decoding: OpenAPI.bytes, as: UTF8.self)) == [])
    #expect(namesTwice(#"{"a": {"b": 1, "c": ["b", {"b": "a:"}]}, "b": 2, "d\"": 1}"#) == [])
    #expect(namesTwice(#"{"a": {"b": 1, "c": "x", "b" : 2}, "a": []}"#) == ["b", "a"])
  }

  // MARK: Answers

  /// What in a value is not as a schema says.
  private func problems(_ value: Any, _ schema: [String: Any], at place: String) throws -> [String] {
    if let reference = schema["$ref"] as? String {
      let name = String(reference.split(separator: "/").last ?? "")
      return try problems(value, try self.schema(name), at: place)
    }
    switch schema["type"] as? String {
    case "object":
      guard let object = value as? [String: Any] else { return ["\(place) is no object"] }
      let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
      var found = (schema["required"] as? [String] ?? []).filter { object[$0] == nil }.map {
        "\(place).\($0) is missing"
      }
      for (name, value) in object {
        if let property = properties[name] {
          found += try problems(value, property, at: "\(place).\(name)")
        } else {
          found.append("\(place).\(name) is not described")
        }
      }
      return found
    case "array":
      guard let items = value as? [Any] else { return ["\(place) is no array"] }
      let schema = schema["items"] as? [String: Any] ?? [:]
      return try items.enumerated().flatMap { try problems($0.element, schema, at: "\(place)[\($0.offset)]") }
    case "string": return value is String ? [] : ["\(place) is no string"]
    case "boolean": return value is Bool ? [] : ["\(place) is no boolean"]
    case "integer": return number(value).map { $0 == $0.rounded() } == true ? [] : ["\(place) is no integer"]
    case "number": return number(value) != nil ? [] : ["\(place) is no number"]
    default: return ["\(place): the schema has no type"]
    }
  }

  private func number(_ value: Any) -> Double? {
    (value as? NSNumber)?.doubleValue ?? value as? Double ?? (value as? Int).map(Double.init)
  }

  private func schema(_ name: String) throws -> [String: Any] {
    let components = try #require(try description()["components"] as? [String: Any])
    let schemas = try #require(components["schemas"] as? [String: [String: Any]])
    return try #require(schemas[name], "no schema is called \(name)")
  }

  private func check(_ reply: Reply, is name: String, status: Int = 200) throws {
    #expect(reply.status == status)
    #expect(try problems(reply.json, try schema(name), at: name) == [])
  }

  @Test func itDescribesTheAnswers() async throws {
    let characters = try Characters()
    try characters.gallery.calibrate(same: [0.1, 0.2], different: [1, 2, 3], far: 0.1, source: "a test")
    try await withServer(characters.gallery, { $0.allowsEnrolling = true }) { client in
      let allowed = ["Authorization": "Bearer \(testToken)"]
      let png = try characters.png(1)
      let (pair, type) = form([("a", png), ("b", try characters.png(2))])
      try check(try await client.get("/healthz"), is: "Health")
      try check(try await client.get("/api/gallery"), is: "Gallery")
      try check(try await client.get("/api/distances"), is: "Distances")
      try check(try await client.post("/api/query", png), is: "Query")
      try check(try await client.post("/api/verify", pair, ["Content-Type": type]), is: "Verdict")
      try check(try await client.post("/api/enrol?label=new", png, allowed), is: "Enrolled")
      try check(try await client.post("/api/forget?label=new", [], allowed), is: "Forgotten")
      try check(try await client.post("/api/remove?label=new", [], allowed), is: "Removed")
      try check(try await client.get("/api/nothing"), is: "Problem", status: 404)
      try check(try await client.post("/api/query", []), is: "Problem", status: 400)
      try check(try await client.post("/api/enrol?label=new", png), is: "Problem", status: 401)
    }
  }

  /// A schema that an answer does not fit is told.
  @Test func theCheckItselfCanFail() throws {
    let problem = try schema("Problem")
    #expect(try problems(["error": "x", "remedy": "y"], problem, at: "p") == ["p.reason is missing"])
    #expect(try problems(["error": 1, "reason": "y", "remedy": "z"], problem, at: "p") == ["p.error is no string"])
    let more: [String: Any] = ["error": "x", "reason": "y", "remedy": "z", "more": 1]
    #expect(try problems(more, problem, at: "p") == ["p.more is not described"])
    #expect(try problems(["x": 1, "y": 1.5, "width": 2], try schema("Box"), at: "b") == ["b.height is missing"])
  }
}
