import Diagnostics
import Foundation
import Interpreter
import Syntax

extension NotebookSession {
  func evaluateQuestion(_ name: String, _ wantsSource: Bool, at source: SourceText, into outcome: inout Evaluation) {
    do {
      if name == Self.tourQuestion, !source.text.contains("?") {
        return evaluateCode(SourceText(name: source.name, text: "help()", firstLine: source.firstLine), into: &outcome)
      }
      if wantsSource { say(try sourceText(of: name)) } else { explain(try inspect(name)) }
    } catch {
      outcome.status = .failed
      outcome.diagnostics.append(
        Diagnostic((error as? any ExplainedError)?.explanation ?? Explanation("\(error)"), at: nil))
    }
  }

  /// A cell with this word alone begins the tour.
  static let tourQuestion = "help"

  /// What `?name` shows: for a builtin its help, for a name of the session its kind, value, cell and what is stale.
  public func inspect(_ name: String) throws -> String {
    if name.isEmpty { return "?name describes a name: ?conv, ?dataset.split, ?%save. help() begins a tour." }
    if let page = Symbol(rawValue: name)?.page { return page }
    if name.hasPrefix("%") {
      return try SessionCommand.find(String(name.dropFirst())).page
    }
    // `?"conv"`, as help("conv") has it.
    if name.count > 2, let quote = name.first, quote == "\"" || quote == "'", name.last == quote {
      return try inspect(String(name.dropFirst().dropLast()))
    }
    if let value = engine.value(of: name) {
      if case .function(let function) = value, let builtin = function.builtin { return engine.help(builtin) }
      return describe(name, value)
    }
    if let dot = name.lastIndex(of: ".") {
      let base = String(name[..<dot])
      let member = String(name[name.index(after: dot)...])
      // Of a chain as well, without running it: `glyphs(4, 3).split`.
      if let type = typeName(of: base) {
        for type in typesWithMembers(type) {
          if let entry = engine.registry.member(member, of: type) { return engine.help(entry) }
        }
      }
    }
    if let word = Keyword(rawValue: name) { return word.page }
    let entries = engine.registry.entries(named: withoutForeignModule(name))
    guard !entries.isEmpty else {
      if let members = engine.registry.memberList(of: typesWithMembers(name)) { return members }
      throw SessionError.unknownName(name, near: nearName(name, among: engine.names + engine.registry.helpNames))
    }
    return entries.map(engine.help).joined(separator: "\n\n")
  }

  /// What the cursor touches behind a chain of calls and indexes, and the call around it, for `inspect`: in
  /// `glyphs(4, 3).split(0.5)` they are `glyphs(4, 3).split`.
  public func chains(before: String, after: String) -> [String] {
    if CellCode.isTooLarge(before) { return [] }
    let cursor = CursorContext(before)
    var names: [String] = []
    if case .member(let base) = cursor.place, !base.isEmpty {
      let word = cursor.partial + after.prefix { $0 == "_" || $0.isLetter || $0.isNumber }
      if !word.isEmpty { names.append(base + "." + word) }
    }
    if let call = cursor.call { names.append(call) }
    return names.filter { name in name.contains { "([\"".contains($0) } }
  }

  private func describe(_ name: String, _ value: Value) -> String {
    var lines: [String] = []
    if case .function(let function) = value {
      lines.append(function.signature)
    } else {
      lines.append("\(name): \(value.typeName)")
      let shown = engine.display(value)
      if !shown.isEmpty {
        let all = shown.split(separator: "\n", omittingEmptySubsequences: false)
        lines += all.prefix(20).map(String.init)
        if all.count > 20 { lines.append("… \(all.count - 20) more lines") }
      }
    }
    if let cell = nameOrigins.cell(of: name) { lines.append("from cell \(cell)") }
    let causes = value.asFunction == nil ? cellDependencies().dependencies.staleNames()[name] ?? [] : []
    if !causes.isEmpty { lines.append("stale: \(causes.joined(separator: ", ")) changed since") }
    let members = typesWithMembers(value.typeName).flatMap(engine.registry.memberNames)
    if !members.isEmpty, value.asFunction == nil {
      lines.append("members: \(members.map { "." + $0 }.joined(separator: " "))")
    }
    return lines.joined(separator: "\n")
  }

  /// What `??f` shows.
  public func sourceText(of name: String) throws -> String {
    if name.isEmpty { return "??name shows a function's source, or the cell that gave a name its value: ??f" }
    if name.hasPrefix("%") { return try inspect(name) + "\n\n(built in; there is no source to show)" }
    guard let value = engine.value(of: name) else {
      if let entry = engine.registry.entries(named: name).first {
        return engine.help(entry) + "\n\n(built in; there is no source to show)"
      }
      throw SessionError.unknownName(name, near: nearName(name, among: engine.names + engine.registry.names))
    }
    if case .function(let function) = value, let source = function.source { return source }
    // Not a function: the cell that gave it its value is its source.
    if let cell = nameOrigins.cell(of: name), let entry = entries.last(where: { $0.number == cell }) {
      return "# cell \(entry.number)\n\(entry.typed)"
    }
    throw SessionError.noSource(name)
  }
}
