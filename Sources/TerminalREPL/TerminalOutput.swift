import CLibEdit
import Diagnostics
import Files
import Sandbox
import Session

import Glibc

/// Results to standard output; progress, warnings and errors to standard error. Colour, figures and a progress line where
/// there is a terminal.
public final class TerminalOutput: SessionOutput {
  public let terminal: Terminal
  /// Why standard output cannot be written any more (a full disk, a closed pipe); what runs is interrupted.
  public private(set) var failure: Int32 = 0
  private let onFailure: () -> Void
  private let isInterrupted: () -> Bool
  private var progressIsShown = false
  private var lastProgress: ContinuousClock.Instant?
  private var atLineStart = true
  private lazy var pictures = terminal.pictures()
  /// Text waits here until there is much of it, or somebody looks.
  private var buffer: [UInt8] = []
  private static let linesAtOnceASecond = 1000
  private static let piece = 1 << 16
  private var linesAtOnce = TerminalOutput.linesAtOnceASecond
  private var lastAllowance = ContinuousClock.now

  public init(
    terminal: Terminal, onFailure: @escaping () -> Void = {}, isInterrupted: @escaping () -> Bool = { false }
  ) {
    self.terminal = terminal
    self.onFailure = onFailure
    self.isInterrupted = isInterrupted
  }

  private var figureFiles = FigureFiles()

  /// False while results are only compared: a figure is then its data, and no file is written.
  var drawsFigures = true
  /// Another rank says all this; errors are kept, for the first one to tell where they are not its own.
  var isQuiet = false
  private(set) var kept: [String] = []
  /// Asks for a line in place of standard input, which one rank alone has.
  var asksForLine: ((_ read: () -> String?) -> String?)?
  /// Results go elsewhere: nothing is written to standard output, and no figure to a file.
  var writesNothing = false

  public var width: Int { terminal.size.columns }
  public var color: Bool { terminal.color }

  public func write(_ text: String) {
    guard !text.isEmpty, !writesNothing, !isQuiet else { return }
    clearProgress()
    // What a script in a box prints is read; a terminal would also take it for orders (its title, the clipboard, answers that
    // it types by itself).
    let isKept = terminal.writesToTerminal && !AccessPolicy.current.allowsCommands
    buffer += (isKept ? text.withVisibleControls : text).utf8
    atLineStart = buffer.last == 10
    if terminal.writesToTerminal ? buffer.contains(10) : buffer.count > 1 << 15 || isDue() { flush() }
  }

  public func tell(_ text: String) {
    write(terminal.writesToTerminal ? WrappedText.page(text, columns: width) : text)
  }

  /// Whether a line goes to a pipe or a file at once, where somebody may follow a long script. Of very many only some do, so
  /// that a script which prints much does not wait for each.
  private func isDue() -> Bool {
    guard atLineStart else { return false }
    if linesAtOnce == 0 {
      let now = ContinuousClock.now
      guard now - lastAllowance > .seconds(1) else { return false }
      (lastAllowance, linesAtOnce) = (now, Self.linesAtOnceASecond)
    }
    linesAtOnce -= 1
    return true
  }

  public func flush() {
    guard failure == 0, !buffer.isEmpty else {
      buffer.removeAll(keepingCapacity: true)
      return
    }
    if terminal.writesToTerminal, buffer.count > Self.piece {
      writeInPieces()
    } else {
      failure = Terminal.write(buffer, to: STDOUT_FILENO)
    }
    buffer.removeAll(keepingCapacity: true)
    if failure != 0 { onFailure() }
  }

  /// A terminal takes half a minute for a hundred megabytes: whoever sits there may end that by Ctrl-C.
  private func writeInPieces() {
    for start in stride(from: 0, to: buffer.count, by: Self.piece) {
      if isInterrupted() {
        atLineStart = false
        return
      }
      failure = Terminal.write(Array(buffer[start..<min(start + Self.piece, buffer.count)]), to: STDOUT_FILENO)
      if failure != 0 { return }
    }
  }

  /// A cell's value, on a line of its own.
  public func showValue(_ text: String) {
    endLine()
    write(text + "\n")
  }

  /// The next prompt begins on a fresh line.
  public func endLine() {
    if !atLineStart { write("\n") }
  }

  public func error(_ text: String) {
    if kept.count < 20 { kept.append(text) }
    say(text)
  }

  /// To standard error, without being what went wrong.
  func say(_ text: String) {
    if isQuiet { return }
    clearProgress()
    flush()
    if !atLineStart, terminal.writesToTerminal { write("\n") }
    flush()
    let shown = terminal.errorsToTerminal ? WrappedText.wrapped(text, columns: terminal.size.columns) : text
    _ = Terminal.write(Array((shown + "\n").utf8), to: STDERR_FILENO)
  }

  public func warn(_ explanation: Explanation) {
    say(Diagnostic(explanation, at: nil, severity: .warning).rendered(color: terminal.errorColor))
  }

  public func note(_ text: String) { dim(text.withVisibleControls) }

  public func dim(_ text: String) {
    say(terminal.errorColor ? "\u{1B}[2m\(text)\u{1B}[0m" : text)
  }

  /// One line that is drawn again in a terminal; elsewhere a line an epoch.
  public func progress(_ event: SessionProgress) {
    if isQuiet { return }
    flush()
    guard terminal.errorsToTerminal, !terminal.isDumb else {
      if event.isMilestone { say(event.text.withVisibleControls) }
      return
    }
    let now = ContinuousClock.now
    if !event.isFinished, !event.isMilestone, let lastProgress, now - lastProgress < .milliseconds(80) { return }
    lastProgress = now
    if event.isFinished {
      clearProgress()
      if !event.text.isEmpty { dim(event.text.withVisibleControls) }
      return
    }
    var line = ""
    let room = max(10, terminal.size.columns - 1)
    // The words matter more than the bar, which takes what they leave.
    let length = min(20, room - event.text.count - 1)
    if let fraction = event.fraction, fraction.isFinite, length >= 4 {
      let filled = Int((max(0, min(1, fraction)) * Double(length)).rounded(.down))
      line += String(repeating: "━", count: filled) + String(repeating: "╌", count: length - filled) + " "
    }
    line += event.text.asOneLine
    let bytes = Array("\r\u{1B}[K\(line.prefix(room))".utf8)
    _ = Terminal.write(bytes, to: STDERR_FILENO)
    progressIsShown = true
  }

  public func clear() {
    flush()
    clearProgress()
    if terminal.writesToTerminal, !terminal.isDumb { Terminal.writeRaw("\u{1B}[H\u{1B}[2J") }
    atLineStart = true
  }

  func clearProgress() {
    guard progressIsShown else { return }
    progressIsShown = false
    _ = Terminal.write(Array("\r\u{1B}[K".utf8), to: STDERR_FILENO)
  }

  /// How pictures are shown here. The first call may ask the terminal.
  var pictureKind: SessionFigure.Pictures {
    switch pictures {
    case .kitty: .kitty
    case .iterm: .iterm
    case .sixel: .sixel
    case .none: .none
    }
  }

  public func show(_ figure: SessionFigure) {
    if writesNothing || isQuiet { return }
    endLine()
    flush()
    guard drawsFigures else { return write(figure.fingerprint() + "\n") }
    guard terminal.writesToTerminal else {
      writeFile(figure)
      return
    }
    let size = terminal.size
    do {
      let bytes = try figure.inline(pictureKind, columns: size.columns, rows: size.rows, color: terminal.color)
      let failed = Terminal.write(bytes, to: STDOUT_FILENO)
      if failed != 0 {
        failure = failed
        onFailure()
      }
      atLineStart = bytes.last == 10
      endLine()
    } catch {
      warn(explanation(error))
    }
  }

  /// Not a terminal: a file, and its name. Only a file that this session has made is written over; where another
  /// stands, one with the same picture in it will do, else the next free name is taken.
  private func writeFile(_ figure: SessionFigure) {
    let given = FileSystem.environment("TWINBOOK_FIGURES")
    // Those of a script in a box stand with what it wrote itself, unless its user has named a place.
    let policy = given == nil ? AccessPolicy.current : .free
    let folder = given ?? policy.files.map { $0.scratch + "/figures" } ?? "figures"
    do {
      let bytes = try figure.svg()
      let path = try policy.bind {
        try FileSystem.makeFolder(folder)
        return try figureFiles.write(bytes, number: figure.number, into: folder)
      }
      // The name is no result: it must not differ from what a terminal records.
      say("figure \(figure.number): \(path)")
    } catch {
      warn(explanation(error))
    }
  }

  private func explanation(_ error: any Error) -> Explanation {
    (error as? any ExplainedError)?.explanation ?? Explanation("\(error)")
  }

  /// What was typed ahead comes first, and is shown as if it were typed now. Nil at the end, and when it is interrupted.
  public func readLine(prompt: String) -> String? {
    asksForLine.map { $0 { readOwnLine(prompt: prompt) } } ?? readOwnLine(prompt: prompt)
  }

  private func readOwnLine(prompt: String) -> String? {
    if terminal.readsFromTerminal { twin_echo(true) }
    write(prompt)
    flush()
    defer { if terminal.readsFromTerminal { twin_echo(false) } }
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while twin_input_take(&byte) {
      if byte == 10 || byte == 13 { break }
      bytes.append(byte)
    }
    bytes = Self.withoutAnswers(bytes)
    let isWhole = byte == 10 || byte == 13
    if terminal.readsFromTerminal, terminal.writesToTerminal, !bytes.isEmpty || isWhole {
      let shown = String(decoding: bytes, as: UTF8.self).asOneLine
      _ = Terminal.write(Array((shown + (isWhole ? "\n" : "")).utf8), to: STDOUT_FILENO)
    }
    while !isWhole {
      // Looks up now and then: the signal is heard on another thread.
      var waiting = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      let ready = poll(&waiting, 1, 50)
      if isInterrupted() { return nil }
      if ready <= 0 { continue }
      let count = read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      if count <= 0 { return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self) }
      if byte == 10 { break }
      bytes.append(byte)
    }
    atLineStart = terminal.readsFromTerminal
    bytes = Self.withoutAnswers(bytes)
    if bytes.last == 13 { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Without a terminal's answer that came too late, ESC [ ? 62;4 c: nobody types that.
  static func withoutAnswers(_ bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index...].starts(with: [0x1B, UInt8(ascii: "["), UInt8(ascii: "?")]),
        let end = bytes[(index + 3)...].firstIndex(where: { (0x40..<0x7F).contains($0) })
      {
        index = end + 1
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result
  }
}
