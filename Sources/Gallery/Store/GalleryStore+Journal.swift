import Files
import Foundation
import Glibc
import SQLite
import Tensors

/// What was changed, and how it is taken back.
extension GalleryStore {
  /// One entry of the journal, for people.
  public struct Entry: Hashable, Sendable {
    /// Counted up from the gallery's first change.
    public var number: Int64
    /// Seconds since 1970.
    public var time: Double
    /// "enrolled", "removed", "renamed", "renewed", "calibrated", "network", "undone", "forgotten".
    public var kind: String
    /// The label that it was about, if it was about one.
    public var label: String?
    /// The name that a label got.
    public var other: String?
    /// How many references were changed.
    public var count: Int
    /// Where the references came from, in words.
    public var source: String?
    /// Whether it was taken back.
    public var isUndone: Bool
  }

  /// The last entries, the newest first.
  func entries(_ most: Int) throws -> [Entry] {
    let statement = try database.statement(
      "SELECT seq, time, kind, label, other, count, source, undone FROM journal ORDER BY seq DESC LIMIT ?"
    ).bind(most)
    defer { statement.reset() }
    var entries: [Entry] = []
    while try statement.step() {
      entries.append(
        Entry(
          number: statement.number(0), time: statement.real(1), kind: statement.text(2) ?? "", label: statement.text(3),
          other: statement.text(4), count: Int(statement.number(5)), source: statement.text(6),
          isUndone: !statement.isNull(7)))
    }
    return entries
  }

  /// Takes back the last change that was not taken back; nil: there is none.
  func undo(_ gallery: ReferenceGallery) throws -> Entry? {
    let undone = try change(gallery) { () -> Entry? in
      let entry = try entries(1 << 20).first { $0.kind != "undone" && !$0.isUndone }
      // Behind what was written as a whole there is nothing.
      guard let entry, entry.kind != "saved" else { return nil }
      try takeBack(gallery, entry)
      return entry
    }
    try catchUp(gallery)
    return undone
  }

  /// Takes back what this gallery changed since an entry; what others did stays.
  func goBack(_ gallery: ReferenceGallery, to position: Int64) throws {
    let later = own.filter { $0 > position }.sorted(by: >)
    guard !later.isEmpty else { return }
    try change(gallery) {
      let all = try entries(1 << 20)
      for seq in later {
        guard let entry = all.first(where: { $0.number == seq }), !entry.isUndone,
          !["undone", "forgotten"].contains(entry.kind)
        else { continue }
        try takeBack(gallery, entry)
      }
    }
    own.subtract(later)
    try catchUp(gallery)
  }

  func takeBack(_ gallery: ReferenceGallery, _ entry: Entry) throws {
    let seq = try enter(
      gallery, "undone", label: entry.label, other: entry.other, count: entry.count, target: entry.number)
    try database.statement("UPDATE journal SET undone = ? WHERE seq = ?").bind(seq).bind(entry.number).run()
    switch entry.kind {
    case "enrolled":
      try database.statement(
        "DELETE FROM picture WHERE id BETWEEN (SELECT first FROM journal WHERE seq = ?) AND (SELECT last FROM journal WHERE seq = ?)"
      ).bind(entry.number).bind(entry.number).run()
      try database.statement(
        "DELETE FROM reference WHERE id BETWEEN (SELECT first FROM journal WHERE seq = ?) AND (SELECT last FROM journal WHERE seq = ?)"
      ).bind(entry.number).bind(entry.number).run()
      try database.statement(
        """
        UPDATE label SET removed = ? WHERE born = ? AND removed IS NULL
        AND NOT EXISTS (SELECT 1 FROM reference WHERE label = label.id AND removed IS NULL)
        """
      ).bind(seq).bind(entry.number).run()
    case "removed":
      if let label = entry.label, try number(of: label) != nil { throw GalleryError.labelTaken(label) }
      try database.statement("UPDATE reference SET removed = NULL WHERE removed = ?").bind(entry.number).run()
      try database.statement("UPDATE label SET removed = NULL WHERE removed = ?").bind(entry.number).run()
    case "renamed":
      guard let now = entry.other, let before = entry.label, let number = try number(of: now) else { break }
      if try self.number(of: before) != nil { throw GalleryError.labelTaken(before) }
      try name(number, before)
    case "renewed":
      let statement = try database.statement("SELECT before FROM journal WHERE seq = ?").bind(entry.number)
      let before = try statement.step() ? statement.text(0) : nil
      statement.reset()
      try unrenew(before ?? "")
    case "calibrated":
      let statement = try database.statement("SELECT before FROM journal WHERE seq = ?").bind(entry.number)
      let before = try statement.step() ? statement.text(0) : nil
      statement.reset()
      try set("calibration", before?.isEmpty ?? true ? nil : before)
    default: throw GalleryError.cannotUndo(entry.kind)
    }
  }
}
