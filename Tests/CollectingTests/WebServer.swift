import Foundation
import Synchronization
import TestSupport

#if canImport(Glibc)
  import Glibc
#endif

/// A web server on the loopback address that does to each path what it is told, good or bad. A thread for each connection.
final class WebServer: Sendable {
  enum Manner: Sendable {
    case bytes([UInt8], type: String = "image/png")
    case status(Int, headers: [String] = [])
    case redirect(String)
    /// To itself, again and again.
    case circle
    /// Announces all, and hangs up in the middle.
    case cutOff([UInt8])
    /// Begins, and says no more.
    case stalls
    /// Claims to be ten gigabytes.
    case huge
    /// Says nothing of its length, and goes on and on.
    case endless
    /// A few bytes a second.
    case drips([UInt8])
    case nonsense
  }

  struct Request: Sendable {
    var target: String
    var time: ContinuousClock.Instant
    var agent: String
  }

  private struct State {
    var manners: [String: [Manner]]
    var requests: [Request] = []
    var active = 0
    var mostActive = 0
  }

  private let listener: LoopbackListener
  private let state: Mutex<State>
  private let answers: (@Sendable (String) -> Manner?)?

  /// - Parameters:
  ///   - manners: a path's are used up one by one; the last one stays.
  ///   - answers: for targets that are none of these, query and all.
  init(_ manners: [String: [Manner]] = [:], answers: (@Sendable (String) -> Manner?)? = nil) throws {
    state = Mutex(State(manners: manners))
    self.answers = answers
    listener = try LoopbackListener()
    listener.serve { [self] client in
      Thread { [self] in
        answer(client)
        LoopbackListener.end(client)
      }.start()
    }
  }

  var base: String { listener.base }
  var port: Int { listener.port }
  var requests: [Request] { state.withLock { $0.requests } }
  var targets: [String] { requests.map(\.target) }
  /// How many were answered at one time.
  var mostActive: Int { state.withLock { $0.mostActive } }

  func stop() { listener.stop() }

  private func answer(_ client: Int32) {
    var request: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !String(decoding: request, as: UTF8.self).contains("\r\n\r\n") {
      let got = recv(client, &buffer, buffer.count, 0)
      if got <= 0 { return }
      request += buffer[0..<got]
    }
    let lines = String(decoding: request, as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ")
    guard words.count > 1 else { return }
    let target = String(words[1])
    let agent = lines.first { $0.lowercased().hasPrefix("user-agent:") } ?? ""
    let path = String(target.split(separator: "?")[0])
    let manner = state.withLock { state -> Manner in
      state.requests.append(Request(target: target, time: .now, agent: agent))
      state.active += 1
      state.mostActive = max(state.mostActive, state.active)
      guard var left = state.manners[path], let first = left.first else { return answers?(target) ?? .status(404) }
      if left.count > 1 {
        left.removeFirst()
        state.manners[path] = left
      }
      return first
    }
    defer { state.withLock { $0.active -= 1 } }
    func head(_ status: String, _ fields: [String]) {
      send(
        client,
        Array((["HTTP/1.1 " + status, "Connection: close"] + fields + ["", ""]).joined(separator: "\r\n").utf8))
    }
    switch manner {
    case .bytes(let bytes, let type):
      head("200 OK", ["Content-Length: \(bytes.count)", "Content-Type: \(type)"])
      send(client, bytes)
    case .status(let status, let headers): head("\(status) No", ["Content-Length: 0"] + headers)
    case .redirect(let place): head("302 Found", ["Location: \(place)", "Content-Length: 0"])
    case .circle: head("302 Found", ["Location: \(base)\(target)", "Content-Length: 0"])
    case .cutOff(let bytes):
      head("200 OK", ["Content-Length: \(bytes.count)"])
      send(client, Array(bytes.prefix(bytes.count / 2)))
    case .stalls:
      head("200 OK", ["Content-Length: 5000"])
      send(client, [1, 2, 3])
      waitUntilGone(client)
    case .huge:
      head("200 OK", ["Content-Length: 10000000000"])
      send(client, [UInt8](repeating: 7, count: 1 << 16))
    case .endless:
      head("200 OK", [])
      for _ in 0..<100_000 { if !send(client, [UInt8](repeating: 7, count: 1 << 16)) { return } }
    case .drips(let bytes):
      head("200 OK", ["Content-Length: \(bytes.count)"])
      for byte in bytes {
        if !send(client, [byte]) { return }
        usleep(100_000)
      }
    case .nonsense: send(client, Array("this is no answer\r\n\r\n".utf8))
    }
  }

  private func waitUntilGone(_ client: Int32) {
    var byte: UInt8 = 0
    while recv(client, &byte, 1, 0) > 0 {}
  }

  @discardableResult
  private func send(_ client: Int32, _ bytes: [UInt8]) -> Bool {
    var done = 0
    while done < bytes.count {
      let sent = bytes[done...].withUnsafeBytes { Glibc.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if sent <= 0 { return false }
      done += sent
    }
    return true
  }
}
