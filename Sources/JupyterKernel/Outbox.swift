import Foundation
import Glibc
import JSON
import NotebookFormats

/// What is to be sent. Filled by the thread that runs cells, emptied by the one that has the sockets.
///
/// What cells print comes together in it: at most twenty messages a second, and 4 MiB a cell.
///
/// Unchecked, because all that changes is behind its lock.
final class Outbox: @unchecked Sendable {
  struct Item {
    var channel: ConnectionFile.Channel
    var frames: [[UInt8]]
  }

  /// Bytes of text that one cell may print.
  static let textLimit = 4 << 20
  /// Seconds between two messages of printed text.
  static let textInterval = 0.05

  private let lock = NSLock()
  private let signature: MessageSignature
  let session = UUID().uuidString
  private var items: [Item] = []
  private var wakeEnds: [Int32] = [-1, -1]
  // What was printed and is not sent yet.
  private var text: [(name: String, text: String)] = []
  private var parent: KernelMessage?
  private var isMuted = false
  private var printed = 0
  private var left = 0
  private var lastText = ContinuousClock.now - .seconds(1)

  init(signature: MessageSignature) throws(KernelError) {
    self.signature = signature
    guard pipe(&wakeEnds) == 0 else { throw .cannotBegin(reason: String(cString: strerror(errno))) }
    for end in wakeEnds { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
  }

  deinit { for end in wakeEnds { close(end) } }

  /// Can be read when something is to be sent.
  var wake: Int32 { wakeEnds[0] }

  private func ring() {
    var byte: UInt8 = 1
    _ = Glibc.write(wakeEnds[1], &byte, 1)
  }

  private func quiet() {
    var bytes = [UInt8](repeating: 0, count: 256)
    while Glibc.read(wakeEnds[0], &bytes, bytes.count) > 0 {}
  }

  /// What follows belongs to this request. A silent one prints nothing.
  func begin(_ request: KernelMessage?, isMuted: Bool = false) {
    lock.withLock {
      parent = request
      self.isMuted = isMuted
      printed = 0
      left = 0
    }
  }

  /// Says what was left out.
  func end() {
    let left = lock.withLock { self.left }
    guard left > 0 else { return }
    let megabytes = String(format: "%.1f", Double(left) / 1_048_576)
    lock.withLock { printed = 0 }
    write("… \(megabytes) MiB more were printed, and are left out\n", to: "stderr")
  }

  /// "stdout" or "stderr".
  func write(_ more: String, to name: String) {
    let isFirst = lock.withLock {
      guard !isMuted else { return false }
      var more = more
      let room = Self.textLimit - printed
      if more.utf8.count > room {
        left += more.utf8.count - max(0, room)
        if room <= 0 { return false }
        more = String(decoding: more.utf8.prefix(room), as: UTF8.self)
      }
      printed += more.utf8.count
      let isFirst = text.isEmpty
      if let index = text.firstIndex(where: { $0.name == name }) {
        text[index].text += more
      } else {
        text.append((name, more))
      }
      return isFirst
    }
    if isFirst { ring() }
  }

  /// To all who listen.
  func publish(_ type: String, _ content: JSONValue, metadata: JSONValue = .emptyObject, parent: KernelMessage?) {
    lock.withLock {
      if isMuted, type != "status" { return }
      moveText()
      var message = KernelMessage(
        type, content: content, parent: parent, session: session, to: [Array("kernel.\(session).\(type)".utf8)])
      message.metadata = metadata
      items.append(Item(channel: .iopub, frames: message.frames(signature: signature)))
    }
    ring()
  }

  /// What tells somebody that his subscription holds (protocol 5.5).
  func welcome(topic: [UInt8]) -> [[UInt8]] {
    let content = JSONValue.object(["subscription": .string(String(decoding: topic, as: UTF8.self))])
    let message = KernelMessage("iopub_welcome", content: content, parent: nil, session: session, to: [topic])
    return message.frames(signature: signature)
  }

  func reply(_ type: String, _ content: JSONValue, to request: KernelMessage, on channel: ConnectionFile.Channel) {
    let message = KernelMessage(
      type, content: content, parent: request, session: session, to: request.identities)
    let frames = message.frames(signature: signature)
    lock.withLock {
      moveText()
      items.append(Item(channel: channel, frames: frames))
    }
    ring()
  }

  private func moveText() {
    for (name, text) in text {
      let content = JSONValue.object(["name": .string(name), "text": .string(text)])
      let message = KernelMessage(
        "stream", content: content, parent: parent, session: session, to: [Array("stream.\(name)".utf8)])
      items.append(Item(channel: .iopub, frames: message.frames(signature: signature)))
    }
    if !text.isEmpty { lastText = .now }
    text = []
  }

  /// What can be sent now, and after how many milliseconds more can; -1: when something comes.
  func take() -> (items: [Item], milliseconds: Int) {
    quiet()
    return lock.withLock {
      var wait = -1
      if !text.isEmpty {
        let past = (ContinuousClock.now - lastText) / .milliseconds(1)
        if past >= Self.textInterval * 1000 { moveText() } else { wait = Int(Self.textInterval * 1000 - past) + 1 }
      }
      defer { items = [] }
      return (items, wait)
    }
  }
}
