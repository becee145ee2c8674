import Foundation

/// Whom a network has learnt from, by fingerprints: what it says of those again says nothing of strangers.
///
/// Of images 64 bits of their pixels, of classes 64 bits of their names. Goes with the network into parts, copies and files.
public struct LearningRecord: Hashable, Sendable, Codable {
  /// 64 bits of the pixels of each.
  public var images: Set<UInt64> = []
  /// 64 bits of the name of each.
  public var classes: Set<UInt64> = []
  /// Whether it has also learnt from tensors, in a loop written by hand, of which nothing is known.
  public var hasUnknown = false

  /// Of nobody.
  public init() {}

  /// Nothing is known to have been learnt from.
  public var isEmpty: Bool { images.isEmpty && classes.isEmpty && !hasUnknown }

  /// Adds what another network has learnt from.
  public mutating func merge(_ other: LearningRecord) {
    images.formUnion(other.images)
    classes.formUnion(other.classes)
    hasUnknown = hasUnknown || other.hasUnknown
  }

  private enum CodingKeys: String, CodingKey { case images, classes, unknown }

  /// As `encode` writes it.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    images = try Self.unpacked(container.decode(Data.self, forKey: .images))
    classes = try Self.unpacked(container.decode(Data.self, forKey: .classes))
    hasUnknown = try container.decode(Bool.self, forKey: .unknown)
  }

  /// Eight bytes each, in base64.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.packed(images), forKey: .images)
    try container.encode(Self.packed(classes), forKey: .classes)
    try container.encode(hasUnknown, forKey: .unknown)
  }

  /// Eight bytes each, ascending, so that equal records give equal files.
  private static func packed(_ prints: Set<UInt64>) -> Data {
    var data = Data(capacity: prints.count * 8)
    for print in prints.sorted() { withUnsafeBytes(of: print.littleEndian) { data.append(contentsOf: $0) } }
    return data
  }

  private static func unpacked(_ data: Data) throws -> Set<UInt64> {
    let bytes = [UInt8](data)
    guard bytes.count % 8 == 0 else {
      throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "no whole fingerprints"))
    }
    return Set(
      stride(from: 0, to: bytes.count, by: 8).map { start in
        bytes[start..<start + 8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      })
  }
}
