import Diagnostics
import Interpreter
import StandardLibrary
import Syntax

/// The border with the interpreter: everything that the session asks of it.
final class SessionEngine {
  struct Run {
    var value: Value?
    var hidesValue = false
    var diagnostics: [Diagnostic] = []
    var wasInterrupted = false
    var reads: Set<String> = []
    var assigns: Set<String> = []
  }

  let context: ExecutionContext
  var registry: BuiltinRegistry { context.registry }
  var interruptFlag: InterruptFlag { context.interrupt }

  init(output: any OutputSink, arguments: [String], interrupt: InterruptFlag) {
    context = ExecutionContext(output: output, interrupt: interrupt, registry: StandardLibrary.registry())
    context.scriptArguments = arguments
  }

  func setSeed(_ seed: UInt64, drawn: UInt64 = 0) { context.setSeed(seed, drawn: drawn) }
  var seedsDrawn: UInt64 { context.seedsDrawn }

  func run(_ source: SourceText) -> Run { Run() }
  var names: [String] { [] }
  func value(of name: String) -> Value? { nil }
  func replaceNames(with values: [String: Value]) {}
  func display(_ value: Value, width: Int, color: Bool) throws -> String { "" }
  func summary(_ value: Value) -> String { "" }
  func help(_ builtin: Builtin) -> String { builtin.signature }
  func diagnostic(for error: any Error, in source: SourceText) -> Diagnostic {
    (error as? Diagnostic)
      ?? Diagnostic((error as? any ExplainedError)?.explanation ?? Explanation("\(error)"), at: nil)
  }
  var datasetNames: [String] { [] }
}
