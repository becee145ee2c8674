extension ReferenceGallery {
  /// What a gallery holds, to go back to. It shares its storage with it until that changes.
  public struct State {
    fileprivate let content: StateContent
  }

  /// Held by whoever may go back. The gallery knows of all that are left, for somebody who is forgotten.
  final class StateContent {
    fileprivate var rows: EmbeddingRows?
    fileprivate var owners: [Int32]
    fileprivate var passed: Int
    fileprivate var labelTable: LabelTable
    fileprivate var inputs: [[Float]]
    fileprivate var origins: [Origin]
    fileprivate var originOf: [Int32]
    fileprivate let calibration: Calibration?
    fileprivate let comparison: Comparison
    fileprivate let isStale: Bool
    fileprivate let embeddedVersion: Int
    /// How far the journal of its file was.
    fileprivate let journal: Int64?

    fileprivate init(_ gallery: ReferenceGallery) {
      let isInMemory = gallery.store == nil
      rows = gallery.rows
      owners = isInMemory ? gallery.owners : []
      passed = gallery.passed
      labelTable = gallery.labelTable
      inputs = gallery.inputs
      (origins, originOf) = (gallery.origins, gallery.originOf)
      calibration = gallery.calibration
      comparison = gallery.comparison
      isStale = gallery.isCalibrationStale
      embeddedVersion = gallery.embeddedVersion
      journal = gallery.store?.position
    }

    /// - Parameters:
    ///   - number: of a label, which is the same one in every state of a gallery.
    ///   - isTaken: whether a row is somebody else's by now: what came in after something was taken back stands in its
    ///     place.
    fileprivate func forget(_ number: Int32, isTaken: (EmbeddingRows?, Int) -> Bool) {
      guard labelTable.name(number) != nil else { return }
      for row in owners.indices where owners[row] == number {
        if !isTaken(rows, row) { rows?.clear(row) }
        owners[row] = -1
        if inputs.indices.contains(row) { inputs[row] = [] }
        if originOf.indices.contains(row) { originOf[row] = -1 }
        passed += 1
      }
      labelTable.forget(number)
    }
  }

  struct WeakState {
    weak var content: StateContent?
  }

  /// The gallery as it is now, to go back to with `restore`.
  public var state: State {
    let content = StateContent(self)
    givenStates.removeAll { $0.content == nil }
    givenStates.append(WeakState(content: content))
    return State(content: content)
  }

  /// Takes everything back that was enrolled, removed, renamed or calibrated since; of a gallery in a file there, too. Its
  /// network, where that was changed too, has to be restored before. Whoever was forgotten since does not come back.
  public func restore(_ state: State) throws {
    // What was done to a database on a server stays done: others may have gone on from it.
    if remote != nil { return }
    let state = state.content
    if let store {
      if let journal = state.journal { try store.goBack(self, to: journal) }
      comparison = state.comparison
      return
    }
    rows = state.rows
    // Rows that came since make room.
    rows?.truncate(state.owners.count)
    owners = state.owners
    passed = state.passed
    // A number means one label in every state, also one that this goes back behind.
    let made = labelTable.made
    labelTable = state.labelTable
    labelTable.skip(to: made)
    inputs = state.inputs
    (origins, originOf) = (state.origins, state.originOf)
    lookForExpiring()
    calibration = state.calibration
    comparison = state.comparison
    calibratedVersion = state.isStale ? -1 : network.version
    // Another state of the network than that of the rows: everything is embedded again before it is compared.
    embeddedVersion = state.embeddedVersion
    version += 1
  }

  // MARK: Forgetting

  /// The numbers that a name has in memory, or had in what was given out to go back to; those that have another name now,
  /// apart.
  func numbersInMemory(of label: String) -> (own: Set<Int32>, others: [Int32]) {
    let all = Set(([labelTable] + givenStates.compactMap { $0.content?.labelTable }).compactMap { $0.number(label) })
    let others = all.filter { labelTable.name($0).map { $0 != label } ?? false }
    return (all.subtracting(others), others.sorted())
  }

  /// References and pictures of a label in memory; those that only what was given out to go back to has.
  func tracesInMemory(of label: String) -> Traces {
    let (numbers, others) = numbersInMemory(of: label)
    var traces = Traces()
    traces.successors = others.map {
      Successor(name: labelTable.name($0) ?? "", references: labelTable.references($0))
    }
    for row in owners.indices where numbers.contains(owners[row]) {
      traces.references += 1
      if !inputs[row].isEmpty { traces.pictures += 1 }
    }
    let states = givenStates.compactMap { $0.content }.filter { content in
      numbers.contains { content.labelTable.name($0) != nil }
    }
    if traces.references == 0 {
      traces.kept = states.map { content in content.owners.count { numbers.contains($0) } }.max() ?? 0
    }
    traces.changes = states.count
    return traces
  }

  /// Of a gallery in memory: a label's references, its name, and both in all that was given out to go back to.
  func forgetInMemory(_ number: Int32) {
    for row in owners.indices where owners[row] == number {
      rows?.clear(row)
      owners[row] = -1
      inputs[row] = []
      originOf[row] = -1
      passed += 1
    }
    labelTable.forget(number)
    let contents = givenStates.compactMap { $0.content }
    for content in contents {
      content.forget(number) { rows, row in
        let others = contents.filter { $0 !== content && $0.rows === rows }.map(\.owners)
        return (others + (rows === self.rows ? [owners] : [])).contains {
          $0.indices.contains(row) && $0[row] >= 0 && $0[row] != number
        }
      }
    }
    dropUnusedOrigins()
    (cachedIndex, cachedGraph, cachedLiving, cachedAnswering, cachedKnown) = (nil, nil, nil, nil, nil)
    lookForExpiring()
    version += 1
  }

  /// What nobody has any more says where somebody came from.
  private func dropUnusedOrigins() {
    let used = Set(originOf)
    for number in origins.indices where !used.contains(Int32(number)) { origins[number] = Origin() }
    for state in givenStates {
      guard let content = state.content else { continue }
      let used = Set(content.originOf)
      for number in content.origins.indices where !used.contains(Int32(number)) { content.origins[number] = Origin() }
    }
  }
}
