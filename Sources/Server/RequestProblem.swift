import Diagnostics
import Gallery
import Images

/// Why a request is not answered as it wished; told to the client as JSON.
struct RequestProblem: Error, Hashable {
  var status: Int
  /// A fixed word for programs: "too-large".
  var error: String
  var reason: String
  /// What to do.
  var remedy: String
  /// Seconds after which it may be tried again.
  var retryAfter: Int?
  /// Methods that would be taken.
  var allow: String?

  init(_ status: Int, _ error: String, _ reason: String, remedy: String, retryAfter: Int? = nil) {
    self.status = status
    self.error = error
    self.reason = reason
    self.remedy = remedy
    self.retryAfter = retryAfter
  }

  static func notFound(_ path: String) -> RequestProblem {
    RequestProblem(404, "not-found", "there is nothing here", remedy: "/openapi.json says what there is")
  }

  static func wrongMethod(_ method: String, allowed: [String]) -> RequestProblem {
    var problem = RequestProblem(
      405, "wrong-method", "this takes \(allowed.joined(separator: " or ")) only",
      remedy: "/openapi.json says what there is")
    problem.allow = allowed.joined(separator: ", ")
    return problem
  }

  static func tooLarge(limit: Int) -> RequestProblem {
    RequestProblem(
      413, "too-large", "the request has more than \(limit >> 20) MB", remedy: "make the picture smaller first")
  }

  /// What was said is not HTTP, or can be taken in two ways.
  static func malformed(
    _ reason: String, remedy: String = "send it as curl or a browser sends it: in HTTP/1.1, to the letter"
  ) -> RequestProblem {
    RequestProblem(400, "malformed", "the request cannot be understood: \(reason)", remedy: remedy)
  }

  static let headTooLarge = RequestProblem(
    431, "head-too-large", "the request's head is too long", remedy: "send fewer headers, and a shorter address")
  static let tooSlow = RequestProblem(408, "too-slow", "the request did not come in time", remedy: "send it again")
  static let cutOff = RequestProblem(400, "cut-off", "the request ended early", remedy: "send it again")
  static let busy = RequestProblem(
    503, "busy", "too many requests are waiting", remedy: "try again in a moment", retryAfter: 1)
  static let failed = RequestProblem(500, "failed", "something went wrong inside", remedy: "try another picture")
  static let noImage = RequestProblem(
    400, "no-image", "the request has no picture in it",
    remedy: "send the picture's bytes as the body, or as the form's field \"image\"")

  /// A body in JSON, whatever its type says.
  static let json = RequestProblem(
    415, "not-an-image", "the request is JSON, and pictures are not taken from JSON",
    remedy: "send the picture's bytes as the body, or a form (multipart/form-data) with the field \"image\"")

  /// A body in application/x-www-form-urlencoded that no picture can be.
  static let textInPlaceOfPicture = RequestProblem(
    415, "not-an-image",
    "the request's body is no picture: it has no byte 0, 10 or 13, as if it came from a text (curl -d leaves them out)",
    remedy: "curl --data-binary @ann.png sends the bytes as they are, and curl -F image=@ann.png a form")

  /// What is wrong with the place where the gallery is: no fault of who asks, and its name is not theirs to know.
  static func store(_ trouble: StoreTrouble) -> RequestProblem {
    let tell = "tell whoever serves this gallery, in whose log it stands"
    return switch trouble {
    case .unreachable:
      RequestProblem(
        503, "unavailable", "the gallery's database does not answer", remedy: "try again later, or \(tell)",
        retryAfter: 5)
    case .busy:
      RequestProblem(
        503, "unavailable", "another program writes to the gallery", remedy: "try again in a moment", retryAfter: 1)
    case .unwritable(let reason):
      RequestProblem(500, "not-saved", "the gallery cannot be changed: \(reason)", remedy: tell)
    case .unreadable(let reason):
      RequestProblem(500, "failed", "the gallery cannot be asked: \(reason)", remedy: tell)
    }
  }

  static func encoded(_ encoding: String) -> RequestProblem {
    RequestProblem(
      415, "wrong-encoding", "the request's body is packed (Content-Encoding: \(encoding.prefix(40)))",
      remedy: "send the body as it is, without Content-Encoding")
  }

  static let noHost = malformed(
    "its head has no Host", remedy: "send the line \"Host: \" with the address that the server printed when it started")
  static let wrongHost = RequestProblem(
    421, "wrong-host", "this server is not known by the name that was asked for",
    remedy: "use the address that it printed when it started")

  static func wrongToken(_ reason: String) -> RequestProblem {
    RequestProblem(401, "wrong-token", reason, remedy: "send it as \"Authorization: Bearer TOKEN\"")
  }

  static let tooManyGuesses = RequestProblem(
    429, "too-many-guesses", "too many wrong tokens are being tried", remedy: "try again in a moment", retryAfter: 5)

  static let foreignOrigin = RequestProblem(
    403, "foreign-origin", "another site's page may not ask here", remedy: "open this server's own page")

  /// An error that another part threw while it did what was asked, in that part's own words.
  init(_ error: any Error) {
    if let trouble = StoreTrouble(error) {
      self = .store(trouble)
      return
    }
    switch error {
    case let problem as RequestProblem: self = problem
    case let error as ImageError:
      let words = error.explanation
      let otherPicture = "save it again as PNG or JPEG, or take another"
      switch error {
      case .unknownFormat, .otherFormat, .noPicture:
        self.init(415, "not-an-image", words.message, remedy: words.help ?? otherPicture)
      case .tooManyPixels:
        self.init(
          413, "too-many-pixels", words.message, remedy: words.help ?? "make the picture smaller first")
      case .empty: self = .noImage
      default: self.init(422, "broken-image", words.message, remedy: words.help ?? otherPicture)
      }
    case let error as GalleryError:
      self.init(422, "not-possible", error.explanation.message, remedy: error.remedy)
    case let error as any ExplainedError:
      self.init(
        422, "not-possible", error.explanation.message,
        remedy: error.explanation.help ?? "tell whoever serves this gallery")
    case is CancellationError: self = .tooSlow
    default: self = .failed
    }
  }
}
