import Files
import Foundation

/// What became of one picture: a line of `sources.csv`.
public struct CollectRow: Hashable, Sendable {
  /// What became of it.
  public enum Status: String, Hashable, Sendable, CaseIterable {
    case kept
    /// The same bytes as another's.
    case duplicate
    /// Looks like another: the same photograph scaled or packed anew.
    case near
    /// It is no picture that can be used, and will be none tomorrow.
    case rejected
    /// It did not come; the next `collect` tries again.
    case failed
  }

  public var item: CollectItem
  public var status: Status
  /// From the folder that is collected into; "" where nothing was written.
  public var file = ""
  /// In pixels; 0 where it is no picture.
  public var width = 0
  public var height = 0
  public var bytes = 0
  /// Of the file, in lower-case hexadecimal.
  public var md5 = ""
  /// Sixteen digits; see `PerceptualHash`.
  public var look = ""
  /// Why it was not kept, in words; empty where it was.
  public var reason = ""

  static let columns = [
    "file", "label", "url", "page", "title", "author", "licence", "licence_url", "width", "height", "bytes", "md5",
    "phash", "status", "reason",
  ]

  var record: String {
    CSV.record([
      file, item.label, item.address, item.page, item.title, item.author, item.licence, item.licenceAddress,
      width > 0 ? "\(width)" : "", height > 0 ? "\(height)" : "", bytes > 0 ? "\(bytes)" : "", md5, look,
      status.rawValue, reason,
    ])
  }

  init(_ item: CollectItem, _ status: Status, reason: String = "") {
    self.item = item
    self.status = status
    self.reason = reason
  }

  /// - Throws: `CollectError.badAddress`; nil for a status that no version knows.
  init?(_ record: CSV.Record) throws(CollectError) {
    let cells = record.cells.map(CSV.plain)
    guard cells.count == Self.columns.count, let status = Status(rawValue: cells[13]) else { return nil }
    item = try CollectItem(cells[2], label: cells[1])
    item.page = cells[3]
    item.title = cells[4]
    item.author = cells[5]
    item.licence = cells[6]
    item.licenceAddress = cells[7]
    self.status = status
    file = cells[0]
    width = Int(cells[8]) ?? 0
    height = Int(cells[9]) ?? 0
    bytes = Int(cells[10]) ?? 0
    md5 = cells[11]
    look = cells[12]
    reason = cells[14]
  }
}

/// The folder that is collected into: a folder for each label, `rejected` for what was set aside, and `sources.csv`, to
/// which a line is added as each picture is done, so that an interruption loses nothing.
public struct CollectFolder {
  public static let listName = "sources.csv"
  static let rejectedName = "rejected"

  let path: String
  /// The first line of the list.
  public static var columns: [String] { CollectRow.columns }

  /// The last word on each address, in the order in which they were first met.
  private(set) var rows: [CollectRow] = []
  private var places: [String: Int] = [:]

  var listPath: String { path + "/" + Self.listName }

  /// Makes the folder, or reads what an earlier run left.
  init(_ path: String) throws {
    self.path = path
    try FileSystem.makeFolder(path)
    guard FileSystem.exists(listPath) else {
      try FileSystem.write(CSV.record(CollectRow.columns), to: listPath, access: .owner)
      return
    }
    let text = try FileSystem.readText(listPath, limit: 512 << 20)
    var records = CSV.records(text)
    guard let head = records.first, head.cells == CollectRow.columns else {
      throw CollectError.notOurs(path: listPath, reason: "its first line is another's")
    }
    records.removeFirst()
    // A line that was being written when the machine stopped.
    if let last = records.last, !last.isWhole { records.removeLast() }
    for record in records {
      guard let row = try? CollectRow(record) else {
        throw CollectError.notOurs(path: listPath, reason: "line \(record.line) cannot be read")
      }
      remember(row)
    }
    try tidy()
  }

  subscript(_ address: String) -> CollectRow? { places[address].map { rows[$0] } }

  private mutating func remember(_ row: CollectRow) {
    if let place = places[row.item.address] {
      rows[place] = row
    } else {
      places[row.item.address] = rows.count
      rows.append(row)
    }
  }

  /// Adds a line, at once and whole.
  mutating func add(_ row: CollectRow) throws(FileError) {
    try FileSystem.append(row.record, to: listPath, access: .owner)
    remember(row)
  }

  /// One line for each address.
  func tidy() throws(FileError) {
    try FileSystem.write(CSV.record(CollectRow.columns) + rows.map(\.record).joined(), to: listPath, access: .owner)
  }
}
