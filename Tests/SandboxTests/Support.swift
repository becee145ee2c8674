import Files
import Foundation
import Sandbox
import TestSupport

/// A script's folder, a folder for what it writes, and a folder elsewhere with a secret in it.
struct Yard {
  static let secret = "hunter2-the-secret"
  let top: TemporaryFolder
  let policy: AccessPolicy
  var script: String { top.path + "/script" }
  var scratch: String { top.path + "/scratch" }
  var outside: String { top.path + "/outside" }

  init(base: String? = nil) throws {
    top = try TemporaryFolder()
    for name in ["script", "scratch", "outside", "data"] {
      try FileManager.default.createDirectory(atPath: top.path + "/" + name, withIntermediateDirectories: true)
    }
    try Self.secret.write(toFile: top.path + "/outside/secret.txt", atomically: false, encoding: .utf8)
    try "mine".write(toFile: top.path + "/script/own.txt", atomically: false, encoding: .utf8)
    try "data".write(toFile: top.path + "/data/data.txt", atomically: false, encoding: .utf8)
    policy = .boxed(
      try FileAccess(
        scriptFolder: top.path + "/script", folders: [top.path + "/data", top.path + "/nowhere"],
        scratch: top.path + "/scratch", base: base ?? top.path + "/script"))
  }

  func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(atPath: top.path + "/" + name, withDestinationPath: target)
  }

  func text(_ name: String) -> String? { try? String(contentsOfFile: top.path + "/" + name, encoding: .utf8) }

  /// All that stands elsewhere, with what is in it.
  func snapshot(_ folder: String) -> [String: String] {
    var found: [String: String] = [:]
    for name in (try? FileManager.default.subpathsOfDirectory(atPath: top.path + "/" + folder)) ?? [] {
      let attributes = try? FileManager.default.attributesOfItem(atPath: top.path + "/\(folder)/\(name)")
      found[name] = "\(text(folder + "/" + name) ?? "-") \(attributes?[.posixPermissions] ?? 0)"
    }
    return found
  }
}

func refused(_ work: () throws -> Void) -> Bool {
  do {
    try work()
    return false
  } catch FileError.refused { return true } catch { return false }
}
