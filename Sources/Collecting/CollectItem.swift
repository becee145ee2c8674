import Foundation

/// A picture to be had, and what is known of it before.
public struct CollectItem: Hashable, Sendable {
  /// http or https, percent-encoded.
  public let address: String
  /// In lower case.
  public let host: String
  /// The folder that it goes into.
  public var label: String
  /// Where people read of it.
  public var page = ""
  public var title = ""
  public var author = ""
  /// As the page says it: "CC BY-SA 4.0".
  public var licence = ""
  public var licenceAddress = ""

  /// - Throws: `CollectError.badAddress`.
  public init(_ text: String, label: String) throws(CollectError) {
    func bad(_ reason: String) -> CollectError { .badAddress(String(text.prefix(200)), reason: reason) }
    let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
    guard trimmed.utf8.count <= 4096 else { throw bad("it has more than 4096 letters") }
    guard !trimmed.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) else {
      throw bad("it has a control character in it")
    }
    // What a person copied may have spaces and letters beyond ASCII.
    let encoded = trimmed.addingPercentEncoding(withAllowedCharacters: Self.allowed) ?? ""
    guard let parts = URLComponents(string: encoded) else { throw bad("it cannot be read") }
    guard let scheme = parts.scheme?.lowercased() else { throw bad("it does not begin with https:// or http://") }
    guard scheme == "http" || scheme == "https" else { throw bad("only http and https are collected, not \(scheme)") }
    guard let host = parts.host, !host.isEmpty else { throw bad("it names no host") }
    guard parts.user == nil, parts.password == nil else { throw bad("it has a name or password in it") }
    address = encoded
    self.host = host.lowercased() + (parts.port.map { ":\($0)" } ?? "")
    self.label = label
  }

  private static let allowed: CharacterSet = {
    var set = CharacterSet.urlQueryAllowed
    set.insert(charactersIn: "%#[]")
    return set
  }()

  /// A label as a folder's name: whatever it says, one folder within the one that is collected into.
  public static func folderName(_ label: String) -> String {
    let kept = label.precomposedStringWithCanonicalMapping.unicodeScalars.map { scalar -> Character in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: "_"
      default: "/\\:*?\"<>|".unicodeScalars.contains(scalar) ? "_" : Character(scalar)
      }
    }
    var name = String(kept).trimmingCharacters(in: .whitespaces)
    while name.hasPrefix(".") { name.removeFirst() }
    while name.utf8.count > 120 { name.removeLast() }
    name = name.trimmingCharacters(in: .whitespaces)
    if name.isEmpty { return "unlabelled" }
    return name.lowercased() == CollectFolder.rejectedName ? name + "_" : name
  }
}
