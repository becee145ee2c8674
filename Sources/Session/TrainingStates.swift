import Foundation
import Interpreter

#if canImport(Glibc)
  import Glibc
#endif

/// How the session's trainings ended, in files beside its journal: a session that comes back after a crash takes the
/// trained networks from here, rather than train them again.
///
/// A training has its place by the cell it ran in and its number within the cell; a trainer accepts a state only where
/// network, data, loss and optimiser are the same.
final class TrainingStates: TrainingKeeper {
  private let folder: String
  /// Of a lost session that is being brought back.
  private var source: String?
  private var cell = 0
  private var run = 0

  /// States of more bytes are not kept: writing them would take longer than is worth it.
  static let limit = 1 << 30

  init(folder: String) { self.folder = folder }

  static func folder(ofJournal path: String) -> String {
    (path.hasSuffix(".journal") ? String(path.dropLast(8)) : path) + ".states"
  }

  /// From now on trainings end as they did in a lost session, where that is known; nil: they are done.
  func bringBack(from folder: String?) { source = folder }

  /// - Parameter number: of the cell in the journal, from 0.
  func beginCell(_ number: Int) {
    cell = number
    run = 0
  }

  private func name(_ part: String = "") -> String { "/cell\(cell)-run\(run)\(part).safetensors" }

  func nextRun() -> KeptTraining? {
    run += 1
    guard let source else { return nil }
    if let bytes = try? TextFile.read(source + name(), limit: Self.limit) { return .ended(bytes) }
    if let bytes = try? TextFile.read(source + name("-begun"), limit: Self.limit) { return .begun(bytes) }
    return nil
  }

  func keep(_ state: [UInt8], hasEnded: Bool) {
    guard state.count <= Self.limit else { return }
    if mkdir(folder, 0o700) != 0, errno != EEXIST { return }
    // A state that cannot be kept is trained again: no reason to stop.
    try? TextFile.write(state, to: folder + name(hasEnded ? "" : "-begun"))
    if hasEnded { unlink(folder + name("-begun")) }
  }

  /// Forgets those of the cells from `count` on, which were undone.
  func keepOnly(cells count: Int, in other: String) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      let digits = name.dropFirst(4).prefix { $0.isNumber }
      guard name.hasPrefix("cell"), let number = Int(digits), number < count else { continue }
      if mkdir(other, 0o700) != 0, errno != EEXIST { return }
      link(folder + "/" + name, other + "/" + name)
    }
  }

  func discard() { Self.discard(folder) }

  static func discard(_ folder: String) { try? FileManager.default.removeItem(atPath: folder) }
}
