extension ReferenceGallery.Traces {
  /// "3 references, 1 kept for undo, 4 pictures, 4 lines of its journal".
  ///
  /// - Parameter isInMemory: of a gallery in memory, whose changes are states of undo.
  public func words(isInMemory: Bool = false) -> String {
    func counted(_ count: Int, _ one: String) -> String { "\(count) \(one)\(count == 1 ? "" : "s")" }
    var parts: [String] = []
    if references > 0 { parts.append(counted(references, "reference")) }
    if kept > 0 { parts.append("\(kept) kept for undo") }
    if pictures > 0 { parts.append(counted(pictures, "picture")) }
    if changes > 0 {
      parts.append(isInMemory ? counted(changes, "state") + " of undo" : counted(changes, "line") + " of its journal")
    }
    return parts.joined(separator: ", ")
  }
}
