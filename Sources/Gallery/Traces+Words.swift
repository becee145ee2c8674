import Diagnostics
import NeuralNetworks

extension ReferenceGallery.Traces {
  /// "3 references, 1 kept for undo, 4 pictures, 4 lines of its journal".
  ///
  /// - Parameter isInMemory: of a gallery in memory, whose changes are states of undo.
  public func words(isInMemory: Bool = false) -> String {
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

extension LearningRecord {
  /// Why weights may remember somebody; nil: they have not learnt from them, as far as is known.
  public func reason(toRemember label: String) -> String? {
    if let print = Self.fingerprint(of: label), classes.contains(print) {
      return "learnt from \"\(label.asOneLine)\": its weights may remember them"
    }
    return hasUnknown ? "learnt from what is not recorded: its weights may remember them" : nil
  }
}
