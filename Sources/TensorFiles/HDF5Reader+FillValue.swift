/// What an array holds where nobody has written.
extension HDF5Reader {
  /// The bytes of an element that was never written; nil: all of them are zero.
  ///
  /// Source: HDF5 File Format Specification 3.0, IV.A.2.e (the older message) and IV.A.2.f (its three versions).
  /// - Parameter size: of an element, in bytes.
  func fillValue(_ messages: [HDF5Message], _ shown: String, size: Int) throws -> [UInt8]? {
    // Libraries that write both mean the newer one.
    guard
      let message = messages.first(where: { $0.kind == .fillValue })
        ?? messages.first(where: { $0.kind == .oldFillValue })
    else { return nil }
    guard !message.isShared else { throw refused("\(shown) shares its fill value with others") }
    var at = message.range.lowerBound
    if message.kind == .fillValue {
      switch try byte(at) {
      case 1: at += 4
      case 2:
        guard try byte(at + 3) == 1 else { return nil }
        at += 4
      case 3:
        guard try byte(at + 1) & 0x20 != 0 else { return nil }
        at += 2
      default: throw refused("\(shown) has a fill value of a newer version")
      }
    }
    let length = try number(at, 4)
    // None, and -1 for one that was never chosen.
    guard length > 0, length != 0xFFFF_FFFF else { return nil }
    guard length == size, at + 4 + size <= message.range.upperBound else {
      throw broken("the fill value of \(shown) has another size than its numbers")
    }
    let value = Array(bytes[at + 4..<at + 4 + size])
    return value.allSatisfy { $0 == 0 } ? nil : value
  }
}
