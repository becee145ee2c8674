import FuzzSupport
import Gallery
import Glibc

@testable import Server

/// Galleries, and requests to their page.
public enum GalleryReader: String, FuzzedReader {
  case gallery, http

  public func read(_ bytes: [UInt8]) {
    switch self {
    case .gallery: _ = try? ReferenceGallery.decoded(bytes, path: "x.gallery")
    case .http: Self.requests(bytes)
    }
  }

  /// As a connection reads them, one behind the other, with what their bodies hold.
  private static func requests(_ bytes: [UInt8]) {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else { fatalError("no sockets") }
    defer { for end in ends { close(end) } }
    // As much as a socket holds: nobody reads while it is written.
    _ = send(ends[0], bytes, min(bytes.count, 64 << 10), Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
    shutdown(ends[0], Int32(SHUT_WR))
    let limits = ServerLimits()
    let places = BodyPlaces(1)
    var reader = HTTPReader(ends[1])
    for _ in 0..<100 {
      guard let head = try? reader.head(limit: limits.headBytes, line: limits.lineBytes, seconds: 1),
        let request = try? HTTPHead(head)
      else { return }
      var body = IncomingBody(request.framing, limits, places)
      defer { body.leave() }
      guard (try? reader.body(request.framing, limit: 1 << 20, seconds: 1, into: &body)) != nil else { return }
      _ = try? Route(path: request.path)
      _ = HostCheck(host: "127.0.0.1").allows(request["host"])
      guard let upload = try? Upload(body.bytes, request) else { continue }
      _ = try? upload.picture()
      _ = try? upload.picture("a")
      _ = try? upload.text("label")
    }
  }
}
