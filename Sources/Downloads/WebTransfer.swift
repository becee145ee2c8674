import CCurl
import Sandbox

/// One file of the web, by libcurl; http and https alone, and from https to nothing else. Blocks; several
/// threads may do one each.
public struct WebTransfer: Sendable {
  /// More than this is refused, whether announced or not.
  public var bytes = 20 << 20
  /// The whole transfer; 0: as long as it takes.
  public var seconds = 60
  public var connectSeconds = 20
  /// Slower than so many bytes a second for so long counts as stalled.
  public var slowBytes = 200
  public var slowSeconds = 15
  public var userAgent = "twinbook"
  /// Hosts of this machine and its own network ("127.0.0.1:8080") that may be asked: those that a person named. Addresses
  /// that came from elsewhere, and redirects, lead there only if they are among them.
  public var nearHosts: Set<String> = []
  /// The address that is asked for was named by a person.
  public var isNamed = true

  public init() {}

  public struct Answer: Sendable {
    public var bytes: [UInt8]
    /// As the server calls it; says nothing of what it is.
    public var contentType: String
  }

  public enum Failure: Error, Hashable, Sendable {
    /// It leads to this machine or its own network, where nobody meant it to go.
    case near(host: String)
    /// A policy keeps the script that asks from the network.
    case refused
    case noLibrary, stopped, redirects, tooSlow, cutOff, tooLarge
    case badAddress(reason: String)
    case noConnection(reason: String)
    case notSecure(reason: String)
    /// `retryAfter`: seconds that the server asked to wait.
    case status(Int, retryAfter: Int?)
    case failed(reason: String)
  }

  /// What libcurl calls back.
  private final class Receiver {
    let receive: (UnsafeRawBufferPointer) -> Bool
    let progress: (_ done: Int, _ announced: Int?) -> Bool
    let allows: (_ host: String?, _ isPrivate: Bool) -> Bool
    /// One of the two has refused to go on.
    var isStopped = false

    init(
      _ receive: @escaping (UnsafeRawBufferPointer) -> Bool, _ progress: @escaping (Int, Int?) -> Bool,
      _ allows: @escaping (String?, Bool) -> Bool
    ) {
      (self.receive, self.progress, self.allows) = (receive, progress, allows)
    }
  }

  /// Into memory.
  /// - Parameter shouldStop: asked several times a second.
  public func get(_ address: String, shouldStop: () -> Bool = { false }) throws(Failure) -> Answer {
    var bytes: [UInt8] = []
    let type = try stream(address) {
      bytes.append(contentsOf: $0)
      return true
    } progress: { _, _ in
      !shouldStop()
    }
    return Answer(bytes: bytes, contentType: type)
  }

  /// Piece by piece.
  /// - Parameters:
  ///   - offset: what is there already, in bytes.
  ///   - receive: takes a piece; false ends the transfer, as `stopped`.
  ///   - progress: told several times a second how many bytes came and were announced; false ends the transfer.
  /// - Returns: the content's type, as the server calls it.
  func stream(
    _ address: String, from offset: Int = 0, receive: (UnsafeRawBufferPointer) -> Bool,
    progress: (_ done: Int, _ announced: Int?) -> Bool
  ) throws(Failure) -> String {
    // The one place where anything is sent for.
    guard AccessPolicy.current.allowsNetwork else { throw .refused }
    var named = nearHosts
    if isNamed, let host = WebAddress.host(of: address) { named.insert(host) }
    let (answer, isStopped) = withoutActuallyEscaping(receive) { receive in
      withoutActuallyEscaping(progress) { progress in
        let receiver = Receiver(receive, progress) { [named] host, isPrivate in
          guard let host else { return false }
          return !(isPrivate || WebAddress.isNear(host)) || named.contains(host)
        }
        let answer = address.withCString { url in
          userAgent.withCString { agent in
            twin_curl_get(
              TwinRequest(
                url: url, offset: Int64(offset), limit: Int64(max(1, bytes)), connectSeconds: connectSeconds,
                slowBytes: slowBytes, slowSeconds: slowSeconds, maxSeconds: seconds, userAgent: agent,
                receive: { bytes, count, _, context in
                  guard let bytes, let context else { return false }
                  let receiver = Unmanaged<Receiver>.fromOpaque(context).takeUnretainedValue()
                  if !receiver.receive(UnsafeRawBufferPointer(start: bytes, count: count)) { receiver.isStopped = true }
                  return !receiver.isStopped
                },
                allows: { url, isPrivate, context in
                  guard let url, let context else { return false }
                  let receiver = Unmanaged<Receiver>.fromOpaque(context).takeUnretainedValue()
                  return receiver.allows(WebAddress.host(of: String(cString: url)), isPrivate)
                },
                progress: { done, total, context in
                  guard let context else { return false }
                  let receiver = Unmanaged<Receiver>.fromOpaque(context).takeUnretainedValue()
                  if !receiver.progress(Int(done), total < 0 ? nil : Int(total)) { receiver.isStopped = true }
                  return !receiver.isStopped
                }, context: Unmanaged.passUnretained(receiver).toOpaque()))
          }
        }
        return (answer, receiver.isStopped)
      }
    }
    if isStopped { throw .stopped }
    let reason = Self.text(answer.reason)
    switch answer.outcome {
    case TwinDone: return Self.text(answer.contentType)
    case TwinNoLibrary: throw .noLibrary
    case TwinBadAddress: throw .badAddress(reason: reason)
    case TwinNoHost, TwinNoConnection: throw .noConnection(reason: reason)
    case TwinNotSecure: throw .notSecure(reason: reason)
    case TwinHTTPStatus:
      throw .status(answer.status, retryAfter: answer.retryAfter > 0 ? answer.retryAfter : nil)
    case TwinRedirects: throw .redirects
    case TwinTimeOut: throw .tooSlow
    case TwinCutOff: throw .cutOff
    case TwinTooLarge: throw .tooLarge
    case TwinRefused: throw .near(host: WebAddress.host(of: Self.text(answer.place)) ?? address)
    default: throw .failed(reason: reason)
    }
  }

  private static func text<Bytes>(_ buffer: Bytes) -> String {
    withUnsafeBytes(of: buffer) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
