import CSystem
import Foundation
import Synchronization

import Glibc

/// Who is connected.
final class ConnectionTable: Sendable {
  struct State {
    var connections: [Int32: HTTPConnection] = [:]
    /// How many each address has; this machine's own only where it is counted.
    var ofAddress: [PeerAddress: Int] = [:]
    var isStopping = false
    var isAccepting = false

    mutating func leave(_ peer: PeerAddress) {
      let left = (ofAddress[peer] ?? 1) - 1
      ofAddress[peer] = left > 0 ? left : nil
    }
  }
  let state = Mutex(State())

  var count: Int { state.withLock { $0.connections.count } }
}

/// Listens at an address, and gives each connection a thread.
final class HTTPListener: Sendable {
  private let limits: ServerLimits
  private let handler: any HTTPHandler
  private let places: BodyPlaces
  private let listener: Int32
  let port: Int

  private typealias Table = ConnectionTable.State
  private let connections: ConnectionTable

  /// - Throws: `ServerError`.
  init(
    host: String, port: Int, _ limits: ServerLimits, _ handler: any HTTPHandler,
    _ connections: ConnectionTable = ConnectionTable()
  ) throws(ServerError) {
    (self.limits, self.handler, self.connections) = (limits, handler, connections)
    places = BodyPlaces(limits.largeBodies)
    (listener, self.port) = try Self.listen(host == "localhost" ? "127.0.0.1" : host, port)
  }

  func start() {
    connections.state.withLock { $0.isAccepting = true }
    let thread = Thread { [self] in
      accept()
      close(listener)
      connections.state.withLock { $0.isAccepting = false }
    }
    thread.stackSize = 512 << 10
    thread.start()
  }

  /// Answers what was asked, for a while, and listens no more. Returns when no thread of it is left.
  func stop() {
    connections.state.withLock { $0.isStopping = true }
    shutdown(listener, Int32(SHUT_RDWR))
    let end = ContinuousClock.now + .seconds(3)
    while true {
      let (left, isAccepting) = connections.state.withLock { table in
        let isLate = ContinuousClock.now > end
        for connection in table.connections.values where isLate || !connection.state.withLock({ $0.isBusy }) {
          connection.hangUp()
        }
        return (table.connections.count, table.isAccepting)
      }
      if left == 0, !isAccepting { return }
      usleep(2000)
    }
  }

  private func accept() {
    while !connections.state.withLock({ $0.isStopping }) {
      let file = twin_accept(listener)
      if file < 0 {
        // No descriptor is left, or a client hung up too soon.
        if ![EINTR, ECONNABORTED].contains(errno) { usleep(20_000) }
        continue
      }
      var yes: Int32 = 1
      setsockopt(file, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
      var patience = timeval(tv_sec: 30, tv_usec: 0)
      setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
      let peer = PeerAddress(of: file).flatMap { $0.isLoopback && !limits.countsLoopback ? nil : $0 }
      let connection = HTTPConnection(file, limits, handler, places)
      let isTaken = connections.state.withLock { table in
        if let peer {
          guard table.ofAddress[peer, default: 0] < limits.connectionsOfOne else { return false }
        }
        makeRoom(&table)
        // Where all are busy, twice as many as are kept: threads are not for nothing.
        guard !table.isStopping, table.connections.count < 2 * limits.connections else { return false }
        table.connections[file] = connection
        if let peer { table.ofAddress[peer, default: 0] += 1 }
        return true
      }
      guard isTaken else {
        close(file)
        continue
      }
      let thread = Thread { [self] in
        connection.run()
        // Under the lock, so that nobody hangs up a descriptor that is another's by now.
        connections.state.withLock { table in
          table.connections[file] = nil
          if let peer { table.leave(peer) }
          close(file)
        }
      }
      thread.stackSize = 512 << 10
      thread.start()
    }
  }

  /// Who has been idle longest makes room.
  private func makeRoom(_ table: inout Table) {
    let open = table.connections.values.map { ($0, $0.state.withLock { $0 }) }.filter { !$0.1.isClosing }
    let surplus = open.count + 1 - limits.connections
    guard surplus > 0 else { return }
    for (connection, _) in open.filter({ !$0.1.isBusy }).sorted(by: { $0.1.since < $1.1.since }).prefix(surplus) {
      connection.hangUp()
    }
  }

  // MARK: The listening socket

  private static func listen(_ host: String, _ port: Int) throws(ServerError) -> (Int32, Int) {
    var six = sockaddr_in6()
    var four = sockaddr_in()
    let isSix = host.contains(":")
    six.sin6_family = sa_family_t(AF_INET6)
    six.sin6_port = UInt16(clamping: port).bigEndian
    four.sin_family = sa_family_t(AF_INET)
    four.sin_port = UInt16(clamping: port).bigEndian
    guard isSix ? inet_pton(AF_INET6, host, &six.sin6_addr) == 1 : inet_pton(AF_INET, host, &four.sin_addr) == 1 else {
      throw .badHost(host)
    }
    func failed(_ code: Int32) -> ServerError {
      switch code {
      case EADDRINUSE: .portTaken(host: host, port: port)
      case EACCES: .portForbidden(port: port)
      case EADDRNOTAVAIL: .foreignAddress(host: host)
      default: .cannotListen(host: host, port: port, reason: String(cString: strerror(code)))
      }
    }
    let file = socket(isSix ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard file >= 0 else { throw failed(errno) }
    var yes: Int32 = 1
    setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    let bound =
      isSix
      ? withAddress(&six) { bind(file, $0, $1) } : withAddress(&four) { bind(file, $0, $1) }
    guard bound == 0, Glibc.listen(file, 512) == 0 else {
      let error = failed(errno)
      close(file)
      throw error
    }
    var length = socklen_t(isSix ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
    let named =
      isSix
      ? withAddress(&six) { address, _ in getsockname(file, address, &length) }
      : withAddress(&four) { address, _ in getsockname(file, address, &length) }
    guard named == 0 else {
      let error = failed(errno)
      close(file)
      throw error
    }
    return (file, Int(UInt16(bigEndian: isSix ? six.sin6_port : four.sin_port)))
  }

  private static func withAddress<Address, Result>(
    _ address: inout Address, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<Address>.size))
      }
    }
  }
}
