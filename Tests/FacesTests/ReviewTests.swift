import Files
import Foundation
import Images
import TestSupport
import Testing

@testable import FaceDetection
@testable import Faces

@Suite struct ReviewTests {
  static func hashes(_ count: Int) -> [PerceptualHash] {
    var random = FuzzRandom(state: 2)
    return (0..<count).map { _ in PerceptualHash(bits: random.next()) }
  }

  /// Two clusters; the last of the first class stands in the second's place.
  static let files = ["a/1", "a/2", "a/3", "a/4", "b/1", "b/2", "b/3", "c/1"]
  static let vectors: [[Float]] = [[0, 0], [1, 0], [0, 1], [10, 10], [10, 11], [11, 10], [11, 11], [5, 5]]

  static func review(
    dropped: Set<Int> = [], hashes: [PerceptualHash]? = nil, pixels: [[Float]]? = nil
  ) throws -> FolderReview {
    try FolderReview(
      files: files, classNames: files.map { String($0.prefix(1)) }, vectors: vectors,
      hashes: hashes ?? Self.hashes(files.count),
      pixels: pixels ?? files.map { _ in [1, 0] }, dropped: dropped)
  }

  /// Two gratings, one across the other, in one black frame: the frame is no reason to take one for the other.
  @Test func aFrameMakesNoDoubles() throws {
    func look(across: Bool, brighter: Int = 0) throws -> FolderReview.Look {
      let pixels = (0..<(96 * 96)).map { place -> UInt8 in
        let (x, y) = (place % 96, place / 96)
        guard (20..<90).contains(x), (6..<70).contains(y) else { return 0 }
        return UInt8(110 + brighter + ((across ? x * 9 + y : y * 9 + x) / 64) % 12)
      }
      return try FolderReview.Look(try #require(PixelImage(width: 96, height: 96, channels: 1, pixels: pixels)))
    }
    let looks = [
      try look(across: true), try look(across: false), try look(across: true, brighter: 9),
    ]
    let review = try FolderReview(
      files: ["a/1", "b/1", "c/1"], classNames: ["a", "b", "c"], vectors: [[0], [1], [2]], hashes: looks.map(\.hash),
      pixels: looks.map(\.pixels), dropped: [])
    #expect(review.groups == [[0, 2]])
  }

  @Test func theOddOneComesFirst() throws {
    let review = try Self.review()
    #expect(review.ranked.first == 3)
    #expect(review.items[3].nearer == "b")
    #expect(review.items[0].nearer == nil)
    // By hand: the means of the others are (11/3, 11/3), (10/3, 11/3), (11/3, 10/3) and (1/3, 1/3).
    let distances = [
      (2 * (11.0 / 3) * (11.0 / 3)).squareRoot(), ((7.0 / 3) * (7.0 / 3) + (11.0 / 3) * (11.0 / 3)).squareRoot(),
      ((11.0 / 3) * (11.0 / 3) + (7.0 / 3) * (7.0 / 3)).squareRoot(), (2 * (29.0 / 3) * (29.0 / 3)).squareRoot(),
    ]
    let median = distances.sorted()[2]
    for index in 0..<4 {
      let oddness = try #require(review.items[index].oddness)
      #expect(abs(oddness - distances[index] / median) < 1e-9)
    }
    // A class of one cannot be compared with itself.
    #expect(review.items[7].oddness == nil && !review.ranked.contains(7))
  }

  @Test func whatIsDroppedDoesNotCount() throws {
    let review = try Self.review(dropped: [3])
    #expect(review.items[3].isDropped && !review.ranked.contains(3))
    // The others of its class are compared without it: all near now.
    #expect(review.items[0..<3].allSatisfy { ($0.oddness ?? 9) < 1.5 })
  }

  @Test func nearDuplicatesAreGroupedByChains() throws {
    var hashes = Self.hashes(8)
    // 0 and 4 differ in 5 bits, 4 and 6 in 5 others: one group, although 0 and 6 differ in 10.
    hashes[4] = PerceptualHash(bits: hashes[0].bits ^ 0b11111)
    hashes[6] = PerceptualHash(bits: hashes[4].bits ^ 0b1_1111_0000_0000)
    #expect(try Self.review(hashes: hashes).groups == [[0, 4, 6]])
    #expect(try Self.review(hashes: hashes).repeats == [4, 6])
    #expect(try Self.review(dropped: [4], hashes: hashes).groups.isEmpty)
    #expect(try Self.review().groups.isEmpty)
    // Hashes alike, pixels not: 6 stands alone.
    var pixels = Self.files.map { _ in [Float](arrayLiteral: 1, 0) }
    pixels[6] = [0.6, 0.8]
    #expect(try Self.review(hashes: hashes, pixels: pixels).groups == [[0, 4]])
  }

  @Test func equalPicturesOfAClassAreNotOdd() throws {
    let review = try FolderReview(
      files: ["a/1", "a/2", "a/3"], classNames: ["a", "a", "a"], vectors: [[1], [1], [1]], hashes: Self.hashes(3),
      pixels: [[Float]](repeating: [1], count: 3),
      dropped: [])
    #expect(review.items.map(\.oddness) == [1, 1, 1])
    #expect(
      try FolderReview(files: [], classNames: [], vectors: [], hashes: [], pixels: [], dropped: []).ranked.isEmpty)
  }

  @Test func pixelsAreEvened() throws {
    let image = try NetworkTests.noise(3, width: 40, height: 40, channels: 1)
    let brighter = try #require(
      PixelImage(width: 40, height: 40, channels: 1, pixels: image.pixels.map { $0 / 2 + 100 }))
    let (a, b) = (try FolderReview.pixels(image), try FolderReview.pixels(brighter))
    #expect(a.count == 1024 && zip(a, b).allSatisfy { abs($0 - $1) < 0.01 })
    #expect(abs(a.reduce(0) { $0 + $1 * $1 } - 1) < 1e-4)
  }

  @Test func theSheetShowsLabelsAsText() throws {
    let place = ExtractionTests.Place()
    defer { place.end() }
    let evil = "<script>alert(1)<\u{2215}script>\"'&"
    try FileSystem.makeFolder(place.folder + "/" + evil)
    let file = evil + "/a{b}.png"
    try NetworkTests.noise(3, width: 300, height: 200).write(to: place.folder + "/" + file)
    let review = try FolderReview(
      files: [file], classNames: [evil], vectors: [[0]], hashes: Self.hashes(1),
      pixels: [[Float]](repeating: [1], count: 1), dropped: [0])
    let page = try ContactSheet.html(review, folder: place.folder, shown: "</script><b>")
    #expect(!page.contains("<script>alert") && !page.contains("</script><b>"))
    #expect(page.contains("&lt;script&gt;alert(1)&lt;\u{2215}script&gt;&quot;&#39;&amp;"))
    #expect(page.contains("const folder = \"\\u003c/script\\u003e\\u003cb\\u003e\""))
    #expect(page.contains("aria-pressed=\"true\"") && page.contains("data:image/jpeg;base64,/9j/"))
    #expect(page.components(separatedBy: "<script>").count == 2 && !page.contains("http:"))
  }

  @Test func aSelectionIsAFolderOfItsOwn() throws {
    let place = ExtractionTests.Place()
    defer { place.end() }
    for file in Self.files {
      try FileSystem.makeFolder(FileSystem.parent(of: place.folder + "/all/" + file))
      try FileSystem.write(file, to: place.folder + "/all/" + file)
    }
    #expect(try Selection.copy(try Self.review(), from: place.folder + "/all", into: place.folder + "/some").count == 8)
    #expect(
      try Selection.copy(try Self.review(dropped: [3]), from: place.folder + "/all", into: place.folder + "/some").count
        == 7)
    #expect(!FileSystem.exists(place.folder + "/some/a/4") && FileSystem.exists(place.folder + "/all/a/4"))
    #expect(try FileSystem.readText(place.folder + "/some/b/3") == "b/3")
    let lines = try FileSystem.readText(place.folder + "/some/review.csv").split(whereSeparator: \.isNewline)
    #expect(lines.count == 9 && lines[4].hasPrefix("a/4,a,no,"))
    #expect(throws: FacesError.self) {
      try Selection.copy(try Self.review(), from: place.folder + "/all", into: place.folder + "/all/b")
    }
  }

  @Test func fieldsOfTablesAreQuoted() throws {
    #expect(CSV.cell("a,b") == "\"a,b\"" && CSV.cell("say \"x\"") == "\"say \"\"x\"\"\"")
    #expect(CSV.cell("=1+1") == "'=1+1" && CSV.cell("plain name.png") == "plain name.png")
  }
}
