import Foundation
import Testing

@testable import Datasets

/// What Tab offers inside `images("…")` and `fetch("…")`.
@Suite struct NameCompletionTests {
  private let data: String
  private let cache: String

  init() throws {
    let folder = NSTemporaryDirectory() + "twinbook-names-\(UUID().uuidString)"
    (data, cache) = (folder + "/data", folder + "/cache")
    for path in [data + "/faces/anna", data + "/omniglot", data + "/.hidden", cache + "/omniglot"] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    for path in [data + "/notes.txt", data + "/fonts.zip", cache + "/omniglot/images_background_small1.zip"] {
      try "".write(toFile: path, atomically: true, encoding: .utf8)
    }
  }

  private func names(_ partial: String, absent: Bool = false) -> [String] {
    Datasets.names(beginning: partial, absent: absent, dataFolder: data, cacheFolder: cache)
  }

  @Test func whatIsThere() {
    #expect(names("") == ["faces", "fonts", "omniglot", "omniglot_small1"])
    #expect(names("f") == ["faces", "fonts"])
    #expect(names("faces/") == ["faces/anna"])
    #expect(names("omniglot/im") == ["omniglot/images_background_small1"])
    #expect(names("omniglot_") == ["omniglot_small1"])
    #expect(names("/") == [] && names("../") == [] && names("~") == [])
    try? FileManager.default.removeItem(atPath: (data as NSString).deletingLastPathComponent)
  }

  @Test func whatCanBeFetched() {
    #expect(names("omniglot_", absent: true).count == 4)
    #expect(names("att", absent: true) == ["att_faces"])
    #expect(Datasets.names(beginning: "att", absent: true, dataFolder: nil, cacheFolder: "/nowhere") == ["att_faces"])
    #expect(Datasets.names(beginning: "att", absent: false, dataFolder: nil, cacheFolder: "/nowhere") == [])
    try? FileManager.default.removeItem(atPath: (data as NSString).deletingLastPathComponent)
  }
}
