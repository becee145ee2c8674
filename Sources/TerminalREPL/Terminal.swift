import CLibEdit
import Diagnostics
import Files

import Glibc

/// What stands at the other ends of standard input, output and error.
public struct Terminal: Sendable {
  public var readsFromTerminal: Bool
  public var writesToTerminal: Bool
  public var errorsToTerminal: Bool
  public var color: Bool
  public var errorColor: Bool
  /// A rank's output goes to its launcher, which may lend it a terminal that nobody looks at.
  private var hasWindow = true

  /// What a rank writes goes on to wherever the launcher's output goes.
  static var ofRank: Terminal {
    var terminal = Terminal()
    terminal.writesToTerminal = false
    terminal.errorsToTerminal = false
    terminal.color = false
    terminal.errorColor = false
    terminal.hasWindow = false
    return terminal
  }

  public init() {
    readsFromTerminal = isatty(STDIN_FILENO) == 1
    writesToTerminal = isatty(STDOUT_FILENO) == 1
    errorsToTerminal = isatty(STDERR_FILENO) == 1
    // https://no-color.org: any value but the empty one.
    let wantsNone = (FileSystem.environment("NO_COLOR") ?? "") != "" || FileSystem.environment("TERM") == "dumb"
    color = writesToTerminal && !wantsNone
    errorColor = errorsToTerminal && !wantsNone
  }

  /// Terminals with 16 million colours say so.
  public var isTrueColor: Bool { ["truecolor", "24bit"].contains(FileSystem.environment("COLORTERM") ?? "") }

  public var isDumb: Bool { (FileSystem.environment("TERM") ?? "dumb") == "dumb" }

  /// The window's size, else what COLUMNS says, else 80 × 24.
  public var size: (columns: Int, rows: Int) {
    var columns: Int32 = 0
    var rows: Int32 = 0
    if hasWindow, twin_window_size(STDOUT_FILENO, &columns, &rows) || twin_window_size(STDERR_FILENO, &columns, &rows) {
      return (max(20, Int(columns)), max(5, Int(rows)))
    }
    let stated = FileSystem.environment("COLUMNS").flatMap { Int($0) } ?? 80
    return (max(20, min(stated, 1000)), 24)
  }

  /// As it is shown here: in colours and as wide as the window, if there is one.
  func rendered(_ diagnostic: Diagnostic) -> String {
    hasWindow && errorsToTerminal
      ? diagnostic.rendered(color: errorColor, width: size.columns) : diagnostic.rendered(color: errorColor)
  }

  /// Bytes to standard output, whatever they are; failures are seen by the next ordinary output.
  static func writeRaw(_ text: String) {
    _ = write(Array(text.utf8), to: STDOUT_FILENO)
  }

  /// Everything or an errno.
  static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
    var start = 0
    while start < bytes.count {
      let count = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        if errno == EAGAIN {
          var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&waiting, 1, 1000)
          continue
        }
        return errno
      }
      start += count
    }
    return 0
  }

  enum Pictures { case kitty, iterm, sixel, none }

  /// How this terminal shows pictures. Asks it (DA1) only where the environment does not say.
  func pictures() -> Pictures {
    guard writesToTerminal, readsFromTerminal, !isDumb else { return .none }
    let program = FileSystem.environment("TERM_PROGRAM") ?? ""
    let name = FileSystem.environment("TERM") ?? ""
    // Inside tmux and screen the protocols need a passage that is off by default.
    if FileSystem.environment("TMUX") == nil, !name.hasPrefix("screen") {
      if FileSystem.environment("KITTY_WINDOW_ID") != nil || name == "xterm-kitty" || name == "xterm-ghostty"
        || program == "ghostty" || program == "WezTerm"
      {
        return .kitty
      }
      if program == "iTerm.app" || program == "mintty" || FileSystem.environment("LC_TERMINAL") == "iTerm2" {
        return .iterm
      }
    }
    var answer = [CChar](repeating: 0, count: 128)
    let length = twin_terminal_attributes(&answer, Int32(answer.count), 300)
    let text = String(decoding: answer.prefix(max(0, Int(length))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let attributes = text.drop { $0 != "?" }.dropFirst().dropLast().split(separator: ";")
    return attributes.dropFirst().contains("4") ? .sixel : .none
  }
}
