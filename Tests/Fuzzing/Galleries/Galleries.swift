import FuzzSupport
import Gallery

@testable import Server

/// Galleries, and the heads of requests to their page.
private enum Reader: String, FuzzedReader {
  case gallery, http

  func read(_ bytes: [UInt8]) {
    switch self {
    case .gallery: _ = try? ReferenceGallery.decoded(bytes, path: "x.gallery")
    case .http: _ = try? HTTPHead(bytes)
    }
  }
}

private let reader = Reader.chosen()

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  reader.read(start, count)
  return 0
}
