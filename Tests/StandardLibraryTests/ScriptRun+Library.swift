import Interpreter
import ScriptSupport
import StandardLibrary

extension ScriptRun {
  /// With the whole library.
  init(steps: Int) { self.init(steps: steps, library: StandardLibrary.registry()) }
}
