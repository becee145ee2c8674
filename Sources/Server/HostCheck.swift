import Foundation

import Glibc

/// Which names this server goes by. A page elsewhere whose name is made to lead to this machine (DNS rebinding) asks
/// under that name, and is refused; an address in figures cannot be made to lead elsewhere.
struct HostCheck: Sendable {
  private let names: Set<String>
  /// Heard by other machines: they may use any of this machine's addresses.
  private let takesAddresses: Bool

  /// - Parameter publicName: by which a server before this one hands requests on.
  init(host: String, publicName: String? = nil) {
    var names: Set<String> = ["localhost", "127.0.0.1", "::1", host.lowercased()]
    if let publicName { names.insert(publicName.lowercased()) }
    takesAddresses = !Self.isLoopback(host)
    if takesAddresses {
      var buffer = [CChar](repeating: 0, count: 256)
      if gethostname(&buffer, 255) == 0 {
        let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).lowercased()
        if !name.isEmpty { names.formUnion([name, name + ".local"]) }
      }
    }
    self.names = names
  }

  static func isLoopback(_ host: String) -> Bool { host == "::1" || host == "localhost" || host.hasPrefix("127.") }

  /// - Parameter header: of the request's Host: "127.0.0.1:8080", "[::1]:8080".
  func allows(_ header: String?) -> Bool {
    guard let header, let host = Self.host(of: header) else { return false }
    return names.contains(host) || (takesAddresses && Self.isAddress(host))
  }

  /// - Parameter origin: of the page that asks, "http://127.0.0.1:8080"; must be this server's own, as `host` names it.
  func isOwn(origin: String, host: String?) -> Bool {
    guard let host, let start = origin.range(of: "://") else { return false }
    return origin[start.upperBound...].lowercased() == host.lowercased()
  }

  /// Without the port, in lower case; nil for what is not host, or host and port.
  static func host(of header: String) -> String? {
    let text = header.trimmed.lowercased()
    var (name, rest): (Substring, Substring)
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { return nil }
      name = text[text.index(after: text.startIndex)..<end]
      rest = text[text.index(after: end)...]
    } else {
      name = text.prefix { $0 != ":" }
      rest = text.dropFirst(name.count)
    }
    guard !name.isEmpty, rest.isEmpty || rest.hasPrefix(":") else { return nil }
    let port = rest.dropFirst()
    guard port.isEmpty || port.utf8.allSatisfy({ (0x30...0x39).contains($0) }) && UInt16(port) != nil else {
      return nil
    }
    return String(name)
  }

  /// Letters, digits, dots and hyphens: what can stand in a Host line and be meant as a name.
  static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 253
      && name.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D
          || $0 == 0x2E
      }
  }

  static func isAddress(_ host: String) -> Bool {
    var four = in_addr()
    var six = in6_addr()
    return inet_pton(AF_INET, host, &four) == 1 || inet_pton(AF_INET6, host, &six) == 1
  }
}
