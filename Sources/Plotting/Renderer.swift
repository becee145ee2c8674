import CGnuplot
import Foundation
import Sandbox

/// Draws figures with gnuplot: a fresh process for each, so that one never disturbs another.
public struct Renderer: Sendable {
  /// The program's path; nil when gnuplot is not on this machine.
  public var program: String?
  public var timeout: Int
  /// Asked about 50 times a second; true stops the drawing.
  public var isInterrupted: @Sendable () -> Bool

  /// - Parameters:
  ///   - program: where gnuplot is; by default the first in `PATH`.
  ///   - timeout: seconds after which gnuplot is killed.
  public init(
    program: String? = Renderer.locate(), timeout: Int = 30, isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) {
    self.program = program
    self.timeout = max(1, min(timeout, 86400))
    self.isInterrupted = isInterrupted
  }

  /// The first gnuplot in `path` (directories with colons between), or nil.
  public static func locate(path: String? = ProcessInfo.processInfo.environment["PATH"]) -> String? {
    for folder in (path ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":") {
      let candidate = String(folder) + "/gnuplot"
      if access(candidate, X_OK) == 0 { return candidate }
    }
    return nil
  }

  /// The figure as the bytes of a file, or of text for a terminal.
  ///
  /// - Parameter size: nil takes 800×500 (or what suits the figure), or 80×24 characters.
  public func render(_ figure: Figure, as format: FigureFormat, size: FigureSize? = nil) throws(PlottingError)
    -> [UInt8]
  {
    try figure.check()
    let size = try figure.size(size, for: format)
    if case .text(let colors) = format { return try characters(figure, colors, size, dots: .braille) }
    let figure = figure.bounded
    guard let program else { throw .gnuplotMissing }
    var files = TemporaryFiles()
    defer { files.removeAll() }
    let script = try Script(figure, format: format, size: size, files: &files).text
    let bytes = try run(script, program: program)
    return format == .svg ? Self.readable(bytes) : bytes
  }

  /// The figure in characters: no gnuplot is needed.
  func characters(
    _ figure: Figure, _ colors: TerminalGraphics.Colors, _ size: FigureSize, dots: DotCanvas.Dots
  ) throws(PlottingError) -> [UInt8] {
    try figure.check()
    let size = try figure.size(size, for: .text(colors))
    let text = figure.bounded.characters(size: size, colors: colors, dots: dots, isInterrupted: isInterrupted)
    if isInterrupted() { throw .interrupted }
    return Array(text.utf8)
  }

  /// gnuplot's SVG as every program reads it. Where DejaVu is not installed, a browser takes what is as wide, not its
  /// own serifs. gnuplot leaves > as it is, and XML forbids "]]>" in text: a title such as "x[y[0]]>3" would make a file
  /// that no browser opens.
  static func readable(_ svg: [UInt8]) -> [UInt8] {
    let text = String(decoding: svg, as: UTF8.self)
    return Array(
      text.replacingOccurrences(
        of: "font-family=\"DejaVu Sans\"", with: "font-family=\"DejaVu Sans, Verdana, sans-serif\""
      ).replacingOccurrences(of: "]]>", with: "]]&gt;").utf8)
  }

  /// Runs a script of ours, and gives what it wrote to standard output.
  func run(_ script: String, program: String) throws(PlottingError) -> [UInt8] {
    do { try AccessPolicy.checkProcess(program, drawsFigures: true) } catch {
      throw .gnuplotNotStarted(program: program, reason: error.explanation.message)
    }
    var failure: Int32 = 0
    guard let plot = twin_gnuplot_open(program, 256 << 20, &failure) else {
      if failure == ENOENT { throw .gnuplotMissing }
      throw .gnuplotNotStarted(program: program, reason: String(cString: strerror(failure)))
    }
    defer { twin_gnuplot_close(plot) }
    let question = Question(ask: isInterrupted)
    let status = withExtendedLifetime(question) {
      let context = Unmanaged.passUnretained(question).toOpaque()
      var script = script
      return script.withUTF8 { utf8 in
        utf8.withMemoryRebound(to: CChar.self) { bytes in
          twin_gnuplot_run(plot, bytes.baseAddress, bytes.count, Int32(timeout) * 1000, Question.answer, context)
        }
      }
    }
    var length = 0
    let start = twin_gnuplot_messages(plot, &length)
    let messages = start.map {
      String(decoding: UnsafeRawBufferPointer(start: $0, count: length), as: UTF8.self)
    }
    let words = Self.words(in: messages ?? "")
    switch Int(status) {
    case Int(TWIN_GNUPLOT_OK): break
    case Int(TWIN_GNUPLOT_TIMEOUT): throw .timeout(seconds: timeout)
    case Int(TWIN_GNUPLOT_INTERRUPTED): throw .interrupted
    case Int(TWIN_GNUPLOT_DIED): throw .gnuplotDied(messages: words)
    default: throw .tooLarge
    }
    if !words.isEmpty { throw .gnuplotRefused(messages: words) }
    let finished = withExtendedLifetime(question) {
      twin_gnuplot_finish(
        plot, Int32(timeout) * 1000, Question.answer, Unmanaged.passUnretained(question).toOpaque())
    }
    switch Int(finished) {
    case Int(TWIN_GNUPLOT_OK): break
    case Int(TWIN_GNUPLOT_TIMEOUT): throw .timeout(seconds: timeout)
    case Int(TWIN_GNUPLOT_INTERRUPTED): throw .interrupted
    default: throw .tooLarge
    }
    var count = 0
    guard let bytes = twin_gnuplot_output(plot, &count), count > 0 else { throw .gnuplotDied(messages: "no output") }
    return Array(UnsafeBufferPointer(start: bytes, count: count))
  }

  /// gnuplot's message in one line: without the prompt, the echo of the command, the caret and "line 0:". Warnings
  /// that change nothing in the picture are left out.
  static func words(in messages: String) -> String {
    let lines = messages.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
    var words: [String] = []
    var skipNext = false
    for line in lines {
      if line.isEmpty || line == "^" || line.hasPrefix("gnuplot>") { continue }
      var text = line
      if let match = text.range(of: #"^(?:"[^"]*",? )?line \d+: "#, options: .regularExpression) {
        text.removeSubrange(match)
      }
      if text.lowercased().hasPrefix("warning:") {
        skipNext = true
        continue
      }
      if skipNext, line == text, line.hasPrefix("adjusting") { continue }
      skipNext = false
      words.append(text)
    }
    return words.prefix(3).joined(separator: "; ")
  }
}

/// Carries the interruption question through C.
private final class Question: Sendable {
  let ask: @Sendable () -> Bool

  init(ask: @escaping @Sendable () -> Bool) { self.ask = ask }

  static let answer: @convention(c) (UnsafeMutableRawPointer?) -> Int32 = { context in
    guard let context else { return 0 }
    return Unmanaged<Question>.fromOpaque(context).takeUnretainedValue().ask() ? 1 : 0
  }
}
