import Foundation
import JSON
import NotebookFormats

/// A message of Jupyter's protocol (version 5.4).
struct KernelMessage: Sendable {
  /// Who sent it, or to whom it goes; on iopub its topic.
  var identities: [[UInt8]] = []
  var header: JSONValue
  var parent = JSONValue.emptyObject
  var metadata = JSONValue.emptyObject
  var content: JSONValue

  static let version = "5.4"
  private static let delimiter = Array("<IDS|MSG>".utf8)

  var type: String { header["msg_type"]?.string ?? "" }

  /// A message of ours.
  init(_ type: String, content: JSONValue, parent: KernelMessage?, session: String, to identities: [[UInt8]]) {
    self.identities = identities
    header = .object([
      "msg_id": .string(UUID().uuidString), "session": .string(session), "username": .string("twinbook"),
      "date": .string(Self.now), "msg_type": .string(type), "version": .string(Self.version),
    ])
    self.parent = parent?.header ?? .emptyObject
    self.content = content
  }

  /// "2026-11-29T00:25:01.123456Z".
  private static var now: String {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    var parts = tm()
    gmtime_r(&time.tv_sec, &parts)
    func digits(_ number: Int32, _ count: Int = 2) -> String {
      let text = String(number)
      return String(repeating: "0", count: max(0, count - text.count)) + text
    }
    let day = [digits(parts.tm_year + 1900, 4), digits(parts.tm_mon + 1), digits(parts.tm_mday)].joined(separator: "-")
    let clock = [digits(parts.tm_hour), digits(parts.tm_min), digits(parts.tm_sec)].joined(separator: ":")
    return "\(day)T\(clock).\(digits(Int32(time.tv_nsec / 1000), 6))Z"
  }

  /// Why a message is not answered.
  enum Problem: Error { case incomplete, wrongSignature, noJSON }

  /// From the parts that came over the wire.
  init(_ frames: [[UInt8]], signature: MessageSignature) throws(Problem) {
    guard let place = frames.firstIndex(of: Self.delimiter), frames.count >= place + 6 else { throw .incomplete }
    let parts = Array(frames[(place + 2)..<(place + 6)])
    guard signature.accepts(frames[place + 1], for: parts) else { throw .wrongSignature }
    var values: [JSONValue] = []
    for part in parts {
      guard let value = try? JSONValue(reading: part), value.members != nil else { throw .noJSON }
      values.append(value)
    }
    identities = Array(frames[..<place])
    header = values[0]
    parent = values[1]
    metadata = values[2]
    content = values[3]
    guard header["msg_type"]?.string != nil else { throw .noJSON }
  }

  /// The parts as they go over the wire.
  func frames(signature: MessageSignature) -> [[UInt8]] {
    let parts = [header.compact, parent.compact, metadata.compact, content.compact]
    return identities + [Self.delimiter, signature.sign(parts)] + parts
  }
}
