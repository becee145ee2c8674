/// The names that a cell had to do with.
struct CellNames: Equatable {
  /// Those whose values from before the cell it needs: not what it has given a value itself by then.
  var reads: Set<String> = []
  var assigns: Set<String> = []
  /// What each of `assigns` was made from: the names that its own statements read.
  var madeFrom: [String: Set<String>] = [:]
  /// The names that the statements read in which a name stands: if they change its object, it is made from these, too.
  var standsWith: [String: Set<String>] = [:]
  /// Those of `assigns` that certainly get a new value, whatever they had before.
  var overwrites: Set<String> = []
  /// Names whose object it changed (trained, enrolled).
  var changes: Set<String> = []

  /// What a later piece of the same cell has to do with.
  mutating func add(_ later: CellNames) {
    reads.formUnion(later.reads.subtracting(assigns))
    assigns.formUnion(later.assigns)
    madeFrom.merge(later.madeFrom) { $1 }
    standsWith.merge(later.standsWith) { $0.union($1) }
    overwrites.formUnion(later.overwrites.subtracting(reads))
    changes.formUnion(later.changes)
  }
}
