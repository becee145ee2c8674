/// Bytes or places beside the floats of a plan; unchecked for the same reason as `FloatBuffer`.
final class PlaneBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
  let base: UnsafeMutablePointer<Element>

  init(_ count: Int, repeating value: Element) {
    base = .allocate(capacity: count + FloatBuffer.slack)
    base.initialize(repeating: value, count: count + FloatBuffer.slack)
  }

  deinit { base.deallocate() }
}
