/// What an address says of where it leads, before anybody is asked.
public enum WebAddress {
  /// Host and port, in lower case, the port also where it is the usual one: "example.org:443", "[::1]:8080".
  public static func host(of address: String) -> String? {
    guard let colon = address.firstRange(of: "://") else { return nil }
    let scheme = address[..<colon.lowerBound].lowercased()
    guard let usual = ["http": 80, "https": 443][scheme] else { return nil }
    var place = address[colon.upperBound...].prefix { !"/?#\\".contains($0) }
    if let at = place.lastIndex(of: "@") { place = place[place.index(after: at)...] }
    guard !place.isEmpty else { return nil }
    let end = place.hasPrefix("[") ? place.firstIndex(of: "]").map { place.index(after: $0) } : place.lastIndex(of: ":")
    let name = place[..<(end ?? place.endIndex)].lowercased()
    let rest = place[(end ?? place.endIndex)...]
    guard !name.isEmpty, rest.isEmpty || rest.hasPrefix(":") else { return nil }
    if rest.count <= 1 { return "\(name):\(usual)" }
    guard let port = UInt16(rest.dropFirst()) else { return nil }
    return "\(name):\(port)"
  }

  /// Names of this machine, whatever is between here and there.
  /// - Parameter host: with its port, as `host(of:)` gives it.
  static func isNear(_ host: String) -> Bool {
    var name = host[..<(host.lastIndex(of: ":") ?? host.endIndex)]
    if name.hasSuffix(".") { name = name.dropLast() }
    if name == "localhost" || name.hasSuffix(".localhost") || name == "[::1]" || name == "[::]" { return true }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { UInt8($0) }
    guard parts.count == 4, numbers.count == 4 else { return false }
    switch (numbers[0], numbers[1]) {
    case (0, _), (10, _), (127, _), (169, 254), (192, 168): return true
    case (172, let second): return (16...31).contains(second)
    default: return false
    }
  }
}
