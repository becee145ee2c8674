import Foundation

/// A file under Tests/References.
public func referenceFile(_ path: String) throws -> [UInt8] {
  let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  return [UInt8](try Data(contentsOf: folder.appending(path: "References/" + path)))
}
