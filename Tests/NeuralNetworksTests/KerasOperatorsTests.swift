import ElementaryFunctions
import Tensors
import Testing

@testable import NeuralNetworks

/// Functions of `keras.ops`, which Keras 3 writes as layers of their names.
@Suite struct KerasOperatorsTests {
  private static func result(_ kind: String, _ config: String = "\"dtype\": \"float32\"") throws -> Tensor {
    try KerasFlattenTests.result([("Rescaling", "\"scale\": 0.25, \"offset\": -5"), (kind, config)], shape: [3, 4, 2])
  }

  private static let x = KerasFlattenTests.batch.map { $0 * 0.25 - 5 }

  private static func words(_ kind: String, _ config: String) -> String {
    do {
      _ = try result(kind, config)
      return "read"
    } catch { return (error as? ImportError)?.explanation.message ?? "\(error)" }
  }

  @Test func ofEachNumber() throws {
    func expect(_ found: Tensor, _ function: (Float) -> Float, place: SourceLocation = #_sourceLocation) {
      for (y, x) in zip(found.values, Self.x) {
        let wanted = function(x)
        #expect(abs(y - wanted) <= 1e-5 * max(1, abs(wanted)), "\(x)", sourceLocation: place)
      }
    }
    expect(try Self.result("Relu")) { max(0, $0) }
    expect(try Self.result("Absolute")) { abs($0) }
    expect(try Self.result("Negative")) { -$0 }
    expect(try Self.result("Square")) { $0 * $0 }
    expect(try Self.result("Exp")) { Elementary.exp($0) }
    expect(try Self.result("Clip", "\"x_min\": -1, \"x_max\": 2")) { min(2, max(-1, $0)) }
    expect(try Self.result("LeakyRelu")) { $0 > 0 ? $0 : 0.2 * $0 }
    let logSigmoid: (Float) -> Float = { -Elementary.log(1 + Elementary.exp(-$0)) }
    expect(try Self.result("LogSigmoid"), logSigmoid)
    expect(try Self.result("Activation", "\"activation\": \"log_sigmoid\""), logSigmoid)
    let pairs = try KerasFlattenTests.result(
      [
        ("Rescaling", "\"scale\": 1, \"offset\": 1"), ("Sqrt", "\"dtype\": \"float32\""),
        ("Square", "\"dtype\": \"float32\""),
      ],
      shape: [3, 4, 2])
    #expect(zip(pairs.values, KerasFlattenTests.batch).allSatisfy { abs($0 - $1 - 1) < 1e-4 })
  }

  @Test func overAxes() throws {
    let images = try Tensor(Self.x, shape: [2, 2, 3, 4])
    func expect(_ found: Tensor, _ wanted: Tensor, place: SourceLocation = #_sourceLocation) {
      #expect(found.shape == wanted.shape, sourceLocation: place)
      #expect(zip(found.values, wanted.values).allSatisfy { abs($0 - $1) < 1e-4 }, sourceLocation: place)
    }
    expect(try Self.result("Mean", "\"axis\": [1, 2]"), try images.mean([2, 3]))
    expect(try Self.result("Max", "\"axis\": [-3, -2], \"keepdims\": true"), try images.max([2, 3], keepDims: true))
    // The channels stand last there, and first here.
    expect(try Self.result("Sum", "\"axis\": -1"), try images.sum([1]))
    expect(try Self.result("Norm", "\"axis\": 3, \"keepdims\": true"), try images.norm([1], keepDims: true))
    expect(try Self.result("Min", "\"axis\": 1, \"keepdims\": true"), try images.min([2], keepDims: true))
    let lengths = try images.norm([1], keepDims: true)
    expect(try Self.result("Normalize", "\"axis\": -1, \"order\": 2"), try images / lengths)
  }

  @Test func refusedInWords() {
    #expect(Self.words("Mean", "\"axis\": 0").contains("the batch's axis"))
    #expect(Self.words("Mean", "\"axis\": null").contains("the batch's axis"))
    #expect(Self.words("Mean", "\"axis\": [1, 9]").contains("not there"))
    #expect(Self.words("Mean", "\"axis\": 1").contains("height or width alone"))
    #expect(Self.words("Sum", "\"axis\": [1, 2, 3]").contains("leaves nothing"))
    #expect(Self.words("Max", "\"axis\": 3, \"initial\": 1").contains("a first number"))
    #expect(Self.words("Norm", "\"axis\": [1, 2]").contains("no Euclidean length"))
    #expect(Self.words("Normalize", "\"axis\": -1, \"order\": 1").contains("other lengths"))
    #expect(Self.words("Normalize", "\"axis\": 1").contains("goes over the axes"))
    #expect(Self.words("Clip", "\"x_min\": 2, \"x_max\": 1").contains("no two numbers in order"))
    #expect(Self.words("Power", "\"dtype\": \"float32\"").contains("not read"))
  }
}
