/// What an error says, without its place: the reason, and where one exists a way out.
public struct Explanation: Hashable, Sendable {
  /// One sentence, no full stop: "conv expects 3 or more axes (batch, channels, height, width), got …".
  public var message: String
  /// Stands under the caret: what the marked text is ("the input of layer 1, conv(6, 3)").
  public var note: String?
  /// A way out: "keep the image's shape, or begin the network with dense".
  public var help: String?

  public init(_ message: String, note: String? = nil, help: String? = nil) {
    self.message = message
    self.note = note
    self.help = help
  }
}

/// An error of a module: an enum with payloads, whose words stand in one file of that module (`…Error+Explanation.swift`).
public protocol ExplainedError: Error, Sendable {
  var explanation: Explanation { get }
}

/// Where something is: a text and a span of it.
public struct Place: Sendable {
  public var source: SourceText
  public var span: Span

  public init(_ source: SourceText, _ span: Span) {
    self.source = source
    self.span = span
  }
}

/// An error or warning with its place, as a person reads it.
public struct Diagnostic: Error, Sendable {
  public enum Severity: String, Sendable { case error, warning }

  /// One step of the call stack of a run-time error: the function's name and where it was called.
  public struct Call: Sendable {
    public var function: String
    public var place: Place

    public init(function: String, place: Place) {
      self.function = function
      self.place = place
    }
  }

  public var severity: Severity
  public var explanation: Explanation
  public var place: Place?
  /// Innermost first.
  public var calls: [Call]

  public init(_ explanation: Explanation, at place: Place?, severity: Severity = .error, calls: [Call] = []) {
    self.severity = severity
    self.explanation = explanation
    self.place = place
    self.calls = calls
  }
}
