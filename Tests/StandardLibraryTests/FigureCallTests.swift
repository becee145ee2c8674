import Diagnostics
import Foundation
import Interpreter
import ScriptSupport
import StandardLibrary
import Syntax
import TestSupport
import Testing

/// Calls of figures as somebody writes them who knows matplotlib, and what objects show.
struct FigureCallTests {
  private func explanation(_ code: String) -> Explanation? {
    let run = ScriptRun(steps: 10_000_000)
    guard case .failed(let diagnostics) = run.interpreter.evaluate(SourceText(name: "cell", text: code)) else {
      return nil
    }
    return diagnostics.first?.explanation
  }

  @Test(arguments: [
    ("plot([1, 2], label=\"a\")", "names its curves"), ("plot([1, 2], color=\"red\")", "leave it out"),
    ("histogram([1, 2], density=true)", "shares=true"), ("scatter([1], [2], c=[1])", "labels= colours the points"),
    ("bars([1], labels=[\"a\"])", "write names="), ("heatmap([[1]], annot=true)", "where they fit"),
    ("montage(glyphs(2, 2, seed=1), ncols=2)", "columns="), ("plot([1], figsize=[3, 4])", "fig.save("),
    ("plot([1]).save(\"x.png\", dpi=300)", "width= and height="), ("plot([1]).savefig(\"x.png\")", "x.save("),
    ("bar([1])", "bars("), ("title(\"a\")", "it is an argument"), ("legend([\"a\"])", "names its curves"),
    ("silhouette_score([1], [2])", "clustering("), ("NTXentLoss()", "ntxent("), ("no_grad()", "leave it out"),
    ("plot(glyphs(2, 2, seed=1))", "montage(x)"), ("histogram(glyphs(2, 2, seed=1))", "x.tensor"),
    ("plot(glyphs)", "retrieval"),
    ("supcon()(ones([2, 2]), glyphs(2, 1, seed=1))", "data.labels"),
    ("supcon()(ones([2, 2]), [\"a\", \"a\"])", "data.labels"), ("supcon()(ones([2, 2]), [0.5, 1])", "data.labels"),
    ("trainer(flatten >> dense(4), glyphs(4, 4, seed=1), best=\"-val_loss\")", "leave it out"),
  ])
  func wordsOfOthers(_ code: String, _ hint: String) {
    let found = explanation(code)
    #expect(found?.help?.contains(hint) == true, "\(code): \(String(describing: found))")
    #expect(found?.message.contains("did you mean") == false)
  }

  @Test func whatIsSaidOfFiguresIsSaidOfNothingElse() {
    #expect(explanation("dense(4, color=1)")?.help?.contains("colours") == false)
    #expect(explanation("plot({})")?.message == "a line plot has nothing to show: there are no values")
    #expect(explanation("plot([1]).save(\"\")")?.message.hasPrefix("“” does not say") == true)
    let names = StandardLibrary.registry().helpNames
    for word in ["bar", "legend", "xlabel", "boxplot", "no_grad", "savefig"] { #expect(!names.contains(word)) }
  }

  /// A metric is drawn as the losses are.
  @Test func metricsOfATrainer() {
    let run = ScriptRun(steps: 10_000_000)
    let make = """
      x = glyphs(4, 4, seed=1, size=8)
      loop = trainer(flatten >> dense(4), x, batch=8, perclass=2, metrics={half: n -> 0.5}, each=2, seed=1)
      """
    #expect(run.cell(make).error == nil)
    func drawn(_ code: String) -> String {
      let (lines, error) = run.cell(code)
      return (lines + [error.map { "\($0)" } ?? ""]).joined(separator: "\n")
    }
    #expect(run.cell("loop.run(epochs=1);").error == nil)
    #expect(drawn("plot(loop, kind=\"half\")").contains("half was not measured yet (each=2)"))
    #expect(run.cell("loop.run(epochs=3);").error == nil)
    let figure = drawn("plot(loop, kind=\"half\")")
    #expect(figure.contains("line plot “half by epoch”") && figure.contains("half: 2 values"), "\(figure)")
    #expect(drawn("plot(loop)").contains("loss: 4 values"))
    #expect(drawn("plot(loop, kind=\"halv\")").contains("a trainer has no figure of the kind \"halv\""))
  }
}
