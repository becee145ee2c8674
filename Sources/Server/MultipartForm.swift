/// The fields of a form as a browser sends them (multipart/form-data, RFC 7578). File names are not looked at.
struct MultipartForm {
  /// In the order of the body; no name stands more than once.
  private(set) var fields: [(name: String, bytes: ArraySlice<UInt8>)] = []

  static let fieldLimit = 16
  private static let headLimit = 4096

  subscript(_ name: String) -> ArraySlice<UInt8>? { fields.first { $0.name == name }?.bytes }

  /// - Throws: where the bytes are no text: letters of another encoding would be put in as ones that nobody meant.
  func text(_ name: String) throws(RequestProblem) -> String? {
    guard let bytes = self[name] else { return nil }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw RequestProblem(
        400, "broken-form", "the form's \(name.prefix(40)) is not in UTF-8",
        remedy: "write the letters in UTF-8: ü is the bytes C3 BC")
    }
    return text
  }

  /// The boundary that a content type names; nil: it is no form.
  static func boundary(_ contentType: String) -> String? {
    let parts = contentType.split(separator: ";").map { $0.trimmed }
    guard parts.first?.lowercased() == "multipart/form-data" else { return nil }
    for part in parts.dropFirst() where part.lowercased().hasPrefix("boundary=") {
      var value = part.dropFirst(9)
      if value.count >= 2, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
      return value.isEmpty || value.utf8.count > 70 ? nil : String(value)
    }
    return nil
  }

  /// - Throws: `RequestProblem` for what is no such form.
  init(_ body: [UInt8], boundary: String) throws {
    func broken(
      _ reason: String, remedy: String = "send it as a browser or curl -F does: multipart/form-data, to the letter"
    ) -> RequestProblem {
      RequestProblem(400, "broken-form", "the form cannot be read: \(reason)", remedy: remedy)
    }
    let delimiter = Array("--\(boundary)".utf8)
    let (lineEnd, headEnd): ([UInt8], [UInt8]) = ([13, 10], [13, 10, 13, 10])
    guard var at = Self.find(delimiter, in: body, from: 0) else { throw broken("its boundary does not occur") }
    while true {
      at += delimiter.count
      if body[at...].starts(with: [45, 45]) { return }
      // White space may stand after a boundary.
      while at < body.count, body[at] == 32 || body[at] == 9 { at += 1 }
      guard body[at...].starts(with: lineEnd) else { throw broken("a part does not begin") }
      at += 2
      // A part without any header begins with the empty line itself.
      let from = max(0, at - 2)
      guard let end = Self.find(headEnd, in: body, from: from), end - at <= Self.headLimit else {
        throw broken("a part's head does not end")
      }
      let head = end > at ? String(decoding: body[at..<end], as: UTF8.self) : ""
      let start = end + headEnd.count
      guard let next = Self.find(lineEnd + delimiter, in: body, from: start) else { throw broken("it ends early") }
      guard fields.count < Self.fieldLimit else {
        throw broken(
          "it has more than \(Self.fieldLimit) fields", remedy: "send a picture, and what else the call takes, no more")
      }
      if let name = Self.name(in: head) {
        // Given twice, it says two things.
        guard self[name] == nil else {
          throw broken(
            "it has \(name.prefix(40)) twice", remedy: "give each name once, and one picture with a call")
        }
        fields.append((name, body[start..<next]))
      }
      at = next + lineEnd.count
    }
  }

  /// Of 'Content-Disposition: form-data; name="image"; filename="…"'.
  private static func name(in head: String) -> String? {
    for line in head.split(whereSeparator: { $0.isNewline }) {
      let words = line.split(separator: ":", maxSplits: 1)
      guard words.count == 2, words[0].trimmed.lowercased() == "content-disposition" else { continue }
      for part in words[1].split(separator: ";").map({ $0.trimmed }) where part.lowercased().hasPrefix("name=") {
        var value = part.dropFirst(5)
        if value.count >= 2, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
        return String(value)
      }
    }
    return nil
  }

  /// Where `pattern` occurs first; linear for what forms hold, since a boundary's first byte is rare in the rest.
  private static func find(_ pattern: [UInt8], in bytes: [UInt8], from: Int) -> Int? {
    guard let first = pattern.first, bytes.count >= pattern.count, from <= bytes.count - pattern.count else {
      return nil
    }
    return bytes.withUnsafeBufferPointer { bytes in
      var at = from
      let last = bytes.count - pattern.count
      while at <= last {
        if bytes[at] == first {
          var length = 1
          while length < pattern.count, bytes[at + length] == pattern[length] { length += 1 }
          if length == pattern.count { return at }
        }
        at += 1
      }
      return nil
    }
  }
}

extension StringProtocol {
  /// Without white space at its ends.
  var trimmed: String {
    var text = Substring(self)
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}
