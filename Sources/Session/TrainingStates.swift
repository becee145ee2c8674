import Files
import Foundation
import Interpreter

import Glibc

/// How the session's trainings ended, in files beside its journal: a session that comes back after a crash takes the
/// trained networks from here, rather than train them again.
///
/// A training has its place by the cell it ran in and its number within the cell; a trainer accepts a state only where
/// network, data, loss and optimiser are the same.
final class TrainingStates: TrainingKeeper {
  private let folder: String
  /// Whether trainings of the cells that run now are known.
  private var isBringingBack = false
  /// The cell in whose middle the lost session ended: run again, its training goes on from where it was.
  private var unfinished: (number: Int, source: String)?
  private var cell = 0
  private var run = 0

  /// States of more bytes are not kept: writing them would take longer than is worth it.
  static let limit = 1 << 30

  init(folder: String) { self.folder = folder }

  static func folder(ofJournal path: String) -> String {
    (path.hasSuffix(".journal") ? String(path.dropLast(8)) : path) + ".states"
  }

  /// Trainings of the cells that run from now on end as they did in the lost session whose states stand in `folder`.
  func bringBack(from folder: String) {
    Self.link(folder, to: self.folder)
    isBringingBack = true
  }

  /// The lost session is back, but for the cell that was running when it ended.
  func isBack(unfinished: (number: Int, source: String)?) {
    isBringingBack = false
    self.unfinished = unfinished
  }

  /// - Parameter number: of the cell in the journal, from 0.
  func beginCell(_ number: Int, _ source: String) {
    cell = number
    run = 0
    if let unfinished, unfinished.number != number || unfinished.source != source { self.unfinished = nil }
  }

  private func name(_ part: String = "") -> String { "/cell\(cell)-run\(run)\(part).safetensors" }

  func nextRun() -> KeptTraining? {
    run += 1
    guard isBringingBack || unfinished?.number == cell else { return nil }
    if let bytes = try? FileSystem.read(folder + name(), limit: Self.limit) { return .ended(bytes) }
    if let bytes = try? FileSystem.read(folder + name("-begun"), limit: Self.limit) { return .begun(bytes) }
    return nil
  }

  func keep(_ state: [UInt8], hasEnded: Bool) {
    guard state.count <= Self.limit else { return }
    if mkdir(folder, 0o700) != 0, errno != EEXIST { return }
    // A state that cannot be kept is trained again: no reason to stop.
    try? FileSystem.write(state, to: folder + name(hasEnded ? "" : "-begun"))
    if hasEnded { unlink(folder + name("-begun")) }
  }

  func kept(_ part: String) -> [UInt8]? {
    guard isBringingBack || unfinished?.number == cell else { return nil }
    return try? FileSystem.read(folder + partName(part), limit: Self.limit)
  }

  func keep(_ bytes: [UInt8], as part: String) -> Bool {
    guard bytes.count <= Self.limit, mkdir(folder, 0o700) == 0 || errno == EEXIST else { return false }
    do { try FileSystem.write(bytes, to: folder + partName(part)) } catch { return false }
    return true
  }

  func drop(_ part: String) { unlink(folder + partName(part)) }

  private func partName(_ part: String) -> String { "/cell\(cell)-\(part)" }

  /// The cell that runs does not do what was kept of it: it runs as if nothing were known.
  func forgetCell() {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    where name.hasPrefix("cell\(cell)-") {
      unlink(folder + "/" + name)
    }
    run = 0
  }

  /// Cells from this one on were taken back.
  func forget(from count: Int) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      guard name.hasPrefix("cell"), let number = Int(name.dropFirst(4).prefix { $0.isNumber }), number >= count else {
        continue
      }
      unlink(folder + "/" + name)
    }
  }

  /// Links rather than copies: states are large.
  private static func link(_ folder: String, to other: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      guard name.hasPrefix("cell") else { continue }
      if mkdir(other, 0o700) != 0, errno != EEXIST { return }
      Glibc.link(folder + "/" + name, other + "/" + name)
    }
  }

  func discard() { Self.discard(folder) }

  static func discard(_ folder: String) { try? FileManager.default.removeItem(atPath: folder) }
}
