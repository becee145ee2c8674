extension PixelImage {
  /// Endings of pictures' names, in small letters: also of kinds that are not read, for a picture that cannot be read
  /// is worth telling.
  private static let endings: Set<String> = [
    "png", "jpg", "jpeg", "pgm", "ppm", "pbm", "pnm", "gif", "bmp", "webp", "tif", "tiff", "heic", "avif",
  ]

  /// Whether a file's name or path says that it is a picture, whatever it holds.
  public static func isName(_ path: some StringProtocol) -> Bool {
    guard let dot = path.lastIndex(of: ".") else { return false }
    return endings.contains(path[path.index(after: dot)...].lowercased())
  }
}
