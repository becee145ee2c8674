import Tensors
import Testing

@testable import TensorFiles

/// The numbers of files, of each kind: one after the other, and by strides.
@Suite struct ElementTypeTests {
  private func bytes<Number: FixedWidthInteger>(_ numbers: [Number], bigEndian: Bool = false) -> [UInt8] {
    numbers.flatMap { number in
      withUnsafeBytes(of: bigEndian ? number.bigEndian : number.littleEndian) { Array($0) }
    }
  }

  /// Ids and places: float32 ends at 2²⁴, so these keep their exact values.
  @Test(arguments: [false, true]) func largeWholeNumbersStayExact(bigEndian: Bool) throws {
    let numbers: [Int64] = [16_777_217, -9_007_199_254_740_991, 3, 0, 5, 123_456_789_012]
    let type = ElementType(kind: .signed, size: 8, bigEndian: bigEndian)
    let source = bytes(numbers, bigEndian: bigEndian)
    #expect(try read(type, source, [6], from: 0) == numbers.map(Double.init))
    #expect(try read(type, source, [2, 2], from: 8) == numbers[1..<5].map(Double.init))
    // Every other one, from the last.
    let backwards = StridedPlaces(shape: [3], strides: [-16], first: 40)
    let turned = try source.withUnsafeBytes { try type.tensor([3], in: $0, at: backwards) }
    #expect(turned.exactValues == [5, 3, 1].map { Double(numbers[$0]) })
    let unsigned = ElementType(kind: .unsigned, size: 4, bigEndian: bigEndian)
    let words = bytes([4_294_967_295, 1] as [UInt32], bigEndian: bigEndian)
    #expect(try read(unsigned, words, [2], from: 0) == [4_294_967_295, 1])
  }

  /// Ids that double precision has not are counted, also where the nearest double, or float, looks like another id.
  @Test func roundedNumbersAreTold() throws {
    let signed = ElementType(kind: .signed, size: 8)
    for (numbers, count) in [
      ([1 << 53 + 1, 2], 1), ([1 << 53 + 3, 2], 1), ([-(1 << 53) - 1, 2], 1), ([1 << 60 + 1, 2], 1),
      ([1 << 60 - 1, 16_777_217], 2), ([.max, 0], 1), ([1 << 60, 2], 0), ([.min, 0], 0),
    ] as [([Int64], Int)] {
      let (_, warning) = try Overflow.watching("x") { try read(signed, bytes(numbers), [numbers.count], from: 0) }
      #expect(
        warning?.message.hasPrefix("\(count) whole number") ?? false == (count > 0), "\(numbers): \(warning as Any)")
    }
    #expect(try read(signed, bytes([1 << 53, 1] as [Int64]), [2], from: 0) == [0x1p53, 1])
    let unsigned = ElementType(kind: .unsigned, size: 8)
    let (_, warning) = try Overflow.watching("x") { try read(unsigned, bytes([UInt64.max, 1]), [2], from: 0) }
    #expect(warning?.message.hasPrefix("1 whole number") == true)
  }

  /// Doubles are exact as they stand: one beyond 2⁵³ does not round the others. One that float32 has not is infinite.
  @Test func doublesStayExactBesideLargerOnes() throws {
    let doubles = ElementType(kind: .float, size: 8)
    func read(_ numbers: [Double]) throws -> [Double] {
      try self.read(doubles, bytes(numbers.map(\.bitPattern)), [numbers.count], from: 0)
    }
    #expect(try read([0x1p60, 16_777_217]) == [0x1p60, 16_777_217])
    let (found, _) = try Overflow.watching("x") { try read([1e300, 16_777_217]) }
    #expect(found == [.infinity, 16_777_216])
  }

  private func read(_ type: ElementType, _ bytes: [UInt8], _ shape: [Int], from start: Int) throws -> [Double] {
    try bytes.withUnsafeBytes { try type.tensor(shape, in: $0, from: start).exactValues }
  }

  @Test func everyKindIsRead() throws {
    func values(_ type: ElementType, _ bytes: [UInt8], _ count: Int) throws -> [Double] {
      try read(type, bytes, [count], from: 0)
    }
    func half(_ value: Float16) -> UInt16 { value.bitPattern }
    #expect(try values(ElementType(kind: .signed, size: 1), bytes([-128, 127] as [Int8]), 2) == [-128, 127])
    #expect(try values(ElementType(kind: .signed, size: 2), bytes([-300, 300] as [Int16]), 2) == [-300, 300])
    #expect(try values(ElementType(kind: .unsigned, size: 1), [0, 255], 2) == [0, 255])
    #expect(try values(ElementType(kind: .bool, size: 1), [0, 1, 2], 3) == [0, 1, 1])
    #expect(try values(ElementType(kind: .float, size: 2), bytes([half(1.5), half(-2)]), 2) == [1.5, -2])
    #expect(try values(ElementType(kind: .brain, size: 2), bytes([0x3F80, 0xC000] as [UInt16]), 2) == [1, -2])
    #expect(try values(ElementType(kind: .float, size: 4), bytes([Float(0.1).bitPattern]), 1) == [Double(Float(0.1))])
    #expect(
      try values(ElementType(kind: .float, size: 8), bytes([(0.1 as Double).bitPattern]), 1) == [Double(Float(0.1))])
  }

  /// Held against the sum of index times stride.
  @Test(
    arguments: [
      ([], []), ([4], [3]), ([1, 1], [7, 9]), ([2, 3], [1, 2]), ([3, 2], [1, 3]), ([2, 3, 4], [100, -5, 7]),
      ([1, 3, 1, 2], [0, 2, 9, 1]),
    ] as [([Int], [Int])]) func placesGoByStrides(shape: [Int], strides: [Int])
  {
    var expected = [50]
    for (length, stride) in zip(shape, strides) {
      expected = expected.flatMap { at in (0..<length).map { at + $0 * stride } }
    }
    var places = StridedPlaces(shape: shape, strides: strides, first: 50)
    // Twice: after its end it begins anew.
    for _ in 0..<2 { #expect(expected.indices.map { _ in places.next() } == expected) }
  }
}
