import Foundation
import Images
import TestSupport
import Testing

@testable import Datasets

/// Datasets that become one, and classes that are made of others: nothing of either is dropped, or taken twice, silently.
@Suite struct JoiningTests {
  private let data = Result { try Datasets.glyphs(classes: 3, each: 2, seed: 1, size: 16) }
  private let other = Result { try Datasets.glyphs(classes: 3, each: 2, seed: 2, size: 16) }

  private func words(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing"
    } catch {
      let explanation = (error as? DatasetError)?.explanation
      return [explanation?.message, explanation?.help].compactMap { $0 }.joined(separator: "; ")
    }
  }

  /// Saved before: two classes of one name, which trapped.
  @Test func whatWasTurnedIsNotTurnedAgain() throws {
    let data = try data.get()
    #expect(throws: DatasetError.namesMeet(function: "mirrors", name: "glyph1@mirror")) {
      try data.mirrors().mirrors()
    }
    #expect(throws: DatasetError.namesMeet(function: "rotations", name: "glyph1@90")) {
      try data.rotations().rotations()
    }
    #expect(throws: DatasetError.namesMeet(function: "rotations", name: "glyph1@90")) {
      try data.rotations().mirrors().rotations()
    }
    // Of another name, whatever the name looks like.
    let turned = try data.rotations().filter { $1 == "glyph1@90" }
    #expect(try turned.rotations().classNames.last == "glyph1@90@270")
    for made in [try data.mirrors().rotations(), try data.rotations().mirrors()] {
      #expect(Set(made.classNames).count == 24)
    }
    let said = words { _ = try data.mirrors().mirrors() }
    #expect(said.contains("a second class “glyph1@mirror”: the classes were mirrored before; call it once"), "\(said)")
  }

  /// A folder may hold the classes that an earlier program turned.
  @Test func whatWasTurnedAndSavedIsNotTurnedAgain() throws {
    let folder = try TemporaryFolder()
    try data.get().rotations().write(to: folder.path + "/turned")
    let read = try Datasets.load(folder.path + "/turned")
    #expect(read.classNames.count == 12)
    #expect(throws: DatasetError.self) { try read.rotations() }
  }

  @Test func preparedAlikeIsJoined() throws {
    let (a, b) = (try data.get(), try other.get())
    #expect(try a.concatenated(with: b).count == 12)
    #expect(try a.inverted().concatenated(with: b.inverted()).preprocessing.steps == [.invert])
    let normalised = try a.normalised(mean: 0.5, deviation: 0.25)
    #expect(try normalised.concatenated(with: b.normalised(mean: 0.5, deviation: 0.25)).preprocessing.mean == 0.5)
    // Brought to the shape that the other had from the beginning.
    let large = try Datasets.glyphs(classes: 3, each: 2, seed: 2, size: 32)
    #expect(try a.concatenated(with: large.resized(height: 16, width: 16)).count == 12)
    #expect(try a.inverted().concatenated(with: large.resized(height: 16, width: 16).inverted()).count == 12)
  }

  @Test func preparedDifferentlyIsNot() throws {
    let (a, b) = (try data.get(), try other.get())
    let large = try Datasets.glyphs(classes: 3, each: 2, seed: 2, size: 32)
    for (one, two) in [
      (a, try b.inverted()), (try a.inverted(), b), (try a.normalised(), try b.normalised()),
      (a, try b.normalised(mean: 0, deviation: 0.5)), (a, try large.cropped(top: 0, left: 0, height: 16, width: 16)),
      (a, try large.halved()),
    ] {
      #expect(words { _ = try one.concatenated(with: two) }.hasPrefix("+ joins datasets that are prepared alike; "))
    }
    #expect(throws: DatasetError.shapesDiffer(function: "+", [1, 16, 16], [1, 32, 32])) {
      try a.inverted().concatenated(with: large)
    }
    // Pixels alone: what an audit looks at.
    #expect(try a.pooled(with: b.inverted()).count == 12)
  }

  @Test func augmentedDifferentlyIsNot() throws {
    let (a, b) = (try data.get(), try other.get())
    var turned = Augmentation()
    turned.rotate = 10
    var noisy = Augmentation()
    (noisy.noise, noisy.flip, noisy.chance) = (0.5, true, 0.5)
    #expect(try a.augmented(turned).concatenated(with: b.augmented(turned)).augmentation == turned)
    for (one, two) in [(nil, turned), (turned, nil), (turned, noisy)] as [(Augmentation?, Augmentation?)] {
      #expect(throws: DatasetError.self) { try a.augmented(one).concatenated(with: b.augmented(two)) }
    }
    let said = words { _ = try a.concatenated(with: b.augmented(noisy)) }
    #expect(
      said.hasPrefix(
        "+ joins datasets that training augments alike; these have no augmentation and "
          + "augment(noise=0.5, flip=true, chance=0.5); join them first"), "\(said)")
  }

  /// A mean that was taken away belongs to the pixels before they are inverted.
  @Test func invertComesBeforeNormalise() throws {
    let data = try data.get()
    #expect(words { _ = try data.normalised().inverted() }.contains("data.invert().normalise()"))
    #expect(throws: DatasetError.self) { try data.normalised(mean: 0.4, deviation: 0.2).inverted() }
    #expect(try data.normalised(mean: 0.5, deviation: 0.5).inverted().preprocessing.mean == 0.5)
    #expect(try data.normalised(mean: 0, deviation: 0.1).inverted().preprocessing.deviation == 0.1)
    #expect(try abs(data.inverted().normalised().tensor().values.reduce(0, +)) < 1)
  }

  @Test func numbersInWords() throws {
    let data = try data.get()
    #expect(
      words { _ = try data.normalised(mean: .nan, deviation: 1) }
        == "normalise needs a mean that is a finite number, got nan")
    #expect(words { _ = try data.normalised(mean: 0, deviation: 0) }.contains("a deviation greater than 0"))
    let one = try Datasets.glyphs(classes: 1, each: 5, seed: 1, size: 8)
    #expect(
      words { _ = try one.split(classes: 1, seed: 1) }.hasPrefix(
        "split(classes=) needs 2 classes or more, one for each side, and the dataset has 1"))
    #expect(
      words { _ = try data.split(classes: 3, seed: 1) }.contains("between 1 and 2 for a dataset of 3 classes, got 3"))
    #expect(try Audit(train: data, test: data, limit: -1).limit == -1)
    #expect(words { _ = try Audit(train: data, test: data, limit: -1.5) }.contains("between -1 and 1"))
  }
}
