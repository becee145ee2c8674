import Glibc

/// Reads heads and bodies from a connection, each within a length and a time.
struct HTTPReader {
  private let file: Int32
  /// What came and was not used yet, from `at` on.
  private var buffer: [UInt8] = []
  private var at = 0

  init(_ file: Int32) { self.file = file }

  /// Something of what comes next is there already.
  var hasMore: Bool {
    if at < buffer.count { return true }
    var byte: UInt8 = 0
    return recv(file, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0
  }

  /// Up to and with the empty line; nil where the connection ends, or says nothing, before a request begins. Each byte is
  /// looked at once, whatever pieces they come in.
  mutating func head(limit: Int, line lineLimit: Int, seconds: Double) throws(RequestProblem) -> [UInt8]? {
    let end = ContinuousClock.now + .seconds(seconds)
    var looked = at
    var line = 0
    var isBegun = false
    while true {
      // Empty lines before a request are let pass (RFC 9112, 2.2).
      while !isBegun, at < buffer.count, buffer[at] == 13 || buffer[at] == 10 {
        at += 1
        looked = at
      }
      isBegun = at < buffer.count
      while looked < buffer.count {
        if buffer[looked] == 10, isEmptyLine(before: looked) {
          let head = Array(buffer[at...looked])
          at = looked + 1
          if head.count > limit { throw .headTooLarge }
          return head
        }
        line = buffer[looked] == 10 ? 0 : line + 1
        if line > lineLimit { throw .headTooLarge }
        looked += 1
      }
      if buffer.count - at > limit { throw .headTooLarge }
      let (shift, isNothing) = (at, at == buffer.count)
      switch fill(until: end) {
      case .more: looked -= shift
      case .end:
        if isNothing { return nil }
        throw .cutOff
      case .late:
        if isNothing { return nil }
        throw .tooSlow
      }
    }
  }

  /// Whether the line that ends at `place` has nothing in it.
  private func isEmptyLine(before place: Int) -> Bool {
    var last = place - 1
    if last >= at, buffer[last] == 13 { last -= 1 }
    return last >= at && buffer[last] == 10
  }

  mutating func body(
    _ framing: HTTPHead.Framing, limit: Int, seconds: Double, into body: inout IncomingBody
  ) throws(RequestProblem) {
    try read(framing, limit: limit, until: ContinuousClock.now + .seconds(seconds)) {
      part, end throws(RequestProblem) in
      if let part { end += body.take(part) } else if !body.isWorthWaitingFor { throw .tooSlow }
    }
  }

  /// Reads and forgets.
  mutating func skip(_ framing: HTTPHead.Framing, limit: Int, seconds: Double) throws(RequestProblem) {
    try read(framing, limit: limit, until: ContinuousClock.now + .seconds(seconds)) { _, _ in }
  }

  /// Piece by piece.
  /// - Parameters:
  ///   - limit: of the whole.
  ///   - take: a piece, or nil: nothing came for a moment. It may move the end.
  private mutating func read(
    _ framing: HTTPHead.Framing, limit: Int, until end: ContinuousClock.Instant, _ take: Taking
  ) throws(RequestProblem) {
    var end = end
    switch framing {
    case .none: return
    case .length(let length): try pass(length, until: &end, take)
    case .chunked:
      var total = 0
      while true {
        guard let count = Self.chunkLength(try line(until: &end, take)) else {
          throw .malformed("the length of a chunk is no number")
        }
        if count == 0 { break }
        total += count
        guard total <= limit else { throw .tooLarge(limit: limit) }
        try pass(count, until: &end, take)
        guard try self.line(until: &end, take).isEmpty else { throw .malformed("a chunk does not end where it should") }
      }
      // What may stand behind the last chunk says nothing that is wanted.
      var trailers = 0
      while try !line(until: &end, take).isEmpty {
        trailers += 1
        if trailers > HTTPHead.fieldLimit { throw .headTooLarge }
      }
    }
  }

  private typealias Taking = (ArraySlice<UInt8>?, inout ContinuousClock.Instant) throws(RequestProblem) ->
    Void

  /// Of "1a;name=value": digits, then at most blanks and extensions, which say nothing that is wanted.
  private static func chunkLength(_ line: [UInt8]) -> Int? {
    let digits = line.prefix(while: isHex)
    let rest = line[digits.count...].drop { $0 == 0x20 || $0 == 9 }
    guard (1...8).contains(digits.count), rest.isEmpty || rest.first == 0x3B else { return nil }
    return Int(String(decoding: digits, as: UTF8.self), radix: 16)
  }

  private static func isHex(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
  }

  private mutating func pass(
    _ count: Int, until end: inout ContinuousClock.Instant, _ take: Taking
  ) throws(RequestProblem) {
    var left = count
    while left > 0 {
      if at == buffer.count { try more(until: &end, take) }
      let part = min(left, buffer.count - at)
      let piece = buffer[at..<(at + part)]
      try take(piece, &end)
      at += part
      left -= part
    }
  }

  /// A line of a body in chunks, without its end, which is CR LF: a program before this one that takes other ends, or
  /// other bytes, for the end would see other requests in the same bytes.
  private mutating func line(until end: inout ContinuousClock.Instant, _ take: Taking) throws(RequestProblem) -> [UInt8]
  {
    var line: [UInt8] = []
    while true {
      if at == buffer.count { try more(until: &end, take) }
      let byte = buffer[at]
      at += 1
      if line.last == 13 {
        guard byte == 10 else { throw .malformed("a line in its body has a CR in it") }
        line.removeLast()
        return line
      }
      guard byte == 13 || byte == 9 || byte >= 32 && byte != 127 else {
        throw .malformed("a control character is in a line of its body")
      }
      line.append(byte)
      guard line.count <= 1024 else { throw .malformed("a line in its body does not end") }
    }
  }

  private enum Arrival { case more, end, late }

  /// Waits for more of a body, and asks now and then whether that is worth while.
  private mutating func more(until end: inout ContinuousClock.Instant, _ take: Taking) throws(RequestProblem) {
    while true {
      let moment = min(end, ContinuousClock.now + .milliseconds(500))
      switch fill(until: moment) {
      case .more: return
      case .end: throw .cutOff
      case .late:
        if ContinuousClock.now >= end { throw .tooSlow }
        try take(nil, &end)
      }
    }
  }

  /// Waits for what comes next.
  private mutating func fill(until end: ContinuousClock.Instant) -> Arrival {
    if at > 0 {
      buffer.removeFirst(at)
      at = 0
    }
    while isReadable(until: end) {
      var piece = [UInt8](repeating: 0, count: 1 << 16)
      let got = recv(file, &piece, piece.count, Int32(MSG_DONTWAIT))
      if got > 0 {
        buffer += piece[..<got]
        return .more
      }
      if got == 0 || errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK { return .end }
    }
    return .late
  }

  private func isReadable(until end: ContinuousClock.Instant) -> Bool {
    while true {
      let left = (end - ContinuousClock.now).components
      let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
      if left.seconds < 0 || left.attoseconds < 0 { return false }
      var waiting = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
      let ready = poll(&waiting, 1, Int32(clamping: milliseconds + 1))
      if ready > 0 { return true }
      if ready < 0, errno != EINTR { return false }
    }
  }

  /// A connection closed with bytes unread is cut at once, the answer with it: they are read for a moment, and forgotten.
  func linger() {
    shutdown(file, Int32(SHUT_WR))
    let end = ContinuousClock.now + .seconds(1)
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    // Who goes on sending all the same is cut off.
    var left = 1 << 20
    while left > 0, isReadable(until: end) {
      let got = recv(file, &piece, piece.count, Int32(MSG_DONTWAIT))
      if got == 0 || got < 0 && errno != EAGAIN && errno != EINTR { return }
      left -= max(0, got)
    }
  }
}
