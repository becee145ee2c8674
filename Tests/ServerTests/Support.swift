import Datasets
import Foundation
import Gallery
import NeuralNetworks
import Synchronization
import Testing

@testable import Server

#if canImport(Glibc)
  import Glibc
#endif

/// A gallery of generated characters, one reference of each, under a network that never learnt.
struct Characters {
  let dataset: Dataset
  let gallery: ReferenceGallery

  init(classes: Int = 6, each: Int = 3, size: Int = 16, isEnrolled: Bool = true) throws {
    dataset = try Datasets.glyphs(classes: classes, each: each, seed: 1, size: size)
    let network = try Network([.flatten, .dense(units: 8)])
    try network.build(inputShape: dataset.shape, seed: 3)
    let encoded = try JSONEncoder().encode(dataset.preprocessing)
    network.preprocessing = String(decoding: encoded, as: UTF8.self)
    gallery = ReferenceGallery(network: network)
    guard isEnrolled else { return }
    for (name, members) in zip(dataset.classNames, dataset.membersByClass) {
      let input = try dataset.prepare(try dataset.image(members[0])).values
      try gallery.enroll(name, images: input, shape: dataset.shape)
    }
  }

  /// Picture 0 of each class is the one enrolled.
  func png(_ index: Int, number: Int = 0) throws -> [UInt8] {
    try dataset.image(dataset.membersByClass[index][number]).encodePNG()
  }
}

/// A server on the loopback address at a port of its own, while `body` runs.
func withServer<Value>(
  _ gallery: ReferenceGallery, _ change: (inout ServerOptions) -> Void = { _ in },
  _ body: (Client) async throws -> Value
) async throws -> Value {
  var options = ServerOptions()
  options.port = 0
  options.threshold = 0.01
  options.token = "a token for tests"
    .replacingOccurrences(of: " ", with: "-")
  // The server shares the threads of Swift's tasks with all other tests: only what a test is about may be short.
  options.limits.idleSeconds = 900
  options.limits.waitSeconds = 900
  options.limits.bodySeconds = 900
  change(&options)
  let server = try GalleryServer(lending: LentGallery(gallery), options)
  let client = Client(port: try await server.start())
  let result: Result<Value, any Error>
  do { result = .success(try await body(client)) } catch { result = .failure(error) }
  await server.stop()
  return try result.get()
}

let testToken = "a-token-for-tests"

/// What came back.
struct Reply: Sendable {
  var status: Int
  /// Names in lower case.
  var headers: [String: String]
  var body: [UInt8]

  var json: [String: Any] {
    ((try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any]) ?? [:]
  }
  var error: String? { json["error"] as? String }
  var text: String { String(decoding: body, as: UTF8.self) }
}

/// A client that says exactly what it is told to, right or wrong, on a thread of its own.
struct Client: Sendable {
  let port: Int

  enum Failure: Error { case noConnection, noAnswer(String) }

  func get(_ path: String, _ headers: [String: String] = [:]) async throws -> Reply {
    try await ask("GET", path, headers)
  }

  func post(_ path: String, _ body: [UInt8], _ headers: [String: String] = [:]) async throws -> Reply {
    try await ask("POST", path, headers, body)
  }

  func ask(_ method: String, _ path: String, _ headers: [String: String] = [:], _ body: [UInt8]? = nil) async throws
    -> Reply
  {
    var all = ["Host": "127.0.0.1:\(port)", "Connection": "close"]
    if let body { all["Content-Length"] = "\(body.count)" }
    all.merge(headers) { $1 }
    let head = "\(method) \(path) HTTP/1.1\r\n" + all.map { "\($0): \($1)\r\n" }.joined() + "\r\n"
    return try await raw(Array(head.utf8), body ?? [], isHead: method == "HEAD")
  }

  /// Sends bytes, and reads one answer.
  /// - Parameter more: sent after it; not copied, so that many clients can send one large body.
  func raw(_ bytes: [UInt8], _ more: [UInt8] = [], isHead: Bool = false, seconds: Int = 600) async throws -> Reply {
    let port = port
    return try await onThread {
      let connection = try Connection(port: port, seconds: seconds)
      defer { connection.close() }
      connection.send(bytes)
      connection.send(more)
      return try connection.reply(isHead: isHead)
    }
  }
}

/// What blocks has a thread of its own: the few threads of Swift's tasks are the server's.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    let thread = Thread { continuation.resume(with: Result { try body() }) }
    thread.stackSize = 512 << 10
    thread.start()
  }
}

/// A TCP connection that blocks.
struct Connection {
  let file: Int32

  init(port: Int, seconds: Int = 600) throws {
    file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard file >= 0 else { throw Client.Failure.noConnection }
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = UInt16(port).bigEndian
    let file = file
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard connected == 0 else {
      Glibc.close(file)
      throw Client.Failure.noConnection
    }
  }

  /// - Returns: how many of the bytes went out.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Int {
    var done = 0
    while done < bytes.count {
      let sent = bytes[done...].withUnsafeBytes { Glibc.send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if sent <= 0 { return done }
      done += sent
    }
    return done
  }

  func reply(isHead: Bool = false) throws -> Reply {
    var got: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let end: [UInt8] = [13, 10, 13, 10]
    var headEnd: Int?
    var headers: [String: String] = [:]
    var length: Int?
    while true {
      if headEnd == nil, let start = got.firstRange(of: end)?.lowerBound {
        headEnd = start + 4
        let lines = String(decoding: got[..<start], as: UTF8.self).components(separatedBy: "\r\n")
        for line in lines.dropFirst() {
          let parts = line.split(separator: ":", maxSplits: 1)
          if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
        }
        length = headers["content-length"].flatMap { Int($0) }
      }
      if let headEnd, isHead || got.count >= headEnd + (length ?? 0) {
        let words = String(decoding: got.prefix(40), as: UTF8.self).split(separator: " ")
        guard words.count > 1, let status = Int(words[1]) else { throw Client.Failure.noAnswer("no status") }
        return Reply(status: status, headers: headers, body: Array(got[headEnd...]))
      }
      let count = recv(file, &buffer, buffer.count, 0)
      if count <= 0 { throw Client.Failure.noAnswer("after \(got.count) bytes: \(String(cString: strerror(errno)))") }
      got += buffer[..<count]
    }
  }

  /// Whether the other side has closed it.
  func isClosed() -> Bool {
    // A last answer may come before.
    var byte: UInt8 = 0
    while true {
      let got = recv(file, &byte, 1, 0)
      if got <= 0 { return got == 0 || errno != EAGAIN }
    }
  }

  func close() { Glibc.close(file) }
}

func form(_ fields: [(String, [UInt8])], boundary: String = "xxBOUNDARYxx") -> (body: [UInt8], type: String) {
  var body: [UInt8] = []
  for (name, bytes) in fields {
    body += Array(
      "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"; filename=\"../../etc/\(name)\"\r\n\r\n".utf8)
    body += bytes + [13, 10]
  }
  return (body + Array("--\(boundary)--\r\n".utf8), "multipart/form-data; boundary=\(boundary)")
}
