import Interpreter

/// What a name stands for now: how often it was bound, and the version of its object.
struct NameState: Equatable {
  var generation: Int
  var version: Int?
}

/// Which cell gave each name its value, and from what: so that `%who` can say what has changed since.
struct Definitions {
  struct Definition {
    var cell: Int
    /// The names it was made from, as they were then.
    var reads: [String: NameState]
  }

  private(set) var byName: [String: Definition] = [:]
  private(set) var generations: [String: Int] = [:]

  /// What a cell changes in here, for `%undo`.
  struct Change {
    var name: String
    var definition: Definition?
    var generation: Int?
  }

  /// - Parameter version: that of a name's object now; nil where the name has no value.
  /// - Returns: how it was before.
  mutating func note(_ entry: NotebookSession.Entry, version: (String) -> Int??) -> [Change] {
    var undo: [Change] = []
    for name in entry.assigns.union(entry.changes) {
      undo.append(Change(name: name, definition: byName[name], generation: generations[name]))
    }
    let assigned = entry.assigns.filter { version($0) != nil }
    for name in assigned { generations[name, default: 0] += 1 }
    func state(_ name: String) -> NameState? {
      version(name).map { NameState(generation: generations[name] ?? 0, version: $0) }
    }
    for name in assigned {
      var reads: [String: NameState] = [:]
      for other in entry.madeFrom[name] ?? entry.reads where other != name {
        if let now = state(other) { reads[other] = now }
      }
      byName[name] = Definition(cell: entry.number, reads: reads)
    }
    // What a cell trained is up to date with all that it was made from: they changed together.
    for name in entry.changes where !entry.assigns.contains(name) {
      guard var definition = byName[name] else { continue }
      for other in definition.reads.keys {
        if entry.changes.contains(other), let now = state(other) { definition.reads[other] = now }
      }
      definition.cell = entry.number
      byName[name] = definition
    }
    return undo
  }

  mutating func takeBack(_ changes: [Change]) {
    for change in changes {
      byName[change.name] = change.definition
      generations[change.name] = change.generation
    }
  }

  /// The names that this one was made from and that have changed since.
  func staleCauses(of name: String, now: [String: NameState]) -> [String] {
    guard let definition = byName[name] else { return [] }
    return definition.reads.keys.sorted().filter { other in
      guard let then = definition.reads[other] else { return false }
      return now[other].map { NameState(generation: generations[other] ?? 0, version: $0.version) } != then
    }
  }

  mutating func forget() { self = Definitions() }
}

extension NotebookSession {
  /// The state of every name of the session; generations are filled in by `Definitions`.
  func stateOfNames() -> [String: NameState] {
    var states: [String: NameState] = [:]
    for name in engine.names {
      states[name] = NameState(
        generation: definitions.generations[name] ?? 0, version: engine.value(of: name).flatMap(version))
    }
    return states
  }

  /// That of an object; nil for all that never changes.
  func version(of value: Value) -> Int? {
    guard case .object(let object) = value else { return nil }
    let version = object.version
    // What `%undo` restored is what it was then, though its version has grown.
    if let restored = restoredVersions[ObjectIdentifier(object)], restored.now == version { return restored.standsFor }
    return version
  }
}
