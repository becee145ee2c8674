/// What a request carries: one picture as it is, or a form.
struct Upload {
  private let body: [UInt8]
  private let form: MultipartForm?

  init(_ body: [UInt8], _ request: HTTPHead) throws {
    self.body = body
    let type = request["content-type"] ?? ""
    if let boundary = MultipartForm.boundary(type) {
      form = try MultipartForm(body, boundary: boundary)
    } else {
      guard !type.lowercased().hasPrefix("multipart/") else {
        throw RequestProblem(400, "broken-form", "the form names no boundary", remedy: "send multipart/form-data")
      }
      form = nil
    }
  }

  /// The picture's bytes.
  /// - Parameter field: nil: the body itself where it is no form, else the form's "image".
  func picture(_ field: String? = nil) throws -> [UInt8] {
    if let form {
      guard let bytes = form[field ?? "image"], !bytes.isEmpty else { throw missing(field) }
      return Array(bytes)
    }
    guard field == nil, !body.isEmpty else { throw missing(field) }
    return body
  }

  func text(_ field: String) -> String? { form?.text(field) }

  private func missing(_ field: String?) -> RequestProblem {
    guard let field else { return .noImage }
    return RequestProblem(
      400, "no-image", "the request has no picture \"\(field)\" in it",
      remedy: "send a form (multipart/form-data) with the fields \"a\" and \"b\"")
  }
}
