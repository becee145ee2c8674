import Foundation
import Sandbox

/// Pixels that gnuplot reads from a file (its text blocks would be fifty times slower), under names of ours, so that no
/// user's text stands in a file name.
struct TemporaryFiles {
  private var paths: [String] = []

  mutating func write(_ bytes: [UInt8]) throws(PlottingError) -> String {
    // A script in a box writes nowhere else.
    let folder = AccessPolicy.current.files?.scratch ?? NSTemporaryDirectory()
    var template = Array((folder + (folder.hasSuffix("/") ? "" : "/") + "twinbook-figure-XXXXXX").utf8CString)
    let descriptor = mkstemp(&template)
    let failed = PlottingError.gnuplotNotStarted(
      program: "its image data", reason: "the temporary folder cannot be written (\(String(cString: strerror(errno))))")
    guard descriptor >= 0 else { throw failed }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    paths.append(path)
    let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do { try handle.write(contentsOf: Data(bytes)) } catch { throw failed }
    return path
  }

  mutating func removeAll() {
    for path in paths { unlink(path) }
    paths = []
  }
}
