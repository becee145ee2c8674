import Datasets
import CSystem
import Foundation
import Gallery
import NeuralNetworks
import Sandbox
import Synchronization

/// A gallery on the network: a page for people, a JSON interface for programs.
///
/// The gallery is lent to it: its owner leaves it alone until `stop` has returned.
public actor GalleryServer {
  /// What happened while it was there.
  public struct Tally: Sendable, Hashable {
    /// Pictures that were asked about.
    public var queries = 0
    /// References that came in.
    public var enrolled = 0
    /// References that were taken out.
    public var removed = 0
    /// People, not references.
    public var forgotten = 0
  }

  private let options: ServerOptions
  private let galleryActor: GalleryActor
  private let preparation: QueryPreparation
  /// What allows to change the gallery.
  public nonisolated let token: String
  private let accessToken: AccessToken
  private var listener: HTTPListener?

  public init(lending lent: LentGallery, _ options: ServerOptions = ServerOptions()) throws(ServerError) {
    // Here, and not where it listens: that is done by a task of its own, to which no policy is handed on.
    do { try AccessPolicy.checkNetwork(.listen) } catch { throw .refused(error) }
    let gallery = lent.gallery
    preparation = try QueryPreparation(gallery.network)
    guard options.allowsEnrolling || gallery.referenceCount > 0 else { throw .nobody }
    guard Self.isAddress(options.host) else { throw .badHost(options.host) }
    if let name = options.publicName, !HostCheck.isName(name) { throw .badName(name) }
    accessToken = try AccessToken(options.token)
    token = accessToken.text
    self.options = options
    galleryActor = GalleryActor(lent, preparation, options)
  }

  private static func isAddress(_ host: String) -> Bool { host == "localhost" || HostCheck.isAddress(host) }

  /// The longer side of the pictures that the network was trained on, where it is known: what a face is cut out to.
  public static func expectedSide(of network: Network) -> Int? { (try? QueryPreparation(network))?.expectedSide }

  /// Whether other machines can reach it.
  public nonisolated var isOpenToOthers: Bool { options.guardsPictures }

  /// Listens, and returns as soon as it does.
  /// - Returns: the port.
  public func start() throws(ServerError) -> Int {
    _ = twin_raise_open_files(8192)
    let connections = ConnectionTable()
    let handler = GalleryHandler(
      galleryActor: galleryActor, preparation: preparation, options: options, token: accessToken,
      hosts: HostCheck(host: options.host, publicName: options.publicName),
      limiter: RequestLimiter(places: options.limits.atOnce, waiting: options.limits.waiting),
      connections: { connections.count })
    let listener = try HTTPListener(host: options.host, port: options.port, options.limits, handler, connections)
    self.listener = listener
    listener.start()
    return listener.port
  }

  /// Answers what was asked, and listens no more; the gallery is its owner's again.
  @discardableResult
  public func stop() async -> Tally {
    if let listener {
      self.listener = nil
      await withCheckedContinuation { continuation in
        Thread {
          listener.stop()
          continuation.resume()
        }.start()
      }
    }
    // The actor does one job after the other: when it answers, those before are done.
    return Tally(
      queries: await galleryActor.queries, enrolled: await galleryActor.enrolled, removed: await galleryActor.removed,
      forgotten: await galleryActor.forgotten)
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

  /// Listens beside the calling thread.
  /// - Returns: the port.
  public nonisolated func begin() throws(ServerError) -> Int {
    do { return try Self.wait { try await self.start() } } catch let error as ServerError { throw error } catch {
      throw .cannotListen(host: options.host, port: options.port, reason: "\(error)")
    }
  }

  /// Ends what `begin` began.
  public nonisolated func end() -> (tally: Tally, changes: [GalleryChange]) {
    (try? Self.wait { (await self.stop(), await self.galleryActor.changes) }) ?? (Tally(), [])
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
