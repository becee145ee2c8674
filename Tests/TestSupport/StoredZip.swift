/// A zip of files that are stored, not packed; written by hand, so that tests can make it lie.
/// - Parameter deflated: as deflate has bytes that it did not make smaller: a size may then be claimed that is not theirs.
public func storedZip(
  _ files: [(name: String, bytes: [UInt8])], deflated: Bool = false, claimedSize: (Int) -> Int = { $0 }
) -> [UInt8] {
  func little(_ value: Int, _ size: Int) -> [UInt8] { (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  var result: [UInt8] = []
  var directory: [UInt8] = []
  for (name, bytes) in files {
    let text = Array(name.utf8)
    let sum = Int(checksum(bytes))
    let size = claimedSize(bytes.count)
    let offset = result.count
    let packed =
      deflated ? [1] + little(bytes.count, 2) + little(~bytes.count, 2) + bytes : bytes
    // Bit 11: names are UTF-8.
    let common =
      little(0x0800, 2) + little(deflated ? 8 : 0, 2) + little(0, 4) + little(sum, 4) + little(packed.count, 4)
      + little(size, 4)
    result += little(0x0403_4b50, 4) + little(20, 2) + common + little(text.count, 2) + little(0, 2) + text + packed
    directory +=
      little(0x0201_4b50, 4) + little(20, 2) + little(20, 2) + common + little(text.count, 2) + little(0, 12)
      + little(offset, 4) + text
  }
  let start = result.count
  result += directory + little(0x0605_4b50, 4) + little(0, 4) + little(files.count, 2) + little(files.count, 2)
  return result + little(directory.count, 4) + little(start, 4) + little(0, 2)
}

/// CRC-32 as zips have it.
func checksum(_ bytes: [UInt8]) -> UInt32 {
  var sum: UInt32 = 0xFFFF_FFFF
  for byte in bytes {
    sum ^= UInt32(byte)
    for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
  }
  return ~sum
}
