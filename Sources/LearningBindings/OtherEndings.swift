import Interpreter

/// Endings of other things: a file that is written under one of them would be taken for one of those, and a script, a table
/// or a picture of that name would be gone.
package enum OtherEndings {
  /// Of scripts and texts, tables, arrays and weights, pictures, archives.
  private static let common: Set<String> = [
    "twin", "ipynb", "html", "htm", "txt", "md", "log", "py", "sh", "csv", "tsv", "json", "xml", "yaml", "yml", "toml",
    "npy", "npz", "onnx", "h5", "hdf5", "keras", "pt", "pth", "png", "jpg", "jpeg", "pgm", "ppm", "gif", "bmp", "webp",
    "tif", "tiff", "svg", "pdf", "zip", "tar", "gz",
  ]

  /// - Parameters:
  ///   - whose: "a gallery", for words.
  ///   - more: endings that are right for others, and not for this.
  /// - Throws: `ArgumentError` where the path ends so.
  package static func refuse<Given>(
    _ path: String, _ parameter: TypedParameter<Given>, _ function: String, whose: String, more: Set<String>,
    help: String
  ) throws {
    guard let dot = path.lastIndex(of: ".") else { return }
    let ending = path[path.index(after: dot)...].lowercased()
    guard common.contains(ending) || more.contains(ending) else { return }
    throw ArgumentError(
      parameter, "\(function): \(whose) cannot have a path that ends in .\(ending), as other files do, got \"\(path)\"",
      help: help)
  }
}
