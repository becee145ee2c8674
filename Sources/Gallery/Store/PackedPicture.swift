/// A prepared picture as a gallery's file keeps it: the same floats again, in fewer bytes where there are few different
/// ones. What came from eight bits has at most 256: their table, and a byte for each.
enum PackedPicture {
  static func pack(_ values: some Collection<Float>) -> [UInt8] {
    var places: [UInt32: UInt8] = [:]
    var table: [Float] = []
    var indexes: [UInt8] = []
    indexes.reserveCapacity(values.count)
    for value in values {
      if let place = places[value.bitPattern] {
        indexes.append(place)
      } else if table.count < 256 {
        places[value.bitPattern] = UInt8(table.count)
        indexes.append(UInt8(table.count))
        table.append(value)
      } else {
        return [0] + values.flatMap { bytes(of: $0) }
      }
    }
    // A small picture of many values is smaller as it is.
    guard 2 + 4 * table.count + indexes.count < 4 * values.count else { return [0] + values.flatMap { bytes(of: $0) } }
    return [1, UInt8(table.count - 1)] + table.flatMap { bytes(of: $0) } + indexes
  }

  /// Nil: these are not the bytes of a picture.
  static func unpack(_ bytes: UnsafeRawBufferPointer) -> [Float]? {
    guard let kind = bytes.first else { return nil }
    func float(_ at: Int) -> Float {
      Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
    }
    switch kind {
    case 0:
      guard bytes.count % 4 == 1 else { return nil }
      return stride(from: 1, to: bytes.count, by: 4).map(float)
    case 1:
      guard bytes.count >= 2 else { return nil }
      let count = Int(bytes[1]) + 1
      guard bytes.count >= 2 + 4 * count else { return nil }
      let table = (0..<count).map { float(2 + 4 * $0) }
      var values: [Float] = []
      values.reserveCapacity(bytes.count - 2 - 4 * count)
      for index in bytes[(2 + 4 * count)...] {
        guard Int(index) < count else { return nil }
        values.append(table[Int(index)])
      }
      return values
    default: return nil
    }
  }

  private static func bytes(of value: Float) -> [UInt8] {
    let bits = value.bitPattern
    return [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: bits >> $0) }
  }
}
