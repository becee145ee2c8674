import Diagnostics
import Syntax

/// Ways out that depend on where an error fell: which function was called, and whether a name was called at all.
extension Machine {
  /// The explanation, with a line of help where it has none and there is one to give.
  func withWayOut(
    _ explanation: Explanation, of error: any Error, _ prototype: Prototype, _ index: Int
  ) -> Explanation {
    let site = prototype.sites[index]
    if case .unknownName(let name, _, _, _)? = error as? RuntimeError,
      let advice = moduleAdvice(name, prototype, index)
    {
      var helped = explanation
      helped.help = advice
      return helped
    }
    if case .unknownName(let name, let near, let owners, _)? = error as? RuntimeError,
      isCalled(name, prototype, index)
    {
      return RuntimeError.unknownName(name, near: near, owners: owners, isCalled: true).explanation
    }
    guard explanation.help == nil, isCatchable(error) else { return explanation }
    var helped = explanation
    switch error as? RuntimeError {
    case .missingArgument(let signature, let name, _):
      helped.help = page(ofSignature: signature) ?? "give it by its place, or as \(name)=…"
    case .tooManyArguments(let signature, _, _):
      helped.help = page(ofSignature: signature) ?? "leave some out: a function takes what its definition names"
    case nil:
      // A reason that a script gives itself stands alone.
      guard let entry = errorTarget, entry.name != "error", let site,
        prototype.source.slice(site.callee).hasSuffix(entry.name)
      else { break }
      helped.help = pageAdvice(entry)
    default: break
    }
    return helped
  }

  /// Of `np.concatenate(…)` what stands behind the dot was meant.
  private func moduleAdvice(_ name: String, _ prototype: Prototype, _ index: Int) -> String? {
    guard index < prototype.spans.count else { return nil }
    let span = prototype.spans[index]
    guard prototype.source.slice(span) == name else { return nil }
    let behind = prototype.source.slice(Span(span.end, span.end + 100))
    let chain = behind.prefix { $0 == "." || $0 == "_" || $0.isLetter || $0.isNumber }
    let isCall = behind.dropFirst(chain.count).first == "("
    let member = withoutForeignModule(name + chain)
    // `F.shape` may be of a value that a cell has yet to give.
    guard member != name + chain, isCall || !["F", "layers", "random"].contains(name) else { return nil }
    guard let entry = registry.function(member) else { return foreignNameAdvice(member) }
    return "leave `\((name + chain).dropLast(member.count))` out: \(member)\(entry.kind == .constant ? "" : "(…)")"
  }

  /// Whether a parenthesis stands directly behind the name.
  private func isCalled(_ name: String, _ prototype: Prototype, _ index: Int) -> Bool {
    guard index < prototype.spans.count else { return false }
    let span = prototype.spans[index]
    return prototype.source.slice(span) == name
      && prototype.source.slice(Span(span.end, span.end + 1)) == "("
  }

  private func page(ofSignature signature: String) -> String? {
    errorTarget.flatMap { $0.signature == signature ? pageAdvice($0) : nil }
  }

  /// `help("adam") says what it takes`; nil for what has no page, such as a loss that is called.
  func pageAdvice(_ entry: Builtin) -> String? {
    let name = entry.qualifiedName
    guard registry.entries(named: name).contains(where: { $0 === entry }) else { return nil }
    return "help(\"\(name)\") says what it takes, and has an example"
  }
}
