import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// A person at a terminal: types, and waits for what should appear.
final class PseudoTerminal {
  private let master: Int32
  let child: Child
  private let errorPath: String
  /// Lives as long as its program does.
  private let folder: Folder
  private(set) var shown = ""
  private var seen = 0
  private var isOver = false

  init(_ arguments: [String] = [], environment: [String: String] = [:], in folder: Folder) throws {
    self.folder = folder
    // What posix_openpt, unlockpt and ptsname do; Glibc hides them from Swift.
    master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var locked: Int32 = 0
    var number: Int32 = 0
    let (unlock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
    guard master >= 0, ioctl(master, unlock, &locked) == 0, ioctl(master, getNumber, &number) == 0 else {
      throw SpawnFailure(reason: "no terminal: " + String(cString: strerror(errno)))
    }
    var size = winsize(ws_row: 40, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
    startModes = Self.modes(of: master)
    errorPath = folder.path + "/\(UUID().uuidString).err"
    let path = "/dev/pts/\(number)"
    child = try Child.spawn(
      Executable.path, arguments, environment: environment, folder: folder, input: path, output: path,
      errors: errorPath, terminal: true)
  }

  deinit {
    if !isOver {
      kill(child.id, SIGKILL)
      _ = child.wait(limit: 1)
    }
    if !isClosed { close(master) }
  }

  func type(_ text: String) {
    let bytes = Array(text.utf8)
    var start = 0
    while start < bytes.count {
      let count = bytes[start...].withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
      if count <= 0 { return }
      start += count
    }
  }

  /// Reads until `text` appears after what was awaited before.
  /// - Returns: whether it did.
  func sees(_ text: String, limit: Double = 60) -> Bool {
    let end = Date().addingTimeInterval(limit)
    let wanted = Array(text.utf8)
    while true {
      let bytes = Array(shown.utf8)
      if let place = Self.find(wanted, in: bytes, from: min(seen, bytes.count)) {
        seen = place + wanted.count
        return true
      }
      let left = end.timeIntervalSinceNow
      if left <= 0 || !readMore(Int32(left * 1000) + 1) { return false }
    }
  }

  /// Whether a cell shows this line first; bracketed paste goes off where a cell begins to run.
  func shows(_ text: String) -> Bool { sees("\u{1B}[?2004l\(text)\r\n") }

  /// Runs code that goes on for long, and waits until it does; then it can be interrupted.
  func runs(_ code: String) -> Bool {
    type("print(\"go\" + \"es\"); \(code)\r")
    return sees("goes\r\n")
  }

  /// Waits until standard error has said something.
  func complains(_ text: String, limit: Double = 60) -> Bool {
    let end = Date().addingTimeInterval(limit)
    while !errors.contains(text) {
      if Date() > end { return false }
      watch(seconds: 0.02)
    }
    return true
  }

  private func readMore(_ milliseconds: Int32) -> Bool {
    var waiting = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, milliseconds) > 0 else { return false }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(master, &buffer, buffer.count)
    guard count > 0 else { return false }
    pending += buffer[..<count]
    shown = String(decoding: pending, as: UTF8.self)
    return true
  }

  private var pending: [UInt8] = []

  private static func find(_ wanted: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    guard bytes.count - start >= wanted.count else { return nil }
    return (start...(bytes.count - wanted.count)).first { bytes[$0..<($0 + wanted.count)].elementsEqual(wanted) }
  }

  /// What went to standard error.
  var errors: String { String(decoding: FileManager.default.contents(atPath: errorPath) ?? Data(), as: UTF8.self) }

  /// The same without the times of cells that took a second: on a busy machine any may.
  var errorsWithoutTimes: String { errors.replacing(/[0-9.]+ s\n/, with: "") }

  /// Its exit code, reading on meanwhile so that it cannot block.
  func end(limit: Double = 60) -> Int32 {
    let end = Date().addingTimeInterval(limit)
    while Date() < end, readMore(200) {}
    isOver = true
    return child.wait(limit: max(1, end.timeIntervalSinceNow))
  }

  func signal(_ number: Int32) { kill(child.id, number) }

  /// The window is another size now.
  func resize(columns: UInt16, rows: UInt16) {
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(master, UInt(TIOCSWINSZ), &size)
  }

  /// Sets the terminal as a shell does for its own use: it edits lines itself, and shows keys.
  func cook() {
    var modes = termios()
    guard tcgetattr(master, &modes) == 0 else { return }
    modes.c_iflag |= tcflag_t(ICRNL)
    modes.c_lflag |= tcflag_t(ICANON | ECHO | ISIG)
    tcsetattr(master, TCSANOW, &modes)
  }

  /// How the terminal is set: whether it edits lines itself, shows keys, and what Ctrl-Z is.
  var modes: [UInt32] { Self.modes(of: master) }
  /// Before the program began.
  let startModes: [UInt32]

  private static func modes(of master: Int32) -> [UInt32] {
    var modes = termios()
    guard tcgetattr(master, &modes) == 0 else { return [] }
    return [modes.c_iflag, modes.c_oflag, modes.c_lflag, UInt32(modes.c_cc.10)]
  }

  /// The window is closed; the exit code.
  func hangUp() -> Int32 {
    close(master)
    isClosed = true
    isOver = true
    return child.wait(limit: 60)
  }

  private var isClosed = false

  /// Reads what comes within a time, whatever it is.
  func watch(seconds: Double) {
    let end = Date().addingTimeInterval(seconds)
    while end.timeIntervalSinceNow > 0 { _ = readMore(Int32(end.timeIntervalSinceNow * 1000) + 1) }
  }

  func kill9() {
    kill(child.id, SIGKILL)
    _ = child.wait(limit: 5)
    isOver = true
  }
}
