/// The tree as one line of nested parentheses a statement, for tests and for those who wonder how a line was read.
extension Program {
  public var dump: String {
    statements.map(\.dump).joined(separator: "\n") + (hidesValue ? ";" : "")
  }
}

private func form(_ parts: String...) -> String { "(" + parts.filter { !$0.isEmpty }.joined(separator: " ") + ")" }

private func form(_ head: String, _ parts: [String]) -> String { "(" + ([head] + parts).joined(separator: " ") + ")" }

extension Statement {
  public var dump: String {
    switch self {
    case .expression(let expression): expression.dump
    case .assign(let target, let value): form("=", target.dump, value.dump)
    case .compoundAssign(let target, let binary, let value, _): form(binary.rawValue + "=", target.dump, value.dump)
    case .function(let function): function.dump
    case .forLoop(let target, let sequence, let body, _): form("for", target.dump, sequence.dump, body.dump)
    case .whileLoop(let condition, let body, _): form("while", condition.dump, body.dump)
    case .breakLoop: "(break)"
    case .continueLoop: "(continue)"
    case .returnValue(let value, _): form("return", value?.dump ?? "")
    }
  }
}

extension Block {
  public var dump: String { "{" + statements.map(\.dump).joined(separator: "; ") + "}" }
}

extension Target {
  public var dump: String {
    switch self {
    case .name(let name): name.text
    case .member(let base, let name, _): form(".", base.dump, name.text)
    case .index(let base, let subscripts, _): form("index", [base.dump] + subscripts.map(\.dump))
    case .tuple(let targets, _): "[" + targets.map(\.dump).joined(separator: " ") + "]"
    }
  }
}

extension Subscript {
  public var dump: String {
    switch self {
    case .index(let index): index.dump
    case .slice(let start, let stop, let step, _):
      (start?.dump ?? "") + ":" + (stop?.dump ?? "") + (step.map { ":" + $0.dump } ?? "")
    case .ellipsis: "..."
    }
  }
}

extension Function {
  public var dump: String {
    let parameters = parameters.map { $0.name.text + ($0.defaultValue.map { "=" + $0.dump } ?? "") }
    let head = "fn" + (name.map { " " + $0.text } ?? "") + " [" + parameters.joined(separator: " ") + "]"
    switch body {
    case .expression(let expression): return form(head, expression.dump)
    case .block(let block): return form(head, block.dump)
    }
  }
}

extension Expression {
  public var dump: String {
    switch self {
    case .none: "none"
    case .bool(let value, _): value ? "true" : "false"
    case .number(let value, _):
      value == value.rounded() && value.magnitude < 1e15 ? String(Int64(value)) : String(value)
    case .string(let text, _): text.debugDescription
    case .interpolation(let parts, _): form("text", parts.map(\.dump))
    case .name(let name): name.text
    case .list(let items, _): "[" + items.map(\.dump).joined(separator: " ") + "]"
    case .comprehension(let element, let clauses, _): form("each", [element.dump] + clauses.map(\.dump))
    case .record(let fields, _): "{" + fields.map { $0.key.text + ": " + $0.value.dump }.joined(separator: ", ") + "}"
    case .range(let start, let end, let isClosed, _): form(isClosed ? "..." : "..<", start.dump, end.dump)
    case .unary(let unary, let operand, _): form(unary.rawValue, operand.dump)
    case .binary(let binary, let left, let right, _): form(binary.rawValue, left.dump, right.dump)
    case .logical(let logical, let left, let right, _): form(logical.rawValue, left.dump, right.dump)
    case .comparison(let first, let links):
      links.count == 1
        ? form(links[0].comparison.rawValue, first.dump, links[0].operand.dump)
        : form("chain", [first.dump] + links.map { $0.comparison.rawValue + " " + $0.operand.dump })
    case .pipe(let value, let function, _): form("|>", value.dump, function.dump)
    case .call(let callee, let arguments, _):
      form("call", [callee.dump] + arguments.map { ($0.label.map { $0.text + "=" } ?? "") + $0.value.dump })
    case .index(let base, let subscripts, _): form("index", [base.dump] + subscripts.map(\.dump))
    case .member(let base, let name, _): form(".", base.dump, name.text)
    case .function(let function): function.dump
    case .conditional(let branches, let otherwise, _):
      form(
        "if",
        branches.flatMap { [$0.condition.dump, $0.body.dump] } + (otherwise.map { ["else", $0.dump] } ?? []))
    case .attempt(let body, let name, let handler, _): form("try", body.dump, name?.text ?? "", handler.dump)
    }
  }
}

extension StringPart {
  var dump: String {
    switch self {
    case .text(let text): text.debugDescription
    case .value(let value, let format): value.dump + (format.map { ":" + $0.summary } ?? "")
    }
  }
}

extension ComprehensionClause {
  var dump: String {
    switch self {
    case .loop(let target, let sequence): form("for", target.dump, sequence.dump)
    case .condition(let condition): form("if", condition.dump)
    }
  }
}

extension FormatSpecification {
  /// The format in its full form.
  var summary: String {
    var text = alignment.map { "\(fill)\($0.rawValue)" } ?? ""
    if sign != .onlyNegative { text += sign.rawValue }
    if fillsWithZeros { text += "0" }
    if width > 0 { text += String(width) }
    if let grouping { text.append(grouping) }
    if let precision { text += ".\(precision)" }
    return text + (form?.rawValue ?? "")
  }
}
