import ElementaryFunctions
import Tensors
import Testing

struct ArrayFunctionsTests {
  /// Floats of all sizes and signs, subnormal ones, infinities and what is no number, too.
  private static let samples = stride(from: UInt32(0), to: .max - 700_000, by: 654_321).map { Float(bitPattern: $0) }

  @Test func everySetGivesTheBitsOfTheFunctionItself() {
    for set in Processor.kernelSets {
      for (name, whole, single) in [
        ("exp", { set.exp($0, $1, $2) }, { Elementary.exp($0) }),
        ("log", { set.log($0, $1, $2) }, { Elementary.log($0) }),
        ("tanh", { set.tanh($0, $1, $2) }, { Elementary.tanh($0) }),
        ("sigmoid", { set.sigmoid($0, $1, $2) }, { Elementary.sigmoid($0) }),
      ] as [(String, (Floats, MutableFloats, Int) -> Void, (Float) -> Float)] {
        // Lengths that leave a rest behind whole vectors, and one number behind the last that must stay as it was.
        for count in [0, 1, 2, 3, 5, 8, 17, 63, Self.samples.count] {
          var y = [Float](repeating: 7, count: count + 1)
          whole(Self.samples, &y, count)
          let wrong = (0..<count).filter { i in
            let value = single(Self.samples[i])
            return y[i].bitPattern != value.bitPattern && !(y[i].isNaN && value.isNaN)
          }
          #expect(wrong.isEmpty, "\(name), \(set.name): of \(wrong.prefix(3).map { Self.samples[$0] })")
          #expect(y[count] == 7)
        }
      }
    }
  }
}
