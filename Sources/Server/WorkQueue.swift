import Dispatch
import Foundation

/// A thread of its own for work that takes long: the network's threads are for the network.
final class WorkQueue: SerialExecutor {
  private let queue = DispatchQueue(label: "twinbook.gallery")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}

/// A thread for each picture that is decoded: neither the gallery's nor those that Swift's tasks share wait for it. As many
/// at a time as callers, whom `RequestLimiter` counts.
struct PictureThreads: Sendable {
  func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      let thread = Thread { continuation.resume(with: Swift.Result { try body() }) }
      thread.stackSize = 8 << 20
      thread.start()
    }
  }
}
