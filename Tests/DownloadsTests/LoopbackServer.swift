import Foundation
import Synchronization
import TestSupport

#if canImport(Glibc)
  import Glibc
#endif

/// A web server on the loopback address that misbehaves as it is told. One request a connection.
final class LoopbackServer: Sendable {
  enum Manner: Sendable {
    /// Whole, or from the offset that is asked for (206).
    case whole([UInt8])
    /// Announces all, sends so many bytes, and hangs up; from the offset that is asked for.
    case cutAfter(Int, [UInt8])
    /// Like `whole`, but ignores offsets.
    case noRanges([UInt8])
    /// Answers an offset with bytes of something else.
    case lyingRanges([UInt8])
    case status(Int)
    /// To itself, again and again.
    case circle
    case redirect(String)
    /// A few bytes, then silence.
    case stalls([UInt8])
    /// Claims to be a petabyte.
    case huge
    /// Says nothing of its length, and goes on and on.
    case endless
    /// Hangs up without a word.
    case silent
    case nonsense
  }

  private let listener: LoopbackListener
  private let manners: Mutex<[String: [Manner]]>
  private let asked = Mutex<[String]>([])

  /// A path's manners are used up one by one; the last one stays.
  init(_ manners: [String: [Manner]]) throws {
    self.manners = Mutex(manners)
    listener = try LoopbackListener()
    listener.serve { [self] client in
      answer(client)
      LoopbackListener.end(client)
    }
  }

  var base: String { listener.base }
  /// Paths and offsets that were asked for, as "/x.zip" or "/x.zip from 100".
  var requests: [String] { asked.withLock { $0 } }

  func stop() { listener.stop() }

  private func answer(_ client: Int32) {
    var request: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !String(decoding: request, as: UTF8.self).contains("\r\n\r\n") {
      let got = recv(client, &buffer, buffer.count, 0)
      if got < 0, errno == EINTR { continue }
      if got <= 0 { return }
      request += buffer[0..<got]
    }
    let lines = String(decoding: request, as: UTF8.self).split(separator: "\r\n").map(String.init)
    let path = lines.first.map { String($0.split(separator: " ")[1]) } ?? "/"
    var offset = 0
    for line in lines where line.lowercased().hasPrefix("range: bytes=") {
      offset = Int(line.dropFirst(13).prefix { $0.isNumber }) ?? 0
    }
    asked.withLock { $0.append(offset > 0 ? "\(path) from \(offset)" : path) }
    let manner = manners.withLock { all -> Manner in
      guard var left = all[path], let first = left.first else { return .status(404) }
      if left.count > 1 {
        left.removeFirst()
        all[path] = left
      }
      return first
    }
    func head(_ status: String, _ fields: [String]) {
      send(
        client,
        Array((["HTTP/1.1 " + status, "Connection: close"] + fields + ["", ""]).joined(separator: "\r\n").utf8))
    }
    func ranged(_ bytes: [UInt8], sent: Int? = nil) {
      let from = min(offset, bytes.count)
      let rest = Array(bytes[from...])
      if from > 0, from == bytes.count { return head("416 Range Not Satisfiable", ["Content-Length: 0"]) }
      if from > 0 {
        head(
          "206 Partial Content",
          ["Content-Length: \(rest.count)", "Content-Range: bytes \(from)-\(bytes.count - 1)/\(bytes.count)"])
      } else {
        head("200 OK", ["Content-Length: \(rest.count)"])
      }
      send(client, Array(rest.prefix(sent ?? rest.count)))
    }
    switch manner {
    case .whole(let bytes): ranged(bytes)
    case .cutAfter(let count, let bytes): ranged(bytes, sent: count)
    case .noRanges(let bytes):
      head("200 OK", ["Content-Length: \(bytes.count)"])
      send(client, bytes)
    case .lyingRanges(let bytes): ranged(offset > 0 ? bytes.map { $0 ^ 1 } : bytes)
    case .status(let status): head("\(status) No", ["Content-Length: 0"])
    case .circle: head("302 Found", ["Location: \(base)\(path)", "Content-Length: 0"])
    case .redirect(let target): head("302 Found", ["Location: \(target)", "Content-Length: 0"])
    case .stalls(let bytes):
      head("200 OK", ["Content-Length: \(bytes.count)"])
      send(client, Array(bytes.prefix(10)))
      // Until the other side hangs up: a busy machine may take its time to see that nothing comes.
      var limit = timeval(tv_sec: 120, tv_usec: 0)
      setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
      _ = recv(client, &buffer, buffer.count, 0)
    case .huge:
      head("200 OK", ["Content-Length: 1000000000000000"])
      send(client, [UInt8](repeating: 7, count: 1 << 16))
    case .endless:
      head("200 OK", [])
      for _ in 0..<100_000 { if !send(client, [UInt8](repeating: 7, count: 1 << 16)) { return } }
    case .silent: return
    case .nonsense: send(client, Array("this is no answer\r\n\r\n".utf8))
    }
  }

  @discardableResult
  private func send(_ client: Int32, _ bytes: [UInt8]) -> Bool {
    var done = 0
    while done < bytes.count {
      let sent = bytes[done...].withUnsafeBytes {
        Glibc.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if sent < 0, errno == EINTR { continue }
      if sent <= 0 { return false }
      done += sent
    }
    return true
  }
}
