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

  mutating func note(
    _ entry: NotebookSession.Entry, before: [String: NameState], after: [String: NameState]
  ) {
    for name in entry.assigns where after[name] != nil { generations[name, default: 0] += 1 }
    func state(_ name: String) -> NameState? {
      after[name].map { NameState(generation: generations[name] ?? 0, version: $0.version) }
    }
    var made: [String: NameState] = [:]
    for name in entry.reads { if let now = state(name) { made[name] = now } }
    for name in entry.assigns where after[name] != nil {
      var reads = made
      reads[name] = nil
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
      var version: Int?
      if case .object(let object)? = engine.value(of: name) { version = object.version }
      states[name] = NameState(generation: definitions.generations[name] ?? 0, version: version)
    }
    return states
  }

  /// Objects that training or enrolling may change, wherever a name or a list of a name holds them.
  private func changeableObjects() -> [HostObject] {
    var found: [ObjectIdentifier: HostObject] = [:]
    func look(_ value: Value, depth: Int) {
      switch value {
      case .object(let object) where object.version != nil: found[ObjectIdentifier(object)] = object
      case .list(let box) where depth < 2 && box.items.count <= 64:
        for item in box.items { look(item, depth: depth + 1) }
      case .record(let box) where depth < 2: for field in box.fields { look(field.value, depth: depth + 1) }
      default: break
      }
    }
    for name in engine.names { if let value = engine.value(of: name) { look(value, depth: 0) } }
    return Array(found.values)
  }

  /// How many cells `%undo` can take back.
  static let undoLimit = 20

  func beginUndoStep() {
    var values: [String: Value] = [:]
    for name in engine.names { values[name] = engine.value(of: name) }
    pendingRestorations = changeableObjects().compactMap { object in
      guard let restore = try? object.checkpoint() else { return nil }
      return (object, object.version, restore)
    }
    undoSteps.append(
      UndoStep(
        entryCount: entries.count, cellNumber: cellNumber, values: values, restorations: [],
        seedsDrawn: engine.seedsDrawn, definitions: definitions))
    if undoSteps.count > Self.undoLimit { undoSteps.removeFirst() }
  }

  /// Keeps the checkpoints of what the cell changed, and drops the others.
  func finishUndoStep(before: [String: NameState]) {
    guard !undoSteps.isEmpty else { return }
    undoSteps[undoSteps.count - 1].restorations = pendingRestorations.filter { $0.object.version != $0.version }.map(
      \.restore)
    pendingRestorations = []
  }
}
