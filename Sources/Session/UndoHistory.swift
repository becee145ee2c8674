import Interpreter

/// The last cells with what `%undo` needs to take them back: the values that names had, and the states of networks,
/// trainers and galleries that the cell changed.
///
/// It knows the session's names as values by slot, and nothing of how a cell runs. Old values are held rather than
/// copied; what all steps hold together stays below a number of bytes.
struct UndoHistory {
  /// How many cells can be taken back.
  static let limit = 20

  /// Where nobody asks for `%undo`, what it needs is not kept.
  var isKept = true
  private(set) var steps: [Step] = []
  /// The states of changeable objects before the cell that runs. A copy serves until the object changes.
  private var states: [ObjectIdentifier: Restoration] = [:]

  /// What takes one cell back.
  struct Step {
    /// How many cells the session had before it.
    var entryCount: Int
    var cellNumber: Int
    /// Where random numbers were.
    var random: RandomPlace
    /// The names that the cell gave another value, and what they had before: `unset` where they had none.
    var values: [(name: String, value: Value)] = []
    var restorations: [Restoration] = []
    var origins: [NameOrigins.Change] = []
    /// About what it keeps alive.
    var bytes = 0
  }

  /// How to bring an object back to where it was at a version.
  struct Restoration {
    var object: HostObject
    var version: Int?
    /// Nil: its state was too large to be kept.
    var restore: (() throws -> Void)?
    var bytes: Int
  }

  /// How the names stood when a cell began.
  struct Start {
    fileprivate(set) var step: Step
    /// By slot. Held, so that a list which the cell changes is copied; without undo only what tells them apart.
    fileprivate var values: [Value] = []
    fileprivate var tokens: [ValueToken] = []
    /// Of the objects among them that may change, by slot.
    fileprivate var versions: [Int: Int] = [:]
    /// How to bring them back.
    fileprivate var states: [ObjectIdentifier: Restoration] = [:]
  }

  /// What a cell changed.
  struct Changes {
    var step: Step
    /// Names that have another value than before.
    var boundAnew: Set<String> = []
    /// Names whose object is another, or has been trained or enrolled to.
    var changed: Set<String> = []
  }

  /// - Parameters:
  ///   - values: of the session's names, by slot.
  ///   - isHeld: the cell can be taken back.
  ///   - byteLimit: an object whose state takes more than half of it is not kept.
  mutating func begin(
    _ values: [Value], _ step: Step, versions: ObjectVersions, isHeld: Bool, byteLimit: Int
  ) -> Start {
    var start = Start(step: step)
    for (slot, value) in values.enumerated() {
      if case .object = value, let version = versions.version(of: value) { start.versions[slot] = version }
    }
    guard isHeld else {
      start.tokens = values.map(ValueToken.init)
      return start
    }
    start.values = values
    var states: [ObjectIdentifier: Restoration] = [:]
    for object in Self.changeableObjects(in: values) {
      let identity = ObjectIdentifier(object)
      if let known = self.states[identity], known.version == object.version {
        states[identity] = known
      } else if object.checkpointBytes > byteLimit / 2 {
        states[identity] = Restoration(object: object, version: object.version, restore: nil, bytes: 0)
      } else if let restore = try? object.checkpoint() {
        states[identity] = Restoration(
          object: object, version: object.version, restore: restore, bytes: object.checkpointBytes)
      }
    }
    self.states = states
    start.states = states
    return start
  }

  /// What has changed since, and the states of what the cell changed.
  /// - Parameter name: of a slot.
  func changes(
    since start: Start, to values: [Value], name: (Int) -> String, versions: ObjectVersions
  ) -> Changes {
    var changes = Changes(step: start.step)
    let isHeld = start.tokens.isEmpty
    let known = isHeld ? start.values.count : start.tokens.count
    for (slot, now) in values.enumerated() {
      let old = isHeld && slot < known ? start.values[slot] : .unset
      let isSame =
        slot >= known ? now.isUnset : isHeld ? now.isIdentical(to: old) : start.tokens[slot] == ValueToken(now)
      if isSame, start.versions[slot] == nil { continue }
      let name = name(slot)
      if !isSame {
        if !now.isUnset { changes.boundAnew.insert(name) }
        if isHeld {
          changes.step.values.append((name, old))
          changes.step.bytes += HeldBytes.of(old, beside: now)
        }
      }
      let wasThere = slot < known && !(isHeld ? old.isUnset : start.tokens[slot] == ValueToken(.unset))
      if wasThere, !now.isUnset, start.versions[slot] != versions.version(of: now) { changes.changed.insert(name) }
    }
    guard isHeld else { return changes }
    // Networks first: a trainer or a gallery that is restored looks at the state of its network.
    changes.step.restorations = start.states.values.filter { $0.object.version != $0.version }
      .sorted { $0.object.typeName == "network" && $1.object.typeName != "network" }
    changes.step.bytes += changes.step.restorations.reduce(0) { $0 + $1.bytes }
    return changes
  }

  /// Keeps a step, and drops old ones where all of them hold more than `byteLimit`.
  mutating func keep(_ step: Step, byteLimit: Int) {
    guard isKept else { return }
    steps.append(step)
    if steps.count > Self.limit { steps.removeFirst() }
    var held = 0
    for (index, step) in steps.enumerated().reversed() {
      held += step.bytes
      if held > byteLimit {
        steps.removeFirst(index + 1)
        return
      }
    }
  }

  var last: Step? { steps.last }

  mutating func removeLast() { steps.removeLast() }

  mutating func removeAll() {
    steps = []
    states = [:]
  }

  /// Brings the objects of a step back; the names are the caller's.
  /// - Throws: `tooLargeToUndo`, before anything is changed.
  static func restoreObjects(_ step: Step, versions: inout ObjectVersions) throws {
    if let lost = step.restorations.first(where: { $0.restore == nil }) {
      throw SessionError.tooLargeToUndo(lost.object.summary)
    }
    for restoration in step.restorations { try restoration.restore?() }
    // Only now: a trainer that is restored touches its network again.
    for restoration in step.restorations { versions.note(restoration.object, standsFor: restoration.version) }
  }

  /// Objects that training or enrolling may change, wherever a name or a list of a name holds them.
  private static func changeableObjects(in values: [Value]) -> [HostObject] {
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
    for value in values { look(value, depth: 0) }
    return Array(found.values)
  }
}

extension NotebookSession {
  /// Bytes of lists, texts, tensors and networks' states that the steps may keep alive.
  var undoBytes: Int { min(1 << 30, engine.context.limits.memory / 4) }

  /// - Parameter isUndone: what runs now is taken back at once, whether or not `%undo` is wanted here.
  func beginCell(isUndone: Bool = false) -> UndoHistory.Start {
    hasSetSeed = false
    return undoHistory.begin(
      engine.slotValues,
      UndoHistory.Step(entryCount: entries.count, cellNumber: cellNumber, random: randomPlace),
      versions: versions, isHeld: undoHistory.isKept || isUndone, byteLimit: undoBytes)
  }

  func changes(since start: UndoHistory.Start) -> UndoHistory.Changes {
    undoHistory.changes(since: start, to: engine.slotValues, name: engine.slotName, versions: versions)
  }

  func keep(_ step: UndoHistory.Step) { undoHistory.keep(step, byteLimit: undoBytes) }

  /// Names, objects and random numbers as they were before a cell.
  func takeBack(_ step: UndoHistory.Step) throws {
    try UndoHistory.restoreObjects(step, versions: &versions)
    for (name, value) in step.values { engine.set(name, to: value) }
    // A seed that was set since stays, and so does the beginning of its sequence.
    if step.random.seed == seed { engine.setSeed(seed, drawn: step.random.drawn) }
  }
}
