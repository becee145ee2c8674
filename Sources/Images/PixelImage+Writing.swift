import Files

extension PixelImage {
  /// Writes a file in the format that its name ends in (.png, .jpg, .jpeg, .pgm, .ppm); whole or not at all.
  public func write(to path: String) throws {
    let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
    let bytes: [UInt8]
    switch ending {
    case "png": bytes = try encodePNG()
    case "jpg", "jpeg": bytes = try encodeJPEG()
    case "pgm": bytes = gray().encodeNetpbm()
    case "ppm": bytes = rgb().encodeNetpbm()
    default:
      throw ImageError.cannotEncode(
        format: path.contains(".") ? "." + ending : "a file without an ending",
        reason: "the name must end in .png, .jpg, .pgm or .ppm")
    }
    try FileSystem.write(bytes, to: path)
  }
}
