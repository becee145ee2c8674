import Collecting
import Datasets
import Foundation
import Images

/// A folder of a test's own, removed with it.
final class Folder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("twinbook-collect-" + UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// All files in it, hidden ones too, from its top.
  var files: [String] {
    ((FileManager.default.enumerator(atPath: path)?.allObjects as? [String]) ?? []).filter { name in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: path + "/" + name, isDirectory: &isFolder) && !isFolder.boolValue
    }.sorted()
  }

  func read(_ name: String) throws -> String { try String(contentsOfFile: path + "/" + name, encoding: .utf8) }

  /// Rows of sources.csv as the words of its first line name them.
  func rows() throws -> [[String: String]] {
    let lines = try read("sources.csv").components(separatedBy: "\r\n").filter { !$0.isEmpty }
    let names = lines[0].split(separator: ",").map(String.init)
    return lines.dropFirst().map { line in
      Dictionary(zip(names, cells(line)), uniquingKeysWith: { first, _ in first })
    }
  }

  /// A reader of its own, for lines without line ends in their cells.
  private func cells(_ line: String) -> [String] {
    var cells = [""]
    var isQuoted = false
    for character in line {
      if character == "\"" {
        isQuoted.toggle()
      } else if character == ",", !isQuoted {
        cells.append("")
      } else {
        cells[cells.count - 1].append(character)
      }
    }
    return cells
  }
}

enum Pictures {
  /// Different ones for different numbers, by their looks too.
  static func image(_ number: Int, size: Int = 64) throws -> PixelImage {
    let glyphs = try Datasets.glyphs(classes: 1, each: 1, seed: UInt64(number), size: size)
    return try glyphs.image(0)
  }

  static func png(_ number: Int, size: Int = 64) throws -> [UInt8] { try image(number, size: size).encodePNG() }
}

extension CollectOptions {
  /// As quick as a server on the same machine allows.
  static func quick(_ folder: Folder) -> CollectOptions {
    var options = CollectOptions()
    options.folder = folder.path
    options.pause = 0
    options.backoff = 0.02
    options.seconds = 30
    options.leavesOutNear = false
    return options
  }
}

/// Collecting blocks, and must not hold one of the few threads that all tests share.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    Thread { continuation.resume(with: Result { try body() }) }.start()
  }
}
