import Diagnostics
import Interpreter

/// Collects what goes to standard output, and warnings: no progress, no figures.
package final class Collector: OutputSink {
  package var text = ""
  /// "message; help" of each.
  package var warnings: [String] = []

  package init() {}
  package func print(_ text: String) { self.text += text }
  package func warn(_ explanation: Explanation) {
    warnings.append(([explanation.message] + [explanation.help].compactMap { $0 }).joined(separator: "; "))
  }
  package func progress(_ event: ProgressEvent) {}
  package func display(_ object: HostObject) {}
  package func readLine(prompt: String) -> String? { nil }
}

/// An interpreter with a library, and what it showed.
package struct ScriptRun {
  package let output = Collector()
  package let interpreter: Interpreter

  package init(steps: Int, library: BuiltinRegistry) {
    interpreter = Interpreter(output: output, registry: library)
    interpreter.context.limits.steps = steps
  }

  /// Runs one cell; gives the lines it showed, its value's included, and its error as "LINE:COLUMN: message".
  package func cell(_ text: String, name: String = "cell") -> (lines: [String], error: String?) {
    output.text = ""
    var error: String?
    switch interpreter.evaluate(SourceText(name: name, text: text)) {
    case .value(let value, let isHidden):
      if let value, !isHidden, !value.isNone { output.text += interpreter.describe(value, DisplayStyle()) + "\n" }
    case .failed(let diagnostics):
      error = diagnostics.first.map { first in
        let place = first.place.map { $0.source.location(of: $0.span.start) }
        return "\(place?.line ?? 0):\(place?.column ?? 0): \(first.explanation.message)"
      }
    case .interrupted: error = "interrupted"
    }
    var lines = output.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    return (lines, error)
  }
}
