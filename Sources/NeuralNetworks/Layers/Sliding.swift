import Tensors

/// Height and width, of a kernel, a window, a stride.
public struct Extent: Sendable, Hashable, Codable {
  /// In pixels.
  public var height: Int
  /// In pixels.
  public var width: Int

  /// Height, then width.
  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }

  /// A square.
  public init(_ side: Int) { self.init(side, side) }
}

/// How many pixels of zeros stand around an image before a convolution or a pooling looks at it.
public enum Padding: Sendable, Hashable, Codable {
  /// None: the result shrinks by the kernel's size less one.
  case valid
  /// As many as keep the size (divided by the stride, rounded up); where odd, one more after than before, as in Keras.
  case same
  /// So many on each side.
  case pixels(Int)
  /// As networks from elsewhere have it.
  case border(top: Int, left: Int, bottom: Int, right: Int)
}

extension Padding {
  /// The numbers that it says.
  var sides: [Int] {
    switch self {
    case .valid, .same: []
    case .pixels(let count): [count]
    case .border(let top, let left, let bottom, let right): [top, left, bottom, right]
    }
  }
}

/// Zeros around an image, resolved to numbers.
struct Border: Hashable, Sendable {
  var top = 0
  var left = 0
  var bottom = 0
  var right = 0
}

/// A convolution or pooling with every size known.
struct SlidingShape: Hashable, Sendable {
  var channels: Int
  var height: Int
  var width: Int
  var kernel: Extent
  var stride: Extent
  var border: Border
  var outHeight: Int
  var outWidth: Int

  /// nil where the window does not fit into the padded image.
  init?(_ input: [Int], kernel: Extent, stride: Extent, padding: Padding) {
    channels = input[0]
    height = input[1]
    width = input[2]
    self.kernel = kernel
    self.stride = stride
    switch padding {
    case .valid: border = Border()
    case .pixels(let count): border = Border(top: count, left: count, bottom: count, right: count)
    case .border(let top, let left, let bottom, let right):
      border = Border(top: top, left: left, bottom: bottom, right: right)
    case .same:
      func total(_ size: Int, _ kernel: Int, _ stride: Int) -> Int {
        max(0, ((size + stride - 1) / stride - 1) * stride + kernel - size)
      }
      let vertical = total(height, kernel.height, stride.height)
      let horizontal = total(width, kernel.width, stride.width)
      border = Border(
        top: vertical / 2, left: horizontal / 2, bottom: vertical - vertical / 2,
        right: horizontal - horizontal / 2)
    }
    let roomY = height + border.top + border.bottom - kernel.height
    let roomX = width + border.left + border.right - kernel.width
    guard roomY >= 0, roomX >= 0 else { return nil }
    outHeight = roomY / stride.height + 1
    outWidth = roomX / stride.width + 1
  }
}

extension Tensor {
  /// [n, channels, height, width] with its border around it.
  func padded(_ sliding: SlidingShape, with value: Float = 0) throws -> Tensor {
    let border = sliding.border
    if border == Border() { return self }
    return try padded(
      top: border.top, left: border.left, bottom: border.bottom, right: border.right, with: value)
  }
}
