import Interpreter

/// The library of the language itself: text, numbers, lists, records, mathematics, help, text files.
public enum CoreLibrary {
  /// - Parameter arguments: what the script finds in `args`.
  public static func register(_ registry: inout BuiltinRegistry, arguments: [String] = []) {
    registerCore(&registry)
    registerScriptArguments(arguments, &registry)
    registerHelp(&registry)
    registerMathematics(&registry)
    registerStrings(&registry)
    registerTextFiles(&registry)
  }
}
