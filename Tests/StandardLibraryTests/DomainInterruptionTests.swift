import Diagnostics
import Foundation
import Interpreter
import StandardLibrary
import ScriptSupport
import Testing

/// Ctrl-C while a builtin of the domain works: whatever can take a second with much data asks, and ends at once.
///
/// The flag is raised as the last argument is evaluated, so that no time is measured: a builtin that does not ask gives
/// its value, and the `reached()` behind it runs.
@Suite struct DomainInterruptionTests {
  private final class Marks {
    var isReached = false
  }

  private static let setup = """
    letters = glyphs(12, 8, seed=1, size=16)
    two = letters.split(classes=6, seed=1)
    net = flatten >> dense(8)
    net(letters.tensor)
    twins = pairs(letters, 300, seed=2)
    people = gallery(net)
    for i in 0..<96 { people.enroll("p{i % 12}", letters[i]) }
    many = gallery(net, compare="medoid")
    for i in 0..<96 { many.enroll("p{i % 3}", letters[i]) }
    letters.save("letters")
    rated = distances(net, letters)
    loop = trainer(net, letters, batch=24, seed=1)
    """

  /// What works long with much data, with the flag raised (`raised(x)` is x) just before it begins.
  static let asking = [
    "distances": "distances(net, raised(letters))", "episodes": "episodes(net, letters, trials=raised(1000), seed=1)",
    "verification": "verification(net, twins, folds=raised(5), seed=1)",
    "retrieval": "retrieval(net, raised(letters))",
    "tsne": "tsne(net(letters), perplexity=5, steps=raised(500), seed=1)",
    "clustering": "clustering(net, raised(letters), seed=1)",
    "explain": "explain(net, letters[0], raised(letters[1]))", "near": "near(raised(people), threshold=1)",
    "identification": "identification(net, letters, trials=raised(5), seed=1)",
    "confusion": "confusion(net, letters, seed=raised(1))", "report": "report(net, letters, seed=raised(1))",
    "audit": "audit(two[0], raised(two[1]))", "pairs": "pairs(letters, raised(200000), seed=1)",
    "pairs.batches": "twins.batches(raised(32), seed=1)", "pairs.split": "twins.split(raised(0.5), seed=1)",
    "pairs.save": "twins.save(\"x.npy\", raised(\"y.npy\"))",
    "gallery.calibrate": "people.calibrate(letters, far=raised(0.1))",
    "gallery.calibrate by queries": "people.calibrate(letters, far=raised(0.1), per=\"query\")",
    "gallery.calibrate by distances": "people.calibrate(rated, far=raised(0.1))",
    "gallery.odd": "raised(people).odd()", "gallery.query": "people.query(letters[3], k=raised(3))",
    "gallery.query by medoids": "many.query(letters[3], k=raised(3))",
    "gallery.identify": "people.identify(letters[3], threshold=raised(1))",
    "gallery.verify": "people.verify(letters[3], letters[4], threshold=raised(1))",
    "gallery.enroll": "people.enroll(\"p\", raised(letters))",
    "whiten": "whiten(net, raised(letters))", "network": "net(raised(letters))",
    "glyphs": "glyphs(5, 4, seed=raised(2))", "images": "images(raised(\"letters\"))",
    "review": "review(raised(\"letters\"))", "review.copy": "review(\"letters\").copy(raised(\"copied\"))",
    "review.save": "review(\"letters\").save(raised(\"sheet.html\"))",
    "dataset.resize": "letters.resize(raised(20))", "dataset.align": "letters.align(raised(20))",
    "dataset.congeal": "raised(letters).congeal()",
    "dataset.gray": "raised(letters.resize(9)).invert()", "dataset.invert": "raised(letters).invert()",
    "dataset.halve": "raised(letters).halve()", "dataset.crop": "letters.crop(0, 0, 8, raised(8))",
    "dataset.normalise": "raised(letters).normalise()", "dataset.tensor": "raised(letters).tensor",
    "dataset.save": "letters.save(raised(\"again\"))", "trainer.run": "loop.run(epochs=raised(3))",
    "sweep":
      "sweep(s -> trainer(flatten >> dense(4), letters, batch=24, seed=1), [{a: 1}], n -> 1, epochs=raised([1, 2]))",
    "spread": "spread([1, 2], raised(x -> x))",
    "step": "step(adam(0.1), () -> mean(net(raised(letters)) ^ 2))",
  ]

  /// What does no more than a pass over numbers that are there already, or waits for others who are asked elsewhere
  /// (a terminal, the network: `CollectTests`, `ServingTests`, `FetchTests`; photographs: `ExtractionTests`).
  static let short: Set<String> = [
    "collect", "extract", "faces", "fetch", "gallery.stop", "image", "forget", "serve", "server.stop", "oneshotruns",
    "trainer",
    "gallery", "gallery.labels", "gallery.health", "gallery.history", "gallery.undo", "gallery.forget", "gallery.renew",
    "gallery.export",
    "gallery.probability", "gallery.remove", "gallery.rename", "gallery.save", "gallery.threshold", "trainer.resume",
    "trainer.save", "dataset.augment", "dataset.batches", "dataset.broken", "dataset.classes", "dataset.count",
    "dataset.filter", "dataset.group", "dataset.groups", "dataset.labels", "dataset.mirrors", "dataset.name",
    "dataset.rotations", "dataset.alignfaces", "dataset.shape", "dataset.shuffle", "dataset.split", "dataset.take",
    "pairs.count", "ranks",
  ]

  /// Every builtin of these areas stands in one of the two lists; results' members are numbers that are known.
  @Test func everyBuiltinIsKnown() {
    let registry = StandardLibrary.registry()
    let results: Set<String> = [
      "audit", "confusion", "distances", "episodes", "identification", "report", "retrieval", "runs", "verification",
      "sweep", "extraction", "face", "image", "review",
    ]
    let known = Set(Self.asking.keys.map { String($0.prefix { $0 != " " }) }).union(Self.short)
    for entry in registry.all where [.data, .training, .judging, .gallery].contains(entry.area) {
      if let receiver = entry.receiver {
        if results.contains(receiver) || entry.kind == .property && receiver != "dataset" { continue }
      }
      #expect(known.contains(entry.qualifiedName), "\(entry.qualifiedName): does it ask whether it is interrupted?")
    }
  }

  @Test(arguments: asking.keys.sorted()) func asks(name: String) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("twinbook-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var registry = StandardLibrary.registry()
    let (interrupt, marks) = (InterruptFlag(), Marks())
    registry.add(
      Builtin(
        "raised", [.required("x", "anything")], area: .core, summary: "x, and an interruption.", example: "raised(1)"
      ) { args, _ in
        interrupt.raise()
        return args[0]
      })
    registry.add(
      Builtin("reached", [], area: .core, summary: "Notes that it was called.", example: "reached()") { _, _ in
        marks.isReached = true
        return .none
      })
    let interpreter = Interpreter(output: Collector(), registry: registry, interrupt: interrupt)
    interpreter.context.workingDirectory = folder.path
    if case .failed(let diagnostics) = interpreter.evaluate(SourceText(name: "setup", text: Self.setup)) {
      Issue.record("\(diagnostics.map(\.explanation.message))")
      return
    }
    let code = try #require(Self.asking[name])
    let outcome = interpreter.evaluate(SourceText(name: "cell", text: "x = \(code)\nreached()"))
    if case .failed(let diagnostics) = outcome { Issue.record("\(diagnostics.map(\.explanation.message))") }
    #expect(!marks.isReached, "\(code) does not ask")
    guard case .interrupted = outcome else {
      Issue.record("\(code) was not interrupted")
      return
    }
  }
}
