import Foundation
import Interpreter
import ScriptSupport
import Testing

/// Places and counts beyond 2²⁴ as a script sees them.
struct WidePlacesTests {
  /// A number that stands behind 2²⁴ + 1 others, found and taken in every way.
  @Test func places() {
    let run = ScriptRun(steps: 10_000_000)
    #expect(run.cell("x = concat([zeros(16777217), tensor([7])])\norder = argsort(x)\n0").error == nil)
    for (text, expected) in [
      ("x[argmax(x)]", "7"), ("argmax(x)", "16777217"), ("(-x)[argmin(-x)]", "-7"), ("order[-1]", "16777217"),
      ("order[-1:]", "tensor([16777217])"), ("x[order[-2:]]", "tensor([0, 7])"), ("order[-1] - 1", "16777216"),
      ("nonzero(x)[0].tolist()", "[16777217]"), ("x[where(x > 0)[0]]", "tensor([7])"),
      ("take(x, [16777217])", "tensor([7])"), ("x[[16777217]]", "tensor([7])"),
      ("x[tensor([16777217])]", "tensor([7])"), ("x[16777216..<16777218]", "tensor([0, 7])"),
      ("x[arange(16777216, 16777218)]", "tensor([0, 7])"), ("x[argmax(x) - 1]", "0"),
      ("setitem(x, 16777216, 3)[16777216:]", "tensor([3, 7])"), ("x.size", "16777218"), ("len(x)", "16777218"),
      ("divmod(argmax(x.reshape([2, 8388609])), 8388609)", "[1, 8388608]"),
      // Counts.
      ("sum(x == 0)", "16777217"), ("(x < 7).sum()", "16777217"),
      ("sum((x == 0).reshape([1, -1]), axis=1)", "tensor([16777217])"), ("cumsum(x == 0)[-1]", "16777217"),
    ] {
      let outcome = run.cell(text)
      #expect(outcome.lines == [expected], "\(text): \(outcome)")
    }
  }

  /// Whole numbers that are written, and what becomes of them.
  @Test(arguments: [
    ("tensor([16777217])", "tensor([16777217])"), ("tensor([16777217]).tolist()", "[16777217]"),
    ("tensor([16777217])[0] + 1", "16777218"), ("tensor([[16777217, 1]]).max()", "16777217"),
    ("tensor([9007199254740991])[0]", "9007199254740991"), ("16777217 in tensor([16777216])", "false"),
    ("16777217 in tensor([16777217])", "true"), ("0.1 in tensor([0.1])", "true"),
    ("(tensor([16777217]) == 16777217).all()", "true"), ("(tensor([16777217]) == 16777216).any()", "false"),
    ("tensor([16777217]) + 2", "tensor([16777219])"), ("tensor([16777217]) * 3", "tensor([50331651])"),
    ("floor(tensor([16777219]) / 2)", "tensor([8388609])"), ("tensor([16777219]) % 2", "tensor([1])"),
    ("full([2], 16777217)", "tensor([16777217, 16777217])"),
    ("arange(16777217, 16777219)", "tensor([16777217, 16777218])"),
    ("[r for r in tensor([16777217, 2])]", "[16777217, 2]"),
    ("randint(16777217, 16777218, [2])", "tensor([16777217, 16777217])"),
    ("tensor([16777217, 3]) == tensor([16777217, 3])", "tensor([1, 1])"),
    ("[tensor([16777217])] == [tensor([16777216])]", "false"),
    ("sort(tensor([16777219, 16777217]))", "tensor([16777217, 16777219])"),
    ("argmax(tensor([16777217, 16777218]))", "1"),
    ("unique(list(tensor([16777217, 16777216])))", "[16777217, 16777216]"),
    ("str(tensor([16777217])[0])", "\"16777217\""), ("tensor([16777217]).item()", "16777217"),
    ("where(tensor([1, 0]) > 0, 16777217, 5)", "tensor([16777217, 5])"),
    ("setitem(zeros(2), 1, 16777217)", "tensor([0, 16777217])"), ("-tensor([16777217])", "tensor([-16777217])"),
    ("cumsum(tensor([16777216, 1, 1]))", "tensor([16777216, 16777217, 16777218])"),
    ("cumprod(tensor([4097, 4097]))", "tensor([4097, 16785409])"), ("[\"a\", \"b\"][tensor([1])[0]]", "\"b\""),
    // Numbers that float32 holds, whose results it does not.
    ("tensor([1, 2, 3]) + 16777216", "tensor([16777217, 16777218, 16777219])"),
    ("tensor([4097]) * 4097", "tensor([16785409])"), ("prod(tensor([4097, 4097]))", "16785409"),
    ("a = tensor([16777216])\nb = a + 1\nb == a", "tensor([0])"),
    ("a = tensor([16777216])\na += 1\na -= -2\na", "tensor([16777219])"),
    ("sum(tensor([16777219, -1]))", "16777218"), ("sum(tensor([[16777219, -1]]), axis=1)", "tensor([16777218])"),
    ("sum(tensor([16777219, -1]), keepdims=true)", "tensor([16777218])"),
    ("sum(tensor([[2 ^ 53 - 1, 16777217], [5, 2]]), axis=0).tolist()[1]", "16777219"),
    ("prod(tensor([[2 ^ 53 - 1, 16777217], [5, 3]]), axis=0).tolist()[1]", "50331651"),
    ("cumsum(tensor([16777217, 2, 2 ^ 53 - 1])).tolist()[:2]", "[16777217, 16777219]"),
    ("cumprod(tensor([16777217, 3, 2 ^ 53 - 1])).tolist()[:2]", "[16777217, 50331651]"),
    ("tensor([2 ^ 53 - 1]) % 7", "tensor([3])"), ("clip(tensor([1, 16777217]), nan, 5)", "tensor([nan, nan])"),
    ("a = tensor([4097])\na *= 4097\na % 10", "tensor([9])"), ("16777216 - tensor([-1])", "tensor([16777217])"),
    ("outer(tensor([4097]), tensor([4097, 1]))", "tensor([[16785409,     4097]])"),
    ("linspace(16777216, 16777220, 5)[1:]", "tensor([16777217, 16777218, 16777219, 16777220])"),
    ("linspace(16777217, 5, 1)", "tensor([16777217])"), ("linspace(-16777217, 0, 2)", "tensor([-16777217, 0])"),
    ("linspace(16777217, 16777218, 3)[0]", "16777216"),
    ("diff(tensor([-16777215, 16777214]))", "tensor([33554429])"),
    ("diff(tensor([-16777215, 16777214, 0]), n=2)", "tensor([-50331643])"),
    ("trace(tensor([[16777216, 0], [0, 1]]))", "16777217"),
    ("gradient(x -> diff(x).sum(), tensor([-16777215, 16777214]))", "tensor([-1, 1])"),
    ("divmod(tensor([-1]), 33554432)[1]", "tensor([33554431])"),
    ("tensor([0.5, 1]) + 16777216", "tensor([16777216, 16777216])"),
    ("gradient(x -> (x * x * x).sum(), tensor([4097]))", "tensor([50356224])"),
    // A gradient is taken in float32, and a fraction makes floats of all.
    ("tensor([16777217, 0.5])[0]", "16777216"), ("gradient(x -> (x * 1).sum(), tensor([16777217]))", "tensor([1])"),
  ]) func wholeNumbers(_ text: String, _ expected: String) {
    let outcome = ScriptRun(steps: 10_000_000).cell(text)
    #expect(outcome.lines == [expected], "\(text): \(outcome)")
  }

  /// Written to files and read back: as int64 where that is due.
  @Test(arguments: ["x.npy", "x.npz", "x.safetensors"]) func files(_ name: String) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("twinbook-wide-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = ScriptRun(steps: 100_000)
    run.interpreter.context.workingDirectory = folder.path
    let value = name == "x.npy" ? "x" : "{x: x, y: ones(2)}"
    let outcome = run.cell(
      """
      x = tensor([[16777217, -9007199254740991], [5, 0]])
      save(\(value), "\(name)")
      r = load("\(name)")
      print(\(name == "x.npy" ? "r" : "r.x").tolist())
      """)
    #expect(outcome.lines == ["[[16777217, -9007199254740991], [5, 0]]"], "\(outcome)")
    // A mask stays one, and still chooses.
    let mask = name == "x.npy" ? "m" : "{m: m, y: ones(2)}"
    let masks = run.cell(
      """
      m = tensor([true, false])
      save(\(mask), "m-\(name)")
      m = load("m-\(name)")\(name == "x.npy" ? "" : ".m")
      print(tensor([5, 6])[m], m.tolist())
      """)
    #expect(masks.lines == ["tensor([5]) [1, 0]"], "\(masks)")
    if name == "x.npy" {
      let bytes = try Data(contentsOf: folder.appendingPathComponent(name))
      #expect(String(decoding: bytes, as: UTF8.self).contains("<i8"))
    }
  }
}
