import CoreLibrary
import Diagnostics
import Files
import Interpreter
import MetricLearning
import NeuralNetworks
import ONNXFormat
import TensorBindings

/// Layers, networks, optimisers, losses, training and the audit of what was learnt from.
public enum LearningBindings {
  public static func register(_ registry: inout BuiltinRegistry) {
    registerNetworks(&registry)
    registerTraining(&registry)
    registerAudit(&registry)
    registerSpread(&registry)
  }

  /// States of trainings, which hold a network too, before networks.
  package static let fileLoaders: [FileLoader] = [
    FileLoader(recognises: { Trainer.recognises($0) }) { bytes, path, _ in
      record(try Trainer.checkpoint(bytes, path: path))
    },
    FileLoader(recognises: { Network.recognises($0) }) { bytes, path, _ in
      Value(NetworkObject(try Network.decoded(bytes, path: path)))
    },
    FileLoader(
      recognises: { ONNXModel.recognises($0) },
      loadPart: { bytes, path, output, context in
        // Held: no name in the file leads out of its folder, nor through a link.
        let folder = FileSystem.parent(of: context.path(path))
        let (network, note) = try Network.fromONNX(bytes, file: "“\(path)”", output: output) {
          try HeldFolder(folder, writing: false).read($0, limit: $1)
        }
        if let note { context.output.warn(Explanation(note, help: "load(path, layer=\"…\") takes another")) }
        return Value(NetworkObject(network))
      }),
    FileLoader(
      recognises: { KerasFile.recognises($0) },
      loadPart: { bytes, path, layer, context in
        var file = try KerasFile(bytes, file: "“\(path)”")
        // Weights alone, and other files of HDF5.
        guard file.hasModel || layer != nil else {
          return try TensorBindings.record(try file.arrays(), context)
        }
        let (network, note) = try Network.fromKeras(file, layer: layer)
        if let note { context.output.warn(Explanation(note, help: "load(path, layer=\"…\") takes another part")) }
        return Value(NetworkObject(network))
      }),
  ]
}
