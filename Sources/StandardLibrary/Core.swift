import Interpreter

extension StandardLibrary {
  static func registerCore(_ registry: inout BuiltinRegistry) {
  }
}
