import Diagnostics
import Foundation
import Sandbox

/// `!command`: a line for the system's shell. What it writes is shown, and is no result; a replay does not run it.
extension NotebookSession {
  func runShell(_ line: String, into outcome: inout Evaluation) throws {
    // A script that somebody sent must not do on this machine whatever it likes.
    guard isTyped else { throw SessionError.shellInScript }
    try AccessPolicy.checkProcess("/bin/sh")
    guard !line.allSatisfy(\.isWhitespace) else { throw SessionError.missingArgument(command: "!", usage: "!ls") }
    let process = Process()
    // Foundation gives it a process group of its own: an interrupt reaches whatever the line has started.
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", line]
    process.standardInput = FileHandle.nullDevice
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    do { try process.run() } catch {
      throw SessionError.file(.system(path: "/bin/sh", action: "run", reason: error.localizedDescription))
    }
    try? pipe.fileHandleForWriting.close()
    let wasInterrupted = copyOutput(of: pipe.fileHandleForReading.fileDescriptor, process)
    process.waitUntilExit()
    if wasInterrupted {
      outcome.status = .interrupted
    } else if process.terminationStatus != 0 {
      recorder.note("the command ended with code \(process.terminationStatus)")
    } else if let note = Self.noteOfLostEffect(line) {
      recorder.note(note)
    }
  }

  /// A line that does nothing but change the shell, which has ended, was meant for the session.
  private static func noteOfLostEffect(_ line: String) -> String? {
    let words = words(line)
    guard words.count <= 2, !line.contains(where: { ";&|\n".contains($0) }) else { return nil }
    switch words.first {
    case "cd": return "each ! line has a shell of its own, which has ended: %cd changes the session's folder"
    case "export": return "each ! line has a shell of its own, which has ended, and its variables with it"
    default: return nil
    }
  }

  /// Hands on what the process writes, as it comes; true where it was interrupted.
  private func copyOutput(of descriptor: Int32, _ process: Process) -> Bool {
    var open: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      if engine.interruptFlag.isRaised {
        // The shell and what it started; the last of these signals leaves nobody.
        for signal in [SIGINT, SIGTERM, SIGKILL] {
          kill(-process.processIdentifier, signal)
          usleep(50_000)
        }
        return true
      }
      var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      if poll(&waiting, 1, 50) <= 0 {
        // What it started may live on with the pipe in its hands.
        if process.isRunning { continue }
        break
      }
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { break }
      open += buffer[..<count]
      // Whole characters: their last bytes may not be there yet.
      let end = open.lastIndex { $0 < 0x80 }.map { $0 + 1 } ?? (open.count > 1 << 16 ? open.count : 0)
      output?.write(String(decoding: open[..<end], as: UTF8.self))
      open.removeFirst(end)
    }
    if !open.isEmpty { output?.write(String(decoding: open, as: UTF8.self)) }
    return false
  }
}
