import Diagnostics
import Foundation

extension GalleryHandler {
  /// Nothing from elsewhere, nothing inline, no frames: what a label or a file's name says stays text.
  static let securityPolicy = [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:", "connect-src 'self'",
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
  ].joined(separator: "; ")

  func plain(_ status: Int, _ bytes: [UInt8], type: String?, headers: [String: String] = [:]) -> HTTPAnswer {
    var fields = [
      "Cache-Control": "no-store", "Content-Security-Policy": Self.securityPolicy, "X-Content-Type-Options": "nosniff",
      "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin",
      "Cross-Origin-Opener-Policy": "same-origin", "Permissions-Policy": "geolocation=(), microphone=()",
    ].merging(headers, uniquingKeysWith: { $1 })
    if let type { fields["Content-Type"] = type }
    return HTTPAnswer(
      status: status, fields: fields.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }, body: bytes)
  }

  func json(_ answer: some Encodable, status: Int = 200, headers: [String: String] = [:]) throws -> HTTPAnswer {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return plain(status, Array(try encoder.encode(answer)), type: "application/json", headers: headers)
  }

  func answer(_ problem: RequestProblem) -> HTTPAnswer {
    var headers: [String: String] = [:]
    if let allow = problem.allow { headers["Allow"] = allow }
    if let seconds = problem.retryAfter { headers["Retry-After"] = "\(seconds)" }
    if problem.status == 401 { headers["WWW-Authenticate"] = "Bearer" }
    let answer = Answer.Problem(error: problem.error, reason: problem.reason, remedy: problem.remedy)
    return (try? json(answer, status: problem.status, headers: headers))
      ?? plain(problem.status, [], type: nil, headers: headers)
  }

  func file(_ file: PageFile, _ request: HTTPHead) -> HTTPAnswer {
    let bytes = file.bytes
    // The files change with the program alone.
    let tag = "\"\(FNVHash(bytes).digits)\""
    let headers = ["Cache-Control": "no-cache", "ETag": tag]
    if request["if-none-match"] == tag { return plain(304, [], type: nil, headers: headers) }
    return plain(200, bytes, type: file.type, headers: headers)
  }
}
