import Interpreter

/// A kind of file that `load` knows besides arrays: a domain gives its own to `TensorBindings.register`.
package struct FileLoader: Sendable {
  /// Whether the bytes are of this kind. Asked in the order of the list, before npy, npz and plain safetensors.
  package var recognises: @Sendable (_ bytes: [UInt8]) -> Bool
  /// The value; `path` is for words.
  package var load: @Sendable (_ bytes: [UInt8], _ path: String, _ context: ExecutionContext) throws -> Value

  /// The same of a part of the file, by its name; nil for kinds that have none.
  package var loadPart:
    (@Sendable (_ bytes: [UInt8], _ path: String, _ part: String, _ context: ExecutionContext) throws -> Value)?

  /// Of a file that stays open and is not read whole: whether its first bytes are of this kind, and the value.
  package var recognisesStart: @Sendable (_ start: [UInt8]) -> Bool = { _ in false }
  package var open: (@Sendable (_ path: String, _ context: ExecutionContext) throws -> Value)?

  /// Whether what was given for a path is no path, but an address that this opens.
  package var recognisesAddress: @Sendable (_ text: String) -> Bool = { _ in false }

  package init(
    opens recognises: @escaping @Sendable (_ start: [UInt8]) -> Bool,
    open: @escaping @Sendable (_ path: String, _ context: ExecutionContext) throws -> Value
  ) {
    self.init(recognises: { _ in false }, load: { _, path, context in try open(path, context) })
    recognisesStart = recognises
    self.open = open
  }

  package init(
    recognises: @escaping @Sendable (_ bytes: [UInt8]) -> Bool,
    load: @escaping @Sendable (_ bytes: [UInt8], _ path: String, _ context: ExecutionContext) throws -> Value
  ) {
    self.recognises = recognises
    self.load = load
  }

  /// Of a kind of which a part can be loaded; nil stands for the whole.
  package init(
    recognises: @escaping @Sendable (_ bytes: [UInt8]) -> Bool,
    loadPart:
      @escaping @Sendable (_ bytes: [UInt8], _ path: String, _ part: String?, _ context: ExecutionContext)
      throws -> Value
  ) {
    self.init(recognises: recognises, load: { try loadPart($0, $1, nil, $2) })
    self.loadPart = loadPart
  }
}
