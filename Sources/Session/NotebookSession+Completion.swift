import Foundation
import Interpreter

extension NotebookSession {
  private static let keywords = [
    "fn", "if", "else", "for", "in", "while", "break", "continue", "return", "try", "catch", "and", "or", "not",
    "true", "false", "none",
  ]

  /// Completions of what stands before the cursor.
  public func complete(_ text: String) -> Completion {
    let line = text.split(separator: "\n", omittingEmptySubsequences: false).last.map(String.init) ?? text
    if let completion = completeCommand(line) { return completion }
    var code = text
    if let question = line.first(where: { !$0.isWhitespace }), question == "?" {
      code = String(line.drop { $0.isWhitespace || $0 == "?" })
    } else if let command = commandLine(line), command.takesCode {
      code = command.rest
    }
    let cursor = CursorContext(code)
    switch cursor.place {
    case .comment: return Completion(replacedBytes: 0, candidates: [])
    case .string(let call): return completeString(cursor.partial, call: call)
    case .member(let base): return completeMember(of: base, cursor.partial)
    case .name: return completeName(cursor)
    }
  }

  private func completeCommand(_ line: String) -> Completion? {
    let text = line.drop(while: \.isWhitespace)
    let isQuestion = text.hasPrefix("?%")
    guard text.hasPrefix("%") || isQuestion else { return nil }
    let bare = text.drop { $0 == "?" || $0 == "%" }
    let name = bare.prefix { $0.isLetter }
    if name.endIndex == bare.endIndex {
      let found = SessionCommand.all.map(\.name.rawValue).filter { $0.hasPrefix(name) }
      return Completion(
        replacedBytes: name.utf8.count + 1, candidates: found.map { Completion.Candidate("%" + $0, "command") })
    }
    guard let command = SessionCommand.named(String(name)) else { return Completion(replacedBytes: 0, candidates: []) }
    if command.takesCode { return nil }
    let word = String(bare.split(separator: " ", omittingEmptySubsequences: false).last ?? "")
    if command.name == .help {
      let found = SessionCommand.all.map(\.name.rawValue).filter { $0.hasPrefix(word) }
      return Completion(replacedBytes: word.utf8.count, candidates: found.map { Completion.Candidate($0, "command") })
    }
    if command.takesFile { return files(word) }
    if command.name == .edit || command.name == .who {
      let found = engine.names.filter { $0.hasPrefix(word) }
      return Completion(
        replacedBytes: word.utf8.count, candidates: found.map { Completion.Candidate($0, kind(of: $0)) })
    }
    return Completion(replacedBytes: 0, candidates: [])
  }

  private func kind(of name: String) -> String {
    if let value = engine.value(of: name) { return value.typeName }
    guard let entry = engine.registry.function(name) else { return "" }
    switch entry.kind {
    case .constant: return "constant"
    case .property: return "property"
    case .method: return "method"
    case .function: return entry.composeValue != nil ? "layer" : "function"
    }
  }

  private func completeName(_ cursor: CursorContext) -> Completion {
    let partial = cursor.partial
    if partial.first?.isNumber == true { return Completion(replacedBytes: 0, candidates: []) }
    var candidates: [Completion.Candidate] = []
    if let call = cursor.call {
      for name in parameterNames(of: call) where name.hasPrefix(partial) && !cursor.given.contains(name) {
        candidates.append(Completion.Candidate(name + "=", "argument"))
      }
    }
    // Nothing typed inside a call: its arguments are what is wanted; elsewhere, the session's names.
    if !(partial.isEmpty && !candidates.isEmpty) {
      var names = Set(engine.names.filter { $0.hasPrefix(partial) })
      if !partial.isEmpty {
        names.formUnion(engine.registry.names.filter { $0.hasPrefix(partial) })
        candidates += Self.keywords.filter { $0.hasPrefix(partial) }.map { Completion.Candidate($0, "keyword") }
      }
      candidates += names.sorted().map { Completion.Candidate($0, kind(of: $0)) }
    }
    return Completion(replacedBytes: partial.utf8.count, candidates: candidates)
  }

  private func parameterNames(of call: String) -> [String] {
    if let dot = call.lastIndex(of: ".") {
      guard let type = typeName(of: String(call[..<dot])) else { return [] }
      let member = String(call[call.index(after: dot)...])
      guard let entry = engine.registry.member(member, of: type) else { return [] }
      // A function that may stand after a dot has the receiver as its first parameter.
      let parameters = entry.kind == .function ? entry.parameters.dropFirst() : entry.parameters[...]
      return parameters.filter { !$0.isVariadic }.map(\.name)
    }
    if let value = engine.value(of: call) {
      if case .function(let function) = value { return function.parameterNames }
      if case .object(let object) = value { return object.callParameters?.map(\.name) ?? [] }
      return []
    }
    guard let entry = engine.registry.function(call) else { return [] }
    var names: [String] = []
    for variant in [entry] + entry.variants {
      for parameter in variant.parameters where !parameter.isVariadic && !names.contains(parameter.name) {
        names.append(parameter.name)
      }
    }
    return names
  }

  /// The type of `faces`, `record.field` or `people[0]`, without running anything.
  private func typeName(of chain: String) -> String? {
    if let value = value(of: chain) { return value.typeName }
    if chain == "\"\"" { return "string" }
    if chain == "[]" { return "list" }
    // An item of a dataset is an image, its classes are datasets.
    guard chain.hasSuffix("]"), let open = chain.lastIndex(of: "["),
      value(of: String(chain[..<open]))?.typeName == "dataset"
    else { return nil }
    return Int(chain[chain.index(after: open)...].dropLast()) == nil ? "dataset" : "image"
  }

  private func value(of chain: String) -> Value? {
    var rest = chain[...]
    let first = rest.prefix { $0 != "." && $0 != "[" }
    guard var value = engine.value(of: String(first)) else { return nil }
    rest = rest.dropFirst(first.count)
    while let sign = rest.popFirst() {
      if sign == "." {
        let name = rest.prefix { $0 != "." && $0 != "[" }
        rest = rest.dropFirst(name.count)
        guard case .record(let record) = value, let field = record[String(name)] else { return nil }
        value = field
      } else {
        // A plain number or a text between the brackets; anything else would have to be run.
        let inside = rest.prefix { $0 != "]" }
        rest = rest.dropFirst(inside.count + 1)
        if case .list(let box) = value, let index = Int(inside) {
          let place = index < 0 ? box.items.count + index : index
          guard box.items.indices.contains(place) else { return nil }
          value = box.items[place]
        } else if case .record(let record) = value, inside.hasPrefix("\""), inside.hasSuffix("\""), inside.count > 1,
          let field = record[String(inside.dropFirst().dropLast())]
        {
          value = field
        } else {
          return nil
        }
      }
    }
    return value
  }

  private func completeMember(of base: String, _ partial: String) -> Completion {
    var candidates: [Completion.Candidate] = []
    if let value = value(of: base) {
      if case .record(let record) = value {
        candidates += record.names.map { Completion.Candidate($0, record[$0]?.typeName ?? "field") }
      }
      if case .object(let object) = value {
        candidates += object.memberNames.map { Completion.Candidate($0, "property") }
      }
    }
    // `?dataset.s` completes members of a type as well.
    let type = typeName(of: base) ?? (engine.registry.types.contains(base) ? base : nil)
    if let type {
      for entry in engine.registry.members(of: type) {
        candidates.append(Completion.Candidate(entry.name, entry.kind == .property ? "property" : "method"))
      }
    }
    var seen: Set<String> = []
    let found = candidates.filter { $0.text.hasPrefix(partial) && seen.insert($0.text).inserted }
    return Completion(replacedBytes: partial.utf8.count, candidates: found)
  }

  private func completeString(_ partial: String, call: String?) -> Completion {
    var completion = files(partial)
    if call == "images" || call == "fetch", !partial.contains("/") {
      let names = engine.datasetNames.filter { $0.hasPrefix(partial) }.map { Completion.Candidate($0, "dataset") }
      completion.replacedBytes = max(completion.replacedBytes, names.isEmpty ? 0 : partial.utf8.count)
      completion.candidates = names + completion.candidates
    }
    if call == "help" {
      let names = engine.registry.helpNames.filter { $0.hasPrefix(partial) }
      let unique = Array(Set(names)).sorted().map { Completion.Candidate($0, "help") }
      return Completion(replacedBytes: partial.utf8.count, candidates: unique)
    }
    return completion
  }

  /// Files and folders that begin with `partial`; a folder ends in "/".
  private func files(_ partial: String) -> Completion {
    let slash = partial.lastIndex(of: "/")
    let folder = slash.map { String(partial[...$0]) } ?? ""
    let word = slash.map { String(partial[partial.index(after: $0)...]) } ?? partial
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : expand(folder))) ?? []
    let found = names.filter { $0.hasPrefix(word) && (word.hasPrefix(".") || !$0.hasPrefix(".")) }.sorted().prefix(500)
    let candidates = found.map { name in
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: expand(folder) + name, isDirectory: &isFolder)
      return Completion.Candidate(
        folder + name + (isFolder.boolValue ? "/" : ""), isFolder.boolValue ? "folder" : "file")
    }
    return Completion(replacedBytes: partial.utf8.count, candidates: Array(candidates))
  }
}
