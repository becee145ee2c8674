import DataBindings
import Datasets
import Files
import Foundation
import Interpreter

extension NotebookSession {
  private static let keywords = [
    "fn", "if", "else", "for", "in", "while", "break", "continue", "return", "try", "catch", "and", "or", "not",
    "true", "false", "none",
  ]

  /// Completions of what stands before the cursor.
  public func complete(_ text: String) -> Completion {
    if CellCode.isTooLarge(text) { return Completion(replacedBytes: 0, candidates: []) }
    let line = text.split(separator: "\n", omittingEmptySubsequences: false).last.map(String.init) ?? text
    if let completion = completeCommand(line) { return completion }
    // What the system's shell is to run; behind an open bracket or operator it would be something else.
    if line.first(where: { !$0.isWhitespace }) == "!", !text.contains("\n") {
      let word = TypedWord(endOf: String(line.drop { $0.isWhitespace || $0 == "!" }), for: .shell)
      return word.quoted(files(word.content))
    }
    var code = text
    if let question = line.first(where: { !$0.isWhitespace }), question == "?" {
      code = String(line.drop { $0.isWhitespace || $0 == "?" })
    } else if let command = commandLine(line), command.takesCode {
      code = command.rest
    }
    let cursor = CursorContext(code)
    switch cursor.place {
    case .comment: return Completion(replacedBytes: 0, candidates: [])
    case .string(let call):
      if let indexed = cursor.indexed, let keys = keys(of: indexed) {
        let found = keys.filter { $0.hasPrefix(cursor.partial) }
        return Completion(
          replacedBytes: cursor.partial.utf8.count, candidates: found.map { Completion.Candidate($0, "key") })
      }
      return completeString(cursor.partial, call: call)
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
      let found = SessionCommand.all.map(\.name).filter { $0.hasPrefix(name) }
      return Completion(
        replacedBytes: name.utf8.count + 1, candidates: found.map { Completion.Candidate("%" + $0, "command") })
    }
    guard let command = SessionCommand.named(String(name)) else { return Completion(replacedBytes: 0, candidates: []) }
    if case .code = command.argument { return nil }
    let typed = TypedWord(endOf: String(bare.dropFirst(name.count)), for: .command)
    let word = typed.content
    if word.hasPrefix("-"), word.utf8.count == typed.typedBytes {
      let found = command.options.filter { $0.hasPrefix(word) }
      return Completion(
        replacedBytes: word.utf8.count, candidates: found.map { Completion.Candidate($0, "option") })
    }
    switch command.argument {
    case .code: return nil
    case .words: return Completion(replacedBytes: 0, candidates: [])
    case .file: return typed.quoted(files(word))
    case .folder: return typed.quoted(folders(word))
    case .command:
      let found = SessionCommand.all.map(\.name).filter { $0.hasPrefix(word) }
      return Completion(replacedBytes: word.utf8.count, candidates: found.map { Completion.Candidate($0, "command") })
    case .name:
      let found = engine.names.filter { $0.hasPrefix(word) }
      return Completion(
        replacedBytes: word.utf8.count, candidates: found.map { Completion.Candidate($0, kind(of: $0)) })
    case .special(let complete):
      return typed.quoted(complete(self, NotebookSession.words(typed.before).count, word))
    }
  }

  func kind(of name: String) -> String {
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
      var names = Set(engine.names.filter { $0.hasPrefix(partial) && !Self.isResultName($0) })
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
      let types = typeName(of: String(call[..<dot])).map(typesWithMembers) ?? []
      let member = String(call[call.index(after: dot)...])
      guard let entry = types.lazy.compactMap({ self.engine.registry.member(member, of: $0) }).first else { return [] }
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

  /// What is known of a chain without running anything.
  private enum Known {
    case value(Value)
    /// The name of its type alone.
    case type(String)
    case callable(Builtin)

    var type: String? {
      switch self {
      case .value(let value): value.typeName
      case .type(let name): name
      case .callable: nil
      }
    }
  }

  /// The type of `faces`, `record.field`, `people[0]` or `glyphs(4, 3).split(0.5)`.
  func typeName(of chain: String) -> String? { known(chain)?.type }

  private func value(of chain: String) -> Value? {
    if case .value(let value)? = known(chain) { value } else { nil }
  }

  /// A record's names, or a dataset's classes; nil for what has no keys.
  private func keys(of chain: String) -> [String]? {
    switch value(of: chain) {
    case .record(let record)?: record.names
    case .object(let object)?: (object as? any KeyedObject)?.keys
    default: nil
    }
  }

  private func known(_ text: String) -> Known? {
    let chain = ValueChain(text)
    var known: Known?
    switch chain.first {
    case "\"\"": known = .type("string")
    case "[]": known = .type("list")
    default:
      if let value = engine.value(of: chain.first) {
        known = .value(value)
      } else if let entry = engine.registry.function(chain.first), entry.kind == .function {
        known = .callable(entry)
      }
    }
    for step in chain.steps {
      guard let before = known else { return nil }
      known = next(step, after: before)
    }
    return known
  }

  private func next(_ step: ValueChain.Step, after known: Known) -> Known? {
    switch step {
    case .member(let name):
      if case .value(.record(let record)) = known, let field = record[name] { return .value(field) }
      let types = known.type.map(typesWithMembers) ?? []
      guard let entry = types.lazy.compactMap({ self.engine.registry.member(name, of: $0) }).first else { return nil }
      if entry.kind == .property { return entry.resultType.map(Known.type) }
      return .callable(entry)
    case .call:
      switch known {
      case .callable(let entry): return entry.resultType.map(Known.type)
      case .value(.function(let function)):
        return function.builtin?.resultType.map(Known.type)
      // Layers, networks and losses give tensors.
      default: return ["network", "layer", "loss"].contains(known.type) ? .type("tensor") : nil
      }
    case .index(let inside): return item(inside, of: known)
    }
  }

  /// A plain number or a text between the brackets; anything else would have to be run.
  private func item(_ inside: String, of known: Known) -> Known? {
    if case .value(.list(let box)) = known, let index = Int(inside) {
      let place = index < 0 ? box.items.count + index : index
      return box.items.indices.contains(place) ? .value(box.items[place]) : nil
    }
    if case .value(.record(let record)) = known, let quote = inside.first, "\"'".contains(quote),
      inside.last == quote, inside.count > 1
    {
      return record[String(inside.dropFirst().dropLast())].map(Known.value)
    }
    switch known.type {
    // An item of a dataset is an image, its classes and slices are datasets.
    case "dataset": return .type(Int(inside) == nil ? "dataset" : "image")
    case "string", "tensor": return known.type.map(Known.type)
    case "list": return inside.contains(":") ? .type("list") : nil
    default: return nil
    }
  }

  /// The types whose members a value of this type has. A layer has a network's: it is one of a single layer.
  func typesWithMembers(_ type: String) -> [String] { type == "layer" ? ["layer", "network"] : [type] }

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
    for type in type.map(typesWithMembers) ?? [] {
      for entry in engine.registry.members(of: type) {
        candidates.append(Completion.Candidate(entry.name, entry.kind == .property ? "property" : "method"))
      }
    }
    var seen: Set<String> = []
    let found = candidates.filter { $0.text.hasPrefix(partial) && seen.insert($0.text).inserted }
    return Completion(replacedBytes: partial.utf8.count, candidates: found)
  }

  /// What `fetch` knows, for the shells' completion.
  public static var downloads: [String] { PublicSet.names }

  private func completeString(_ partial: String, call: String?) -> Completion {
    var completion = files(partial)
    if call == "images" || call == "fetch" {
      let names = Datasets.names(beginning: partial, absent: call == "fetch")
      completion.replacedBytes = max(completion.replacedBytes, names.isEmpty ? 0 : partial.utf8.count)
      completion.candidates = names.map { Completion.Candidate($0, "dataset") } + completion.candidates
    }
    if call == "help" {
      let names = engine.registry.helpNames.filter { $0.hasPrefix(partial) }
      let unique = Array(Set(names)).sorted().map { Completion.Candidate($0, "help") }
      return Completion(replacedBytes: partial.utf8.count, candidates: unique)
    }
    return completion
  }

  /// Files and folders that begin with `partial`; a folder ends in "/".
  func files(_ partial: String) -> Completion {
    let slash = partial.lastIndex(of: "/")
    let folder = slash.map { String(partial[...$0]) } ?? ""
    let word = slash.map { String(partial[partial.index(after: $0)...]) } ?? partial
    let names =
      (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : FileSystem.expanded(folder))) ?? []
    let found = names.filter { $0.hasPrefix(word) && (word.hasPrefix(".") || !$0.hasPrefix(".")) }.sorted().prefix(500)
    let candidates = found.map { name in
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: FileSystem.expanded(folder) + name, isDirectory: &isFolder)
      return Completion.Candidate(
        folder + name + (isFolder.boolValue ? "/" : ""), isFolder.boolValue ? "folder" : "file")
    }
    return Completion(replacedBytes: partial.utf8.count, candidates: Array(candidates))
  }

  func folders(_ partial: String) -> Completion {
    var completion = files(partial)
    completion.candidates.removeAll { $0.kind != "folder" }
    return completion
  }
}
