import Foundation
import Testing

@testable import Collecting

@Suite struct SearchTests {
  private static func query(_ target: String) -> [String: String] {
    let parts = URLComponents(string: "http://x" + target)?.queryItems ?? []
    return Dictionary(parts.map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { $1 })
  }

  /// As Commons answers: pages in no order, each with its index; three a page, nine in all.
  @Test func wikimediaCommons() async throws {
    let folder = try Folder()
    let server = try WebServer(answers: { target in
      if target.hasPrefix("/thumb/"), let number = Int(target.dropFirst(7)) {
        return (try? Pictures.png(number)).map { .bytes($0) }
      }
      guard target.hasPrefix("/w/api.php") else { return .status(404) }
      let query = Self.query(target)
      guard query["gsrsearch"] == "filetype:bitmap red pandas & co", query["generator"] == "search",
        query["gsrnamespace"] == "6"
      else {
        return .status(400)
      }
      let offset = Int(query["gsroffset"] ?? "0") ?? 0
      let host = "http://127.0.0.1:\(query["port"] ?? "")"
      let pages = (offset..<(offset + 3)).reversed().map { number in
        """
        {"pageid": \(number), "title": "File:Panda \(number).jpg", "index": \(number + 1), "imageinfo": [{
          "url": "\(host)/original/\(number)", "thumburl": "\(host)/thumb/\(number)", "mime": "image/jpeg", "width": 4000,
          "height": 3000, "descriptionurl": "https://commons.example/\(number)",
          "extmetadata": {"Artist": {"value": "<a href=\\"//x\\">Ann &amp; Bob</a>"}, "LicenseShortName": {"value": "CC BY-SA 4.0"},
                          "LicenseUrl": {"value": "https://creativecommons.org/licenses/by-sa/4.0"}}}]}
        """
      }
      let next = offset < 6 ? "\"continue\": {\"gsroffset\": \(offset + 3), \"continue\": \"gsroffset||\"}," : ""
      return .bytes(
        Array("{\(next) \"query\": {\"pages\": [\(pages.joined(separator: ","))]}}".utf8), type: "application/json")
    })
    defer { server.stop() }
    let base = "\(server.base)/w/api.php?port=\(server.port)"
    let options = CollectOptions.quick(folder)
    let report = try await onThread {
      try Collector(options).collect(search: "red pandas & co", at: .commons, base: base, label: "panda", count: 5)
    }
    #expect(report.kept == 5)
    let rows = try folder.rows()
    #expect(rows.count == 5)
    #expect(Set(rows.compactMap { $0["title"] }) == Set((0..<5).map { "File:Panda \($0).jpg" }))
    for row in rows {
      #expect(row["author"] == "Ann & Bob" && row["licence"] == "CC BY-SA 4.0" && row["label"] == "panda")
      #expect(row["licence_url"] == "https://creativecommons.org/licenses/by-sa/4.0")
      #expect(row["url"]?.contains("/thumb/") == true && row["page"]?.hasPrefix("https://commons.example/") == true)
    }
    // Who has enough asks nobody; who wants more goes on; and there are nine.
    let before = server.requests.count
    _ = try await onThread {
      try Collector(options).collect(search: "red pandas & co", at: .commons, base: base, label: "panda", count: 5)
    }
    #expect(server.requests.count == before)
    let all = try await onThread {
      try Collector(options).collect(search: "red pandas & co", at: .commons, base: base, label: "panda", count: 50)
    }
    #expect(all.kept == 9)
  }

  @Test func openverse() async throws {
    let folder = try Folder()
    let server = try WebServer(answers: { target in
      if target.hasPrefix("/image/"), let number = Int(target.dropFirst(7)) {
        return (try? Pictures.png(number)).map { .bytes($0) }
      }
      guard target.hasPrefix("/v1/images/") else { return .status(404) }
      let query = Self.query(target)
      guard query["q"] == "owl" else { return .status(400) }
      let page = Int(query["page"] ?? "1") ?? 1
      let results = (0..<2).map { index in
        let number = page * 2 + index
        return """
          {"id": "x\(number)", "title": "Owl, \\"\(number)\\"", "foreign_landing_url": "https://flickr.example/\(number)",
           "url": "http://127.0.0.1:\(query["port"] ?? "")/image/\(number)", "creator": "=Eve", "license": "by", "license_version": "2.0",
           "license_url": "https://creativecommons.org/licenses/by/2.0/"}
          """
      }
      return .bytes(
        Array(
          "{\"result_count\": 6, \"page_count\": 3, \"page\": \(page), \"results\": [\(results.joined(separator: ","))]}"
            .utf8),
        type: "application/json")
    })
    defer { server.stop() }
    let options = CollectOptions.quick(folder)
    let base = "\(server.base)/v1/images/?port=\(server.port)"
    let report = try await onThread {
      try Collector(options).collect(search: "owl", at: .openverse, base: base, label: "owl", count: 50)
    }
    #expect(report.kept == 6)
    let text = try folder.read("sources.csv")
    #expect(text.contains("\"Owl, \"\"2\"\"\",'=Eve,CC BY 2.0,https://creativecommons.org/licenses/by/2.0/"))
  }

  @Test func providersThatMisbehave() async throws {
    let folder = try Folder()
    let server = try WebServer([
      "/html": [.bytes(Array("<html>".utf8))], "/down": [.status(500)],
      "/busy": [.status(429, headers: ["Retry-After: 1"]), .bytes(Array("{\"query\": {\"pages\": []}}".utf8))],
      "/error": [.bytes(Array("{\"error\": {\"code\": \"x\", \"info\": \"no such parameter\"}}".utf8))],
      "/list": [.bytes(Array("[1, 2]".utf8))],
      "/odd": [.bytes(Array("{\"query\": {\"pages\": [{\"imageinfo\": 3}, {\"imageinfo\": [{\"url\": 5}]}]}}".utf8))],
    ])
    defer { server.stop() }
    var options = CollectOptions.quick(folder)
    options.retries = 1
    for (path, error) in [
      ("/html", CollectError.search(provider: "commons", reason: "it answered something other than JSON")),
      ("/down", .search(provider: "commons", reason: "the server answered 500")),
      ("/busy", .nothing(provider: "commons", keyword: "x")),
      ("/error", .search(provider: "commons", reason: "no such parameter")),
      ("/list", .search(provider: "commons", reason: "it answered something other than JSON")),
      ("/odd", .nothing(provider: "commons", keyword: "x")),
    ] {
      await #expect(throws: error, "\(path)") {
        try await onThread { [options] in
          _ = try Collector(options).collect(
            search: "x", at: .commons, base: server.base + path, label: "x", count: 3)
        }
      }
    }
  }

  private static func answer(_ addresses: [String], next: Int? = nil) -> WebServer.Manner {
    let pages = addresses.enumerated().map { index, address in
      """
      {"title": "t", "index": \(index), "imageinfo": [{"url": "\(address)", "width": 9, "height": 9, "mime": "image/png"}]}
      """
    }
    let more = next.map { "\"continue\": {\"gsroffset\": \($0), \"continue\": \"gsroffset||\"}," } ?? ""
    return .bytes(
      Array("{\(more) \"query\": {\"pages\": [\(pages.joined(separator: ","))]}}".utf8), type: "application/json")
  }

  /// What failed in one run is tried again by the next, before more is searched for.
  @Test func whatFailedIsTriedAgain() async throws {
    let folder = try Folder()
    let png = try Pictures.png(4)
    let server = try WebServer(
      ["/p": [.status(500), .status(500), .status(500), .status(500), .bytes(png)]],
      answers: { target in
        guard target.hasPrefix("/api") else { return nil }
        return Self.answer(["http://127.0.0.1:\(Self.query(target)["port"] ?? "")/p"])
      })
    defer { server.stop() }
    var options = CollectOptions.quick(folder)
    options.retries = 1
    let base = "\(server.base)/api?port=\(server.port)"
    func search() async throws -> CollectReport {
      try await onThread { [options] in
        try Collector(options).collect(search: "x", at: .commons, base: base, label: "x", count: 1)
      }
    }
    #expect(try await search().failed == 1)
    #expect(try await search().failed == 1)
    #expect(server.targets.count { $0 == "/p" } == 4)
    let third = try await search()
    #expect(third.kept == 1 && third.failed == 0)
    // It was enough: nobody was searched.
    #expect(server.targets.count { $0.hasPrefix("/api") } == 2)
  }

  /// A host that asks for an hour is left alone by the pages that follow, and by the next search of the same call.
  @Test func whoAsksForAnHourIsLeftAlone() async throws {
    let folder = try Folder()
    let server = try WebServer(answers: { target in
      if target.hasPrefix("/p/") { return .status(503, headers: ["Retry-After: 3600"]) }
      let query = Self.query(target)
      let offset = Int(query["gsroffset"] ?? "0") ?? 0
      let address = "http://127.0.0.1:\(query["port"] ?? "")/p/"
      return Self.answer((offset..<(offset + 3)).map { address + "\($0)" }, next: offset < 9 ? offset + 3 : nil)
    })
    defer { server.stop() }
    var options = CollectOptions.quick(folder)
    options.workers = 1
    let base = "\(server.base)/api?port=\(server.port)"
    let report = try await onThread { [options] in
      let collector = try Collector(options)
      _ = try collector.collect(search: "x", at: .commons, base: base, label: "x", count: 20)
      return try collector.collect(search: "y", at: .commons, base: base, label: "x", count: 20)
    }
    #expect(server.targets.count { $0.hasPrefix("/p/") } == 1)
    #expect(report.failed == 12)
    for row in try folder.rows() { #expect(row["reason"] == "the server answered 503 and asks to wait 3600 seconds") }
    // The search itself is not waited for either.
    let busy = try WebServer(["/api": [.status(429, headers: ["Retry-After: 3600"])]])
    defer { busy.stop() }
    await #expect(
      throws: CollectError.search(provider: "commons", reason: "the server answered 429 and asks to wait 3600 seconds")
    ) {
      try await onThread { [options] in
        _ = try Collector(options).collect(
          search: "z", at: .commons, base: busy.base + "/api", label: "z", count: 1)
      }
    }
  }

  /// A search that names places on this machine, other than where it was asked.
  @Test func findsOnThisMachineAreNotFetched() async throws {
    let folder = try Folder()
    let inner = try WebServer(["/secret.png": [.bytes(try Pictures.png(1))]])
    defer { inner.stop() }
    let address = "http://127.0.0.1:\(inner.port)/secret.png"
    let server = try WebServer(answers: { _ in Self.answer([address]) })
    defer { server.stop() }
    let base = server.base + "/api"
    let options = CollectOptions.quick(folder)
    let report = try await onThread {
      try Collector(options).collect(search: "x", at: .commons, base: base, label: "x", count: 1)
    }
    #expect(report.rejected == 1 && inner.requests.isEmpty)
  }
}
