import CoreLibrary
import Interpreter

/// Tensors, linear algebra and gradients, and the files that tensors are kept in.
public enum TensorBindings {
  /// - Parameter loaders: what `load` tries before arrays, in this order.
  package static func register(_ registry: inout BuiltinRegistry, loaders: [FileLoader]) {
    registerTensors(&registry)
    registerLinearAlgebra(&registry)
    registerGradients(&registry)
    registerTensorFiles(&registry, loaders)
  }
}
