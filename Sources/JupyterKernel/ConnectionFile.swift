import Files
import JSON
import NotebookFormats

/// Where Jupyter wants its kernel to listen, and the key that messages are signed with.
struct ConnectionFile: Equatable {
  enum Channel: String, CaseIterable {
    case shell, iopub, stdin, control, hb
  }

  var transport: String
  var address: String
  var ports: [Channel: Int]
  /// Empty: messages are not signed.
  var key: [UInt8]

  /// - Throws: `KernelError`.
  init(_ path: String) throws {
    let bytes: [UInt8]
    do {
      bytes = try FileSystem.read(path, limit: 1 << 20)
    } catch {
      throw KernelError.badConnectionFile(file: path, reason: error.explanation.message)
    }
    guard let json = try? JSONValue(reading: bytes), json.members != nil else {
      throw KernelError.badConnectionFile(file: path, reason: "it is not JSON")
    }
    func bad(_ reason: String) -> KernelError { .badConnectionFile(file: path, reason: reason) }
    transport = json["transport"]?.string ?? "tcp"
    guard transport == "tcp" || transport == "ipc" else { throw bad("its transport is neither tcp nor ipc") }
    guard let address = json["ip"]?.string, !address.isEmpty, !address.contains("\0") else { throw bad("it has no ip") }
    self.address = address
    ports = [:]
    for channel in Channel.allCases {
      guard let port = json[channel.rawValue + "_port"]?.int, (1...65535).contains(port) else {
        throw bad("\(channel.rawValue)_port is no port")
      }
      if ports.values.contains(port) { throw bad("two of its ports are \(port)") }
      ports[channel] = port
    }
    guard let key = json["key"]?.string else { throw bad("it has no key") }
    self.key = Array(key.utf8)
    let scheme = json["signature_scheme"]?.string ?? "hmac-sha256"
    if !key.isEmpty, scheme != "hmac-sha256" { throw KernelError.unknownSignature(file: path, scheme: scheme) }
  }

  func endpoint(_ channel: Channel) -> String {
    let port = ports[channel] ?? 0
    if transport == "ipc" { return "ipc://\(address)-\(port)" }
    return "tcp://\(address.contains(":") && !address.hasPrefix("[") ? "[\(address)]" : address):\(port)"
  }
}
