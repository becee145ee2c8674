import FuzzSupport
import Gallery

@testable import Server

/// Galleries, and the heads of requests to their page.
public enum GalleryReader: String, FuzzedReader {
  case gallery, http

  public func read(_ bytes: [UInt8]) {
    switch self {
    case .gallery: _ = try? ReferenceGallery.decoded(bytes, path: "x.gallery")
    case .http: _ = try? HTTPHead(bytes)
    }
  }
}
