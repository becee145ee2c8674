import Foundation
import Synchronization

import Glibc

/// One client's connection, on a thread of its own: heads and bodies are read within limits of length and time before
/// anything is done for them, so that a client who says nothing keeps only this thread.
final class HTTPConnection: Sendable {
  /// Between requests, and while a head comes, it may be closed to make room.
  struct State {
    var since = ContinuousClock.now
    var isBusy = false
    var isClosing = false
  }

  private let file: Int32
  private let limits: ServerLimits
  private let handler: any HTTPHandler
  private let places: BodyPlaces
  /// Who is at the other end.
  private let client: String
  let state = Mutex(State())

  init(_ file: Int32, _ limits: ServerLimits, _ handler: any HTTPHandler, _ places: BodyPlaces) {
    (self.file, self.limits, self.handler, self.places) = (file, limits, handler, places)
    client = PeerAddress.words(of: file)
  }

  /// Ends it from another thread: its own reads the end, and closes.
  func hangUp() {
    state.withLock { $0.isClosing = true }
    shutdown(file, Int32(SHUT_RDWR))
  }

  /// Until it is over; the descriptor is the caller's to close.
  func run() {
    var reader = HTTPReader(file)
    while !state.withLock({ $0.isClosing }) {
      let head: HTTPHead
      do throws(RequestProblem) {
        guard let bytes = try reader.head(limit: limits.headBytes, line: limits.lineBytes, seconds: limits.idleSeconds)
        else { return }
        state.withLock { $0.isBusy = true }
        head = try HTTPHead(bytes)
      } catch {
        // Where the head is not understood, nobody knows where the request ends.
        send(handler.answer(error).bytes(isHead: false, isLast: true))
        reader.linger()
        return
      }
      let (answer, isWhole) = respond(to: head, &reader)
      let isLast = !isWhole || !head.isKept || state.withLock { $0.isClosing }
      guard send(answer.bytes(isHead: head.method == "HEAD", isLast: isLast)) else { return }
      if isLast {
        reader.linger()
        return
      }
      state.withLock {
        $0.isBusy = false
        $0.since = .now
      }
    }
  }

  /// - Returns: also whether the body was read to its end, so that what follows is the next request.
  private func respond(to head: HTTPHead, _ reader: inout HTTPReader) -> (HTTPAnswer, Bool) {
    if let answer = wait({ [handler, client] in await handler.answer(head, from: client) }) {
      return (answer, skip(head, &reader))
    }
    if case .length(let length) = head.framing, length > limits.bodyBytes {
      return (handler.answer(.tooLarge(limit: limits.bodyBytes)), skip(head, &reader))
    }
    if head.expectsContinue, head.framing != .none, !reader.hasMore { send(HTTPAnswer.goOn) }
    var body = IncomingBody(head.framing, limits, places)
    defer { body.leave() }
    do throws(RequestProblem) {
      try reader.body(head.framing, limit: limits.drainBytes, seconds: limits.bodySeconds, into: &body)
    } catch {
      return (handler.answer(error), false)
    }
    if let refusal = body.refusal { return (handler.answer(refusal), true) }
    let bytes = body.bytes
    return (wait { [handler, client] in await handler.answer(head, bytes, from: client) }, true)
  }

  /// Reads and forgets a body that is not wanted, so that the answer is heard: up to a limit, and not for long.
  private func skip(_ head: HTTPHead, _ reader: inout HTTPReader) -> Bool {
    if head.framing == .none { return true }
    // It was not sent yet, and now never will be.
    if head.expectsContinue, !reader.hasMore { return false }
    if case .length(let length) = head.framing, length > limits.drainBytes { return false }
    do {
      try reader.skip(head.framing, limit: limits.drainBytes, seconds: min(5, limits.bodySeconds))
      return true
    } catch { return false }
  }

  /// - Returns: false where nobody listens any more.
  @discardableResult
  private func send(_ bytes: [UInt8]) -> Bool {
    let end = ContinuousClock.now + .seconds(limits.answerSeconds)
    var done = 0
    while done < bytes.count, ContinuousClock.now < end {
      let sent = bytes[done...].withUnsafeBytes { Glibc.send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if sent < 0, errno == EINTR { continue }
      if sent <= 0 { return false }
      done += sent
    }
    return done == bytes.count
  }

  /// The handler's work is done by Swift's tasks; this thread has nothing else to do.
  private func wait<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Value {
    let outcome = Outcome<Value>()
    Task.detached { outcome.set(await body()) }
    return outcome.get()
  }

  private final class Outcome<Value: Sendable>: Sendable {
    private let value = Mutex<Value?>(nil)
    private let done = DispatchSemaphore(value: 0)

    func set(_ result: Value) {
      value.withLock { $0 = result }
      done.signal()
    }

    func get() -> Value {
      while true {
        if let value = value.withLock({ $0 }) { return value }
        done.wait()
      }
    }
  }
}
