import FlyingFox
import Foundation
import Synchronization

/// A request's body, read at most once and never beyond its limit.
final class RequestBody: Sendable {
  private let request: HTTPRequest
  private let limits: ServerLimits
  private let state = Mutex((isWhole: false, taken: 0, isBegun: false))

  init(_ request: HTTPRequest, _ limits: ServerLimits) {
    self.request = request
    self.limits = limits
    // FlyingFox has read small ones already, and there is nothing to read where none was announced.
    if request.headers[.transferEncoding] == nil, (request.bodySequence.count ?? 0) == 0 {
      state.withLock { $0.isWhole = true }
    }
  }

  /// Whether nothing of it is left on the connection.
  var isWhole: Bool { state.withLock { $0.isWhole } }

  func bytes() async throws -> [UInt8] {
    if let announced = request.bodySequence.count, announced > limits.bodyBytes {
      throw RequestProblem.tooLarge(limit: limits.bodyBytes)
    }
    let (limit, drainLimit) = (limits.bodyBytes, limits.drainBytes)
    return try await inTime(limits.bodySeconds) { [self] in
      var bytes: [UInt8] = []
      var count = 0
      try await each { chunk in
        count += chunk.count
        guard count <= drainLimit else { throw RequestProblem.tooLarge(limit: limit) }
        // What is too much is read on all the same, and forgotten, so that the answer is heard.
        if count <= limit { bytes += chunk } else { bytes = [] }
      }
      guard count <= limit else { throw RequestProblem.tooLarge(limit: limit) }
      return bytes
    }
  }

  /// Reads and forgets what is left, so that the answer is heard: up to a limit, and not for long.
  func drain() async {
    guard !isWhole, !state.withLock({ $0.isBegun }) else { return }
    let limit = limits.drainBytes
    if let announced = request.bodySequence.count, announced > limit { return }
    try? await inTime(min(5, limits.bodySeconds)) { [self] in
      var count = 0
      try await each { chunk in
        count += chunk.count
        guard count <= limit else { throw RequestProblem.tooLarge(limit: limit) }
      }
    }
  }

  private func each(_ take: (Data) throws -> Void) async throws {
    state.withLock { $0.isBegun = true }
    do {
      for try await chunk in request.bodySequence { try take(chunk) }
    } catch let problem as RequestProblem {
      throw problem
    } catch is CancellationError {
      throw RequestProblem.tooSlow
    } catch {
      throw RequestProblem.cutOff
    }
    // A connection that ends early ends the sequence too.
    state.withLock { $0.isWhole = true }
  }

  private func inTime<Value: Sendable>(
    _ seconds: Double, _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try await Task.sleep(for: .seconds(seconds))
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let value = first else { throw RequestProblem.tooSlow }
      return value
    }
  }
}
