import CProcess
import CZMQ
import Diagnostics
import Foundation
import JSON
import Memory
import NotebookFormats
import Session
import StandardLibrary

/// A kernel of Jupyter: the session behind five sockets. This thread has the sockets and hears signals, another one runs
/// the cells; so an interrupt and the question whether the kernel lives are answered whatever a cell is doing.
public final class Kernel {
  private let sockets: KernelSockets
  private let signature: MessageSignature
  private let outbox: Outbox
  private let work = WorkList()
  private let questions = Questions()
  private let session: NotebookSession
  private let output: KernelOutput
  private let handler: RequestHandler
  private let lost: LostSession?
  private let finished = Finished()
  private let parent = getppid()
  private var refused = 0

  /// - Parameters:
  ///   - connectionFile: Jupyter's.
  ///   - stateFolder: where sessions keep their journals; nil: no journal is kept.
  /// - Throws: `KernelError`.
  public init(connectionFile: String, stateFolder: String? = StateFolder.path()) throws {
    let connection = try ConnectionFile(connectionFile)
    signature = MessageSignature(key: connection.key)
    sockets = try KernelSockets(connection)
    outbox = try Outbox(signature: signature)
    var options = NotebookSession.Options(library: StandardLibrary.registry)
    options.formats = .all
    // The journal belongs to the notebook: Jupyter starts a kernel that died anew with the same file.
    options.stateFolder = stateFolder.map { KernelState.folder(in: $0, connectionFile: connectionFile) }
    lost = options.stateFolder.flatMap { LostSession.all(in: $0).first }
    session = NotebookSession(options: options)
    let flag = session.interruptFlag
    output = KernelOutput(outbox, questions, isInterrupted: { flag.isInterrupted })
    session.output = output
    handler = RequestHandler(session: session, output: output, outbox: outbox, work: work)
  }

  /// Answers until it is told to go.
  /// - Returns: the exit code.
  public func run() -> Int32 {
    let signals = twin_signal_pipe()
    // An interrupt is how Jupyter speaks to it, also a Jupyter that a script runs in the background.
    twin_watch_signal(SIGINT)
    for number in [SIGTERM, SIGHUP] { twin_watch_unless_ignored(number) }
    twin_ignore_signal(SIGPIPE)
    twin_ignore_signal(SIGXFSZ)
    outbox.publish("status", .object(["execution_state": .string("starting")]), parent: nil)
    work.add(.restore)
    let loop = Unmanaged.passRetained(CellLoop(work, finished, restore: restore, handle: handler.handle))
    let failure = twin_run_thread(
      MemoryBudget.cellStackSize,
      { context in
        guard let context else { return }
        Unmanaged<CellLoop>.fromOpaque(context).takeRetainedValue().run()
      }, loop.toOpaque())
    guard failure == 0 else {
      loop.release()
      return Self.complain(KernelError.cannotBegin(reason: String(cString: strerror(failure))))
    }
    while true {
      let (items, milliseconds) = outbox.take()
      // Who has subscribed before these were sent gets them.
      if !items.isEmpty { _ = read(.iopub) }
      for item in items { sockets.send(item.frames, on: item.channel) }
      let wait = milliseconds < 0 ? 1000 : min(milliseconds, 1000)
      let ready = sockets.wait([signals, outbox.wake], milliseconds: wait)
      if ready.descriptors[0], let code = hear(signals) { return code }
      for channel in ready.channels { if let code = read(channel) { return code } }
      // Who started it is gone, and nobody will ever ask anything again.
      if getppid() != parent { return end(keepsJournal: true, code: 0) }
    }
  }

  // MARK: The thread of the cells

  /// Names and trained weights of a kernel that was killed.
  private func restore() {
    session.startJournal()
    guard let lost else { return }
    outbox.begin(nil, isMuted: true)
    let outcome = session.restore(lost) { _, _ in }
    outbox.begin(nil)
    if !outcome.wasInterrupted, session.isInJournal { lost.discard() }
    let cells = lost.cells.count == 1 ? "cell is" : "\(lost.cells.count) cells are"
    var news = "the kernel was killed; its \(cells) back"
    if outcome.wasInterrupted {
      news = "the kernel was killed, and not all of its cells came back; the rest is kept for another try"
    } else if !outcome.failedCells.isEmpty || !outcome.differingCells.isEmpty {
      let failed = outcome.failedCells.isEmpty ? nil : "\(outcome.failedCells.count) failed"
      let differing = outcome.differingCells.isEmpty ? nil : "\(outcome.differingCells.count) gave another result"
      news += ", but " + [failed, differing].compactMap(\.self).joined(separator: " and ")
      if let path = try? session.keep(lost) { news += "; the session as it was is in \(path)" }
    }
    handler.news = news
  }

  // MARK: The thread of the sockets

  private func hear(_ signals: Int32) -> Int32? {
    var byte: UInt8 = 0
    while Glibc.read(signals, &byte, 1) == 1 {
      if Int32(byte) == SIGINT { session.interruptFlag.interrupt() }
      if Int32(byte) == SIGTERM || Int32(byte) == SIGHUP { return end(keepsJournal: true, code: 143) }
    }
    return nil
  }

  /// Takes what waits at a socket, so much at a time that the others are heard, too.
  private func read(_ channel: ConnectionFile.Channel) -> Int32? {
    for _ in 0..<100 {
      guard let frames = sockets.receive(channel) else { return nil }
      switch channel {
      case .hb: sockets.send(frames, on: .hb)
      case .iopub:
        // 1 and the topic: somebody listens from now on; 0 and the topic: no more.
        guard let frame = frames.first, let kind = frame.first, kind <= 1 else { continue }
        let topic = Array(frame.dropFirst())
        sockets.subscribe(to: topic, isOn: kind == 1)
        // Before what waits to be sent: the first message that he gets.
        if kind == 1 { sockets.send(outbox.welcome(topic: topic), on: .iopub) }
      case .shell, .control, .stdin:
        do throws(KernelMessage.Problem) {
          let message = try KernelMessage(frames, signature: signature)
          if let code = take(message, from: channel) { return code }
        } catch {
          refuse(error)
        }
      }
    }
    return nil
  }

  private func take(_ message: KernelMessage, from channel: ConnectionFile.Channel) -> Int32? {
    switch message.type {
    case "kernel_info_request":
      // Also while a cell runs.
      answer(message, on: channel, "kernel_info_reply", Self.info)
    case "interrupt_request":
      session.interruptFlag.interrupt()
      answer(message, on: channel, "interrupt_reply", .object(["status": .string("ok")]))
    case "shutdown_request":
      let content = JSONValue.object([
        "status": .string("ok"), "restart": message.content["restart"] ?? .bool(false),
      ])
      session.interruptFlag.terminate()
      let hasEnded = endCells()
      if hasEnded { session.close() }
      outbox.publish("shutdown_reply", content, parent: message)
      answer(message, on: channel, "shutdown_reply", content)
      sendAll()
      return 0
    case "input_reply":
      if channel == .stdin { questions.answer(message.content["value"]?.string ?? "") }
    default:
      if channel == .shell { work.add(.request(message)) }
    }
    return nil
  }

  private func answer(
    _ message: KernelMessage, on channel: ConnectionFile.Channel, _ type: String, _ content: JSONValue
  ) {
    outbox.publish("status", .object(["execution_state": .string("busy")]), parent: message)
    outbox.reply(type, content, to: message, on: channel)
    outbox.publish("status", .object(["execution_state": .string("idle")]), parent: message)
  }

  /// A message that is not answered: somebody else's, or damaged. Not more than ten are told.
  private func refuse(_ problem: KernelMessage.Problem) {
    refused += 1
    guard refused <= 10 else { return }
    let words =
      switch problem {
      case .incomplete: "parts of it are missing"
      case .wrongSignature: "its signature is wrong"
      case .noJSON: "it is not in Jupyter's protocol"
      }
    FileHandle.standardError.write(Data("twinbook: a message is not answered: \(words)\n".utf8))
  }

  /// What runs is asked to stop; false where it does not within two seconds.
  private func endCells() -> Bool {
    work.add(.end)
    return finished.wait(seconds: 2)
  }

  private func end(keepsJournal: Bool, code: Int32) -> Int32 {
    session.interruptFlag.terminate()
    if endCells(), !keepsJournal || session.history.isEmpty { session.close() }
    sendAll()
    return code
  }

  private func sendAll() {
    for item in outbox.take().items { sockets.send(item.frames, on: item.channel) }
  }

  /// What the kernel says of itself.
  static var info: JSONValue {
    .object([
      "status": .string("ok"), "protocol_version": .string(KernelMessage.version),
      "implementation": .string("twinbook"), "implementation_version": .string(NotebookSession.version),
      "language_info": JupyterNotebook.languageInfo,
      "banner": .string("Twinbook \(NotebookSession.version) · help() begins a tour"),
      "debugger": .bool(false), "help_links": .array([]),
      "supported_features": .strings(["iopub welcome"]),
    ])
  }

  /// An error in words to standard error; 1.
  public static func complain(_ error: any Error) -> Int32 {
    let explanation = (error as? any ExplainedError)?.explanation ?? Explanation("\(error)")
    let text = Diagnostic(explanation, at: nil).rendered(color: false) + "\n"
    FileHandle.standardError.write(Data(text.utf8))
    return 1
  }
}

/// The thread that runs cells.
private final class CellLoop {
  private let work: WorkList
  private let finished: Finished
  private let restore: () -> Void
  private let handle: (KernelMessage) -> Void

  init(_ work: WorkList, _ finished: Finished, restore: @escaping () -> Void, handle: @escaping (KernelMessage) -> Void)
  {
    self.work = work
    self.finished = finished
    self.restore = restore
    self.handle = handle
  }

  func run() {
    defer { finished.set() }
    while true {
      switch work.next() {
      case .restore: restore()
      case .request(let message): handle(message)
      case .end: return
      }
    }
  }
}

/// Whether the thread of the cells has ended. Unchecked, because the condition's lock is held wherever it changes.
private final class Finished: @unchecked Sendable {
  private let condition = NSCondition()
  private var isSet = false

  func set() {
    condition.lock()
    defer { condition.unlock() }
    isSet = true
    condition.broadcast()
  }

  func wait(seconds: Double) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    let end = Date().addingTimeInterval(seconds)
    while !isSet, condition.wait(until: end) {}
    return isSet
  }
}
