import Interpreter
import ScriptSupport
import CoreLibrary
import TensorBindings

extension ScriptRun {
  /// With the library of the language and of tensors.
  init(steps: Int) {
    var library = BuiltinRegistry()
    CoreLibrary.register(&library)
    TensorBindings.register(&library, loaders: [])
    self.init(steps: steps, library: library)
  }
}
