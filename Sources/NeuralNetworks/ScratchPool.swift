import Tensors

import Synchronization

/// Memory that a slice needs while it runs and nobody afterwards: one buffer for each thread, whatever the number of
/// slices and layers, as large as the greediest layer wants. What is in it is never read before it is written.
final class ScratchPool: Sendable {
  private let state = Mutex((size: 0, free: [FloatBuffer]()))

  /// Called while a plan is built.
  func reserve(_ count: Int) { state.withLock { $0.size = max($0.size, count) } }

  func with(_ body: (MutableFloats) -> Void) {
    let buffer = state.withLock { state in state.free.popLast() ?? FloatBuffer(state.size) }
    body(buffer.base)
    state.withLock { $0.free.append(buffer) }
  }
}

/// Memory that one step of a batch's pass leaves to the next: one buffer for all layers, which come one after the other.
final class StepScratch: Sendable {
  private let state = Mutex((size: 0, buffer: FloatBuffer?.none))

  /// Called while a plan is built.
  func reserve(_ count: Int) { state.withLock { $0.size = max($0.size, count) } }

  var base: MutableFloats {
    state.withLock { state in
      let buffer = state.buffer ?? FloatBuffer(state.size)
      state.buffer = buffer
      return buffer.base
    }
  }
}
