import Synchronization

/// Lines that the server's thread adds and the script's thread takes: only that one may write to its output.
final class ChangeLog: Sendable {
  private let lines = Mutex<[String]>([])

  func add(_ line: String) { lines.withLock { $0.append(line) } }

  func take() -> [String] {
    lines.withLock { lines in
      let taken = lines
      lines = []
      return taken
    }
  }
}
