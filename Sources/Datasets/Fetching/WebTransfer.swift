import CCurl

/// One file of the web into memory, by libcurl; http and https alone, and from https to nothing else. Blocks; several
/// threads may do one each.
public struct WebTransfer: Sendable {
  /// More than this is refused, whether announced or not.
  public var bytes = 20 << 20
  /// The whole transfer.
  public var seconds = 60
  public var connectSeconds = 20
  /// Slower than so many bytes a second for so long counts as stalled.
  public var slowBytes = 200
  public var slowSeconds = 15
  public var userAgent = "twinbook"

  public init() {}

  public struct Answer: Sendable {
    public var bytes: [UInt8]
    /// As the server calls it; says nothing of what it is.
    public var contentType: String
  }

  public enum Failure: Error, Hashable, Sendable {
    case noLibrary, stopped, redirects, tooSlow, cutOff, tooLarge
    case badAddress(reason: String)
    case noConnection(reason: String)
    case notSecure(reason: String)
    /// `retryAfter`: seconds that the server asked to wait.
    case status(Int, retryAfter: Int?)
    case failed(reason: String)
  }

  private final class Receiver {
    var bytes: [UInt8] = []
    let shouldStop: () -> Bool
    var isStopped = false

    init(_ shouldStop: @escaping () -> Bool) { self.shouldStop = shouldStop }
  }

  /// - Parameter shouldStop: asked several times a second.
  public func get(_ address: String, shouldStop: () -> Bool = { false }) throws(Failure) -> Answer {
    let (answer, receiver) = withoutActuallyEscaping(shouldStop) { shouldStop in
      let receiver = Receiver(shouldStop)
      let answer = address.withCString { url in
        userAgent.withCString { agent in
          twin_curl_get(
            TwinRequest(
              url: url, offset: 0, limit: Int64(max(1, bytes)), connectSeconds: connectSeconds, slowBytes: slowBytes,
              slowSeconds: slowSeconds, maxSeconds: seconds, userAgent: agent,
              receive: { bytes, count, _, context in
                guard let bytes, let context else { return false }
                Unmanaged<Receiver>.fromOpaque(context).takeUnretainedValue().bytes
                  .append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
                return true
              },
              progress: { _, _, context in
                guard let context else { return false }
                let receiver = Unmanaged<Receiver>.fromOpaque(context).takeUnretainedValue()
                if receiver.shouldStop() { receiver.isStopped = true }
                return !receiver.isStopped
              }, context: Unmanaged.passUnretained(receiver).toOpaque()))
        }
      }
      return (answer, (bytes: receiver.bytes, isStopped: receiver.isStopped))
    }
    if receiver.isStopped { throw .stopped }
    let reason = Self.text(answer.reason)
    switch answer.outcome {
    case TwinDone: return Answer(bytes: receiver.bytes, contentType: Self.text(answer.contentType))
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
    default: throw .failed(reason: reason)
    }
  }

  private static func text<Bytes>(_ buffer: Bytes) -> String {
    withUnsafeBytes(of: buffer) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
