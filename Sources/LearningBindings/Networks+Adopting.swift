import CoreLibrary
import Diagnostics
import Files
import Interpreter
import NeuralNetworks
import TensorFiles
import Tensors

/// `net.adopt(…)`: weights from elsewhere in a network of the same shape.
extension LearningBindings {
  static func registerAdopting(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        method: "adopt", of: "network", .of(weights), area: .layers, returns: "list", files: .readsNamed,
        summary: "Takes weights from elsewhere, as PyTorch's state dictionary; gives a list of which went where.",
        details: """
          A path ends in .pt, .pth, .npz, .safetensors, .keras or .h5; a record is what load gives of one. The network must have its \
          shapes: call it once before. A file with the network's own names gives each array to its name. Else each layer takes the \
          next module (arrays whose names differ behind the last point alone) that has its arrays: weight, bias, and of a \
          normalisation weight, bias, running_mean and running_var for scale, shift, mean and variance. In a file that is \
          sorted by name, modules come by their names' numbers. Arrays of other names go by order and shape. Where an array of \
          the network finds none, nothing changes, and the error names each. Arrays that nobody takes (num_batches_tracked) \
          stand at the end of the list. Pickles are read and never run. Keras's arrays are turned as they come: each layer \
          takes the next one there whose arrays fit it, kernels [height, width, in, out] become [out, in, height, width], \
          and the rows of a dense layer behind flatten go by channel.
          """,
        example: """
          net = dense(2, bias=false)
          net = net >> relu
          net(zeros([1, 2]))
          net.adopt({"0.weight": tensor([[1, 2], [3, 4]])})
          #> ["0.weight [2, 2] → 1.weight"]
          """,
        errors: ["the network has no weights yet", "an array is missing, or of another shape"],
        seeAlso: ["load", "network.save"]
      ) { args, context in
        let network = try args.receiver(NetworkObject.self).network
        guard network.isBuilt else { throw NetworkError.notBuilt(function: "adopt") }
        guard let path = try args[weights].asText else {
          return Value(texts: try adopt(try arrays(args), in: network))
        }
        let (told, warning) = try Overflow.watching(path) {
          let bytes = try FileSystem.read(context.path(path))
          if KerasFile.recognises(bytes) {
            var file = try KerasFile(bytes, file: "“\(path)”")
            return try network.adopt(&file)
          }
          return try adopt(try arrays(of: bytes, path), in: network)
        }
        if let warning { context.output.warn(warning) }
        return Value(texts: told)
      })
  }

  private static let weights = TypedParameter.value("weights", "path, or record of tensors")

  private static func arrays(of bytes: [UInt8], _ path: String) throws -> [(name: String, tensor: Tensor)] {
    if TorchWeights.recognises(bytes) {
      return try TorchWeights.decode(bytes, name: "“\(path)”", isStrict: false).tensors
    }
    switch TensorFile.kind(of: bytes) {
    case .npz: return try NPZ.decode(bytes, name: "“\(path)”")
    case .safetensors: return try Safetensors.decode(bytes, name: "“\(path)”").tensors
    case nil where bytes.isEmpty: throw TensorFileError.empty(file: "“\(path)”")
    case .npy, nil:
      throw ArgumentError(
        weights, "adopt: “\(path)” is no file of weights",
        help: ".pt, .pth, .npz, .safetensors, .keras and .h5 are read")
    }
  }

  private static func arrays(_ args: Arguments) throws -> [(name: String, tensor: Tensor)] {
    let given = try args[weights]
    guard let record = given.asRecord else { throw args.mismatch(weights, expected: "a path or a record of tensors") }
    return try record.fields.map { name, value in
      guard let tensor = try value.asTensor ?? value.convertedToTensor() else {
        throw ArgumentError(weights, "adopt: the field \(name) must be a tensor, got \(value.inWords)")
      }
      return (name, tensor)
    }
  }

  private static func adopt(_ given: [(name: String, tensor: Tensor)], in network: Network) throws -> [String] {
    let arrays = network.weights
    let match = WeightMatch(given.map { ($0.name, $0.tensor.shape) }, for: arrays.map { ($0.name, $0.shape) })
    let (source, left) = (match.sources, match.left)
    let missing = arrays.indices.filter { source[$0] == nil }
    guard missing.isEmpty else {
      let words = missing.prefix(8).map { "\(arrays[$0].name) \(arrays[$0].shape)" }.joined(separator: ", ")
      let others = left.prefix(8).map { index -> String in
        let name = given[index].name
        return "\(name.isEmpty ? "an array without a name" : "\(name.prefix(80))") \(given[index].tensor.shape)"
      }.joined(separator: ", ")
      throw ArgumentError(
        weights,
        "adopt: nothing fits \(words)\(missing.count > 8 ? " and \(missing.count - 8) more" : ""); nothing was changed",
        help: others.isEmpty ? "every array given went somewhere else" : "not taken: \(others)")
    }
    guard source.allSatisfy({ $0.map { given[$0].tensor.values.allSatisfy(\.isFinite) } ?? true }) else {
      throw ArgumentError(weights, "adopt: a weight is not finite; nothing was changed")
    }
    network.restore(Network.Snapshot(arrays: source.map { $0.map { given[$0].tensor.values } ?? [] }))
    network.learning.hasUnknown = true
    let taken = arrays.indices.map { place -> String in
      let name = source[place].map { given[$0].name } ?? ""
      return "\(name) \(arrays[place].shape) → \(arrays[place].name)"
    }
    return taken + left.map { "\(given[$0].name) \(given[$0].tensor.shape): not taken" }
  }
}
