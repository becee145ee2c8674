import CLibEdit
import Diagnostics
import Faces
import Session

/// Goes through the pictures of `%review`: shows one, takes a key, until the person finishes or leaves.
final class ReviewLoop {
  enum End {
    case finished(ReviewWalk)
    /// Ctrl-C.
    case left
    /// The terminal was closed, or the process is told to go.
    case terminated
    case noKeys
  }

  private let review: SessionReview
  private let output: TerminalOutput
  private let foreground: Foreground
  /// Told of each change in what is dropped.
  private let onChange: (ReviewWalk) -> Void
  private var walk: ReviewWalk
  private var remark: String?
  private var showsHelp = false
  private var decoder = KeyDecoder()
  private let pictures: SessionFigure.Pictures

  init(
    _ review: SessionReview, output: TerminalOutput, foreground: Foreground, onChange: @escaping (ReviewWalk) -> Void
  ) {
    self.review = review
    self.output = output
    self.foreground = foreground
    self.onChange = onChange
    walk = review.walk
    // The terminal may have to be asked, which takes keys away: before the first one.
    pictures = output.pictureKind
  }

  /// On a screen of its own, which it leaves as it found it.
  func run() -> End {
    guard twin_keys_begin() else { return .noKeys }
    defer { twin_keys_end() }
    if !isDumb { Terminal.writeRaw("\u{1B}[?1049h\u{1B}[?25l") }
    defer { if !isDumb { Terminal.writeRaw(clearing + "\u{1B}[?25h\u{1B}[?1049l") } }
    var needsDrawing = true
    while true {
      // A terminal that takes no more text is gone.
      if needsDrawing, !draw() { return .terminated }
      needsDrawing = true
      var byte: UInt8 = 0
      // An Escape alone is told from the beginning of a sequence by the silence after it.
      switch UInt32(bitPattern: twin_keys_next(foreground.signals, decoder.isOpen ? 50 : -1, &byte)) {
      case TwinKeysHungUp.rawValue: return .terminated
      case TwinKeysSignal.rawValue:
        while let signal = foreground.nextSignal() {
          switch signal {
          case .interrupt: return .left
          case .terminate: return .terminated
          case .resize, .stop, .other: break
          }
        }
      case TwinKeysByte.rawValue:
        if let key = decoder.take(byte) {
          if isFinished(by: key) { return .finished(walk) }
        } else {
          needsDrawing = false
        }
      default: if decoder.isOpen, isFinished(by: decoder.close()) { return .finished(walk) }
      }
    }
  }

  private func isFinished(by key: KeyDecoder.Key) -> Bool {
    remark = nil
    if showsHelp {
      // What is not on the screen is not decided.
      showsHelp = false
      return false
    }
    let dropped = walk.dropped
    switch key {
    case .letter("k"), .letter("K"), .letter(" "): decide(.kept)
    case .letter("d"), .letter("D"): decide(.dropped)
    case .letter("u"), .letter("U"), .left, .backspace:
      if !walk.goBack() { remark = "this is the first" }
    case .letter("q"), .letter("Q"), .enter: return true
    case .letter("?"): showsHelp = true
    default: remark = "? lists the keys"
    }
    if walk.dropped != dropped { onChange(walk) }
    return false
  }

  private func decide(_ decision: ReviewWalk.Decision) {
    if walk.current == nil { remark = "this was the last: Enter finishes, u goes back" }
    walk.decide(decision)
  }

  // MARK: Drawing

  private var isDumb: Bool { output.terminal.isDumb }

  private var clearing: String { (pictures == .kitty ? "\u{1B}_Ga=d,q=2\u{1B}\\" : "") + "\u{1B}[H\u{1B}[2J" }

  private func draw() -> Bool {
    let size = output.terminal.size
    let screen = ReviewScreen(walk: walk, brokenCount: review.brokenCount, remark: remark, columns: size.columns)
    var heading = showsHelp ? screen.help : screen.heading
    var bytes = Array((isDumb ? "\n" : clearing).utf8)
    var picture: [UInt8] = []
    if !showsHelp, let current = walk.current {
      // A blank line on both sides, and the keys.
      let rows = size.rows - heading.count - 3
      do {
        if rows > 2 {
          picture = try review.picture(
            of: current, in: walk, as: pictures, columns: size.columns, rows: rows, color: output.color)
        }
        if picture.isEmpty { heading.append("(the window has no room for the picture)") }
      } catch {
        let reason = (error as? any ExplainedError)?.explanation.message ?? "\(error)"
        heading.append("cannot be shown: \(reason)")
      }
    }
    bytes += Array((heading.map(\.asOneLine).joined(separator: "\n") + "\n\n").utf8)
    bytes += picture
    if bytes.last != 10 { bytes.append(10) }
    if !showsHelp { bytes += Array(("\n" + screen.keys + " ").utf8) }
    return Terminal.write(bytes, to: 1) == 0
  }
}
