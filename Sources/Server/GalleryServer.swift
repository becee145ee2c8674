import CSystem
import FlyingFox
import FlyingSocks
import Foundation
import Gallery
import NeuralNetworks
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// A gallery on the network: a page for people, a JSON interface for programs.
///
/// The gallery is lent to it: its owner leaves it alone until `stop` has returned.
public actor GalleryServer {
  /// What happened while it was there.
  public struct Tally: Sendable, Hashable {
    public var queries = 0
    public var enrolled = 0
    public var removed = 0
  }

  private let options: ServerOptions
  private let desk: GalleryDesk
  private let preparation: PicturePreparation
  /// What allows to change the gallery.
  public nonisolated let token: String
  private let accessToken: AccessToken
  private var server: HTTPServer?
  private var connections: ConnectionGuard?
  private var running: Task<Void, Never>?
  private var isStopping = false
  private var failure: (any Error)?
  private var port = 0

  public init(lending lent: LentGallery, _ options: ServerOptions = ServerOptions()) throws(ServerError) {
    let gallery = lent.gallery
    preparation = try PicturePreparation(gallery.network)
    guard options.allowsEnrolling || !gallery.references.isEmpty else { throw .nobody }
    guard Self.isAddress(options.host) else { throw .badHost(options.host) }
    accessToken = try AccessToken(options.token)
    token = accessToken.text
    self.options = options
    desk = GalleryDesk(lent, preparation, options)
  }

  private static func isAddress(_ host: String) -> Bool { host == "localhost" || HostCheck.isAddress(host) }

  /// The longer side of the pictures that the network was trained on, where it is known: what a face is cut out to.
  public static func expectedSide(of network: Network) -> Int? { (try? PicturePreparation(network))?.expectedSide }

  /// Whether other machines can reach it.
  public nonisolated var isOpenToOthers: Bool { !HostCheck.isLoopback(options.host) }

  /// Listens, and returns as soon as it does.
  /// - Returns: the port.
  public func start() async throws -> Int {
    _ = twin_raise_open_files(8192)
    isStopping = false
    failure = nil
    let first = try makeServer(port: UInt16(clamping: options.port))
    server = first
    running = Task { await self.keepRunning(first) }
    while await !first.isListening {
      if let failure { throw failure }
      try await Task.sleep(for: .milliseconds(2))
    }
    port = Int((await first.listeningAddress)?.port ?? UInt16(clamping: options.port))
    return port
  }

  /// FlyingFox gives up where one `accept` fails (no descriptor left, a client that hung up too soon); it is started again.
  private func keepRunning(_ first: HTTPServer) async {
    var server = first
    while !isStopping {
      let listened: Bool
      do {
        try await server.run()
        listened = true
      } catch {
        listened = port != 0
        if !listened { failure = Self.inWords(error, options) }
      }
      guard listened, !isStopping else { return }
      try? await Task.sleep(for: .milliseconds(100))
      guard !isStopping, let next = try? makeServer(port: UInt16(clamping: port)) else { return }
      server = next
      self.server = next
    }
  }

  /// Answers what was asked, and listens no more; the gallery is its owner's again.
  @discardableResult
  public func stop() async -> Tally {
    isStopping = true
    await connections?.settle()
    await server?.stop(timeout: 0)
    await running?.value
    server = nil
    running = nil
    // The desk does one job after the other: when it answers, those before are done.
    return Tally(queries: await desk.queries, enrolled: await desk.enrolled, removed: await desk.removed)
  }

  private func makeServer(port: UInt16) throws -> HTTPServer {
    let connections = ConnectionGuard(HTTPServer.defaultPool(), options.limits)
    self.connections = connections
    let handler = GalleryHandler(
      desk: desk, preparation: preparation, options: options, token: accessToken, hosts: HostCheck(host: options.host),
      admission: Admission(places: options.limits.atOnce, waiting: options.limits.waiting), connections: connections)
    // The handler has limits of its own, and says in words which was met.
    let limits = options.limits
    let timeout = limits.waitSeconds + limits.bodySeconds + 120
    func configuration(_ address: some SocketAddress) -> HTTPServer.Configuration {
      HTTPServer.Configuration(
        address: address, timeout: timeout, sharedRequestBufferSize: 16_384, sharedRequestReplaySize: 0,
        pool: connections, logger: .disabled)
    }
    let host = options.host == "localhost" ? "127.0.0.1" : options.host
    if host.contains(":") {
      return HTTPServer(config: configuration(try .inet6(ip6: host, port: port)), handler: handler)
    }
    return HTTPServer(config: configuration(try .inet(ip4: host, port: port)), handler: handler)
  }

  private static func inWords(_ error: any Error, _ options: ServerOptions) -> any Error {
    guard case SocketError.failed(_, let code, let message) = error else { return error }
    switch code {
    case EADDRINUSE: return ServerError.portTaken(host: options.host, port: options.port)
    case EACCES: return ServerError.portForbidden(port: options.port)
    case EADDRNOTAVAIL: return ServerError.foreignAddress(host: options.host)
    default: return ServerError.cannotListen(host: options.host, port: options.port, reason: message)
    }
  }

  /// Serves on, and keeps the calling thread until it is over.
  ///
  /// - Parameters:
  ///   - onStart: called with the port.
  ///   - shouldStop: asked several times a second.
  public nonisolated func serve(onStart: (Int) -> Void, shouldStop: () -> Bool) throws -> Tally {
    onStart(try Self.wait { try await self.start() })
    while !shouldStop() { usleep(50_000) }
    return try Self.wait { await self.stop() }
  }

  private static func wait<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
    let outcome = Outcome<Value>()
    let done = DispatchSemaphore(value: 0)
    Task.detached {
      let result: Result<Value, any Error>
      do { result = .success(try await body()) } catch { result = .failure(error) }
      outcome.value.withLock { $0 = result }
      done.signal()
    }
    done.wait()
    guard let result = outcome.value.withLock({ $0 }) else { throw CancellationError() }
    return try result.get()
  }

  private final class Outcome<Value: Sendable>: Sendable {
    let value = Mutex<Result<Value, any Error>?>(nil)
  }
}
