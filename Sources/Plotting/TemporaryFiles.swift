import Files
import Foundation
import Sandbox

/// Pixels that gnuplot reads from a file (its text blocks would be fifty times slower), under names of ours, so that no
/// user's text stands in a file name.
struct TemporaryFiles {
  private var paths: [String] = []

  mutating func write(_ bytes: [UInt8]) throws(PlottingError) -> String {
    func failed(_ reason: String) -> PlottingError {
      .gnuplotNotStarted(
        program: "its image data", reason: "the temporary folder cannot be written (\(reason))")
    }
    // A script in a box writes nowhere else.
    let folder = AccessPolicy.current.files?.scratch ?? FileSystem.temporaryFolder
    let made: (descriptor: Int32, path: String)
    do { made = try FileSystem.makeTemporaryFile("twinbook-figure", in: folder) } catch { throw failed(error.reason) }
    paths.append(made.path)
    let handle = FileHandle(fileDescriptor: made.descriptor, closeOnDealloc: true)
    do { try handle.write(contentsOf: Data(bytes)) } catch { throw failed(String(cString: strerror(errno))) }
    return made.path
  }

  mutating func removeAll() {
    for path in paths { unlink(path) }
    paths = []
  }
}
