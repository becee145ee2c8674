import Glibc

/// Who is at the other end of a connection, as far as it is counted: an address of IPv4, or the half of one of IPv6 that
/// a network is given as a whole.
struct PeerAddress: Hashable, Sendable {
  private let bytes: [UInt8]
  let isLoopback: Bool

  /// Nil where the system does not say.
  init?(of connection: Int32) {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let named = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(connection, $0, &length) }
    }
    guard named == 0 else { return nil }
    switch Int32(storage.ss_family) {
    case AF_INET: self.init(four: withUnsafeBytes(of: storage) { Array($0[4..<8]) })
    case AF_INET6: self.init(six: withUnsafeBytes(of: storage) { Array($0[8..<24]) })
    default: return nil
    }
  }

  /// As people write it, for the log: "192.168.1.7".
  static func words(of connection: Int32) -> String {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let failed = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        getpeername(connection, address, &length) != 0
          || getnameinfo(address, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) != 0
      }
    }
    let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    guard !failed, !bytes.isEmpty else { return "somebody" }
    let words = String(decoding: bytes, as: UTF8.self)
    // An address of IPv4 at a socket for both.
    return words.hasPrefix("::ffff:") && words.contains(".") ? String(words.dropFirst(7)) : words
  }

  init(four: [UInt8]) { self.init(bytes: four, isLoopback: four.first == 127) }

  init(six: [UInt8]) {
    let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]
    if six.starts(with: mapped) {
      self.init(four: Array(six[12...]))
    } else {
      self.init(bytes: Array(six.prefix(8)), isLoopback: six.dropLast().allSatisfy { $0 == 0 } && six.last == 1)
    }
  }

  private init(bytes: [UInt8], isLoopback: Bool) {
    self.bytes = bytes
    self.isLoopback = isLoopback
  }
}
