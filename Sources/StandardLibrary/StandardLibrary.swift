import Interpreter

/// The library of the language: every builtin, from every part of the package.
public enum StandardLibrary {
  /// The table that the interpreter, help, completion and the reference page work from.
  /// - Parameter arguments: what the script finds in `args`.
  public static func registry(arguments: [String] = []) -> BuiltinRegistry {
    var registry = BuiltinRegistry()
    registerCore(&registry)
    registerScriptArguments(arguments, &registry)
    registerHelp(&registry)
    registerMathematics(&registry)
    registerStrings(&registry)
    // One line for each file of bindings; see the example at the top of Interpreter/Builtin.swift.
    registerTensors(&registry)
    registerLinearAlgebra(&registry)
    registerGradients(&registry)
    registerNetworks(&registry)
    registerDatasets(&registry)
    registerFaces(&registry)
    registerTraining(&registry)
    registerJudging(&registry)
    registerGalleries(&registry)
    registerPlots(&registry)
    return registry
  }
}
