import Dispatch

/// A thread of its own for work that takes long: the network's threads are for the network.
final class WorkQueue: SerialExecutor {
  private let queue = DispatchQueue(label: "twinbook.gallery")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}

/// Threads for work that can be done side by side (decoding); as many as callers, who are counted at the door.
struct WorkCrew: Sendable {
  private let queue = DispatchQueue(label: "twinbook.pictures", attributes: .concurrent)

  func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      queue.async { continuation.resume(with: Swift.Result { try body() }) }
    }
  }
}
