import Interpreter
import ScriptSupport
import CoreLibrary

extension ScriptRun {
  /// With the library of the language itself, and nothing of the domain.
  init(steps: Int) {
    var library = BuiltinRegistry()
    CoreLibrary.register(&library)
    self.init(steps: steps, library: library)
  }
}
