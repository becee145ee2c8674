import Diagnostics
import Syntax

extension Machine {
  func isCatchable(_ error: any Error) -> Bool {
    if error is Interruption || error is StepLimitReached { return false }
    if let failure = error as? Failure { return isCatchable(failure.cause) }
    if let tensorStop = error as? any UncatchableError { return !tensorStop.isUncatchable }
    return true
  }

  /// The error with its place and the calls that led there; nil for one that has no words.
  func diagnose(_ error: any Error) -> Diagnostic? {
    if let diagnostic = error as? Diagnostic { return diagnostic }
    if let failure = error as? Failure { return failure.diagnostic }
    if let several = error as? SyntaxErrors, let first = several.diagnostics.first { return first }
    var explanation: Explanation =
      if let explained = error as? any ExplainedError {
        explained.explanation
      } else {
        Explanation("unexpected error: \(error)")
      }
    guard depth > 0 else { return Diagnostic(explanation, at: nil) }
    let frame = frames[depth - 1]
    guard let prototype = frame.header.pointee.prototype?.takeUnretainedValue() else {
      return Diagnostic(explanation, at: nil)
    }
    let index = max(0, frame.pc - prototype.code - 1)
    if let hidden = hiddenFunction(error, prototype, index) { return hidden }
    explanation = withWayOut(explanation, of: error, prototype, index)
    var span = index < prototype.spans.count ? prototype.spans[index] : prototype.span
    if let site = prototype.sites[index], let argument = error as? ArgumentError {
      span = site.span(ofArgument: argument.place(in: errorTarget), of: errorTarget)
    } else if let site = prototype.sites[index], let problem = error as? RuntimeError {
      span = site.span(of: problem) ?? span
    }
    return Diagnostic(
      explanation, at: Place(prototype.source, span), calls: calls(below: depth - 1))
  }

  /// `len = 3`, and then `len("a")`: the name hides the function that was meant.
  private func hiddenFunction(_ error: any Error, _ prototype: Prototype, _ index: Int) -> Diagnostic? {
    guard case .notCallable(let type)? = error as? RuntimeError, let site = prototype.sites[index] else { return nil }
    let name = prototype.source.slice(site.callee)
    guard registry.function(name)?.kind == .function else { return nil }
    return Diagnostic(
      RuntimeError.hiddenFunction(name, type: type).explanation, at: Place(prototype.source, site.callee),
      calls: calls(below: depth - 1))
  }

  /// The calls below a frame, innermost first.
  private func calls(below top: Int) -> [Diagnostic.Call] {
    var calls: [Diagnostic.Call] = []
    var index = top - 1
    while index >= 0 {
      let frame = frames[index]
      if let prototype = frame.header.pointee.prototype?.takeUnretainedValue() {
        let place = max(0, frame.pc - prototype.code - 1)
        let span =
          prototype.sites[place]?.whole ?? (place < prototype.spans.count ? prototype.spans[place] : prototype.span)
        let callee = index + 1 < depth ? frames[index + 1].header.pointee.prototype?.takeUnretainedValue().name : nil
        calls.append(Diagnostic.Call(function: callee ?? prototype.name, place: Place(prototype.source, span)))
      }
      index -= 1
    }
    return calls
  }

  /// What `catch e` gets: `{message, help, line, source}`.
  func record(of diagnostic: Diagnostic?) -> Value {
    var fields: [(String, Value)] = []
    let explanation = diagnostic?.explanation ?? Explanation("unexpected error")
    fields.append(("message", Value(explanation.message)))
    fields.append(("help", explanation.help.map { Value($0) } ?? .none))
    if let place = diagnostic?.place {
      // A script can show them, and a saved session has to show the same as when it was typed: the cell's own.
      let (source, line) = (place.source, place.source.location(of: place.span.start).line)
      fields.append(("line", Value(source.cell.map { line - source.firstLine + $0.firstLine } ?? line)))
      fields.append(("source", Value(source.cell?.name ?? source.name)))
    } else {
      fields.append(("line", .none))
      fields.append(("source", .none))
    }
    return Value(fields: fields)
  }
}

/// Errors of other modules that a script must not catch (an interruption noticed deep in a computation).
public protocol UncatchableError: Error {
  var isUncatchable: Bool { get }
}

extension CallSite {
  /// What is marked for errors that are about a part of the call.
  func span(of problem: RuntimeError) -> Span? {
    switch problem {
    case .unknownArgument(_, let name, _), .repeatedArgument(_, let name):
      labels.firstIndex(of: name).map { arguments[$0] }
    case .mutatesSessionName: whole
    case .notIndexable: callee
    default: nil
    }
  }

  /// The text of the argument that was bound to a parameter.
  func span(ofArgument index: Int, of builtin: Builtin?) -> Span {
    guard index >= 0 else { return callee }
    if let builtin, !labels.isEmpty {
      guard builtin.parameters.indices.contains(index) else { return callee }
      if let place = labels.firstIndex(of: builtin.parameters[index].name) { return arguments[place] }
    }
    // As a method, a function's parameter 0 is the receiver.
    let shift = arguments.count > 0 && builtin?.kind == .function && isMethodCall ? 1 : 0
    let place = index - shift
    guard place >= 0, place < arguments.count else { return callee }
    if !labels.isEmpty, labels[place] != nil { return callee }
    return arguments[place]
  }

  /// `x.name(…)`: what is marked as the callee does not begin the call.
  var isMethodCall: Bool { callee.start > whole.start && callee.end <= (arguments.first?.start ?? callee.end) }
}
