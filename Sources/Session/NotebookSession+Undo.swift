import Interpreter

/// What `%undo` brings back.
struct UndoStep {
  var entryCount: Int
  var cellNumber: Int
  /// The names that the cell gave another value, and what they had before: `unset` where they had none.
  var values: [(name: String, value: Value)] = []
  var restorations: [Restoration] = []
  var seedsDrawn: UInt64
  var definitions: [Definitions.Change] = []
  /// About what it keeps alive.
  var bytes = 0
}

/// How the session stood when the cell that runs began.
struct CellStart {
  var step: UndoStep
  /// By slot. Held, so that a list which the cell changes is copied; without undo only what tells them apart.
  var values: [Value] = []
  var tokens: [ValueToken] = []
  /// Of the objects among them that may change, by slot.
  var versions: [Int: Int] = [:]
  /// How to bring them back.
  var states: [ObjectIdentifier: Restoration] = [:]
}

/// What tells a value from another without holding it.
struct ValueToken: Equatable {
  private var kind: UInt8
  private var bits: UInt64

  init(_ value: Value) {
    func identity(_ object: AnyObject) -> UInt64 { UInt64(UInt(bitPattern: ObjectIdentifier(object))) }
    switch value {
    case .number(let number): (kind, bits) = (0, number.bitPattern)
    case .bool(let bool): (kind, bits) = (1, bool ? 1 : 0)
    case .none: (kind, bits) = (2, 0)
    case .unset: (kind, bits) = (3, 0)
    case .string(let box): (kind, bits) = (4, identity(box))
    case .list(let box): (kind, bits) = (5, identity(box))
    case .record(let box): (kind, bits) = (6, identity(box))
    case .range(let box): (kind, bits) = (7, identity(box))
    case .function(let function): (kind, bits) = (8, identity(function))
    case .tensor(let box): (kind, bits) = (9, identity(box))
    case .object(let object): (kind, bits) = (10, identity(object))
    }
  }
}

/// What a cell changed.
struct CellChanges {
  var step: UndoStep
  /// Names that have another value than before.
  var boundAnew: Set<String> = []
  /// Names whose object is another, or has been trained or enrolled to.
  var changed: Set<String> = []
}

/// How to bring an object back to where it was at a version.
struct Restoration {
  var object: HostObject
  var version: Int?
  /// Nil: its state was too large to be kept.
  var restore: (() throws -> Void)?
  var bytes: Int
}

/// An object whose state at version `now` is again that of `standsFor`. Holds it, so that its identity is not reused.
struct RestoredVersion {
  var object: HostObject
  var now: Int
  var standsFor: Int
}

extension NotebookSession {
  /// How many cells `%undo` can take back.
  static let undoLimit = 20
  /// Bytes of lists, texts, tensors and networks' states that the steps may keep alive.
  var undoBytes: Int { min(1 << 30, engine.context.limits.memory / 4) }

  /// Objects that training or enrolling may change, wherever a name or a list of a name holds them.
  private func changeableObjects(in values: [Value]) -> [HostObject] {
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

  /// - Parameter isUndone: what runs now is taken back at once, whether or not `%undo` is wanted here.
  func beginCell(isUndone: Bool = false) -> CellStart {
    let values = engine.slotValues
    var start = CellStart(
      step: UndoStep(entryCount: entries.count, cellNumber: cellNumber, seedsDrawn: engine.seedsDrawn))
    for (slot, value) in values.enumerated() {
      if case .object = value, let version = version(of: value) { start.versions[slot] = version }
    }
    guard keepsUndo || isUndone else {
      start.tokens = values.map(ValueToken.init)
      return start
    }
    start.values = values
    // A copy of an object's state serves until the object changes: most cells change none.
    var states: [ObjectIdentifier: Restoration] = [:]
    for object in changeableObjects(in: values) {
      let identity = ObjectIdentifier(object)
      if let known = keptStates[identity], known.version == object.version {
        states[identity] = known
      } else if object.checkpointBytes > undoBytes / 2 {
        states[identity] = Restoration(object: object, version: object.version, restore: nil, bytes: 0)
      } else if let restore = try? object.checkpoint() {
        states[identity] = Restoration(
          object: object, version: object.version, restore: restore, bytes: object.checkpointBytes)
      }
    }
    keptStates = states
    start.states = states
    return start
  }

  /// What has changed since, and the states of what the cell changed.
  func changes(since start: CellStart) -> CellChanges {
    var changes = CellChanges(step: start.step)
    let isHeld = start.tokens.isEmpty
    let known = isHeld ? start.values.count : start.tokens.count
    for (slot, now) in engine.slotValues.enumerated() {
      let old = isHeld && slot < known ? start.values[slot] : .unset
      let isSame =
        slot >= known ? now.isUnset : isHeld ? now.isIdentical(to: old) : start.tokens[slot] == ValueToken(now)
      if isSame, start.versions[slot] == nil { continue }
      let name = engine.slotName(slot)
      if !isSame {
        if !now.isUnset { changes.boundAnew.insert(name) }
        if isHeld {
          changes.step.values.append((name, old))
          changes.step.bytes += HeldBytes.of(old, beside: now)
        }
      }
      let wasThere = slot < known && !(isHeld ? old.isUnset : start.tokens[slot] == ValueToken(.unset))
      if wasThere, !now.isUnset, start.versions[slot] != version(of: now) { changes.changed.insert(name) }
    }
    guard isHeld else { return changes }
    // Networks first: a trainer or a gallery that is restored looks at the state of its network.
    changes.step.restorations = start.states.values.filter { $0.object.version != $0.version }
      .sorted { $0.object.typeName == "network" && $1.object.typeName != "network" }
    changes.step.bytes += changes.step.restorations.reduce(0) { $0 + $1.bytes }
    return changes
  }

  /// Keeps a step, and drops old ones where all of them hold too much.
  func keep(_ step: UndoStep) {
    guard keepsUndo else { return }
    undoSteps.append(step)
    if undoSteps.count > Self.undoLimit { undoSteps.removeFirst() }
    var held = 0
    for (index, step) in undoSteps.enumerated().reversed() {
      held += step.bytes
      if held > undoBytes {
        undoSteps.removeFirst(index + 1)
        return
      }
    }
  }

  /// Names, objects and random numbers as they were before a cell.
  func takeBack(_ step: UndoStep) throws {
    if let lost = step.restorations.first(where: { $0.restore == nil }) {
      throw SessionError.tooLargeToUndo(lost.object.summary)
    }
    for restoration in step.restorations {
      try restoration.restore?()
    }
    // Only now: a trainer that is restored touches its network again.
    for restoration in step.restorations {
      if let then = restoration.version, let now = restoration.object.version {
        restoredVersions[ObjectIdentifier(restoration.object)] = RestoredVersion(
          object: restoration.object, now: now, standsFor: then)
      }
    }
    for (name, value) in step.values { engine.set(name, to: value) }
    engine.setSeed(seed, drawn: step.seedsDrawn)
  }
}

/// About how many bytes of an old value are kept alive beside the new one. What both hold counts once: for the new one.
enum HeldBytes {
  /// Of longer lists a part is looked at, and the rest taken to be like it.
  private static let looks = 20_000

  static func of(_ old: Value, beside now: Value, depth: Int = 0) -> Int {
    if old.isSameBox(as: now) || depth > 6 { return 0 }
    switch (old, now) {
    case (.list(let a), .list(let b)):
      return 16 * a.items.count
        + parts(a.items.count, depth) { index in
          index < b.items.count
            ? of(a.items[index], beside: b.items[index], depth: depth + 1) : of(a.items[index], depth: depth + 1)
        }
    default: return of(old, depth: depth)
    }
  }

  private static func of(_ value: Value, depth: Int) -> Int {
    guard depth <= 6 else { return 0 }
    switch value {
    case .string(let box): return box.text.utf8.count
    case .tensor(let box): return 4 * box.tensor.count
    case .list(let box):
      return 16 * box.items.count + parts(box.items.count, depth) { of(box.items[$0], depth: depth + 1) }
    case .record(let box):
      return 64 * box.count + box.fields.prefix(looks).reduce(0) { $0 + of($1.value, depth: depth + 1) }
    default: return 0
    }
  }

  private static func parts(_ count: Int, _ depth: Int, _ bytes: (Int) -> Int) -> Int {
    let step = max(1, count / (depth == 0 ? looks : 100))
    return stride(from: 0, to: count, by: step).reduce(0) { $0 + bytes($1) } * step
  }
}

extension Value {
  fileprivate func isSameBox(as other: Value) -> Bool {
    switch (self, other) {
    case (.string(let a), .string(let b)): a === b
    case (.list(let a), .list(let b)): a === b
    case (.record(let a), .record(let b)): a === b
    case (.tensor(let a), .tensor(let b)): a === b
    default: false
    }
  }
}
