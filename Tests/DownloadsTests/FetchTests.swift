import Diagnostics
import Files
import Foundation
import Images
import Synchronization
import TestSupport
import Testing

@testable import Datasets
@testable import Downloads

@Suite(.enabled(if: Fetcher.library != nil, "libcurl is not installed")) struct FetchTests {
  /// A file of noise, and the set that it is.
  static let content: [UInt8] = {
    var random = FuzzRandom(state: 5)
    return (0..<300_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }()
  static let set = PublicSet(
    name: "noise", path: "noise/noise.zip", address: "http://127.0.0.1:9/never", size: content.count,
    md5: MD5.hex(content), images: 0, classes: 0, attribution: "")

  /// A cache folder of the test's own, and a server with these manners for the file.
  struct Place {
    let server: LoopbackServer
    let folder: String
    var fetcher: Fetcher

    init(_ manners: LoopbackServer.Manner...) throws {
      server = try LoopbackServer(["/noise/noise.zip": manners])
      folder = FileManager.default.temporaryDirectory.appendingPathComponent("fetch-" + UUID().uuidString).path
      fetcher = Fetcher(base: server.base, cacheFolder: folder)
    }

    func end() {
      server.stop()
      try? FileManager.default.removeItem(atPath: folder)
    }

    var files: [String] {
      ((try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []).filter { $0.contains(".") }.sorted()
    }
  }

  /// The words of the error, with the server's address as ADDRESS.
  static func words(_ place: Place, _ set: PublicSet = set) -> String {
    do {
      _ = try place.fetcher.fetch(set)
      return "fetched"
    } catch let error as any ExplainedError {
      let text = error.explanation.message + (error.explanation.help.map { "; " + $0 } ?? "")
      return text.replacingOccurrences(of: place.server.base, with: "ADDRESS")
        .replacingOccurrences(of: place.folder, with: "CACHE")
    } catch { return "\(error)" }
  }

  @Test func sha256DecidesWhereItIsPublished() throws {
    let place = try Place(.whole(Self.content))
    defer { place.end() }
    var set = Self.set
    set.md5 = nil
    set.sha256 = SHA256.hex(Self.content)
    #expect(try place.fetcher.fetch(set) == place.folder + "/noise/noise.zip")
    var other = set
    other.sha256 = String(repeating: "0", count: 64)
    other.path = "noise/noise.zip"
    #expect(Self.words(place, other).contains("has the checksum \(set.sha256 ?? "") where 000000"))
  }

  @Test func comesWholeAndOnce() throws {
    let place = try Place(.whole(Self.content))
    defer { place.end() }
    var last: Fetcher.Progress?
    let path = try place.fetcher.fetch(Self.set, progress: { last = $0 })
    #expect(path == place.folder + "/noise/noise.zip")
    #expect(try FileSystem.read(path) == Self.content)
    #expect(last?.done == Self.content.count && last?.total == Self.content.count)
    #expect(try place.fetcher.fetch(Self.set) == path)
    #expect(place.server.requests == ["/noise/noise.zip"])
    #expect(place.files == ["noise/noise.zip"])
    // A file that was damaged since comes anew.
    try FileSystem.write(Array(Self.content.dropLast()), to: path)
    _ = try place.fetcher.fetch(Self.set)
    #expect(try FileSystem.read(path) == Self.content)
  }

  @Test func cutOffTransfersGoOn() throws {
    let place = try Place(.cutAfter(1000, Self.content), .cutAfter(70_000, Self.content), .whole(Self.content))
    defer { place.end() }
    let path = try place.fetcher.fetch(Self.set)
    #expect(try FileSystem.read(path) == Self.content)
    #expect(
      place.server.requests == ["/noise/noise.zip", "/noise/noise.zip from 1000", "/noise/noise.zip from 71000"])
  }

  @Test func whatCameIsKeptForTheNextCall() throws {
    var place = try Place(.cutAfter(1000, Self.content), .whole(Self.content))
    defer { place.end() }
    place.fetcher.retries = 0
    #expect(
      Self.words(place)
        == "the connection to ADDRESS/noise/noise.zip ended early; fetch again: it goes on after 1000 bytes")
    #expect(place.files == ["noise/noise.zip.part"])
    _ = try place.fetcher.fetch(Self.set)
    #expect(place.server.requests.last == "/noise/noise.zip from 1000")
    #expect(place.files == ["noise/noise.zip"])
  }

  /// A server that ignores the offset, or answers it with other bytes, costs a second transfer and nothing else.
  @Test(arguments: [0, 1]) func badRangesBeginAnew(kind: Int) throws {
    let place = try Place(
      .cutAfter(1000, Self.content), kind == 0 ? .noRanges(Self.content) : .lyingRanges(Self.content))
    defer { place.end() }
    #expect(try FileSystem.read(place.fetcher.fetch(Self.set)) == Self.content)
    #expect(place.files == ["noise/noise.zip"])
  }

  @Test func stoppedTransfersGoOn() throws {
    let place = try Place(.whole(Self.content))
    defer { place.end() }
    #expect(throws: CancellationError.self) {
      try place.fetcher.fetch(Self.set, shouldStop: { true })
    }
    #expect(try FileSystem.read(place.fetcher.fetch(Self.set)) == Self.content)
  }

  @Test func failuresInWords() throws {
    let wrong = Self.content.map { $0 ^ 1 }
    let kept = "the file there has changed, or something between answers in its place"
    for (manner, expected) in [
      (.status(404), "the server of ADDRESS/noise/noise.zip answered 404: there is no such file"),
      (.status(503), "the server of ADDRESS/noise/noise.zip answered 503; try again later"),
      (.circle, "ADDRESS/noise/noise.zip leads in a circle: it redirects again and again"),
      (.huge, "ADDRESS/noise/noise.zip is larger than the 300 kB that it should be; nothing was kept"),
      (.endless, "ADDRESS/noise/noise.zip is larger than the 300 kB that it should be; nothing was kept"),
      (
        .whole(wrong),
        "ADDRESS/noise/noise.zip has the checksum \(MD5.hex(wrong)) where \(Self.set.md5 ?? "") is due; nothing was kept; "
          + kept
      ),
      (
        .whole(Array(Self.content.prefix(5))),
        "ADDRESS/noise/noise.zip has 5 bytes where 300000 are due; nothing was kept; " + kept
      ),
      (
        .whole([]),
        "ADDRESS/noise/noise.zip has 0 bytes where 300000 are due; nothing was kept; " + kept
      ),
      (.silent, "the connection to ADDRESS/noise/noise.zip ended early; fetch again: it goes on after 0 bytes"),
    ] as [(LoopbackServer.Manner, String)] {
      let place = try Place(manner)
      defer { place.end() }
      #expect(Self.words(place) == expected)
      #expect(place.files.isEmpty, "\(expected)")
    }
    for manner in [LoopbackServer.Manner.nonsense, .redirect("file:///etc/passwd")] {
      let place = try Place(manner)
      defer { place.end() }
      let words = Self.words(place)
      #expect(words != "fetched" && words.contains("ADDRESS/noise/noise.zip"))
      #expect(place.files.isEmpty)
    }
  }

  @Test func silenceIsNotWaitedForLong() throws {
    var place = try Place(.stalls(Self.content))
    defer { place.end() }
    place.fetcher.retries = 0
    place.fetcher.slowSeconds = 1
    #expect(
      Self.words(place)
        == "nothing came from ADDRESS/noise/noise.zip for a while; fetch again: it goes on after 10 bytes")
  }

  @Test func noServerAtAll() throws {
    let place = try Place(.silent)
    place.end()
    #expect(
      Self.words(place).hasPrefix("cannot reach ADDRESS/noise/noise.zip: Failed to connect to 127.0.0.1 port"))
  }

  /// A relative cache would be another one in each folder.
  @Test func theCacheStandsInOnePlace() {
    #expect(Fetcher.cacheFolder("/somewhere") == "/somewhere/twinbook")
    for given in [nil, "somewhere", ".", "~/cache"] {
      #expect(Fetcher.cacheFolder(given) == FileSystem.expanded("~/.cache/twinbook"))
    }
  }

  @Test func unwritablePlacesAndTwoAtOnce() throws {
    var place = try Place(.whole(Self.content))
    defer { place.end() }
    let own = place.folder
    place.fetcher.cacheFolder = "/proc/twinbook"
    #expect(throws: FileError.self) { try place.fetcher.fetch(Self.set) }
    place.fetcher.cacheFolder = own
    let (first, second) = (place.fetcher, place.fetcher)
    var seen = "nothing"
    _ = try first.fetch(
      Self.set,
      progress: { _ in
        if seen == "nothing" {
          do { _ = try second.fetch(Self.set) } catch let error as FetchError { seen = error.explanation.message } catch
          {
            seen = "\(error)"
          }
        }
      })
    #expect(seen == "another twinbook is fetching “\(own)/noise/noise.zip.part” just now")
  }

  /// Without a published sum the archive's contents are counted.
  @Test func contentsAreCounted() throws {
    let picture = try #require(PixelImage(width: 2, height: 2, channels: 1, pixels: [0, 1, 2, 3])).encodePNG()
    let zip = storedZip([("s1/1.png", picture), ("s1/2.png", picture), ("s2/1.png", picture), ("README", [65])])
    let place = try Place(.whole(zip))
    defer { place.end() }
    var set = Self.set
    (set.size, set.md5, set.images, set.classes) = (nil, nil, 3, 2)
    #expect(Self.words(place, set) == "fetched")
    set.images = 4
    try FileManager.default.removeItem(atPath: place.folder)
    #expect(
      Self.words(place, set)
        == "ADDRESS/noise/noise.zip is not what it should be: it holds 3 images in 2 folders where 4 in 2 are due; "
        + "nothing was kept; the file there has changed, or something between answers in its place")
  }

  @Test func namesAreFound() throws {
    #expect(try Fetcher.set(named: "omniglot/images_background").name == "omniglot_background")
    #expect(try Fetcher.set(named: "att_faces").classes == 40)
    #expect(
      throws: FetchError.unknown(name: "omniglot_smal1", near: "omniglot_small1", known: PublicSet.names)
    ) {
      try Fetcher.set(named: "omniglot_smal1")
    }
    #expect(Set(PublicSet.all.map(\.name)).count == PublicSet.all.count)
    for set in PublicSet.all {
      #expect(set.md5.map { $0.count == 32 } ?? true)
      #expect((set.sha256 ?? set.picturesSHA256)?.count == 64, "\(set.name) has no SHA-256")
    }
    do {
      _ = try Datasets.resolve("omniglot_evaluation", dataFolder: nil, cacheFolder: "/nowhere")
    } catch { #expect(error.explanation.help == "fetch(\"omniglot_evaluation\") downloads it") }
  }

  /// The real files, where they are at hand: sizes, sums and counts of the catalogue.
  @Test(.enabled(if: Datasets.dataFolder != nil, "TWINBOOK_DATA is not set")) func theCatalogueIsRight() throws {
    let data = try #require(Datasets.dataFolder)
    for set in PublicSet.all {
      guard let bytes = try? FileSystem.read(data + "/" + set.path) else { continue }
      #expect(bytes.count == set.size)
      #expect(MD5.hex(bytes) == set.md5)
      let dataset = try Datasets.load(set.path, dataFolder: data, cacheFolder: "/nowhere")
      #expect(dataset.count == set.images && dataset.classNames.count == set.classes)
    }
  }
}

@Test func hostsOfAddresses() {
  for (address, host) in [
    ("http://Example.org/a", "example.org:80"), ("https://example.org", "example.org:443"),
    ("http://a:8080/x@y", "a:8080"), ("http://user:word@b:1/", "b:1"), ("http://[::1]:8/", "[::1]:8"),
    ("http://[::1]/", "[::1]:80"), ("https://a:/", "a:443"), ("ftp://a/", nil), ("no address", nil), ("http:///x", nil),
    ("http://a:99999/", nil), ("http://a\\@b/", "a:80"),
  ] { #expect(WebAddress.host(of: address) == host, "\(address)") }
  for near in [
    "localhost:80", "a.localhost:80", "127.9.9.9:80", "10.0.0.1:1", "172.31.0.1:1", "localhost.:80", "[::1]:9",
  ] {
    #expect(WebAddress.isNear(near), "\(near)")
  }
  for far in ["example.org:80", "172.32.0.1:1", "8.8.8.8:80", "[2001:db8::1]:80", "127.0.0.1.example.org:80"] {
    #expect(!WebAddress.isNear(far), "\(far)")
  }
}
