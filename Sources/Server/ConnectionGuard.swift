import CSystem
import FlyingFox
import FlyingSocks
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
    let watcher = Task { await watch() }
    defer { watcher.cancel() }
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
      guard table[peer]?.isDoomed != true else { return false }
      table[peer]?.isBusy = true
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
      // Where it was never seen before, the next look finds it.
      if !isWhole {
        table[peer, default: Connection(file: -1, since: .now)].isDoomed = true
      }
    }
  }

  var count: Int { table.withLock { $0.count } }

  // MARK: The watch

  private func watch() async {
    while !Task.isCancelled {
      try? await Task.sleep(for: .milliseconds(250))
      adopt()
      look()
    }
  }

  /// Connections that sent so fast that they never had to be waited for.
  private func adopt() {
    guard let port = ownPort.withLock({ $0 }) else { return }
    table.withLock { table in
      let highest = table.values.map(\.file).max() ?? 64
      for file in 3...(highest + 64) {
        let socket = Socket(file: .init(rawValue: file))
        guard let own = try? socket.sockname(), own.port == port, let peer = try? socket.remotePeer() else { continue }
        if table[peer] == nil { table[peer] = Connection(file: file, since: .now) }
        if table[peer]?.file == -1 { table[peer]?.file = file }
      }
    }
  }

  private func look() {
    let now = ContinuousClock.now
    table.withLock { table in
      for (peer, connection) in table {
        var connection = connection
        if !connection.isWaiting, (try? Socket(file: .init(rawValue: connection.file)).remotePeer()) != peer {
          // Gone, or its descriptor is another's by now. One that is marked stays marked for a while.
          if !connection.isDoomed || now - connection.since > .seconds(60) { table[peer] = nil }
          continue
        }
        guard !connection.isClosing else { continue }
        var isOver = false
        if connection.isDoomed {
          // Time for the answer to be read.
          isOver = now - connection.since > .seconds(1)
        } else if !connection.isBusy {
          isOver = now - connection.since > .seconds(limits.idleSeconds)
          let consumed = twin_tcp_consumed(connection.file)
          if let before = connection.consumed {
            if consumed >= 0, consumed - before > Int64(limits.headBytes) { isOver = true }
          } else if consumed >= 0 {
            connection.consumed = consumed
          }
        }
        if isOver {
          connection.isClosing = true
          shutdown(connection.file, Int32(SHUT_RDWR))
        }
        table[peer] = connection
      }
      var open = table.filter { !$0.value.isClosing && $0.value.file >= 0 }
      guard open.count > limits.connections else { return }
      // Who has been idle longest makes room.
      for (peer, connection) in open.filter({ !$0.value.isBusy && $0.value.isWaiting })
        .sorted(by: { $0.value.since < $1.value.since }).prefix(open.count - limits.connections)
      {
        shutdown(connection.file, Int32(SHUT_RDWR))
        table[peer]?.isClosing = true
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
