import Interpreter

/// What `%undo` brings back.
struct UndoStep {
  var entryCount: Int
  var cellNumber: Int
  var values: [String: Value]
  var restorations: [Restoration]
  var seedsDrawn: UInt64
  var definitions: Definitions
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
  /// Bytes of tensors and of networks' states that the steps may keep alive.
  static let undoBytes = 1 << 30

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

  func beginUndoStep() {
    var values: [String: Value] = [:]
    for name in engine.names { values[name] = engine.value(of: name) }
    // A copy of an object's state serves until the object changes: most cells change none.
    var states: [ObjectIdentifier: Restoration] = [:]
    for object in changeableObjects() {
      let identity = ObjectIdentifier(object)
      if let known = keptStates[identity], known.version == object.version {
        states[identity] = known
      } else if object.checkpointBytes > Self.undoBytes / 2 {
        states[identity] = Restoration(object: object, version: object.version, restore: nil, bytes: 0)
      } else if let restore = try? object.checkpoint() {
        states[identity] = Restoration(
          object: object, version: object.version, restore: restore, bytes: object.checkpointBytes)
      }
    }
    keptStates = states
    undoSteps.append(
      UndoStep(
        entryCount: entries.count, cellNumber: cellNumber, values: values, restorations: [],
        seedsDrawn: engine.seedsDrawn, definitions: definitions))
    if undoSteps.count > Self.undoLimit { undoSteps.removeFirst() }
  }

  /// Keeps the states of what the cell changed, and drops steps that hold too much.
  func finishUndoStep() {
    guard !undoSteps.isEmpty else { return }
    // Networks first: a trainer or a gallery that is restored looks at the state of its network.
    undoSteps[undoSteps.count - 1].restorations = keptStates.values.filter { $0.object.version != $0.version }
      .sorted { $0.object.typeName == "network" && $1.object.typeName != "network" }
    var kept = 0
    var newer: [String: Value] = [:]
    for name in engine.names { newer[name] = engine.value(of: name) }
    for (index, step) in undoSteps.enumerated().reversed() {
      kept += step.restorations.reduce(0) { $0 + $1.bytes }
      for (name, value) in step.values {
        guard case .tensor(let box) = value, newer[name].map({ !$0.isIdentical(to: value) }) ?? true else { continue }
        kept += 4 * box.tensor.count
      }
      if kept > Self.undoBytes {
        undoSteps.removeFirst(index + 1)
        return
      }
      newer = step.values
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
    engine.replaceNames(with: step.values)
    engine.setSeed(seed, drawn: step.seedsDrawn)
  }
}
