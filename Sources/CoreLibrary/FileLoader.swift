import Interpreter

/// A kind of file that `load` knows besides arrays: a domain gives its own to `TensorBindings.register`.
package struct FileLoader: Sendable {
  /// Whether the bytes are of this kind. Asked in the order of the list, before npy, npz and plain safetensors.
  package var recognises: @Sendable (_ bytes: [UInt8]) -> Bool
  /// The value; `path` is for words.
  package var load: @Sendable (_ bytes: [UInt8], _ path: String, _ context: ExecutionContext) throws -> Value

  package init(
    recognises: @escaping @Sendable (_ bytes: [UInt8]) -> Bool,
    load: @escaping @Sendable (_ bytes: [UInt8], _ path: String, _ context: ExecutionContext) throws -> Value
  ) {
    self.recognises = recognises
    self.load = load
  }
}
