import FlyingFox
import Foundation

extension GalleryHandler {
  /// Nothing from elsewhere, nothing inline, no frames: what a label or a file's name says stays text.
  static let securityPolicy = [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:", "connect-src 'self'",
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
  ].joined(separator: "; ")

  func plain(_ status: Int, _ bytes: [UInt8], type: String?, extra: [String: String] = [:]) -> HTTPResponse {
    var headers = HTTPHeaders()
    if let type { headers[.contentType] = type }
    let fixed = [
      "Cache-Control": "no-store", "Content-Security-Policy": Self.securityPolicy, "X-Content-Type-Options": "nosniff",
      "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cross-Origin-Resource-Policy": "same-origin",
      "Cross-Origin-Opener-Policy": "same-origin", "Permissions-Policy": "geolocation=(), microphone=()",
    ]
    for (name, value) in fixed.merging(extra, uniquingKeysWith: { $1 }) { headers[HTTPHeader(name)] = value }
    return HTTPResponse(
      statusCode: HTTPStatusCode(status, phrase: Self.phrases[status] ?? "Answer"), headers: headers, body: Data(bytes))
  }

  private static let phrases = [
    200: "OK", 204: "No Content", 304: "Not Modified", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict", 413: "Payload Too Large",
    415: "Unsupported Media Type", 421: "Misdirected Request", 422: "Unprocessable Content",
    500: "Internal Server Error", 503: "Service Unavailable",
  ]

  func json(_ answer: some Encodable, status: Int = 200, extra: [String: String] = [:]) throws -> HTTPResponse {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return plain(status, Array(try encoder.encode(answer)), type: "application/json", extra: extra)
  }

  func response(_ problem: RequestProblem, isHead: Bool) -> HTTPResponse {
    var extra: [String: String] = [:]
    if let allow = problem.allow { extra["Allow"] = allow }
    if let seconds = problem.retryAfter { extra["Retry-After"] = "\(seconds)" }
    if problem.status == 401 { extra["WWW-Authenticate"] = "Bearer" }
    let answer = Answer.Problem(error: problem.error, reason: problem.reason, remedy: problem.remedy)
    return (try? json(answer, status: problem.status, extra: extra))
      ?? plain(problem.status, [], type: nil, extra: extra)
  }

  /// The heads that GET would have, and nothing after them.
  func withoutBody(_ response: HTTPResponse) -> HTTPResponse {
    var head = response
    if case .httpBody(let body) = response.payload, let count = body.count {
      head.headers[.contentLength] = "\(count)"
      head.payload = .httpBody(HTTPBodySequence())
    }
    return head
  }

  func file(_ file: PageFile, _ request: HTTPRequest) -> HTTPResponse {
    let bytes = Array(file.text.utf8)
    // FNV-1a: the files change with the program alone.
    let hash = bytes.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    let tag = "\"\(String(hash, radix: 16))\""
    let extra = ["Cache-Control": "no-cache", "ETag": tag]
    if request.headers[.ifNoneMatch] == tag { return plain(304, [], type: nil, extra: extra) }
    return plain(200, bytes, type: file.type, extra: extra)
  }
}
