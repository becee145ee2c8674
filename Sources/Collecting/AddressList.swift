import Files
import Foundation

/// Addresses that somebody wrote down.
public enum AddressList {
  public static let limit = 100_000

  /// A text file with one address a line (`#` begins a comment), or a CSV with a column `url` and, where labels are known,
  /// `label`; a CSV without a first line of names is address, label.
  public static func read(_ path: String, label: String?) throws -> [CollectItem] {
    try parse(try FileSystem.readText(path), source: path, label: label)
  }

  static func parse(_ text: String, source: String, label: String?) throws -> [CollectItem] {
    var records = CSV.records(text).filter {
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
      if !isNamed, cells.count != 2 || isRest(cells[1]) { cells = [cells.joined(separator: ",")] }
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
  /// Whether what stands behind a comma is the end of an address ("…/Paris,_France.jpg"), and no label.
  private static func isRest(_ text: String) -> Bool {
    let path = text.prefix { $0 != "?" && $0 != "#" }
    guard !path.contains("/"), let dot = path.lastIndex(of: ".") else { return path.contains("/") }
    return ["jpg", "jpeg", "png", "gif", "webp", "tif", "tiff", "svg", "bmp", "pgm", "ppm", "pbm", "pnm"]
      .contains(path[path.index(after: dot)...].trimmingCharacters(in: .whitespaces).lowercased())
  }
}
