/// What a request carries: one picture as it is, or a form.
struct Upload {
  private let body: [UInt8]
  private let form: MultipartForm?
  /// Of a body in application/x-www-form-urlencoded.
  private var fields: [String: String] = [:]
  /// That is its type, whatever it holds.
  private let isEncoded: Bool

  /// - Parameter takesPictures: where it does, a body that is no form of parts is a picture whatever it is called: curl's
  ///   `--data-binary @ann.png` calls it application/x-www-form-urlencoded.
  init(_ body: [UInt8], _ request: HTTPHead, takesPictures: Bool = true) throws {
    self.body = body
    let type = request["content-type"] ?? ""
    if let boundary = MultipartForm.boundary(type) {
      isEncoded = false
      form = try MultipartForm(body, boundary: boundary)
    } else {
      guard !type.lowercased().hasPrefix("multipart/") else {
        throw RequestProblem(
          400, "broken-form", "the form names no boundary",
          remedy: "leave the Content-Type to what makes the form: curl -F image=@ann.png")
      }
      form = nil
      isEncoded = type.split(separator: ";").first?.trimmed.lowercased() == "application/x-www-form-urlencoded"
      if !takesPictures, isEncoded {
        // Files end with a line's end; blanks may be a name's.
        guard let whole = String(validating: body, as: UTF8.self) else { throw Self.problem(.notUTF8) }
        var text = Substring(whole)
        while let last = text.last, last.isNewline { text.removeLast() }
        do throws(HTTPHead.FormProblem) {
          fields = try HTTPHead.formFields(text)
        } catch {
          throw Self.problem(error)
        }
      }
    }
  }

  /// Whether it has none of the bytes that `curl -d @ann.png` leaves out, and that each PNG and JPEG has: it is what that
  /// left of a picture, or a form. Pictures that begin with P may do without them.
  private static func isCutToText(_ body: [UInt8]) -> Bool {
    body.first != UInt8(ascii: "P") && !body.contains { $0 == 0 || $0 == 10 || $0 == 13 }
  }

  private static func problem(_ error: HTTPHead.FormProblem) -> RequestProblem {
    RequestProblem(400, "broken-form", "the form \(error.reason)", remedy: error.remedy)
  }

  /// The picture's bytes.
  /// - Parameter field: nil: the body itself where it is no form, else the form's "image".
  func picture(_ field: String? = nil) throws -> [UInt8] {
    if let form {
      guard let bytes = form[field ?? "image"], !bytes.isEmpty else { throw missing(field) }
      return Array(bytes)
    }
    guard field == nil, !body.isEmpty else { throw missing(field) }
    // No format of pictures begins so; a client that sends JSON is not helped by a picture that cannot be read.
    if body.first(where: { ![9, 10, 13, 32].contains($0) }) == UInt8(ascii: "{") { throw RequestProblem.json }
    if isEncoded, Self.isCutToText(body) { throw RequestProblem.textInPlaceOfPicture }
    return body
  }

  func text(_ field: String) throws(RequestProblem) -> String? { try form?.text(field) ?? fields[field] }

  private func missing(_ field: String?) -> RequestProblem {
    guard let field else { return .noImage }
    return RequestProblem(
      400, "no-image", "the request has no picture \"\(field)\" in it",
      remedy: "send a form (multipart/form-data) with the fields \"a\" and \"b\"")
  }
}
