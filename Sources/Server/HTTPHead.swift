import Foundation

/// The head of a request (RFC 9112), read strictly: what can be understood in two ways is refused, since a program between
/// client and server may understand it in the other.
struct HTTPHead: Sendable, Equatable {
  /// How the body's end is told.
  enum Framing: Sendable, Equatable {
    case none
    case length(Int)
    case chunked
  }

  var method = ""
  /// Before the question mark, percent-encoded as it came.
  var path = ""
  var query: [String: String] = [:]
  var framing = Framing.none
  /// The connection may be used again.
  var isKept = true
  /// The client waits for leave before it sends the body.
  var expectsContinue = false
  private var fields: [String: String] = [:]

  /// - Parameter name: in lower case.
  subscript(_ name: String) -> String? { fields[name] }

  static let fieldLimit = 100

  /// - Parameter bytes: up to and with the empty line.
  init(_ bytes: [UInt8]) throws(RequestProblem) {
    let text = String(decoding: bytes, as: UTF8.self)
    // Swift takes CR LF for one character.
    var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
    // Behind the last line's end.
    if lines.last?.isEmpty == true { lines.removeLast() }
    // A line feed alone may be a line's end to one program, and a letter to the one before it.
    guard lines.allSatisfy({ $0.last == "\r" }) else { throw .malformed("a line of its head does not end with CR LF") }
    lines = lines.map { $0.dropLast() }
    while lines.last?.isEmpty == true { lines.removeLast() }
    guard let first = lines.first else { throw .malformed("it is empty") }
    for line in lines where line.contains(where: { $0.value < 32 && $0 != "\t" || $0.value == 127 || $0 == "\u{FFFD}" })
    {
      throw .malformed("a control character is in its head")
    }
    let host = try readRequestLine(String(first))
    try readFields(lines.dropFirst().map { String($0) })
    // A target with a host in it counts before the field.
    if let host { fields["host"] = host }
    try readFraming()
    expectsContinue = isKeptVersion && fields["expect"]?.lowercased() == "100-continue"
  }

  private var isKeptVersion = true

  /// - Returns: the host, where the target names one.
  private mutating func readRequestLine(_ line: String) throws(RequestProblem) -> String? {
    let words = line.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3 else { throw .malformed("its first line is not METHOD TARGET VERSION") }
    method = String(words[0])
    guard !method.isEmpty, method.utf8.allSatisfy(Self.isToken) else { throw .malformed("its method is no word") }
    switch words[2] {
    case "HTTP/1.1": break
    case "HTTP/1.0": isKeptVersion = false
    default:
      guard words[2].hasPrefix("HTTP/") else { throw .malformed("its first line is not METHOD TARGET VERSION") }
      throw RequestProblem(
        505, "wrong-version", "only HTTP/1.1 and HTTP/1.0 are spoken here", remedy: "send it as HTTP/1.1")
    }
    var target = String(words[1])
    var host: String?
    for scheme in ["http://", "https://"] where target.lowercased().hasPrefix(scheme) {
      let rest = target.dropFirst(scheme.count)
      let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
      host = String(rest[..<end])
      target = String(rest[end...])
      if !target.hasPrefix("/") { target = "/" + target }
    }
    guard target.hasPrefix("/") || target == "*" else { throw .malformed("its target does not begin with /") }
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = String(parts[0])
    guard parts.count > 1 else { return host }
    do throws(FormProblem) {
      query = try Self.formFields(parts[1])
    } catch {
      throw .malformed("its query \(error.reason)", remedy: error.remedy)
    }
    return host
  }

  /// Why fields cannot be understood.
  enum FormProblem: Error {
    case notEncoded, notUTF8
    case twice(String)

    var reason: String {
      switch self {
      case .notEncoded: "is not percent-encoded"
      case .notUTF8: "is not in UTF-8"
      case .twice(let name): "has \(name.prefix(40)) twice"
      }
    }

    var remedy: String {
      switch self {
      case .notEncoded: "curl --data-urlencode 'label=Ann Lee' does it; a per cent sign that is meant is %25"
      case .notUTF8: "write the letters in UTF-8 before you percent-encode them: ü is %C3%BC"
      case .twice: "give each name once"
      }
    }
  }

  /// The fields of a query, and of a body in application/x-www-form-urlencoded, as browsers, curl and Python write them:
  /// a plus sign is a blank, and one that is meant is written %2B. A name that stands twice says two things: it is refused.
  static func formFields(_ text: some StringProtocol) throws(FormProblem) -> [String: String] {
    var fields: [String: String] = [:]
    for item in text.split(separator: "&") {
      let pair = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = try decoded(pair[0])
      guard fields[name] == nil else { throw .twice(name) }
      fields[name] = try decoded(pair.count > 1 ? pair[1] : "")
    }
    return fields
  }

  private static func decoded(_ text: some StringProtocol) throws(FormProblem) -> String {
    let encoded = String(decoding: text.utf8.map { $0 == UInt8(ascii: "+") ? 32 : $0 }, as: UTF8.self)
    if let words = encoded.removingPercentEncoding { return words }
    // Two digits behind each sign, and yet no text: the bytes that they say are none.
    let isEncoded = encoded.utf8.split(separator: UInt8(ascii: "%"), omittingEmptySubsequences: false).dropFirst()
      .allSatisfy { $0.count >= 2 && $0.prefix(2).allSatisfy { Character(Unicode.Scalar($0)).isHexDigit } }
    throw isEncoded ? .notUTF8 : .notEncoded
  }

  private mutating func readFields(_ lines: [String]) throws(RequestProblem) {
    guard lines.count <= Self.fieldLimit else { throw .headTooLarge }
    for line in lines {
      guard let colon = line.firstIndex(of: ":") else { throw .malformed("a line of its head has no colon") }
      let name = line[..<colon]
      // Among them lines that go on the one before, which begin with a blank.
      guard !name.isEmpty, name.utf8.allSatisfy(Self.isToken) else { throw .malformed("a name in its head is no word") }
      let key = name.lowercased()
      let value = line[line.index(after: colon)...].trimmed
      guard let before = fields[key] else {
        fields[key] = value
        continue
      }
      // Given twice, they say two things.
      if ["host", "content-length", "transfer-encoding", "authorization", "content-type", "origin", "expect"].contains(
        key)
      {
        throw .malformed("its head has \(name) twice")
      }
      fields[key] = before + ", " + value
    }
  }

  private mutating func readFraming() throws(RequestProblem) {
    let words = (fields["connection"] ?? "").lowercased().split(separator: ",").map { $0.trimmed }
    isKept = isKeptVersion ? !words.contains("close") : words.contains("keep-alive")
    if let encoding = fields["transfer-encoding"] {
      guard fields["content-length"] == nil else {
        throw .malformed("it has both a Content-Length and a Transfer-Encoding")
      }
      guard encoding.lowercased() == "chunked", isKeptVersion else {
        throw RequestProblem(
          501, "wrong-encoding", "a body is sent with a length, or in chunks",
          remedy: "send it with a Content-Length")
      }
      framing = .chunked
    } else if let text = fields["content-length"] {
      guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let length = Int(text) else {
        throw .malformed("its Content-Length is no number")
      }
      framing = length == 0 ? .none : .length(length)
    }
  }

  private static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: true
    default: false
    }
  }
}
