import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// The recipe of `Documentation/serving.md`: nginx with TLS before the page, as it stands there.
@Suite(.needsExecutable)
struct TLSTests {
  private static func find(_ program: String) -> String? {
    ["/usr/sbin/", "/usr/bin/", "/usr/local/bin/"].map { $0 + program }.first { access($0, X_OK) == 0 }
  }

  static let hasPrograms = ["nginx", "openssl", "curl"].allSatisfy { find($0) != nil }

  /// The block that the page shows.
  private static func recipe() throws -> String {
    let page = try PageText.read("Documentation/serving.md")
    let start = try #require(page.range(of: "```nginx\n"))
    let end = try #require(page.range(of: "```", range: start.upperBound..<page.endIndex))
    return String(page[start.upperBound..<end.lowerBound])
  }

  /// A port that was free a moment ago.
  private static func freePort() throws -> Int {
    let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(file) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
        bind(file, raw, length) == 0 && getsockname(file, raw, &length) == 0
      }
    }
    return try #require(port ? Int(UInt16(bigEndian: address.sin_port)) : nil)
  }

  @Test(.enabled(if: hasPrograms, "nginx, openssl or curl is not installed")) func theRecipeWorks() throws {
    let folder = try Folder()
    try folder.write("make.twin", ServingTests.people + "people.save(\"p.gallery\")\nletters[0].save(\"one.png\")\n")
    #expect(try Executable.run(["run", "make.twin"], in: folder).code == 0)
    try folder.write("token", "a-token-of-the-recipe\n")
    let certificate = try Executable.run(
      [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=faces.example.org", "-addext",
        "subjectAltName=DNS:faces.example.org", "-keyout", "faces.key", "-out", "faces.pem",
      ], program: try #require(Self.find("openssl")), in: folder)
    #expect(certificate.code == 0, "\(certificate.errors)")
    let (page, front) = (try Self.freePort(), try Self.freePort())

    var recipe = try Self.recipe()
    for (old, new) in [
      ("listen 443 ssl", "listen 127.0.0.1:\(front) ssl"), ("/etc/ssl/faces.pem", folder.path + "/faces.pem"),
      ("/etc/ssl/private/faces.key", folder.path + "/faces.key"), ("127.0.0.1:8080", "127.0.0.1:\(page)"),
    ] {
      #expect(recipe.contains(old), "the recipe has no \(old)")
      recipe = recipe.replacingOccurrences(of: old, with: new)
    }
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
      .map { "\($0)_temp_path \(folder.path)/\($0);" }.joined(separator: "\n")
    let user = getuid() == 0 ? "user root;\n" : ""
    try folder.write(
      "nginx.conf",
      "\(user)daemon off;\nmaster_process off;\npid \(folder.path)/pid;\nerror_log \(folder.path)/error.log;\nevents {}\n"
        + "http {\naccess_log \(folder.path)/access.log;\n\(temporary)\n\(recipe)}\n")

    try folder.write("empty", "")
    func start(_ program: String, _ arguments: [String], _ name: String) throws -> Child {
      try Child.spawn(
        program, arguments, environment: [:], folder: folder, input: folder.path + "/empty",
        output: folder.path + "/\(name).out", errors: folder.path + "/\(name).err")
    }
    let server = try start(
      Executable.path,
      [
        "serve", "p.gallery", "--port", "\(page)", "--public-name", "faces.example.org", "--token-file", "token",
        "--threshold", "0.1",
      ], "serve")
    defer {
      kill(server.id, SIGTERM)
      _ = server.wait(limit: 10)
    }
    let proxy = try start(
      try #require(Self.find("nginx")), ["-p", folder.path, "-c", folder.path + "/nginx.conf"], "nginx")
    defer {
      kill(proxy.id, SIGTERM)
      _ = proxy.wait(limit: 10)
    }

    let address = "https://faces.example.org:\(front)"
    func curl(_ more: String...) throws -> Executable.Outcome {
      try Executable.run(
        [
          "--silent", "--show-error", "--noproxy", "*", "--cacert", "faces.pem", "--resolve",
          "faces.example.org:\(front):127.0.0.1", "--write-out", " %{http_code}",
        ] + more, program: try #require(Self.find("curl")), in: folder)
    }
    var health = try curl(address + "/healthz")
    for _ in 0..<100 where !health.output.hasSuffix(" 200") {
      usleep(100_000)
      health = try curl(address + "/healthz")
    }
    #expect(health.output.contains("\"status\":\"ok\"") && health.output.hasSuffix(" 200"), "\(health)")
    #expect(try curl(address + "/").output.contains("<html"))
    // The page's own requests, with the origin that a browser sends.
    let query = try curl("--data-binary", "@one.png", "-H", "Origin: \(address)", address + "/api/query")
    #expect(query.output.contains("\"known\":true") && query.output.hasSuffix(" 200"), "\(query)")
    let foreign = try curl("--data-binary", "@one.png", "-H", "Origin: https://evil.example", address + "/api/query")
    #expect(foreign.output.hasSuffix(" 403"), "\(foreign)")
    // Faces with the token alone.
    #expect(try curl(address + "/api/references/0").output.hasSuffix(" 401"))
    let face = try curl(
      "-H", "Authorization: Bearer a-token-of-the-recipe", "-o", "face.png", address + "/api/references/0")
    #expect(face.output.hasSuffix(" 200") && folder.has("face.png"), "\(face)")
    // Not without TLS, and not by a certificate that is another's.
    let plain = try curl("http://faces.example.org:\(front)/healthz")
    #expect(plain.output.hasSuffix(" 400"), "\(plain)")
    let other = try Executable.run(
      ["--silent", "--resolve", "faces.example.org:\(front):127.0.0.1", address + "/healthz"],
      program: try #require(Self.find("curl")), in: folder)
    #expect(other.code == 60, "\(other)")
  }
}
