import TensorFiles
import Tensors
import Testing

@testable import NeuralNetworks

/// In which order an image's numbers stand in a row: Keras has them pixel by pixel, and its Flatten brings channels that
/// come first behind the pixels where it is told so.
@Suite struct KerasFlattenTests {
  static let batch = (0..<48).map { Float($0) }

  /// What a model of layers without weights makes of [2, 2, 3, 4].
  static func result(_ layers: [(kind: String, config: String)], shape: [Int]) throws -> Tensor {
    let parts = layers.enumerated().map { place, layer in
      #"{"class_name": "\#(layer.kind)", "config": {"name": "l\#(place)", \#(layer.config)}}"#
    }
    let input =
      #"{"class_name": "InputLayer", "config": {"batch_shape": [null, \#(shape.map(String.init).joined(separator: ", "))], "name": "in"}}"#
    let model =
      #"{"class_name": "Sequential", "config": {"name": "s", "layers": ["# + ([input] + parts).joined(separator: ", ")
      + "]}}"
    let empty = try HDF5File(try #require(KerasTests.files["base-3.weights.h5"]))
    let file = KerasFile(config: Array(model.utf8), weights: empty, file: "x.keras")
    return try Network.fromKeras(file).network.embed(try Tensor(batch, shape: [2, 2, 3, 4]))
  }

  private static let last = #""data_format": "channels_last""#
  private static let first = #""data_format": "channels_first""#

  @Test func rowsThatStayRows() throws {
    let pixels = try Tensor(Self.batch, shape: [2, 2, 3, 4]).transposed([0, 2, 3, 1])
    let again = ("Reshape", #""target_shape": [-1]"#)
    for more in [[], [again], [again, ("Reshape", #""target_shape": [24]"#), again]] {
      let row = try Self.result([("Flatten", Self.last)] + more, shape: [3, 4, 2])
      #expect(row.shape == [2, 24] && row.values == pixels.values)
    }
    // An image again: channels stand first here.
    let image = try Self.result(
      [("Flatten", Self.last), again, ("Reshape", #""target_shape": [3, 4, 2]"#)], shape: [3, 4, 2])
    #expect(image.shape == [2, 2, 3, 4] && image.values == Self.batch)
  }

  @Test func channelsThatComeFirst() throws {
    let whole = try Tensor(Self.batch, shape: [2, 2, 3, 4])
    let pixels = try whole.transposed([0, 2, 3, 1]).values
    let pool = ("MaxPooling2D", #""pool_size": [1, 1], "strides": [1, 1], "padding": "valid", "# + Self.first)
    for layers in [[pool, ("Flatten", Self.first)], [("Flatten", Self.first)]] {
      #expect(try Self.result(layers, shape: [2, 3, 4]).values == pixels)
    }
    // Flatten at Keras's default leaves the axes as they are.
    #expect(try Self.result([pool, ("Flatten", Self.last)], shape: [2, 3, 4]).values == Self.batch)
    // The row is pixel by pixel, whatever is made of it.
    let image = try Self.result(
      [pool, ("Flatten", Self.first), ("Reshape", #""target_shape": [2, 3, 4]"#)], shape: [2, 3, 4])
    #expect(image.shape == [2, 2, 3, 4] && image.values == pixels)
  }

  /// Keras moves the first axis of an item behind the others, whatever it means.
  @Test func otherAxesThatAreMoved() throws {
    let whole = try Tensor(Self.batch, shape: [2, 2, 3, 4])
    let pool = ("MaxPooling2D", #""pool_size": [1, 1], "strides": [1, 1], "padding": "valid", "# + Self.last)
    // [height, width, channels] there as [width, channels, height].
    let row = try Self.result([pool, ("Flatten", Self.first)], shape: [3, 4, 2])
    #expect(row.values == (try whole.transposed([0, 3, 1, 2])).values)
    let pairs = try Self.result(
      [pool, ("Reshape", #""target_shape": [12, 2]"#), ("Flatten", Self.first)], shape: [3, 4, 2])
    #expect(pairs.values == (try whole.transposed([0, 2, 3, 1]).reshaped([2, 12, 2]).transposed([0, 2, 1])).values)
  }

  @Test func twoFormatsAreRefused() {
    let layers = [
      ("ZeroPadding2D", #""padding": [1, 1], "# + Self.first), ("UpSampling2D", #""size": [2, 2], "# + Self.last),
    ]
    #expect {
      try Self.result(layers, shape: [2, 3, 4])
    } throws: {
      "\(($0 as? ImportError)?.explanation.message ?? "")".hasSuffix("channels first, and others last")
    }
  }
}
