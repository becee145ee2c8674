import Interpreter

/// The names that a cell had to do with.
struct CellNames: Equatable {
  var reads: Set<String> = []
  var assigns: Set<String> = []
  /// What each of `assigns` was made from: the names that its own statements read.
  var madeFrom: [String: Set<String>] = [:]
  /// Those of `assigns` that certainly get a new value, whatever they had before.
  var overwrites: Set<String> = []
  /// Names whose object it changed (trained, enrolled).
  var changes: Set<String> = []

  /// What a later piece of the same cell has to do with.
  mutating func add(_ later: CellNames) {
    reads.formUnion(later.reads.subtracting(assigns))
    assigns.formUnion(later.assigns)
    madeFrom.merge(later.madeFrom) { $1 }
    overwrites.formUnion(later.overwrites.subtracting(reads))
    changes.formUnion(later.changes)
  }
}

/// Which cell gave each name its value, and from what: so that `%who` can say what has changed since.
struct Staleness {
  /// What a name stands for: how often it was bound, and the version of its object.
  struct NameState: Equatable {
    var generation: Int
    var version: Int?
  }

  fileprivate struct Origin {
    var cell: Int
    /// The names it was made from, as they were then.
    var reads: [String: NameState]
  }

  /// What a cell changed in here, for `%undo`.
  struct Change {
    fileprivate var name: String
    fileprivate var origin: Origin?
    fileprivate var generation: Int?
  }

  private var origins: [String: Origin] = [:]
  private var generations: [String: Int] = [:]

  /// The number of the cell that gave a name its value, or changed it last.
  func origin(of name: String) -> Int? { origins[name]?.cell }

  /// The name as it stands now.
  /// - Parameter version: of its object.
  func state(of name: String, version: Int?) -> NameState {
    NameState(generation: generations[name] ?? 0, version: version)
  }

  /// - Parameters:
  ///   - cell: its number.
  ///   - version: that of a name's object now; nil where the name has no value.
  /// - Returns: how it was before.
  mutating func note(_ names: CellNames, cell: Int, version: (String) -> Int??) -> [Change] {
    let before = names.assigns.union(names.changes).map { name in
      Change(name: name, origin: origins[name], generation: generations[name])
    }
    let assigned = names.assigns.filter { version($0) != nil }
    for name in assigned { generations[name, default: 0] += 1 }
    func now(_ name: String) -> NameState? { version(name).map { state(of: name, version: $0) } }
    for name in assigned {
      var reads: [String: NameState] = [:]
      for other in names.madeFrom[name] ?? names.reads where other != name {
        if let state = now(other) { reads[other] = state }
      }
      origins[name] = Origin(cell: cell, reads: reads)
    }
    // What a cell trained is up to date with all that it was made from: they changed together.
    for name in names.changes where !names.assigns.contains(name) {
      guard var origin = origins[name] else { continue }
      for other in origin.reads.keys where names.changes.contains(other) {
        if let state = now(other) { origin.reads[other] = state }
      }
      origin.cell = cell
      origins[name] = origin
    }
    return before
  }

  mutating func takeBack(_ changes: [Change]) {
    for change in changes {
      origins[change.name] = change.origin
      generations[change.name] = change.generation
    }
  }

  /// The names that this one was made from and that have changed since.
  /// - Parameter now: every name of the session as it stands.
  func causes(of name: String, now: [String: NameState]) -> [String] {
    guard let origin = origins[name] else { return [] }
    return origin.reads.keys.sorted().filter { other in now[other] != origin.reads[other] }
  }
}

extension NotebookSession {
  /// Every name of the session as it stands.
  func stateOfNames() -> [String: Staleness.NameState] {
    var states: [String: Staleness.NameState] = [:]
    for name in engine.names {
      states[name] = staleness.state(of: name, version: engine.value(of: name).flatMap(versions.version))
    }
    return states
  }

  /// Why a name is stale; empty where it is not. A function reads the session's names anew whenever it is called.
  func staleCauses(of name: String, _ value: Value, _ now: [String: Staleness.NameState]) -> [String] {
    value.asFunction == nil ? staleness.causes(of: name, now: now) : []
  }
}
