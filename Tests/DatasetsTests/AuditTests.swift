import Datasets
import Foundation
import Images
import Testing

@Suite struct AuditTests {
  @Test func findsWhatIsShared() throws {
    let all = try Datasets.glyphs(classes: 8, each: 5, seed: 1)
    let train = try all.only(classes: ["glyph1", "glyph2", "glyph3", "glyph4"])
    let test = try all.only(classes: ["glyph5", "glyph6", "glyph7", "glyph8"])
    let clean = try Audit(train: train, test: test)
    #expect(clean.isClean)
    #expect(clean.samePairs == 4 * 10 && clean.differentPairs == 20 * 19 / 2 - 40)
    #expect(abs(clean.leastFAR - 10.0 / 150) < 1e-12)
    let leaking = try Audit(train: train, test: all.only(classes: ["glyph4", "glyph5"]))
    #expect(leaking.sharedClasses == ["glyph4"])
    #expect(leaking.identical.count == 5)
    let shared = try all.only(classes: ["glyph4", "glyph5"])
    for twin in leaking.identical {
      #expect(try train.image(twin.train).pixels == shared.image(twin.test).pixels)
    }
  }

  @Test func findsImagesThatWereChangedALittle() throws {
    let train = try Datasets.glyphs(classes: 6, each: 3, seed: 4)
    var images: [PixelImage] = []
    for position in 0..<train.count {
      let image = try train.image(position)
      // Darker, and noise of one grey step: other bytes, the same picture.
      let changed = image.pixels.enumerated().map { $0.offset % 3 == 0 ? $0.element / 5 * 4 : $0.element / 5 * 4 + 1 }
      images.append(
        try #require(PixelImage(width: image.width, height: image.height, channels: 1, pixels: changed)))
    }
    let test = try Dataset(images: images, labels: train.labels, classNames: train.classNames.map { "other " + $0 })
    let audit = try Audit(train: train, test: test)
    #expect(audit.sharedClasses.isEmpty && audit.identical.isEmpty)
    #expect(audit.alike.count == train.count)
    for twin in audit.alike { #expect(twin.train == twin.test) }
    #expect(throws: DatasetError.self) { try Audit(train: train, test: test, limit: 2) }
    #expect(throws: DatasetError.empty(function: "audit")) { try Audit(train: train, test: test.subset([])) }
  }

  /// Fewer pixels than the 16 to a side at which images are compared: each counts, and none is made up.
  @Test func smallImagesAreAlikeOnlyWhereTheyAre() throws {
    let train = try Datasets.glyphs(classes: 6, each: 6, seed: 1)
    let others = try Datasets.glyphs(classes: 6, each: 6, seed: 77)
    let small = try train.resized(height: 8, width: 8)
    for test in [others, try others.resized(height: 8, width: 8), try others.resized(height: 20, width: 12)] {
      #expect(try Audit(train: small, test: test).alike.isEmpty, "\(test.shape)")
      #expect(try Audit(train: train, test: test).alike.isEmpty, "\(test.shape)")
    }
    let audit = try Audit(train: train, test: small)
    #expect(audit.grid == (8, 8))
    #expect(try Audit(train: train, test: others).grid == (16, 16))
  }

  /// The same pictures in another size are found from either side.
  @Test(arguments: [(8, 8), (12, 16), (20, 24), (35, 28)])
  func sizesDoNotHideEqualPictures(_ height: Int, _ width: Int) throws {
    let large = try Datasets.glyphs(classes: 5, each: 4, seed: 3, size: 56)
    let other = try large.resized(height: height, width: width)
    for (train, test) in [(large, other), (other, large)] {
      let alike = try Audit(train: train, test: test).alike
      #expect(alike.count == large.count && alike.allSatisfy { $0.train == $0.test }, "\(alike.map(\.likeness))")
    }
  }

  @Test func taskOnDisk() throws {
    let folder = NSTemporaryDirectory() + "twinbook-task-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func write(_ image: PixelImage, _ path: String) throws {
      let header = Data("P5 \(image.width) \(image.height) 255\n".utf8)
      try writeData(header + Data(image.pixels), path)
    }
    func writeText(_ text: String, _ path: String) throws { try writeData(Data(text.utf8), path) }
    func writeData(_ data: Data, _ path: String) throws {
      let parent = (path as NSString).deletingLastPathComponent
      try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
      try data.write(to: URL(fileURLWithPath: path))
    }
    let glyphs = try Datasets.glyphs(classes: 3, each: 2, seed: 2, size: 20)
    for run in ["run01", "run02"] {
      var lines: [String] = []
      for label in 0..<3 {
        try write(glyphs.image(2 * label), "\(folder)/\(run)/training/class0\(label + 1).pgm")
        try write(glyphs.image(2 * label + 1), "\(folder)/\(run)/test/item0\(label + 1).pgm")
        lines.append("\(run)/test/item0\(label + 1).pgm \(run)/training/class0\(label + 1).pgm")
      }
      try writeText(lines.joined(separator: "\n") + "\n", "\(folder)/\(run)/class_labels.txt")
    }
    let task = try Datasets.oneShotTask(folder)
    #expect(task.runs.map(\.name) == ["run01", "run02"])
    #expect(task.images.count == 12 && task.images.shape == [1, 20, 20])
    for run in task.runs {
      #expect(run.questions.map(\.answer) == [0, 1, 2])
      for (question, label) in zip(run.questions, 0..<3) {
        #expect(try task.images.image(question.image).pixels == glyphs.image(2 * label + 1).pixels)
        #expect(try task.images.image(run.references[question.answer]).pixels == glyphs.image(2 * label).pixels)
      }
    }
    try writeText("run02/test/item01.pgm\n", "\(folder)/run02/class_labels.txt")
    #expect(
      throws: DatasetError.badTask(
        path: "\(folder)/run02/class_labels.txt",
        reason: "line 1 does not name a question and its answer: “run02/test/item01.pgm”")
    ) { try Datasets.oneShotTask(folder) }
    #expect(throws: DatasetError.self) { try Datasets.oneShotTask(folder + "/run01/test") }
  }
}
