import CSystem
import FlyingFox
import FlyingSocks
import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Stands between the HTTP server and its sockets, and closes connections that keep it waiting: FlyingFox itself sets no
/// limit to how long a client may be silent, how much it may send before a body, or how many there are.
///
/// A connection is closed by shutting its socket down, so that whoever waits for it reads its end; only the server closes
/// the descriptor.
final class ConnectionGuard: AsyncSocketPool {
  typealias Peer = Socket.Address

  private struct Connection {
    var file: Int32
    /// Since when it is in the state that it is in.
    var since: ContinuousClock.Instant
    /// A request of it is being answered: its own limits hold then.
    var isBusy = false
    /// Suspended here: its descriptor cannot be closed meanwhile.
    var isWaiting = false
    /// To be closed: what it sends on is no request.
    var isDoomed = false
    var isClosing = false
    /// Bytes taken when the wait for a request began.
    var consumed: Int64?

    /// - Parameter forgetting: what came and was not read yet is thrown away; else the reader reads it first, and
    ///   FlyingFox takes a time that grows with the square of a line's length.
    mutating func close(forgetting: Bool = false) {
      isClosing = true
      if forgetting { twin_tcp_disconnect(file) } else { shutdown(file, Int32(SHUT_RDWR)) }
    }
  }

  private let base: any AsyncSocketPool
  private let limits: ServerLimits
  private let table = Mutex<[Peer: Connection]>([:])
  /// Of the listening socket, once it is known.
  private let ownPort = Mutex<UInt16?>(nil)

  init(_ base: any AsyncSocketPool, _ limits: ServerLimits) {
    self.base = base
    self.limits = limits
  }

  func prepare() async throws {
    table.withLock { $0 = [:] }
    try await base.prepare()
  }

  func run() async throws {
    // Not a task: clients that keep the tasks' few threads busy are whom it watches for.
    let isOver = Flag()
    let watcher = Thread { [self] in
      while !isOver.isRaised {
        usleep(100_000)
        adopt()
        look()
      }
    }
    watcher.stackSize = 512 << 10
    watcher.start()
    defer { isOver.raise() }
    try await base.run()
  }

  func suspendSocket(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {
    guard let peer = try? socket.remotePeer() else {
      if let port = (try? socket.sockname())?.port { ownPort.withLock { $0 = port } }
      return try await base.suspendSocket(socket, untilReadyFor: events)
    }
    table.withLock { table in
      var connection = table[peer] ?? Connection(file: socket.file.rawValue, since: .now)
      connection.file = socket.file.rawValue
      connection.isWaiting = true
      table[peer] = connection
    }
    defer { table.withLock { $0[peer]?.isWaiting = false } }
    try await base.suspendSocket(socket, untilReadyFor: events)
  }

  // MARK: What the request's handler tells

  /// - Returns: false where nothing of this connection is to be answered any more.
  func begin(_ peer: Peer?) -> Bool {
    guard let peer else { return true }
    return table.withLock { table in
      // It may have said all so fast that it never was waited for, and is not known yet.
      var connection = table[peer] ?? Connection(file: -1, since: .now)
      guard !connection.isDoomed else { return false }
      connection.isBusy = true
      table[peer] = connection
      return true
    }
  }

  /// - Parameter isWhole: the request was read to its end; what follows it is the next one.
  func end(_ peer: Peer?, isWhole: Bool) {
    guard let peer else { return }
    table.withLock { table in
      table[peer]?.isBusy = false
      table[peer]?.since = .now
      table[peer]?.consumed = nil
      if !isWhole { table[peer]?.isDoomed = true }
    }
  }

  var count: Int { table.withLock { $0.count } }

  /// Waits until nobody is being answered any more; not for ever.
  func settle() async {
    let end = ContinuousClock.now + .seconds(3)
    while ContinuousClock.now < end, table.withLock({ $0.values.contains { $0.isBusy && !$0.isClosing } }) {
      try? await Task.sleep(for: .milliseconds(5))
    }
    // The last answer is on its way.
    try? await Task.sleep(for: .milliseconds(20))
  }

  // MARK: The watch

  private final class Flag: Sendable {
    private let raised = Atomic<Bool>(false)
    var isRaised: Bool { raised.load(ordering: .relaxed) }
    func raise() { raised.store(true, ordering: .relaxed) }
  }

  /// Connections that sent so fast that they never had to be waited for.
  private func adopt() {
    guard let port = ownPort.withLock({ $0 }) else { return }
    let files = Self.openFiles()
    table.withLock { table in
      for file in files {
        let socket = Socket(file: .init(rawValue: file))
        guard let own = try? socket.sockname(), own.port == port, let peer = try? socket.remotePeer() else { continue }
        if table[peer] == nil { table[peer] = Connection(file: file, since: .now) }
        if table[peer]?.file == -1 { table[peer]?.file = file }
      }
    }
  }

  /// This process's descriptors.
  private static func openFiles() -> [Int32] {
    guard let folder = opendir("/proc/self/fd") else { return Array(3..<1024) }
    defer { closedir(folder) }
    var files: [Int32] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if let file = Int32(name), file > 2 { files.append(file) }
    }
    return files
  }

  private func look() {
    let now = ContinuousClock.now
    table.withLock { table in
      for (peer, connection) in table {
        var connection = connection
        if !connection.isWaiting, (try? Socket(file: .init(rawValue: connection.file)).remotePeer()) != peer {
          // Gone, or its descriptor is another's by now. One that is marked stays marked for a while.
          let isRecent = now - connection.since < .seconds(60)
          if !(connection.isDoomed && isRecent), !(connection.file < 0 && connection.isBusy) { table[peer] = nil }
          continue
        }
        guard !connection.isClosing else { continue }
        if connection.isDoomed {
          // Time for the answer to be read.
          if now - connection.since > .seconds(1) { connection.close(forgetting: true) }
        } else if !connection.isBusy {
          if now - connection.since > .seconds(limits.idleSeconds) { connection.close() }
          let consumed = twin_tcp_consumed(connection.file)
          if let before = connection.consumed {
            if consumed >= 0, consumed - before > Int64(limits.headBytes) { connection.close(forgetting: true) }
          } else if consumed >= 0 {
            connection.consumed = consumed
          }
        }
        table[peer] = connection
      }
      var open = table.filter { !$0.value.isClosing && $0.value.file >= 0 }
      guard open.count > limits.connections else { return }
      // Who has been idle longest makes room.
      for (peer, _) in open.filter({ !$0.value.isBusy && $0.value.isWaiting })
        .sorted(by: { $0.value.since < $1.value.since }).prefix(open.count - limits.connections)
      {
        table[peer]?.close()
        open[peer] = nil
      }
    }
  }
}

extension Socket.Address {
  var port: UInt16? {
    switch self {
    case .ip4(_, let port), .ip6(_, let port): port
    case .unix: nil
    }
  }
}

extension HTTPRequest {
  /// As the sockets name it.
  var peer: Socket.Address? {
    switch remoteAddress {
    case .ip4(let address, let port): .ip4(address, port: port)
    case .ip6(let address, let port): .ip6(address, port: port)
    case .unix, nil: nil
    }
  }
}
