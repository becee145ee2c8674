import Interpreter

/// What the versions of changeable objects stand for. An object counts up whenever it changes; one that `%undo` brought
/// back is what it was then, though its count has grown.
struct ObjectVersions {
  /// Holds the object, so that its identity is not used again.
  private struct Restored {
    var object: HostObject
    var now: Int
    var standsFor: Int
  }

  private var restored: [ObjectIdentifier: Restored] = [:]

  /// Nil for all that never changes.
  func version(of value: Value) -> Int? {
    guard case .object(let object) = value else { return nil }
    let version = object.version
    if let back = restored[ObjectIdentifier(object)], back.now == version { return back.standsFor }
    return version
  }

  /// The object's state is again the one that it had at `version`.
  mutating func note(_ object: HostObject, standsFor version: Int?) {
    guard let version, let now = object.version else { return }
    restored[ObjectIdentifier(object)] = Restored(object: object, now: now, standsFor: version)
  }
}
