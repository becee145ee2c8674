import CZip
import Files
import Foundation
import Images
import TestSupport
import Testing

@testable import Datasets

@Test func namesStandInNaturalOrder() {
  #expect(
    ["s10", "s2", "s1", "S3", "a/character02", "a/character10", "s02"].sorted(by: naturallyBefore)
      == ["S3", "a/character02", "a/character10", "s1", "s02", "s2", "s10"])
}

@Test func glyphsAreTheSameBitsAndDoNotChangeWithTheirNumber() throws {
  let first = try Datasets.glyphs(classes: 6, each: 5, seed: 3)
  let again = try Datasets.glyphs(classes: 6, each: 5, seed: 3)
  let more = try Datasets.glyphs(classes: 9, each: 5, seed: 3)
  #expect(first.store.pixels == again.store.pixels)
  #expect(Array(more.store.pixels.prefix(first.store.pixels.count)) == first.store.pixels)
  #expect(try Datasets.glyphs(classes: 6, each: 5, seed: 4).store.pixels != first.store.pixels)
  // Ink on white in every image.
  for index in 0..<first.count {
    let pixels = try first.image(index).pixels
    #expect(pixels.contains { $0 < 160 })
    #expect(pixels.filter { $0 > 250 }.count > 300)
  }
  #expect(throws: DatasetError.self) { try Datasets.glyphs(classes: 0, each: 5, seed: 1) }
}

@Test func splitsAreDisjointSeededAndInOrder() throws {
  let data = try Datasets.glyphs(classes: 20, each: 3, seed: 1, size: 8)
  let (a, b) = try data.split(classes: 13, seed: 5)
  #expect(a.classNames.count == 13 && b.classNames.count == 7)
  #expect(Set(a.classNames).isDisjoint(with: b.classNames))
  #expect(a.classNames == a.classNames.sorted(by: naturallyBefore))
  #expect(b.classNames == b.classNames.sorted(by: naturallyBefore))
  #expect(try data.split(classes: 13, seed: 5).0.classNames == a.classNames)
  #expect(try data.split(classes: 13, seed: 6).0.classNames != a.classNames)
  let (c, d) = try data.split(classes: ["glyph2", "glyph1"])
  #expect(c.classNames == ["glyph1", "glyph2"] && d.count == 54)
  for count in [0, 20, -1] {
    #expect(throws: DatasetError.badClassCount(asked: count, available: 20)) { try data.split(classes: count, seed: 1) }
  }
  let (e, f) = try data.split(fraction: 0.67, seed: 1)
  #expect(e.count == 40 && f.count == 20 && !e.warnings.isEmpty)
  #expect(throws: DatasetError.badFraction(1.5)) { try data.split(fraction: 1.5, seed: 1) }
}

@Test func preparationIsRememberedAndFillsAlike() throws {
  let data = try Datasets.glyphs(classes: 3, each: 2, seed: 1, size: 20)
  let small = try data.resized(height: 10, width: 12).inverted().normalised()
  #expect(small.preprocessing.steps == [.resize(height: 10, width: 12), .invert])
  let all = try small.tensor()
  #expect(all.shape == [6, 1, 10, 12])
  let query = try small.prepare(data.image(4))
  #expect(query.values == Array(all.values[480..<600]))
  #expect(throws: DatasetError.self) {
    try data.prepare(PixelImage(width: 3, height: 3, channels: 1, pixels: Array(repeating: 0, count: 9))!)
  }
  let codec = try JSONDecoder().decode(Preprocessing.self, from: JSONEncoder().encode(small.preprocessing))
  #expect(codec == small.preprocessing)
}

/// One kind of change at a time, against what it must do.
@Test func eachAugmentationDoesWhatItSays() throws {
  let size = 32
  // A dark square of 8 in the middle of white.
  var pixels = [UInt8](repeating: 255, count: size * size)
  for row in 12..<20 { for column in 12..<20 { pixels[row * size + column] = 0 } }
  let image = try #require(PixelImage(width: size, height: size, channels: 1, pixels: pixels))
  let data = try Dataset(images: [image], labels: [0], classNames: ["square"])
  let plain = try data.tensor().values
  func ink(_ values: [Float]) -> Float { values.reduce(0) { $0 + 1 - $1 } }
  func changed(_ set: (inout Augmentation) -> Void, seed: UInt64) throws -> [Float] {
    var augmentation = Augmentation()
    set(&augmentation)
    #expect(!augmentation.isNone)
    return try data.augmented(augmentation).tensor(items: [0], seed: seed).values
  }
  var seen = Set<Int>()
  for seed in 0..<20 {
    let seed = UInt64(seed)
    // Blur keeps the ink and spreads it.
    let soft = try changed({ $0.blur = 2 }, seed: seed)
    #expect(abs(ink(soft) - 64) < 0.5)
    #expect(soft.count { $0 < 0.999 } >= 64)
    // A window of at least 0.6 of the sides shows the square at 8 to 13.4 pixels a side.
    let cropped = try changed({ $0.crop = 0.4 }, seed: seed)
    #expect(ink(cropped) > 60 && ink(cropped) < 64 / 0.36 + 20)
    // Thickness: a ring of a pixel at most, more or less.
    let thick = ink(try changed({ $0.thickness = 1 }, seed: seed))
    #expect(thick >= 6 * 6 - 0.1 && thick <= 64 + 4 * 8 + 0.1)
    seen.insert(thick > 64 ? 1 : 0)
    // Turning and moving keep the ink; shear and scale change it within their bounds.
    #expect(abs(ink(try changed({ $0.rotate = 30 }, seed: seed)) - 64) < 3)
    #expect(abs(ink(try changed({ $0.shift = 4 }, seed: seed)) - 64) < 1)
    let scaled = ink(try changed({ $0.scale = 0.2 }, seed: seed))
    #expect(scaled > 64 * 0.64 - 4 && scaled < 64 * 1.44 + 4)
    #expect(try changed({ $0.flip = true }, seed: seed) == plain)
    #expect(try changed({ $0.elastic = 1 }, seed: seed) != plain)
    let noisy = try changed({ $0.noise = 0.05 }, seed: seed)
    #expect(noisy != plain && noisy.allSatisfy { $0 >= 0 && $0 <= 1 })
    let holed = try changed({ $0.cutout = 0.5 }, seed: seed)
    #expect(holed.count { abs($0 - Float(960) / 1024) < 0.01 } == 256)
  }
  #expect(seen == [0, 1])
}

@Test func augmentationDependsOnSeedAlone() throws {
  var augmentation = Augmentation()
  (augmentation.rotate, augmentation.shift, augmentation.elastic, augmentation.noise) = (10, 2, 1, 0.02)
  (augmentation.cutout, augmentation.thickness, augmentation.flip) = (0.2, 1, true)
  (augmentation.crop, augmentation.blur) = (0.2, 0.7)
  let data = try Datasets.glyphs(classes: 3, each: 4, seed: 1).augmented(augmentation)
  let one = try data.tensor(items: Array(0..<12), seed: 7).values
  #expect(try data.tensor(items: Array(0..<12), seed: 7).values == one)
  #expect(try data.tensor(items: Array(0..<12), seed: 8).values != one)
  #expect(one.allSatisfy { $0 >= 0 && $0 <= 1 })
  #expect(try data.tensor().values != one)
  #expect(try data.rotations().classNames.count == 12)
}

/// Every way of seeing an image, as a single image, in a batch, and joined to another dataset; turned after being mirrored
/// and mirrored after being turned.
@Test func turnedAndMirroredClasses() throws {
  let random = (0..<36 * 2).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 / 5) }
  let images = (0..<2).compactMap {
    PixelImage(width: 6, height: 6, channels: 1, pixels: Array(random[$0 * 36..<($0 + 1) * 36]))
  }
  let data = try Dataset(images: images, labels: [0, 1], classNames: ["a", "b"])
  let seen = try data.mirrors().rotations()
  #expect(
    seen.classNames.prefix(6) == ["a", "b", "a@mirror", "b@mirror", "a@90", "b@90"] && seen.classNames.count == 16)
  let joined = try seen.concatenated(with: data.rotations().mirrors())
  let rows = try joined.tensor().values
  for (position, item) in joined.items.enumerated() {
    var expected = images[position % 2].rotated(quarters: 0)
    let place = position % 16
    if position < 16 {
      if place % 4 >= 2 { expected = expected.flipped() }
      expected = expected.rotated(quarters: place / 4)
    } else {
      expected = expected.rotated(quarters: place % 8 / 2)
      if place >= 8 { expected = expected.flipped() }
    }
    #expect(try joined.image(position) == expected, "\(position)")
    #expect(rows[position * 36..<(position + 1) * 36].map { UInt8(($0 * 255).rounded()) } == expected.pixels)
    #expect(joined.classNames[Int(item.label)].hasPrefix(position % 2 == 0 ? "a" : "b"))
  }
}

/// A folder of class folders, removed at the end of the test.
final class Folder {
  let path = FileManager.default.temporaryDirectory.appending(path: "twinbook-\(UUID().uuidString)").path
  func put(_ name: String, _ bytes: [UInt8]) throws {
    try FileSystem.makeFolder(FileSystem.parent(of: path + "/" + name))
    // Without FileSystem's fsync: ten thousand of them take minutes.
    try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }
}

@Test func foldersOfFolders() throws {
  let folder = Folder()
  let images = try Datasets.glyphs(classes: 1, each: 6, seed: 1)
  for index in 0..<6 {
    try folder.put("Greek/character\(index % 2 + 1)/\(index).png", try images.image(index).encodePNG())
  }
  try folder.put("Latin/b/1.pgm", try images.image(0).encodeNetpbm())
  try folder.put("Latin/b/notes.txt", Array("hello".utf8))
  try folder.put("Latin/b/2.png", Array(try images.image(1).encodePNG().prefix(60)))
  let data = try Datasets.load(folder.path, dataFolder: nil)
  #expect(data.classNames == ["Greek/character1", "Greek/character2", "Latin/b"])
  #expect(data.groups == ["Greek", "Latin"])
  #expect(try data.group("Greek").count == 6)
  #expect(data.broken.map(\.file) == ["Latin/b/2.png"])
  #expect(data.warnings.count == 2)
  #expect(throws: DatasetError.noSuchClass(name: "Greek/charcter1", near: "Greek/character1", count: 3)) {
    try data.members(of: "Greek/charcter1")
  }
  try folder.put("Latin/b/3.png", try images.image(0).resized(width: 9, height: 8).encodePNG())
  #expect(throws: DatasetError.self) { try Datasets.load(folder.path, dataFolder: nil) }
  #expect(try Datasets.load(folder.path, size: (12, 12), dataFolder: nil).shape == [1, 12, 12])
  let empty = Folder()
  try empty.put("a/readme.txt", [65])
  #expect(throws: DatasetError.self) { try Datasets.load(empty.path, dataFolder: nil) }
  #expect(throws: DatasetError.self) { try Datasets.load(folder.path + "x", dataFolder: nil) }
}

private let sharedData = FileSystem.environment("TWINBOOK_DATA")

@Test(.enabled(if: sharedData != nil, "set TWINBOOK_DATA to the folder with att_faces and omniglot"))
func dataAtHand() throws {
  let faces = try Datasets.load("att_faces")
  #expect(faces.count == 400 && faces.classNames.count == 40 && faces.shape == [1, 112, 92])
  #expect(faces.classNames[9] == "s10")
  let characters = try Datasets.load("omniglot_small1")
  #expect(characters.count == 136 * 20 && characters.groups.count == 5 && characters.shape == [1, 105, 105])
  #expect(characters.classNames[0] == "Balinese/character01")
  // Damaged zips: never a trap.
  let path = try Datasets.resolve("omniglot_small1")
  let bytes = try FileSystem.read(path)
  let folder = Folder()
  var random = FuzzRandom(state: 4)
  for round in 0..<4 {
    var damaged = Array(bytes.prefix(60_000) + bytes.suffix(20_000 * (round % 2)))
    damaged[random.below(damaged.count)] ^= 0x55
    try folder.put("x.zip", damaged)
    _ = try? Datasets.load(folder.path + "/x.zip", dataFolder: nil)
  }
}

/// TWINBOOK_LOOK=folder writes montages to look at.
@Test(.enabled(if: FileSystem.environment("TWINBOOK_LOOK") != nil, "writes pictures to look at"))
func lookAtGlyphs() throws {
  let folder = FileSystem.environment("TWINBOOK_LOOK") ?? "."
  func sheet(_ data: Dataset, _ name: String) throws {
    let (size, rows, columns) = (data.shape[1], 12, 12)
    var pixels = [UInt8](repeating: 200, count: (size + 2) * columns * (size + 2) * rows)
    for row in 0..<rows {
      for column in 0..<columns {
        let members = data.membersByClass[row * 2 + column / 6]
        let image = try data.image(members[column % 6])
        for y in 0..<size {
          for x in 0..<size {
            pixels[((row * (size + 2) + y) * columns + column) * (size + 2) + x] = image.pixels[y * size + x]
          }
        }
      }
    }
    let image = PixelImage(width: (size + 2) * columns, height: (size + 2) * rows, channels: 1, pixels: pixels)
    try image?.write(to: folder + "/" + name)
  }
  try sheet(try Datasets.glyphs(classes: 24, each: 6, seed: 2, size: 50), "glyphs.png")
  let start = ContinuousClock.now
  let many = try Datasets.glyphs(classes: 1000, each: 20, seed: 2, size: 28)
  print("1000 × 20 at 28:", ContinuousClock.now - start, many.count)
  let start2 = ContinuousClock.now
  _ = try Datasets.glyphs(classes: 1000, each: 20, seed: 2, size: 105)
  print("1000 × 20 at 105:", ContinuousClock.now - start2)
  if sharedData != nil {
    let start3 = ContinuousClock.now
    let omniglot = try Datasets.load("omniglot_small1")
    print("omniglot small1:", ContinuousClock.now - start3)
    try sheet(try omniglot.resized(height: 50, width: 50), "omniglot.png")
  }
}

/// A class is looked up without going through all images, and gives the same items as going through them.
@Test func classesAreWhatAFilterGives() throws {
  let data = try Datasets.glyphs(classes: 7, each: 4, seed: 2, size: 8).shuffled(seed: 3)
  func filtered(_ names: [String]) throws -> Dataset { data.filter { names.contains($1) } }
  for names in [["glyph3"], ["glyph7", "glyph1"], ["glyph2", "glyph2"], data.classNames] {
    let (found, expected) = (try data.only(classes: names), try filtered(names))
    #expect(found.items == expected.items && found.classNames == expected.classNames)
    #expect(found.membersByClass == expected.membersByClass)
  }
  #expect(throws: DatasetError.self) { try data.only(classes: ["glyph3", "glyph8"]) }
}

@Test func congealingIsRememberedAndTakenOver() throws {
  let all = try Datasets.glyphs(classes: 6, each: 5, seed: 3)
  let known = try all.congealed(like: nil).halved()
  #expect(known.shape == [1, all.shape[1] / 2, all.shape[2] / 2])
  // The same template, whatever was done after it.
  let new = try all.congealed(like: known)
  #expect(new.preprocessing.steps == Array(known.preprocessing.steps.prefix(1)))
  #expect(new.store.pixels != all.store.pixels)
  // A query is moved as the dataset's own images were.
  let query = QueryPreparation(new.preprocessing)
  for index in 0..<new.count {
    #expect(try query.values(all.image(index)) == new.image(index).pixels.map { Float($0) / 255 })
  }
  #expect(throws: DatasetError.notCongealed(name: all.name)) { try all.congealed(like: all) }
  let none = all.filter { _, _ in false }
  #expect(throws: DatasetError.empty(function: "congeal")) { try none.congealed(like: nil) }
}
