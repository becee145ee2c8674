import Foundation
import Sandbox
import ScriptSupport
import StandardLibrary
import TestSupport
import Testing

/// What goes on with a word: a training on pixels that nobody scaled, numbers that do not fit, folders that hold more.
@Suite struct WarningTests {
  private func warnings(_ code: String, in folder: String? = nil) throws -> [String] {
    let run = ScriptRun(steps: 10_000_000)
    if let folder { run.interpreter.context.workingDirectory = folder }
    let (_, error) = run.cell(code)
    #expect(error == nil, "\(code)")
    return run.output.warnings
  }

  @Test(arguments: [
    "net = conv(4, 3) >> relu >> flatten >> dense(4)\nnet(rand(5, 1, 8, 8, seed=1) * 255);",
    "net = flatten >> dense(4)\nnet(tensor([[[[0, 255], [128, 3]]]]));",
    "net = dense(4)\nnet(round(rand(3, 64, seed=1) * 255));",
    """
    net = flatten >> dense(4)
    x = rand(5, 3, 8, 8, seed=1) * 255
    for i in 0..<3 { step(adam(0.001), () -> mean(net(x) ^ 2)) }
    """,
    "u, v = (flatten >> dense(4))(rand(2, 1, 4, 4, seed=1) * 255, rand(2, 1, 4, 4, seed=2) * 255)",
    "pairs(round(rand(4, 2, 1, 8, 8, seed=1) * 255), tensor([1, 0, 1, 0]));",
  ]) func pixelsOfBytesAreNoticed(_ code: String) throws {
    let found = try warnings(code)
    #expect(found.count == 1 && found[0].contains("pixels from 0 to 255") && found[0].contains("/ 255"), "\(found)")
  }

  /// A loop that makes its optimiser anew loses what it remembers; without anything to remember there is nothing to say.
  @Test(arguments: [
    ("for i in 0..<12 { step(adam(0.1), f) }", 1), ("for i in 0..<12 { step(sgd(0.1, momentum=0.9), f) }", 1),
    ("for i in 0..<4 { step(adam(0.1), f) }", 0), ("rule = adam(0.1)\nfor i in 0..<12 { step(rule, f) }", 0),
    ("for i in 0..<12 { step(sgd(0.1), f) }", 0),
    ("rule = adam(0.1)\nfor i in 0..<12 { if i % 4 == 0 { step(rule, f) } else { step(adam(0.1), f) } }", 0),
  ]) func anOptimiserEachTurnIsNoticed(_ loop: String, _ count: Int) throws {
    let found = try warnings("net = dense(2)\nx = rand(3, 4, seed=1)\nf = () -> mean(net(x) ^ 2)\n" + loop)
    #expect(found.count == count && found.allSatisfy { $0.contains("before the loop: rule = ") }, "\(found)")
  }

  private static let people = """
    letters = glyphs(4, 3, seed=1, size=16)
    people = gallery(conv(4, 3) >> flatten >> dense(8))
    people.enroll(letters)
    x = letters[0].tensor

    """

  /// A gallery answers such pixels with somebody, and is surely wrong.
  @Test(arguments: [
    people + "people.query(x * 255);", people + "people.identify(x * 255, threshold=1);",
    people + "people.verify(x * 255, x * 255, threshold=1);", people + "people.verify(x, x * 255, threshold=1);",
    people + "people.enroll(\"bytes\", x * 255)", people + "people.query(letters.tensor * 255);",
    "gallery(flatten >> dense(4)).enroll(\"a\", ones(1, 8, 8) * 255)",
    people + "flat = gallery(flatten)\nflat.enroll(letters)\nflat.identify(x * 255, threshold=1);",
  ]) func aGalleryNoticesPixelsOfBytes(_ code: String) throws {
    let found = try warnings(code)
    #expect(found.count == 1 && found[0].contains("pixels are from 0 to 255"), "\(found)")
    #expect(found.allSatisfy { $0.contains("/ 255") }, "\(found)")
  }

  @Test(arguments: [
    people + "people.query(x); people.identify(x, threshold=1); people.verify(x, x, threshold=1);",
    people + "people.enroll(\"x\", x)",
    people + "people.query(letters[0]); people.enroll(\"more\", letters)",
    // A gallery of bytes alone, and a network that scales what comes in.
    "people = gallery(flatten)\npeople.enroll(\"a\", ones(1, 8, 8) * 255)\npeople.query(ones(1, 8, 8) * 250);",
    "letters = glyphs(4, 3, seed=1)\npeople = gallery(batchnorm >> flatten)\npeople.enroll(letters)\n"
      + "people.query(letters[0].tensor * 255);",
  ]) func aGalleryTakesOtherPixels(_ code: String) throws { #expect(try warnings(code) == []) }

  /// Pixels from 0 to 1, tables of other numbers, and networks that scale what comes in, or came from elsewhere.
  @Test(arguments: [
    "net = conv(4, 3) >> flatten\nnet(rand(5, 1, 8, 8, seed=1));",
    "net = conv(4, 3) >> flatten\nnet(glyphs(2, 2, seed=1));",
    "net = conv(4, 3) >> flatten\nnet(randn(5, 1, 8, 8, seed=1) * 255);",
    "net = batchnorm >> conv(4, 3) >> flatten\nnet(rand(5, 1, 8, 8, seed=1) * 255);",
    "net = dense(4)\nnet(rand(5, 8, seed=1) * 255);",
    "net = dense(4)\nnet(rand(5, 64, seed=1) * 255);",
    "net = conv(4, 3) >> flatten\nnet(rand(5, 1, 8, 8, seed=1)); net(rand(5, 1, 8, 8, seed=1) * 255);",
    "pairs(rand(4, 2, 1, 8, 8, seed=1), tensor([1, 0, 1, 0]));",
    "pairs(glyphs(4, 4, seed=1), 10, seed=1);", "glyphs(4, 4, seed=1).normalise(0.5, 0.25);",
    "glyphs(4, 4, seed=1).normalise();",
  ]) func otherNumbersAreNot(_ code: String) throws {
    #expect(try warnings(code) == [])
  }

  /// The rate has one name everywhere.
  @Test func anAuditSaysFAR() throws {
    let run = ScriptRun(steps: 10_000_000)
    let few = run.cell("audit(glyphs(3, 2, seed=1), glyphs(3, 2, seed=2))")
    #expect(few.error == nil && few.lines.contains { $0.contains("too few to speak of a FAR below") }, "\(few.lines)")
    let many = run.cell("audit(glyphs(3, 2, seed=1, size=8), glyphs(60, 2, seed=2, size=8))")
    #expect(
      many.error == nil && many.lines.contains { $0.hasPrefix("enough pairs to speak of a FAR from") }, "\(many.lines)")
  }

  @Test func meansOfBytesAreNoticed() throws {
    #expect(
      try warnings("glyphs(2, 2, seed=1).normalise(0, 255);") == [
        "normalise: pixels are numbers from 0 to 1 already, and 255 belongs to pixels from 0 to 255; leave normalise out"
      ])
    #expect(
      try warnings("glyphs(2, 2, seed=1).normalise(127.5, 127.5);") == [
        "normalise: pixels are numbers from 0 to 1 already, and 127.5 belongs to pixels from 0 to 255; "
          + "write normalise(0.5, 0.5)"
      ])
    #expect(
      try warnings("glyphs(2, 2, seed=1).normalise(0, 1 / 255);") == [
        "normalise(0, 0.0039) gives numbers up to 255; a network learns from numbers of about 1"
      ])
  }

  /// What a trainer is given and does nothing with, what it leaves out, and what it cannot choose by: each once.
  @Test(arguments: [
    (
      "trainer(net, pairs(letters, 60, seed=2), within=0.5, perclass=9, seed=1)", "perclass= and within= have no effect"
    ),
    ("trainer(net, letters, batch=24, within=1, seed=1)", "within= makes no batch harder: all classes are of one"),
    ("trainer(net, letters, loss=cosface(), perclass=3, seed=1)", "perclass= has no effect: cosface("),
    ("sgd(0.1, nesterov=true);", "nesterov=true has no effect without momentum"),
    (
      "trainer(net, letters, batch=24, validation=letters, seed=1).run(epochs=1)", "30 of the 30 images of validation"
    ),
    (
      "trainer(net, letters + glyphs(7, 1, seed=1, size=16)[[6]], batch=24, seed=1).run(epochs=1)",
      "1 class has one image and is never drawn"
    ),
    (
      "trainer(net, letters, batch=24, metrics={a: n -> nan}, best=\"a\", seed=1).run(epochs=6, patience=2)",
      "a was not a number after epoch 1"
    ),
    (
      "trainer(net, letters, batch=24, metrics={a: n -> 1}, each=5, best=\"a\", seed=1).run(epochs=3)",
      "a was not measured in 3 epochs"
    ),
    (
      "trainer(net, letters, loss=mine(supcon(), \"angular\", angle=89), batch=24, seed=1).run(epochs=2)",
      "was 0 in all of epoch 1: its miner chose no pairs"
    ),
    ("letters.augment(rotate=20).augment(noise=0.5)", "augment(noise=0.5) replaces augment(rotate=20)"),
    (
      "sweep(s -> trainer(flatten >> dense(s.size), letters, batch=24, seed=1), {size: [2, 3]}, n -> nan, epochs=[1])",
      "the score of 2 settings was no number"
    ),
  ]) func whatHasNoEffectIsSaid(_ code: String, _ wanted: String) throws {
    let found = try warnings("letters = glyphs(6, 5, seed=1, size=16)\nnet = flatten >> dense(8)\n\(code);")
    let said = found.filter { !$0.contains("stand in both") && !$0.contains("stands in both") }
    #expect(said.count == 1 && said[0].contains(wanted), "\(code): \(found)")
  }

  @Test(arguments: [
    "trainer(net, letters, batch=24, perclass=3, seed=1).run(epochs=1)",
    "trainer(net, letters, batch=24, metrics={a: n -> 1}, each=2, best=\"a\", seed=1).run(epochs=3)",
    "letters.augment(rotate=20).augment(rotate=20)", "letters.augment(rotate=20).augment()",
    "trainer(net, letters, loss=mine(supcon(), \"angular\", angle=20), batch=24, seed=1).run(epochs=1)",
  ]) func whatHasAnEffectIsNotSaid(_ code: String) throws {
    #expect(try warnings("letters = glyphs(6, 5, seed=1, size=16)\nnet = flatten >> dense(8)\n\(code);") == [])
  }

  /// One same pair, which happens to be far.
  @Test func fewSamePairsAreNoticed() throws {
    let run = ScriptRun(steps: 10_000_000)
    let (lines, error) = run.cell(
      """
      letters, held = glyphs(6, 5, seed=1, size=16), glyphs(6, 5, seed=9, size=16)
      net = flatten >> dense(8)
      net(letters);
      one = held.filter(n -> n != "glyph1")[[0, 5, 10, 15, 20]] + held["glyph1"].take(2)
      g = gallery(net)
      g.enroll(letters)
      g.calibrate(one, far=0.5);
      print(g.probability(0) >= 0.5, g.probability(0) >= g.probability(g.threshold))
      """)
    #expect(error == nil && lines == ["true true"], "\(error ?? "") \(lines)")
    #expect(run.output.warnings.contains { $0.contains("1 same pair is ") }, "\(run.output.warnings)")
  }

  /// Shown before: such numbers were inf without a word.
  @Test(arguments: ["x.npy", "x.npz", "x.safetensors"]) func numbersBeyondFloat32AreNoticed(_ name: String) throws {
    let folder = FileManager.default.temporaryDirectory.path + "/twinbook-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let numbers: [Double] = [1e39, -1e300, .infinity, 1e38, .nan]
    let data = numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * $0)) } }
    let head = "{'descr': '<f8', 'fortran_order': False, 'shape': (5,), }"
    let padded = head + String(repeating: " ", count: (64 - (head.utf8.count + 11) % 64) % 64) + "\n"
    let npy: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, UInt8(padded.utf8.count), 0] + padded.utf8 + data
    switch name {
    case "x.npz": try Data(storedZip([(name: "a.npy", bytes: npy)])).write(to: URL(filePath: folder + "/" + name))
    case "x.safetensors":
      let json = Array(#"{"a":{"dtype":"F64","shape":[5],"data_offsets":[0,40]}}"#.utf8)
      let length = (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) }
      try Data(length + json + data).write(to: URL(filePath: folder + "/" + name))
    default: try Data(npy).write(to: URL(filePath: folder + "/" + name))
    }
    #expect(
      try warnings("x = load(\"\(name)\");", in: folder) == [
        "2 numbers of “\(name)” are beyond float32, and are inf or -inf now; "
          + "float32 ends at 3.4e38: scale the numbers before you save them"
      ])
  }

  @Test func aFolderThatHoldsMoreIsNoticed() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/twinbook-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let found = try warnings(
      """
      letters = glyphs(2, 3, seed=1)
      letters.save("all")
      letters.take(4).save("all")
      letters[0].save("all/glyph1/mine.png")
      letters.save("all")
      review("all").copy("kept")
      letters[0].save("kept/mine.png")
      review("all").copy("kept")
      """, in: folder)
    #expect(
      found == [
        "“all” holds 1 picture that this save did not write; "
          + "an earlier one did, or somebody else: images(\"all\") will read them too",
        "“kept” holds 1 picture that this copy did not write; "
          + "an earlier one did, or somebody else: images(\"kept\") will read them too",
      ])
  }

  /// `x / 255` of a dataset says that nothing has to be done.
  @Test(arguments: ["glyphs(2, 2) / 255", "glyphs(2, 2) * (1 / 255)", "glyphs(2, 2) - 0.5"])
  func aDatasetIsScaledAlready(_ code: String) {
    let error = ScriptRun(steps: 10_000_000).cell(code).error
    #expect(error?.contains("a dataset's pixels are numbers from 0 to 1 already, and stay as they are") == true)
  }

  /// What one parameter gets, and what two get; lists of images, which know their class.
  @Test func filtersOfDatasets() {
    let run = ScriptRun(steps: 10_000_000)
    func value(_ code: String) -> String { run.cell(code).lines.joined(separator: "\n") }
    _ = run.cell("g = glyphs(3, 4, seed=1)")
    #expect(value("g.filter(name -> name == \"glyph2\").classes") == "[\"glyph2\"]")
    #expect(value("g.filter((x, name) -> name == \"glyph2\" or x == g[0]).labels") == "[0, 1, 1, 1, 1]")
    #expect(value("g.filter((x, name) -> x.class == name).count") == "12")
    #expect(value("g.filter((name, wanted=[\"glyph3\"]) -> name in wanted).count") == "4")
    #expect(value("g.filter((x, name) -> false).count") == "0")
    #expect(value("[x.class for x in g[3:5]]") == "[\"glyph1\", \"glyph2\"]")
    #expect(value("g[-1].class") == "\"glyph3\"")
    #expect(value("g[0].gray().class") == "")
    #expect(value("g.split(classes=[\"glyph2\"])[0][0].class") == "\"glyph2\"")
    #expect(run.cell("g.filter(x -> x.width > 3)").error?.contains("a string has no `width`") == true)
    #expect(run.cell("g.filter((x, name) -> x.width)").error?.contains("must give true or false, got") == true)
    #expect(run.cell("g.filter((a, b, c) -> true)").error?.contains("needs `b`") == true)
  }

  /// Values that are indexed by one whole number find its place alike.
  @Test func oneItemOfPairsAndAnswers() {
    let run = ScriptRun(steps: 10_000_000)
    _ = run.cell("p = pairs(glyphs(3, 4, seed=1), 4, seed=1)")
    #expect(run.cell("p[-1] == p[3]").lines == ["true"])
    #expect(run.cell("p[4]").error?.contains("index 4 is out of range: there are 4 pairs") == true)
    #expect(run.cell("p[-5]").error?.contains("index -5 is out of range") == true)
    #expect(run.cell("p[0.5]").error?.contains("pairs are indexed by a whole number, got") == true)
    #expect(run.cell("p[0:2]").error?.contains("pairs are indexed by a whole number, got a slice") == true)
  }

  /// Shown before: a replay could not take away what stood beside the script, and ended there.
  @Test func inABoxWhatStoodBeforeStays() throws {
    let folder = FileManager.default.temporaryDirectory.path + "/twinbook-\(UUID().uuidString)"
    let scratch = folder + "-scratch"
    for path in [folder, scratch] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    defer { for path in [folder, scratch] { try? FileManager.default.removeItem(atPath: path) } }
    #expect(try warnings("glyphs(3, 4, seed=2).save(\"letters\")", in: folder) == [])
    let run = ScriptRun(steps: 10_000_000)
    run.interpreter.context.workingDirectory = folder
    run.interpreter.context.isReplaying = true
    run.interpreter.context.access = .boxed(
      try FileAccess(scriptFolder: folder, folders: [], scratch: scratch, base: folder))
    let (lines, error) = run.cell("glyphs(3, 4, seed=1).take(9).save(\"letters\")\nimages(\"letters\").count")
    #expect(error == nil && lines == ["12"])
    #expect(run.output.warnings.first?.hasPrefix("“letters” holds 3 pictures that this save did not write") == true)
    let kept = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".png") }
    #expect(kept.count == 12)
  }
}
