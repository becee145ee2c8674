import Diagnostics
import Files
import Foundation

/// Who can be asked for pictures of something, by an interface that is open to everybody.
public enum Provider: String, CaseIterable, Sendable {
  /// Wikimedia Commons: the MediaWiki action interface, generator=search over files.
  case commons
  /// Openverse: api.openverse.org/v1/images.
  case openverse

  /// `TWINBOOK_COMMONS_BASE` and `TWINBOOK_OPENVERSE_BASE` name others (mirrors, tests).
  public var base: String {
    let variable = self == .commons ? "TWINBOOK_COMMONS_BASE" : "TWINBOOK_OPENVERSE_BASE"
    if let given = FileSystem.environment(variable) { return given }
    switch self {
    case .commons: return "https://commons.wikimedia.org/w/api.php"
    case .openverse: return "https://api.openverse.org/v1/images/"
    }
  }

  /// Longest side, in pixels, of the scaled pictures that Commons is asked for.
  static let scaledWidth = 1280

  /// - Parameter place: what the page before gave; nil for the first.
  func address(_ keyword: String, place: String?, base: String) -> String {
    let pairs: [(String, String)]
    switch self {
    case .commons:
      pairs =
        [
          ("action", "query"), ("format", "json"), ("formatversion", "2"), ("generator", "search"),
          ("gsrsearch", "filetype:bitmap " + keyword), ("gsrnamespace", "6"), ("gsrlimit", "50"), ("prop", "imageinfo"),
          ("iiprop", "url|size|mime|extmetadata"), ("iiurlwidth", "\(Self.scaledWidth)"),
          ("iiextmetadatafilter", "Artist|LicenseShortName|LicenseUrl|ObjectName"),
        ] + (place.map { [("gsroffset", $0), ("continue", "gsroffset||")] } ?? [])
    case .openverse:
      pairs = [("q", keyword), ("page_size", "20"), ("page", place ?? "1")]
    }
    return base + (base.contains("?") ? "&" : "?")
      + pairs.map { "\($0)=\(Self.encoded($1))" }.joined(separator: "&")
  }

  private static func encoded(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~"))) ?? ""
  }

  /// What a page of answers holds, and where the next one begins; nil: it was the last.
  func read(_ bytes: [UInt8], label: String) throws -> (items: [CollectItem], next: String?) {
    func broken(_ reason: String) -> CollectError { .search(provider: rawValue, reason: reason) }
    guard let answer = (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: Any] else {
      throw broken("it answered something other than JSON")
    }
    switch self {
    case .commons:
      if let error = answer["error"] as? [String: Any] { throw broken(Self.text(error["info"])) }
      let pages = (answer["query"] as? [String: Any])?["pages"] as? [[String: Any]] ?? []
      let ordered = pages.enumerated().sorted {
        (($0.element["index"] as? Int) ?? $0.offset, $0.offset) < (
          ($1.element["index"] as? Int) ?? $1.offset, $1.offset
        )
      }
      let next = (answer["continue"] as? [String: Any])?["gsroffset"].map { Self.text($0) }
      return (ordered.compactMap { Self.commons($0.element, label: label) }, next)
    case .openverse:
      guard let results = answer["results"] as? [[String: Any]] else {
        throw broken(Self.text(answer["detail"] ?? "it gave no results"))
      }
      let (page, pages) = (answer["page"] as? Int ?? 1, answer["page_count"] as? Int ?? 1)
      return (
        results.compactMap { Self.openverse($0, label: label) }, page < pages && !results.isEmpty ? "\(page + 1)" : nil
      )
    }
  }

  private static func commons(_ page: [String: Any], label: String) -> CollectItem? {
    guard let info = (page["imageinfo"] as? [[String: Any]])?.first else { return nil }
    let (width, height) = (info["width"] as? Int ?? 0, info["height"] as? Int ?? 0)
    let mime = text(info["mime"])
    // The scaled picture where the original is larger, or is none of the formats that are read.
    let isReadable = ["image/jpeg", "image/png"].contains(mime)
    let address = isReadable && max(width, height) <= scaledWidth ? info["url"] : info["thumburl"] ?? info["url"]
    guard var item = try? CollectItem(text(address), label: label) else { return nil }
    let notes = info["extmetadata"] as? [String: Any] ?? [:]
    func note(_ name: String) -> String { plain(text((notes[name] as? [String: Any])?["value"])) }
    item.page = text(info["descriptionurl"])
    item.title = text(page["title"])
    item.author = note("Artist")
    item.licence = note("LicenseShortName")
    item.licenceAddress = note("LicenseUrl")
    return item
  }

  private static func openverse(_ result: [String: Any], label: String) -> CollectItem? {
    guard var item = try? CollectItem(text(result["url"]), label: label) else { return nil }
    item.page = text(result["foreign_landing_url"])
    item.title = text(result["title"])
    item.author = text(result["creator"])
    let (licence, version) = (text(result["license"]), text(result["license_version"]))
    let isFree = ["cc0", "pdm"].contains(licence)
    item.licence =
      licence.isEmpty
      ? "" : (isFree ? licence.uppercased() : "CC " + licence.uppercased()) + (version.isEmpty ? "" : " " + version)
    item.licenceAddress = text(result["license_url"])
    return item
  }

  private static func text(_ value: Any?) -> String {
    switch value {
    case let text as String: String(text.prefix(2000))
    case let number as NSNumber: number.stringValue
    default: ""
    }
  }

  /// Without the markup that Commons writes authors in.
  static func plain(_ markup: String) -> String {
    var result = ""
    var isTag = false
    for character in markup {
      if character == "<" {
        isTag = true
      } else if character == ">", isTag {
        isTag = false
      } else if !isTag {
        result.append(character)
      }
    }
    for (name, character) in [
      ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#039;", "'"), ("&nbsp;", " "), ("&amp;", "&"),
    ] {
      result = result.replacing(name, with: character)
    }
    return result.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
