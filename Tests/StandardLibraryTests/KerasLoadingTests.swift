import Foundation
import Interpreter
import ScriptSupport
import StandardLibrary
import Testing

/// Files of Keras's as programs load them (Tests/References/keras_files.py made them).
struct KerasLoadingTests {
  private func run() -> ScriptRun {
    let run = ScriptRun(steps: 1_000_000)
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    run.interpreter.context.workingDirectory = folder.appending(path: "Fuzzing/corpus/keras").path
    return run
  }

  @Test func loadedAndAdopted() {
    let run = run()
    let (lines, error) = run.cell(
      """
      net = load("twin-3.keras", layer="base")
      x = randn([2, 2, 7, 6], seed=1)
      own = conv(3, 3, stride=2, padding="same") >> relu >> batchnorm(0.99, 0.001) >> flatten >> dense(4)
      own(x);
      print(own.adopt("twin-3.keras")[0])
      print(max(abs(net(x) - own(x))) == 0)
      print(load("twin-2.h5", layer="dense")(x).shape)
      """)
    #expect(error == nil)
    #expect(lines.first == "layers/sequential/layers/conv2d/vars/0 [3, 3, 2, 3] → 1.weight")
    #expect(lines.dropFirst().first == "true")
    #expect(lines.dropFirst(2).first == "[2, 4]")
  }

  @Test func errorsInWords() {
    let run = run()
    func words(_ code: String) -> String { run.cell(code).error ?? "read" }
    #expect(words("load(\"twin-3.keras\", layer=\"none\")").contains("it has no layer “none”"))
    #expect(words("load(\"twin-3.keras\", layer=\"difference\")").contains("takes 2 inputs where one is read"))
    #expect(words("load(\"../npy/f4.npy\", layer=\"a\")").contains("layer= is for networks of ONNX and Keras"))
    #expect(
      words("net = flatten >> dense(3)\nnet(zeros([1, 2]))\nnet.adopt(\"twin-2.h5\")").contains(
        "nothing in it fits 2.weight [3, 2]"))
  }
}
