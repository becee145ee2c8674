/// JPEGs that no encoder writes: pictures of one colour in any sampling, in any number of scans, with any segments.
public struct JPEGWriter {
  public struct Component: Sendable {
    public var across: Int
    public var down: Int
    /// The colour, in steps of the first coefficient: eight of them are a level.
    public var level: Int

    public init(_ across: Int, _ down: Int, level: Int = 0) {
      (self.across, self.down, self.level) = (across, down, level)
    }
  }

  public var width: Int
  public var height: Int
  public var components: [Component]
  /// Whole segments between the start and the tables.
  public var segments: [UInt8] = []
  /// Stray bytes before each marker behind the first segment.
  public var stray: [UInt8] = []
  public var hasEnd = true
  /// What component numbers begin with.
  public var firstName = 1

  public init(width: Int, height: Int, _ components: [Component]) {
    (self.width, self.height, self.components) = (width, height, components)
  }

  public static func segment(_ marker: UInt8, _ data: [UInt8]) -> [UInt8] {
    [0xFF, marker, UInt8((data.count + 2) >> 8), UInt8((data.count + 2) & 255)] + data
  }

  /// An EXIF segment whose first directory has one entry, the orientation.
  public static func exif(_ orientation: Int, type: Int = 3, isLittle: Bool = true) -> [UInt8] {
    segment(0xE1, Array("Exif\0\0".utf8) + tiff(orientation, type: type, isLittle: isLittle))
  }

  public static func tiff(_ orientation: Int, type: Int = 3, isLittle: Bool = true) -> [UInt8] {
    func number(_ value: Int, _ size: Int) -> [UInt8] {
      let bytes = (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      return isLittle ? bytes : bytes.reversed()
    }
    let size = [1: 1, 3: 2, 4: 4, 6: 1, 8: 2, 9: 4][type] ?? 4
    return Array((isLittle ? "II" : "MM").utf8) + number(42, 2) + number(8, 4) + number(1, 2) + number(0x0112, 2)
      + number(type, 2) + number(1, 4) + number(orientation, size) + [UInt8](repeating: 0, count: 4 - size)
      + number(0, 4)
  }

  private var frame: [UInt8] {
    var data: [UInt8] = [8, UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255)]
    data.append(UInt8(components.count))
    for (index, component) in components.enumerated() {
      data += [UInt8(firstName + index), UInt8(component.across << 4 | component.down), 0]
    }
    return data
  }

  /// Codes 0: nothing, 10: seven bits follow.
  private static let direct: [UInt8] = [0x00, 1, 1] + [UInt8](repeating: 0, count: 14) + [0, 7]
  /// Code 0: the block is over.
  private static let other: [UInt8] = [0x10, 1] + [UInt8](repeating: 0, count: 15) + [0]
  /// Code 0: so many blocks and 2¹⁴ are over.
  private static let runs: [UInt8] = [0x10, 1] + [UInt8](repeating: 0, count: 15) + [0xE0]

  private static func tables(_ huffman: [UInt8]) -> [UInt8] {
    segment(0xDB, [0] + [UInt8](repeating: 1, count: 64)) + segment(0xC4, huffman)
  }

  /// One scan (baseline): a difference for the first block of each component, none for the others.
  public func baseline() -> [UInt8] {
    var bits = BitWriter()
    let tall = components.map(\.down).max() ?? 1
    let wide = components.map(\.across).max() ?? 1
    let units =
      components.count == 1
      ? ((width + 7) / 8) * ((height + 7) / 8)
      : ((width + 8 * wide - 1) / (8 * wide)) * ((height + 8 * tall - 1) / (8 * tall))
    for unit in 0..<units {
      for component in components {
        for block in 0..<(components.count == 1 ? 1 : component.across * component.down) {
          if unit == 0, block == 0, component.level != 0 {
            bits.put(0b10, 2)
            // Seven bits: 64…127 as they are, −127…−64 with 127 added.
            bits.put(component.level > 0 ? component.level : component.level + 127, 7)
          } else {
            bits.put(0, 1)
          }
          bits.put(0, 1)
        }
      }
    }
    var scan: [UInt8] = [UInt8(components.count)]
    for index in components.indices { scan += [UInt8(firstName + index), 0] }
    let all = Self.segment(0xDB, [0] + [UInt8](repeating: 1, count: 64)) + stray + Self.segment(0xC0, frame) + stray
    return [0xFF, 0xD8] + segments + stray + all + Self.segment(0xC4, Self.direct + Self.other) + stray
      + Self.segment(0xDA, scan + [0, 63, 0]) + bits.finished() + stray + (hasEnd ? [0xFF, 0xD9] : [])
  }

  /// A gray picture in so many scans of all its blocks, each of a few bytes.
  public func progressive(scans: Int) -> [UInt8] {
    let blocks = ((width + 7) / 8) * ((height + 7) / 8)
    var first = BitWriter()
    for _ in 0..<blocks { first.put(0, 1) }
    var out: [UInt8] = [0xFF, 0xD8] + segments + Self.tables(Self.direct + Self.runs) + Self.segment(0xC2, frame)
    out += Self.segment(0xDA, [1, 1, 0, 0, 0, 0]) + first.finished()
    var run = BitWriter()
    var left = blocks
    while left > 0 {
      let count = min(left, 32767)
      guard count >= 1 << 14 else { break }
      run.put(0, 1)
      run.put(count - (1 << 14), 14)
      left -= count
    }
    // The rest in a run that is too long: the scan ends before it.
    if left > 0 {
      run.put(0, 1)
      run.put(0, 14)
    }
    let scan = Self.segment(0xDA, [1, 1, 0, 1, 63, 0]) + run.finished()
    for _ in 0..<scans { out += scan }
    return out + (hasEnd ? [0xFF, 0xD9] : [])
  }

  private struct BitWriter {
    private var bytes: [UInt8] = []
    private var byte = 0
    private var count = 0

    mutating func put(_ value: Int, _ bits: Int) {
      for bit in (0..<bits).reversed() {
        byte = byte << 1 | value >> bit & 1
        count += 1
        if count == 8 { flush() }
      }
    }

    private mutating func flush() {
      bytes.append(UInt8(byte))
      if byte == 0xFF { bytes.append(0) }
      (byte, count) = (0, 0)
    }

    /// Filled with ones.
    func finished() -> [UInt8] {
      var copy = self
      while copy.count > 0 { copy.put(1, 1) }
      return copy.bytes
    }
  }
}
