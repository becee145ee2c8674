import Images

/// Faces drawn into the picture that they were found in.
public enum FaceMarks {
  private static let frame: [UInt8] = [64, 220, 96]
  private static let dot: [UInt8] = [255, 80, 64]

  /// Frames and dots as thick as 1/200 of the picture's shorter side.
  public static func drawn(_ faces: [DetectedFace], on picture: PixelImage) -> PixelImage {
    let image = picture.rgb()
    var pixels = image.pixels
    let thickness = max(1, min(image.width, image.height) / 200)
    func fill(_ left: Double, _ top: Double, _ right: Double, _ bottom: Double, _ color: [UInt8]) {
      func place(_ value: Double, _ limit: Int) -> Int { Int(max(0, min(Double(limit), value.rounded()))) }
      let columns = (place(left, image.width), place(right, image.width))
      let rows = (place(top, image.height), place(bottom, image.height))
      guard columns.0 < columns.1 else { return }
      for row in rows.0..<max(rows.0, rows.1) {
        for column in columns.0..<columns.1 {
          for channel in 0..<3 { pixels[(row * image.width + column) * 3 + channel] = color[channel] }
        }
      }
    }
    let t = Double(thickness)
    for face in faces {
      let box = face.box
      fill(box.left, box.top, box.right, box.top + t, frame)
      fill(box.left, box.bottom - t, box.right, box.bottom, frame)
      fill(box.left, box.top, box.left + t, box.bottom, frame)
      fill(box.right - t, box.top, box.right, box.bottom, frame)
      for point in face.landmarks { fill(point.x - t, point.y - t, point.x + t, point.y + t, dot) }
    }
    return PixelImage(width: image.width, height: image.height, channels: 3, pixels: pixels) ?? image
  }
}
