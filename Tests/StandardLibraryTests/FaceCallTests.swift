import Diagnostics
import Files
import Interpreter
import ScriptSupport
import StandardLibrary
import TestSupport
import Testing

/// What `faces` takes for a photograph.
@Suite struct FaceCallTests {
  private func explanation(_ code: String) -> Explanation? {
    let run = ScriptRun(steps: 10_000_000)
    switch run.interpreter.evaluate(SourceText(name: "cell", text: code)) {
    case .failed(let diagnostics): return diagnostics.first?.explanation
    default: return nil
    }
  }

  /// A server cuts faces out to the size and with the margin that `extract` takes.
  @Test func aServerTakesWhatExtractTakes() {
    let serving = """
      letters = glyphs(3, 2, seed=1, size=16)
      people = gallery(flatten >> dense(8))
      people.enroll(letters)
      serve(people, port=0, seconds=0, threshold=1, faces="whole", OPTIONS)
      """
    func message(_ options: String) -> String {
      explanation(serving.replacing("OPTIONS", with: options))?.message ?? "none"
    }
    #expect(message("size=256, margin=4, align=true") == "none")
    for wrong in ["size=7", "size=2049", "margin=5"] {
      let message = message(wrong)
      #expect(message.contains(wrong.prefix { $0 != "=" }), "\(wrong): \(message)")
    }
    // It looks for the margin before it looks for the folder.
    #expect(explanation("extract(\"nowhere\", into=\"there\", margin=5)")?.message.contains("margin") == true)
    #expect(explanation("extract(\"nowhere\", into=\"there\", margin=4)")?.message.contains("margin") != true)
  }

  /// "é" of one letter, and of two, are two files: where both are there, the one is dropped that is named.
  @Test func filesThatAreCalledAlikeAreTwo() throws {
    let folder = try TemporaryFolder()
    let run = ScriptRun(steps: 10_000_000)
    run.interpreter.context.workingDirectory = folder.path
    #expect(run.cell("glyphs(2, 2, seed=1, size=16).save(\"letters\")").error == nil)
    let names = ["\u{E9}.png", "e\u{301}.png"]
    for (file, name) in zip(["glyph1/001.png", "glyph2/001.png"], names) {
      try FileSystem.write(
        try FileSystem.read(folder.path + "/letters/" + file), to: folder.path + "/letters/glyph1/" + name)
    }
    for name in names {
      let (lines, error) = run.cell("review(\"letters\", drop=[\"glyph1/\(name)\"]).dropped")
      #expect(error == nil && lines.last.map { Array($0.utf8) } == Array("[\"glyph1/\(name)\"]".utf8), "\(lines)")
    }
    // Where there is one alone, either way of writing it means that one.
    try FileSystem.remove(folder.path + "/letters/glyph1/" + names[1])
    #expect(run.cell("len(review(\"letters\", drop=[\"glyph1/\(names[1])\"]).dropped)").lines.last == "1")
  }

  /// It finds none, or has no weights to look with: the tensor itself is right.
  @Test(arguments: ["zeros([20, 30])", "zeros([1, 20, 30])", "ones([3, 20, 30])", "glyphs(1, 1, seed=1)[0].tensor"])
  func aTensorIsAPhotograph(_ tensor: String) {
    let message = explanation("faces(\(tensor))")?.message ?? ""
    #expect(!message.contains("photo must be"), "\(tensor): \(message)")
  }

  @Test(arguments: [
    "ones([20, 30]) * 255", "zeros([2, 20, 30])", "zeros([1, 3, 20, 30])", "zeros([5])", "zeros([20, 30]) - 1",
    "zeros([20, 30]) / 0",
  ]) func otherTensorsAreRefused(_ tensor: String) {
    let explanation = explanation("faces(\(tensor))")
    let message = explanation?.message ?? "no error"
    #expect(message.contains("of pixels from 0 to 1"), "\(tensor): \(message)")
    #expect(explanation?.help?.contains("/ 255") == true, "\(tensor)")
  }
}
