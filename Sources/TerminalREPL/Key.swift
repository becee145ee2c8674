import CLibEdit

/// A single key as the answer to a question.
enum Key {
  /// The key, if it is one of `answers`. What is none of them goes to what reads next; nil, too, where the time is over or
  /// a signal came.
  static func read(signals: Int32, seconds: Int32, answers: String) -> Character? {
    var bytes = [UInt8](repeating: 0, count: 32)
    let count = Int(twin_read_key(signals, seconds * 1000, &bytes, Int32(bytes.count)))
    guard count > 0 else { return nil }
    let key = String(decoding: bytes[..<count], as: UTF8.self)
    if count == 1, let character = key.first, answers.contains(character) { return character }
    twin_input_hold(bytes, count)
    return nil
  }
}
