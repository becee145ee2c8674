/// What is sent back.
struct HTTPAnswer: Sendable {
  var status: Int
  var fields: [(name: String, value: String)] = []
  var body: [UInt8] = []

  private static let phrases = [
    200: "OK", 204: "No Content", 304: "Not Modified", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout", 409: "Conflict", 413: "Payload Too Large",
    415: "Unsupported Media Type", 421: "Misdirected Request", 422: "Unprocessable Content", 429: "Too Many Requests",
    431: "Request Header Fields Too Large", 500: "Internal Server Error", 501: "Not Implemented",
    503: "Service Unavailable", 505: "HTTP Version Not Supported",
  ]

  /// Head and body in one piece: two sends, and the second would wait for the first to be acknowledged.
  /// - Parameter isHead: the head that GET would have, and nothing after it.
  func bytes(isHead: Bool, isLast: Bool) -> [UInt8] {
    var text = "HTTP/1.1 \(status) \(Self.phrases[status] ?? "Answer")\r\n"
    for field in fields { text += "\(field.name): \(field.value)\r\n" }
    if status != 204, status != 304 { text += "Content-Length: \(body.count)\r\n" }
    text += isLast ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n"
    return isHead || status == 204 || status == 304 ? Array(text.utf8) : Array(text.utf8) + body
  }

  static let goOn = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
}

/// Who answers requests; `client` is the address of who asks, as the log writes it.
protocol HTTPHandler: Sendable {
  /// What can be said without the body; nil: it is wanted.
  func answer(_ head: HTTPHead, from client: String) async -> HTTPAnswer?
  func answer(_ head: HTTPHead, _ body: [UInt8], from client: String) async -> HTTPAnswer
  func answer(_ problem: RequestProblem) -> HTTPAnswer
}
