/// The sizes that kernels work by: what every compilation of them is asked with.

/// The sizes of a convolution or pooling in general.
public struct ColumnsShape: Sendable {
  public var channels, height, width, kernelHeight, kernelWidth, strideY, strideX, top, left, outHeight, outWidth: Int

  public init(
    channels: Int, height: Int, width: Int, kernelHeight: Int, kernelWidth: Int, strideY: Int, strideX: Int, top: Int,
    left: Int, outHeight: Int, outWidth: Int
  ) {
    self.channels = channels
    self.height = height
    self.width = width
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.strideY = strideY
    self.strideX = strideX
    self.top = top
    self.left = left
    self.outHeight = outHeight
    self.outWidth = outWidth
  }
}

/// The sizes of a direct convolution of stride 1 over an image without border (the caller copies a border in).
public struct DirectShape: Sendable {
  public var channels, height, width: Int
  public var filters, kernelHeight, kernelWidth: Int

  public init(channels: Int, height: Int, width: Int, filters: Int, kernelHeight: Int, kernelWidth: Int) {
    self.channels = channels
    self.height = height
    self.width = width
    self.filters = filters
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
  }

  public var outHeight: Int { height - kernelHeight + 1 }
  public var outWidth: Int { width - kernelWidth + 1 }
}

/// Tiles of one image.
public struct ImageTiles: Sendable {
  public var height, width, channels: Int
  /// The first tile begins so far outside the image.
  public var top, left: Int
  public var across: Int
  /// Pixels from one tile to the next: 2...4 for Winograd's transforms, 21 less the kernel's side for Fourier's.
  public var step: Int
  /// Of Winograd's transforms: the tile's side in pixels, 6 or (of 3×3 kernels, 2 pixels apart) 4.
  public var points: Int

  public init(
    height: Int, width: Int, channels: Int, top: Int, left: Int, across: Int, step: Int = 4, points: Int = 6
  ) {
    self.height = height
    self.width = width
    self.channels = channels
    self.top = top
    self.left = left
    self.across = across
    self.step = step
    self.points = points
  }
}

/// Which r×r taps of a kernel of any size: the block at (row, column) · r.
public struct WinogradBlock: Sendable {
  public var kernelHeight, kernelWidth, taps, row, column: Int
  /// The transformed block's side: 6, or 4 of 3×3 taps.
  public var points: Int

  public init(kernelHeight: Int, kernelWidth: Int, taps: Int, row: Int, column: Int, points: Int = 6) {
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.taps = taps
    self.row = row
    self.column = column
    self.points = points
  }
}
