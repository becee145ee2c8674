extension PixelImage {
  /// Luma as ITU-R 601 has it, in the integers of Pillow's `convert("L")`: (19595 R + 38470 G + 7471 B + 32768) / 65536.
  public func gray() -> PixelImage {
    if channels == 1 { return self }
    let area = width * height
    let result = [UInt8](unsafeUninitializedCapacity: area) { out, count in
      pixels.withUnsafeBufferPointer { source in
        for index in 0..<area {
          let at = 3 * index
          let red = UInt32(truncatingIfNeeded: source[at]) &* 19595
          let green = UInt32(truncatingIfNeeded: source[at &+ 1]) &* 38470
          let blue = UInt32(truncatingIfNeeded: source[at &+ 2]) &* 7471
          out[index] = UInt8(truncatingIfNeeded: (red &+ green &+ blue &+ 0x8000) >> 16)
        }
      }
      count = area
    }
    return PixelImage(trusted: result, width: width, height: height, channels: 1)
  }

  /// Three equal channels of a gray picture.
  public func rgb() -> PixelImage {
    if channels == 3 { return self }
    var result: [UInt8] = []
    result.reserveCapacity(pixels.count * 3)
    for value in pixels {
      result.append(value)
      result.append(value)
      result.append(value)
    }
    return PixelImage(trusted: result, width: width, height: height, channels: 3)
  }

  /// Every second pixel of every second row, from the first: 160×160 becomes 80×80, as the Keras recipe does.
  public func halved() -> PixelImage {
    let newWidth = (width + 1) / 2
    let newHeight = (height + 1) / 2
    return gathered(width: newWidth, height: newHeight) { row, column in (2 * row, 2 * column) }
  }

  /// A part of it, in pixels from the upper left corner.
  /// - Throws: `ImageError.outside` where the part is empty or does not lie within the picture.
  public func cropped(left: Int, top: Int, width cropWidth: Int, height cropHeight: Int) throws(ImageError)
    -> PixelImage
  {
    guard cropWidth > 0, cropHeight > 0, left >= 0, top >= 0, cropWidth <= width, cropHeight <= height,
      left <= width - cropWidth, top <= height - cropHeight
    else {
      throw .outside(
        width: width, height: height, left: left, top: top, cropWidth: cropWidth, cropHeight: cropHeight)
    }
    return gathered(width: cropWidth, height: cropHeight) { row, column in (row + top, column + left) }
  }

  /// Left and right exchanged.
  public func flipped() -> PixelImage {
    gathered(width: width, height: height) { row, column in (row, width - 1 - column) }
  }

  /// Quarter turns counterclockwise.
  public func rotated(quarters: Int) -> PixelImage {
    switch ((quarters % 4) + 4) % 4 {
    case 1: return gathered(width: height, height: width) { row, column in (column, width - 1 - row) }
    case 2: return gathered(width: width, height: height) { row, column in (height - 1 - row, width - 1 - column) }
    case 3: return gathered(width: height, height: width) { row, column in (height - 1 - column, row) }
    default: return self
    }
  }

  /// Black and white exchanged.
  public func inverted() -> PixelImage {
    PixelImage(trusted: pixels.map { 255 - $0 }, width: width, height: height, channels: channels)
  }

  /// As EXIF's orientation (1…8) says.
  func oriented(_ orientation: Int) -> PixelImage {
    switch orientation {
    case 2: return flipped()
    case 3: return rotated(quarters: 2)
    case 4: return flipped().rotated(quarters: 2)
    case 5: return flipped().rotated(quarters: 1)
    case 6: return rotated(quarters: 3)
    case 7: return flipped().rotated(quarters: 3)
    case 8: return rotated(quarters: 1)
    default: return self
    }
  }

  private func gathered(width newWidth: Int, height newHeight: Int, _ source: (Int, Int) -> (Int, Int)) -> PixelImage {
    let total = newWidth * newHeight * channels
    let result = [UInt8](unsafeUninitializedCapacity: total) { out, count in
      pixels.withUnsafeBufferPointer { from in
        var at = 0
        for row in 0..<newHeight {
          for column in 0..<newWidth {
            let (oldRow, oldColumn) = source(row, column)
            let old = (oldRow * width + oldColumn) * channels
            for channel in 0..<channels {
              out[at] = from[old + channel]
              at += 1
            }
          }
        }
      }
      count = total
    }
    return PixelImage(trusted: result, width: newWidth, height: newHeight, channels: channels)
  }
}
