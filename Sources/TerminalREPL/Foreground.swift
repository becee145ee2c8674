import CLibEdit
import CProcess
import Memory

import Glibc

/// Runs cells on a thread with a deep stack while the first thread waits for signals: so Ctrl-C is heard at once,
/// whatever a cell is doing.
final class Foreground {
  enum Signal { case interrupt, terminate, resize, stop, other }

  let signals: Int32

  /// - Parameter stops: Ctrl-Z is heard, because the terminal has to be put back before the process stops.
  init(stops: Bool = false) {
    signals = twin_signal_pipe()
    for number in [SIGINT, SIGTERM, SIGHUP] { twin_watch_unless_ignored(number) }
    twin_watch_signal(SIGWINCH)
    if stops {
      twin_watch_unless_ignored(SIGTSTP)
      // Whoever sits at a terminal has Ctrl-C, whatever the program was started by.
      for number in [SIGINT, SIGCONT] { twin_watch_signal(number) }
    }
    // Ctrl-\ is for who wants the process gone; Swift would begin to look for a fault in it.
    twin_quit_at_once()
    // A file that grows over a limit is an error of the write, too.
    twin_ignore_signal(SIGXFSZ)
    // A closed pipe is an error of the write, in words.
    twin_ignore_signal(SIGPIPE)
  }

  /// The next signal that waits, if one does.
  func nextSignal() -> Signal? {
    var byte: UInt8 = 0
    guard read(signals, &byte, 1) == 1 else { return nil }
    switch Int32(byte) {
    case SIGINT: return .interrupt
    case SIGTERM, SIGHUP: return .terminate
    case SIGWINCH: return .resize
    case SIGTSTP: return .stop
    default: return .other
    }
  }

  /// Runs `body` to its end. `onSignal` is called on this thread, while the body runs on the other.
  func run(_ body: @escaping () -> Void, onSignal: (Signal) -> Void) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return body() }
    defer {
      close(ends[0])
      close(ends[1])
    }
    let job = Unmanaged.passRetained(Job(body: body, done: ends[1]))
    let failure = twin_run_thread(
      MemoryBudget.cellStackSize,
      { context in
        guard let context else { return }
        let job = Unmanaged<Job>.fromOpaque(context).takeRetainedValue()
        job.body()
        var byte: UInt8 = 1
        _ = write(job.done, &byte, 1)
      }, job.toOpaque())
    guard failure == 0 else {
      job.release()
      return body()
    }
    while true {
      var waiting = [
        pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0), pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
      ]
      let ready = poll(&waiting, 2, -1)
      if ready < 0 { continue }
      if waiting[0].revents != 0 { return }
      if waiting[1].revents != 0 { while let signal = nextSignal() { onSignal(signal) } }
    }
  }

  private final class Job {
    let body: () -> Void
    let done: Int32

    init(body: @escaping () -> Void, done: Int32) {
      self.body = body
      self.done = done
    }
  }
}
