import CoreLibrary
import Interpreter
import MetricLearning
import NeuralNetworks
import ONNXFormat

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
    FileLoader(recognises: { ONNXModel.recognises($0) }) { bytes, path, _ in
      Value(NetworkObject(try Network.fromONNX(bytes, file: "“\(path)”")))
    },
  ]
}
