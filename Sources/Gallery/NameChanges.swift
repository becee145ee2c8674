import Diagnostics

/// Who is called otherwise now than before, told from a journal.
///
/// Whoever asks to be forgotten may give the name that they had. Of that name nothing may be left but the line that they
/// were called so, while everything of them stays under another.
struct NameChanges {
  /// By which names are told apart.
  private let former: String
  /// Names now, each as it is written, by their keys, of those who are still there.
  private var living: [String: String] = [:]
  /// The same of those who were removed.
  private var removed: [String: String] = [:]
  /// Keys in the order in which they came.
  private var order: [String] = []

  init(of label: String) { former = GalleryStore.key(label) }

  /// The next entry of the journal, from the oldest on; those that were taken back are left out.
  mutating func follow(kind: String?, label: String?, other: String?) {
    guard let label else { return }
    let key = GalleryStore.key(label)
    switch kind {
    case "renamed":
      guard let other else { return }
      let wasCalledSo = living.removeValue(forKey: key) != nil
      let new = GalleryStore.key(other)
      guard wasCalledSo || key == former, new != former else { return }
      living[new] = other
      order.append(new)
    case "removed":
      if let name = living.removeValue(forKey: key) { removed[key] = name }
    default: return
    }
  }

  /// Names that they may have now, each once.
  var names: [(name: String, isRemoved: Bool)] {
    var seen: Set<String> = []
    return order.compactMap { key in
      guard seen.insert(key).inserted else { return nil }
      if let name = living[key] { return (name, false) }
      return removed[key].map { ($0, true) }
    }
  }
}

extension ReferenceGallery {
  /// Somebody who had a name before, and what is held of them under the one that they have now.
  public struct Successor: Hashable, Sendable {
    public var name: String
    public var references: Int
    /// Removed, and kept for `undo`.
    public var kept = 0

    /// "annameyer, who was called so: 1 reference".
    public var words: String {
      let traces = Traces(references: references, kept: kept)
      return "\(name.asOneLine), who was called so: \(traces.words())"
    }
  }
}
