import Diagnostics
import Foundation
import Interpreter
import ScriptSupport
import StandardLibrary
import Syntax
import TestSupport
import Testing

/// Lines with a mistake that a pupil may type: each is answered with a way out.
struct WaysOutTests {
  private func explanation(_ code: String, in folder: String? = nil) -> Explanation? {
    let run = ScriptRun(steps: 10_000_000)
    if let folder { run.interpreter.context.workingDirectory = folder }
    guard case .failed(let diagnostics) = run.interpreter.evaluate(SourceText(name: "cell", text: code)) else {
      return nil
    }
    return diagnostics.first?.explanation
  }

  @Test(arguments: [
    ("conv(6)", "help(\"conv\")"), ("conv(6, 0)", "help(\"conv\")"), ("adam(-1)", "help(\"adam\")"),
    ("adam(\"x\")", "help(\"adam\")"), ("glyphs(0, 3)", "help(\"glyphs\")"), ("cdist([1], [2])", "help(\"cdist\")"),
    ("glyphs(3, 3).split(fraction=1.5)", "help(\"dataset.split\")"), ("plot([1, 2, 3], [1, 2])", "help(\"plot\")"),
    ("histogram([])", "help(\"histogram\")"), ("linspace(0, 1, -1)", "help(\"linspace\")"),
    ("tensor([1, \"a\"])", "help(\"tensor\")"), ("tensor(3)[0]", "single number"),
    ("contrastive(margin=1)([[0, 0]], [[1, 0]])", "same=…"),
    ("glyphs(2, 2, seed=1).filter((a, b, c) -> true)", "1 argument came"),
    ("d = glyphs(2, 2, seed=1)\ngallery(flatten >> dense(2)).enroll(d[0], \"a\")", "the label comes first"),
    ("tensor([1, 2]) @ tensor([1, 2, 3])", "the same length"), ("net", "no cell has given it a value yet"),
    ("conv(4, 3)(glyphs(1, 3, seed=1)[0].tensor)", "x[none] makes a batch"),
    ("tensor([1, 2]).gather(1)", "take_along_axis"), ("tensor([1]).lt(2)", "x < y"), ("tensor([1]).long()", "no type"),
    ("tensor([1]).resize(2)", "x.reshape"), ("glyphs(2, 2, seed=1)[0].size", "x.shape"),
    ("glyphs(2, 2, seed=1).drop(\"a\")", "data.filter"), ("dense(3).encode(1)", "net(x)"),
    ("dense(3).eval()", "leave it out"),
    ("glyphs(2, 2, seed=1)[0].path", "help(x) lists what an image has"),
    ("distances(flatten, glyphs(2, 3, seed=1)).at(0.1)", "d.tar(0.1)"), ("zeros(shape=[2])", "leave `shape=` out"),
    ("images(\"x\", target_size=[8, 8])", "write size="), ("dense(3, use_bias=false)", "write bias="),
    ("randint(0, 9, size=3)", "write shape="), ("pairs(glyphs(2, 3, seed=1), 4).nothing", "what pairs have"),
  ])
  func aPupilsSlips(_ code: String, _ hint: String) {
    let found = explanation(code)
    #expect(found?.help?.contains(hint) == true, "\(code): \(String(describing: found))")
  }

  /// What the help of NumPy's and PyTorch's functions says to write can be written.
  @Test(arguments: [
    ("rot90", "x = tensor([[1, 2], [3, 4]])", "tensor([[2, 4],\n        [1, 3]])"),
    ("fliplr", "x = tensor([[1, 2], [3, 4]])", "tensor([[2, 1],\n        [4, 3]])"),
    ("dstack", "a = tensor([[1, 2]])\nb = a", "tensor([[[1, 1],\n         [2, 2]]])"),
    ("cross", "a = tensor([1, 2, 3])\nb = tensor([4, 5, 7])", "tensor([-1, 5, -3])"),
    ("trapz", "y = tensor([1, 2, 3])\nx = tensor([0, 1, 3])", "6.5"),
    ("trunc", "x = tensor([-1.5, 1.5])", "tensor([-1, 1])"),
    ("nanargmax", "x = tensor([1, nan, 3])", "2"), ("nanargmin", "x = tensor([1, nan, 3])", "0"),
    ("exp2", "x = tensor([1, 3])", "tensor([2, 8])"),
    ("union1d", "a = tensor([1, 2])\nb = tensor([2, 3])", "[1, 2, 3]"),
    ("setdiff1d", "a = tensor([1, 2])\nb = tensor([2, 3])", "[1]"),
    ("intersect1d", "a = tensor([1, 2])\nb = tensor([2, 3])", "[2]"),
    ("masked_select", "x = tensor([1, -2])", "tensor([1])"),
    ("multi_dot", "a = tensor([[2]])\nb = a\nc = a", "tensor([[8]])"),
  ])
  func adviceCanBeWritten(_ name: String, _ names: String, _ value: String) throws {
    let advice = try #require(foreignNameAdvice(name))
    #expect(advice.hasPrefix("write "))
    let run = ScriptRun(steps: 100_000)
    #expect(run.cell(names).error == nil)
    let (lines, error) = run.cell(String(advice.dropFirst("write ".count)))
    #expect(error == nil && lines.joined(separator: "\n") == value, "\(advice): \(lines)")
  }

  @Test func aLayerHasWhatItsNetworkHas() {
    let (lines, error) = ScriptRun(steps: 100_000).cell("help(dense(3))")
    #expect(error == nil && lines.first == "layer has" && lines.contains { $0.hasPrefix("  .summary ") }, "\(lines)")
    #expect(lines.last == "help(\"network.adopt\") tells more.")
  }

  /// Nothing that a server would be asked for.
  @Test(arguments: [
    ("collect(\"\")", "source must be"), ("collect(\"  \")", "source must be"),
    ("collect([\"cat\", \"\"])", "source must be"),
    ("collect({ann: []})", "“ann” has an empty list"),
    ("collect({ann: [\"https://a.example/1.jpg\"], ben: 3})", "“ben” has 3"),
  ])
  func searchesForNothing(_ code: String, _ words: String) {
    let found = explanation(code)
    #expect(found?.message.contains(words) == true, "\(code): \(String(describing: found))")
  }

  /// The arrays of pairs are two files, whatever the second one is called.
  @Test(arguments: ["\"S.npy\", \"S.npy\"", "\"S.npy\", \"./S.npy\"", "\"in/S.npy\", \"in/../in/S.npy\""])
  func pairsAreTwoFiles(_ paths: String) throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path + "/in", withIntermediateDirectories: true)
    let found = explanation("pairs(glyphs(2, 3, seed=1), 6, seed=1).save(\(paths))", in: folder.path)
    #expect(found?.message.contains("are two files") == true && found?.help?.contains("Y.npy") == true)
    #expect(folder.names == ["in"])
  }

  /// Neither training nor validation is at hand when pairs are split.
  @Test func theWarningOfPairsThatAreSplit() {
    let run = ScriptRun(steps: 10_000_000)
    let (_, error) = run.cell("a, b = pairs(glyphs(3, 4, seed=1), 40, seed=1).split(0.75, seed=1)")
    #expect(error == nil && run.output.warnings.count == 1)
    let words = run.output.warnings.first ?? ""
    #expect(words.contains("3 classes are in both parts") && words.contains("data.split(classes=…)"), "\(words)")
    #expect(!words.contains("val_loss") && !words.contains("validation="))
  }

  /// Padding is added at each side.
  @Test func theFormulaOfPadding() {
    let run = ScriptRun(steps: 10_000_000)
    #expect(run.cell("conv(6, 3, padding=1)(zeros([1, 1, 8, 8])).shape").lines == ["[1, 6, 8, 8]"])
    #expect(run.cell("maxpool(2, padding=1)(zeros([1, 1, 8, 8])).shape").lines == ["[1, 1, 5, 5]"])
    for name in ["conv", "maxpool", "avgpool"] {
      #expect(run.cell("help(\"\(name)\")").lines.joined(separator: " ").contains("2 · padding"), "\(name)")
    }
  }

  /// Operators have a page as words have.
  @Test(arguments: Symbol.allCases.filter { $0.page != nil }) func examplesOfSigns(_ sign: Symbol) throws {
    let run = ScriptRun(steps: 100_000)
    for cell in ExampleTests.cells(try #require(sign.example)) {
      let (lines, error) = run.cell(cell.text)
      #expect(error == nil && lines == cell.expected ?? lines, "\(sign.rawValue): \(lines) \(error ?? "")")
    }
    let page = run.cell("help(\"\(sign.rawValue)\")")
    #expect(page.error == nil && page.lines.joined(separator: "\n") == sign.page)
    #expect(page.lines.allSatisfy { $0.count <= 78 })
  }

  @Test func kindsOfValuesHaveAPage() {
    let run = ScriptRun(steps: 100_000)
    for kind in ["string", "record", "dataset"] {
      #expect(run.cell("help(\"\(kind)\")").lines.first == "\(kind) has", "\(kind)")
    }
    #expect(run.cell("help(\"dataset\")").lines == run.cell("help(glyphs(2, 2, seed=1))").lines)
  }

  @Test(arguments: Keyword.allCases) func examplesOfKeywords(_ word: Keyword) {
    let run = ScriptRun(steps: 100_000)
    for cell in ExampleTests.cells(word.example) {
      let (lines, error) = run.cell(cell.text)
      #expect(error == nil && lines == cell.expected ?? lines, "\(word.rawValue): \(lines)")
    }
    #expect(word.page.contains("See also: ") && word.page.split(separator: "\n").allSatisfy { $0.count <= 78 })
  }
}
