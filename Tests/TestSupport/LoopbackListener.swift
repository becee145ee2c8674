import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// Accepts connections on a free port of 127.0.0.1, for a test's server.
public final class LoopbackListener: Sendable {
  public enum Failure: Error { case noServer }

  private let listener: Int32
  public let port: Int

  public init() throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let fd = listener
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(fd, generic, length) == 0 && listen(fd, 64) == 0 && getsockname(fd, generic, &length) == 0
      }
    }
    guard bound else { throw Failure.noServer }
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  public var base: String { "http://127.0.0.1:\(port)" }

  /// Hands each connection to `answer`, which owns it from then on, on a thread of the listener's own, until `stop`.
  public func serve(_ answer: @escaping @Sendable (Int32) -> Void) {
    Thread { [listener] in
      while true {
        let client = accept(listener, nil, nil)
        if client < 0, errno == EINTR { continue }
        if client < 0 { break }
        answer(client)
      }
      close(listener)
    }.start()
  }

  /// The thread closes the socket itself: closed here, its number could be another server's before the thread looks.
  public func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  /// Hangs up.
  public static func end(_ client: Int32) {
    shutdown(client, Int32(SHUT_RDWR))
    close(client)
  }
}
