/// Memory that kernels write to: aligned, with room for the whole vectors that they read and write past the end.
final class FloatScratch {
  let start: UnsafeMutablePointer<Float>
  private static let room = 64

  init(_ count: Int) {
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: (max(0, count) + Self.room) * MemoryLayout<Float>.stride, alignment: 64)
    start = raw.bindMemory(to: Float.self, capacity: count + Self.room)
    start.initialize(repeating: 0, count: count + Self.room)
  }

  deinit { start.deallocate() }
}
