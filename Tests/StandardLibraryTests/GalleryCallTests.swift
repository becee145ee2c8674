import Diagnostics
import Foundation
import Interpreter
import Sandbox
import ScriptSupport
import StandardLibrary
import TestSupport
import Testing

/// Galleries by calls: labels as they are typed, hints for who knows other words, what a box sees of a file.
@Suite struct GalleryCallTests {
  private static let people = """
    letters = glyphs(3, 2, seed=1, size=16)
    people = gallery(flatten >> dense(8))
    people.enroll("kim", letters[0])

    """

  private func explanation(_ code: String) -> Explanation? {
    let run = ScriptRun(steps: 10_000_000)
    switch run.interpreter.evaluate(SourceText(name: "cell", text: Self.people + code)) {
    case .failed(let diagnostics): return diagnostics.first?.explanation
    default: return nil
    }
  }

  @Test(arguments: [
    ("people.add(\"x\", letters[1])", "people.enroll("), ("people.append(\"x\", letters[1])", "people.enroll("),
    ("people.delete(\"x\")", "people.remove("), ("people.pop(0)", "people.remove("),
    ("people.items()", "people.labels"), ("people.first", "people.labels"), ("people[\"b\"]", "people.labels"),
    ("people[0]", "people.labels"), ("for x in people { x }", "people.labels"), ("list(people)", "people.labels"),
    ("sum(people)", "people.labels"), ("people[\"b\"] = letters[1]", "people.enroll("),
    ("people.find(letters[0])", "people.query("), ("people.fit(letters)", "people.calibrate("),
    ("people.enroll(\"ann\", [letters[0], letters[1]])", "a call for each picture, or a dataset: data[[0, 1]]"),
    ("people.query([letters[0]])", "a call for each picture, or a dataset: data[[0, 1]]"),
    ("people.count", "len(people)"), ("people.references", "people.health().references"),
    ("people.close()", "when its call returns"), ("[1].add(2)", "xs.append(x)"), ("[1].delete(2)", "xs.pop(i)"),
  ]) func hintsAreOfWhatIsAsked(_ code: String, _ hint: String) {
    let help = explanation(code)?.help ?? "none"
    #expect(help.contains(hint), "\(code): \(help)")
  }

  /// "kim " would be somebody beside "kim" whom nobody can tell from her.
  @Test(arguments: [
    "people.enroll(\"kim \", letters[1])", "people.enroll(\"\\nkim\", letters[1])",
    "people.enroll([\"ann\", \" bob\"], letters[[0, 1]])", "people.enroll([\"ann \"], embeddings=zeros([1, 8]))",
    "people.rename(\"kim\", \"kim \")",
  ]) func labelsHaveNoBlanksAtTheirEnds(_ code: String) {
    let found = explanation(code)
    let message = found?.message ?? "none"
    #expect(message.contains("label without blanks at its ends, got \""), "\(code): \(message)")
    #expect(found?.help?.hasPrefix("write \"") == true)
  }

  /// Numbers of classes are what a dataset calls its labels: the way to the names is told.
  @Test(arguments: [
    ("people.enroll(letters.labels, embeddings=zeros([6, 8]))", "item 0 is 0", "data.classes[i]"),
    ("people.enroll([\"a\", none], embeddings=zeros([2, 8]))", "item 1 is none", "[\"ann\", \"bob\"]"),
  ]) func aListOfLabelsIsOfStrings(_ code: String, _ message: String, _ help: String) {
    let found = explanation(code)
    #expect(found?.message == "enroll: label must be a list of strings, and \(message)", "\(String(describing: found))")
    #expect(found?.help?.contains(help) == true)
    let right = "people.enroll([letters.classes[i] for i in letters.labels], embeddings=zeros([6, 8]))"
    #expect(explanation(right) == nil)
  }

  /// Whatever goes by a threshold that was measured before the network learnt further says so.
  @Test func aStaleThresholdIsSaidWhereverItCounts() {
    let run = ScriptRun(steps: 10_000_000)
    let made = run.cell(
      """
      letters = glyphs(3, 4, seed=1, size=16)
      net = flatten >> dense(8)
      people = gallery(net)
      people.enroll(letters)
      people.calibrate(glyphs(5, 3, seed=4, size=16), far=0.5)
      near(people)
      """)
    let warning = "before the network learnt further"
    #expect(made.error == nil && !run.output.warnings.contains { $0.contains(warning) }, "\(made)")
    #expect(run.cell("trainer(net, letters, loss=supcon(), batch=12, seed=1).run(epochs=1)").error == nil)
    for (code, isSaid) in [
      ("near(people)", true), ("serve(people, port=0, seconds=0)", true), ("people.identify(letters[0])", true),
      ("near(people, threshold=1)", false), ("serve(people, port=0, seconds=0, threshold=1)", false),
    ] {
      run.output.warnings = []
      #expect(run.cell(code).error == nil, "\(code)")
      #expect(run.output.warnings.contains { $0.contains(warning) } == isSaid, "\(code): \(run.output.warnings)")
    }
  }

  /// Where an index was asked for and none can be had, that is said: a million references would be slow without a word.
  @Test func anIndexThatCannotBeIsSaid() {
    for (arguments, isSaid) in [
      ("", false), (", distance=\"cosine\"", false), (", distance=\"l1\"", true), (", compare=\"mean\"", true),
    ] {
      let run = ScriptRun(steps: 10_000_000)
      #expect(run.cell("gallery(flatten, index=\"hnsw\"\(arguments));").error == nil)
      let warnings = run.output.warnings
      #expect(warnings.contains { $0.contains("looks at every reference") } == isSaid, "\(arguments): \(warnings)")
    }
  }

  /// Answers are equal if what they found is; their sentences round distances and shorten names.
  @Test func answersAreEqualByWhatTheyFound() {
    let run = ScriptRun(steps: 10_000_000)
    #expect(run.cell(Self.people).error == nil)
    for call in ["people.query(letters[1])", "people.identify(letters[1], threshold=9)"] {
      #expect(run.cell("\(call) == \(call)").lines == ["true"], "\(call)")
    }
    let near = run.cell(
      """
      p = gallery(flatten)
      p.enroll("a", embeddings=[0, 0])
      near = p.identify(embedding=[0, 0.00001], threshold=1)
      far = p.identify(embedding=[0, 0.00002], threshold=1)
      print(str(near) == str(far), near == far)
      """)
    #expect(near.lines == ["true false"], "\(near)")
  }

  /// A name that holds a line's end begins no line of an answer or an error.
  @Test func namesStayOnTheirLine() {
    let run = ScriptRun(steps: 10_000_000)
    let made = run.cell(
      """
      p = gallery(flatten)
      p.enroll(["a\\nknown: bob", "c"], embeddings=[[0, 0], [0, 0]])
      p.identify(embedding=[0, 0], threshold=1)
      """)
    #expect(made.error == nil && made.lines.count == 1 && made.lines[0].contains(#"a\nknown: bob and c"#), "\(made)")
    #expect(run.cell("p.forget(\"a\\nknown: bob\")").lines.first == #"would be forgotten of a\nknown: bob:"#)
    #expect(run.cell("p.remove(\"a\\nb\")").error?.contains(#"nobody named "a\nb""#) == true)
  }

  /// What is too far for a number is said, not drawn: the bar was a trap.
  @Test func distancesBeyondAnyNumberAreSaid() {
    let far = "p = gallery(flatten, distance=\"squared\")\np.enroll([\"a\", \"b\"], embeddings="
    #expect(explanation(far + "tensor([[1e20, 0], [3e20, 0]]))")?.message.hasPrefix("enroll got an embedding") == true)
    let asked = explanation(far + "tensor([[1, 0], [3, 0]]))\np.query(embedding=tensor([2.9e20, 0]))")
    #expect(
      asked?.message == "query got an embedding that is too far from others: no number holds their squared distance")
    #expect(asked?.help?.hasPrefix("gallery(net, distance=\"euclidean\")") == true)
  }

  /// A layer by itself, and a gallery that is loaded, have networks of their own, which are the same.
  @Test func distancesOfTheSameNetworkCalibrate() throws {
    let folder = try TemporaryFolder()
    let run = ScriptRun(steps: 10_000_000)
    run.interpreter.context.workingDirectory = folder.path
    let made = run.cell(
      """
      net = flatten
      strangers = glyphs(10, 6, seed=2, size=16)
      bare = gallery(net)
      bare.enroll(glyphs(3, 2, seed=1, size=16))
      print(bare.calibrate(distances(net, strangers), far=0.1) == bare.calibrate(strangers, far=0.1))
      net = flatten >> dense(8)
      people = gallery(net)
      people.enroll(glyphs(3, 2, seed=1, size=16))
      people.save("people.gallery")
      people = load("people.gallery")
      print(people.calibrate(distances(net, strangers), far=0.1) > 0)
      print(people.calibrate(distances(people.network, strangers), far=0.1) == people.threshold)
      """)
    #expect(made.error == nil && made.lines == ["true", "true", "true"], "\(made)")
    let other = run.cell("people.calibrate(distances(flatten >> dense(8), strangers), far=0.1)")
    #expect(other.error?.contains("under another network than the gallery's") == true, "\(other)")
  }

  /// One picture of each stranger tells how many are taken for somebody.
  @Test func strangersOnceEachCalibrateQueries() throws {
    let run = ScriptRun(steps: 10_000_000)
    let made = run.cell(
      Self.people + """
        print(people.calibrate(glyphs(40, 1, seed=2, size=16), per="query", far=0.5) > 0)
        print(people.identify(letters[0]).probability)
        people
        """)
    #expect(made.error == nil && made.lines.prefix(2) == ["true", "none"], "\(made)")
    #expect(made.lines.contains { $0.hasSuffix("40 images of 40 classes, without same pairs") }, "\(made.lines)")
    #expect(run.output.warnings.contains { $0.contains("0 same pairs are too few") }, "\(run.output.warnings)")
    #expect(run.cell("people.probability(1)").error?.contains("calibrate had none") == true)
    let byPairs = explanation("people.calibrate(glyphs(5, 1, seed=2, size=16), far=0.5)")
    #expect(byPairs?.message.contains("two images") == true)
  }

  /// The call that was made is named, and what it wants.
  @Test func aFreshNetworkIsNamed() throws {
    let folder = try TemporaryFolder()
    let run = ScriptRun(steps: 10_000_000)
    run.interpreter.context.workingDirectory = folder.path
    for (code, function) in [
      ("gallery(flatten, at=\"a.gallery\").enroll(\"a\", embeddings=zeros([1, 4]))", "enroll"),
      ("gallery(flatten).save(\"b.gallery\")", "save"),
    ] {
      let error = run.cell(code).error ?? ""
      #expect(error.contains("\(function) keeps the network with the gallery"), "\(error)")
    }
  }

  /// Of a former name only the line is left that says so: it is shown, and who is sure hears that nothing was done.
  @Test func aFormerNameIsNotForgotten() throws {
    let folder = try TemporaryFolder()
    let run = ScriptRun(steps: 10_000_000)
    run.interpreter.context.workingDirectory = folder.path
    let made = run.cell(
      """
      q = gallery(flatten >> dense(8), at="q.gallery")
      letters = glyphs(3, 2, seed=1, size=16)
      q.enroll("annaschmidt", letters[0])
      q.rename("annaschmidt", "annameyer")
      q.forget("annaschmidt")
      """)
    #expect(made.error == nil && made.lines.first == "nothing is annaschmidt's for certain", "\(made)")
    #expect(made.lines.contains { $0.hasSuffix("annameyer, who was called so: 1 reference") }, "\(made.lines)")
    for sure in ["q.forget(\"annaschmidt\", sure=true)", "forget(\"annaschmidt\", \"q.gallery\", sure=true)"] {
      let error = run.cell(sure).error ?? ""
      #expect(error.contains("\"annaschmidt\" is called \"annameyer\" now: nothing was forgotten"), "\(error)")
    }
    for plan in ["forget(\"annaschmidt\", \"q.gallery\")", "forget(\"annaschmidt\", \".\")"] {
      let shown = run.cell(plan)
      #expect(shown.lines.contains { $0.contains("annameyer, who was called so: 1 reference") }, "\(shown)")
    }
    #expect(run.cell("print(q.labels, q.history(1)[0].kind)").lines == ["[\"annameyer\"] renamed"])
    #expect(run.cell("q.forget(\"annameyer\", sure=true).done").lines == ["true"])
  }

  /// What another program has written stands in the log beside the file until that is moved: a box copies both.
  @Test(arguments: [false, true]) func aBoxSeesWhatTheLogHas(throughLink: Bool) throws {
    let folder = try TemporaryFolder()
    for name in ["script", "scratch", "data"] {
      try FileManager.default.createDirectory(atPath: folder.path + "/" + name, withIntermediateDirectories: true)
    }
    let (script, place) = (folder.path + "/script", folder.path + (throughLink ? "/data" : "/script"))
    if throughLink {
      try FileManager.default.createSymbolicLink(
        atPath: script + "/p.gallery", withDestinationPath: place + "/p.gallery")
    }
    // It keeps the file open, as a program does that was killed as far as the file goes.
    let writer = ScriptRun(steps: 10_000_000)
    writer.interpreter.context.workingDirectory = place
    let written = writer.cell(
      """
      p = gallery(flatten >> dense(8), at="p.gallery")
      letters = glyphs(6, 2, seed=1, size=16)
      for name in letters.classes { p.enroll(name, letters[name][0]) }
      """)
    #expect(written.error == nil)
    let before = try Data(contentsOf: URL(fileURLWithPath: place + "/p.gallery"))
    let log = try Data(contentsOf: URL(fileURLWithPath: place + "/p.gallery-wal"))
    #expect(log.count > 0)
    let run = ScriptRun(steps: 10_000_000)
    run.interpreter.context.workingDirectory = script
    run.interpreter.context.access = .boxed(
      try FileAccess(
        scriptFolder: script, folders: [folder.path + "/data"], scratch: folder.path + "/scratch", base: script))
    let seen = run.cell("p = load(\"p.gallery\")\np.enroll(\"new\", glyphs(6, 2, seed=1, size=16)[1])\nlen(p)")
    #expect(seen.error == nil && seen.lines == ["7"], "\(seen)")
    #expect(writer.cell("len(p)").lines == ["6"])
    #expect(try Data(contentsOf: URL(fileURLWithPath: place + "/p.gallery")) == before)
    #expect(try Data(contentsOf: URL(fileURLWithPath: place + "/p.gallery-wal")) == log)
    withExtendedLifetime(writer) {}
  }
}
