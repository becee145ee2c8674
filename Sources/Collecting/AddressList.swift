import Files
import Foundation
import Images

/// Addresses that somebody wrote down.
public enum AddressList {
  public static let limit = 100_000

  /// A text file with one address a line (`#` begins a comment), or a CSV with a column `url` and, where labels are known,
  /// `label`; a CSV without a first line of names is address, label. Tabulators count as commas, and so do semicolons below
  /// a line of names that has them.
  public static func read(_ path: String, label: String?) throws -> [CollectItem] {
    try parse(try FileSystem.readText(path), source: path, label: label)
  }

  static func parse(_ text: String, source: String, label: String?) throws -> [CollectItem] {
    let separator = cellSeparator(of: text)
    var records: [CSV.Record] = CSV.records(text, separator: separator).filter {
      !($0.cells.first ?? "").trimmingCharacters(in: .whitespaces).hasPrefix("#")
    }
    .filter { $0.cells.contains { !$0.trimmingCharacters(in: .whitespaces).isEmpty } }
    var (addressColumn, labelColumn): (Int, Int?) = (0, 1)
    // Addresses may have commas in them: only a file with names of columns, or with labels behind all, is a CSV.
    let names = (records.first?.cells ?? []).map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
    let isNamed = names.contains("url") || names.contains("address")
    if isNamed {
      addressColumn = names.firstIndex(of: "url") ?? names.firstIndex(of: "address") ?? 0
      labelColumn = names.firstIndex(of: "label") ?? names.firstIndex(of: "class") ?? names.firstIndex(of: "name")
      records.removeFirst()
    }
    guard !records.isEmpty else { throw CollectError.empty(source: source) }
    guard records.count <= limit else {
      throw CollectError.tooMany(source: source, count: records.count, limit: limit)
    }
    return try records.map { record in
      var cells = record.cells
      if !isNamed, separator == ",", cells.count != 2 || isRest(cells[1], behind: cells[0]) {
        cells = [cells.joined(separator: ",")]
      }
      let address = cells.indices.contains(addressColumn) ? cells[addressColumn] : ""
      let own = labelColumn.flatMap {
        cells.indices.contains($0) ? cells[$0].trimmingCharacters(in: .whitespaces) : nil
      }
      do throws(CollectError) {
        return try CollectItem(address, label: own.flatMap { $0.isEmpty ? nil : $0 } ?? label ?? "")
      } catch {
        guard case .badAddress(_, var reason) = error else { throw error }
        // A reason may name what stands there, too.
        if let names = reason.range(of: ", not ") { reason = String(reason[..<names.lowerBound]) }
        throw CollectError.badLine(source: source, line: record.line, reason: reason)
      }
    }
  }

  /// What stands between the cells: as spreadsheets of some countries write a CSV, where the first line has the columns'
  /// names; or a tabulator, which no address has.
  private static func cellSeparator(of text: String) -> Unicode.Scalar {
    let first = text.split(whereSeparator: \.isNewline).first { line in
      let line = line.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
      return !line.isEmpty && !line.hasPrefix("#")
    }
    for separator in [",", ";"] as [Unicode.Scalar] {
      let names = (first ?? "").split(separator: Character(separator)).map { name in
        name.lowercased().filter { $0.isLetter }
      }
      if names.count > 1, names.contains("url") || names.contains("address") { return separator }
    }
    return text.contains("\t") ? "\t" : ","
  }

  /// Whether what stands behind a comma is the end of an address ("…/Paris,_France.jpg"), and no label.
  private static func isRest(_ text: String, behind address: String) -> Bool {
    if namesPicture(address) { return false }
    return text.contains("/") || namesPicture(text)
  }

  private static func namesPicture(_ text: String) -> Bool {
    let path = text.prefix { $0 != "?" && $0 != "#" }.lowercased().trimmingCharacters(in: .whitespaces)
    return PixelImage.isName(path) || path.hasSuffix(".svg")
  }
}
