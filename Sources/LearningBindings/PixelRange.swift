import DataBindings
import Diagnostics
import Interpreter
import NeuralNetworks
import Tensors

/// Pixels as bytes, 0 to 255, which somebody forgot to divide by 255. A network of this program, and the rates that suit
/// it, expect pixels from 0 to 1; with bytes it trains badly, and nothing else says why.
package enum PixelRange {
  static func warning(_ what: String, help: String) -> Explanation {
    Explanation("\(what) have pixels from 0 to 255, and a network learns from pixels from 0 to 1", help: help)
  }

  /// Says so where a network that has no weights yet is called with such pixels: one that came from elsewhere may
  /// expect them, and one that begins with a layer that scales its input takes any.
  static func look(at input: Tensor, for network: Network, _ context: ExecutionContext) {
    guard !network.isBuilt, network.layers.first(where: { !$0.keepsScale })?.wantsSmallInput == true,
      input.hasPixelsOfBytes
    else { return }
    context.output.warn(warning("these images", help: "divide them by 255: net(x / 255)"))
  }

  /// The same where a tensor is compared with a gallery, whose network may have weights: such pixels are far from all
  /// that was enrolled. It is known to take pixels from 0 to 1 where it was prepared for images.
  package static func look(
    at parameters: TypedParameter<Value>..., of args: Arguments, for network: Network, _ context: ExecutionContext
  ) throws {
    let wantsSmallInput = network.layers.first { !$0.keepsScale }?.wantsSmallInput
    guard network.preprocessing != nil ? wantsSmallInput != false : !network.isBuilt && wantsSmallInput == true
    else { return }
    let isOfBytes = try parameters.contains { parameter in
      guard case .tensor(let box) = try args[parameter] else { return false }
      let tensor = box.tensor
      return try (tensor.rank == 3 ? Tensor(tensor.values, shape: [1] + tensor.shape) : tensor).hasPixelsOfBytes
    }
    guard isOfBytes else { return }
    context.output.warn(
      Explanation(
        "\(args.functionName): these pixels are from 0 to 255, and the gallery's network takes pixels from 0 to 1",
        help: "divide them by 255 before: x / 255"))
  }
}

extension Tensor {
  /// Whether these are images, [n, channels, height, width] or rows of pixels, whose numbers go from 0 to more than 16 and
  /// at most 255.
  var hasPixelsOfBytes: Bool {
    guard trace == nil, rank >= 4 ? [1, 3].contains(shape[rank - 3]) : rank == 2 && shape[1] >= 64 else { return false }
    let mustBeWhole = rank == 2
    var greatest: Float = 0
    for value in values {
      guard value >= 0, value <= 255, !mustBeWhole || value == value.rounded() else { return false }
      greatest = Swift.max(greatest, value)
    }
    return greatest > (mustBeWhole ? 127 : 16)
  }
}
