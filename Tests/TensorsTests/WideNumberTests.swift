import Testing

@testable import Tensors

/// Whole numbers that float32 does not have stay exact: 2²⁴ + 1 is the first of them.
@Suite struct WideNumberTests {
  static let first = 16_777_217.0
  /// Some that float32 rounds, one that it does not, both signs, one near the largest.
  let numbers = [first, -first, 5, 9_007_199_200_000_001, 16_777_219, 0]

  private func wide(_ shape: [Int] = [2, 3]) throws -> Tensor { try Tensor(numbers: numbers, shape: shape) }

  @Test func onlyWhereItIsDue() throws {
    #expect(try wide().wide == numbers)
    #expect(try Tensor(numbers: [1, 16_777_216, 16_777_218], shape: [3]).wide == nil)
    // A fraction among them makes it a tensor of floats, as does a number that is infinite in float32.
    #expect(try Tensor(numbers: [Self.first, 0.5], shape: [2]).wide == nil)
    #expect(try Tensor(numbers: [Self.first, 1e300], shape: [2]).wide == nil)
    #expect(try Tensor(numbers: [.nan, .infinity], shape: [2]).wide == nil)
    #expect(try Tensor(numbers: [Self.first, .infinity], shape: [2]).wide == nil)
    // One beyond 2⁵³ does no harm to the others; alone it is a float, as all that float32 rounds from there on.
    #expect(try Tensor(numbers: [Self.first, 1e17], shape: [2]).wide == [Self.first, 1e17])
    #expect(try Tensor(numbers: [1e17 + 64, 1], shape: [2]).wide == nil)
    #expect(Tensor(number: Self.first).number == Self.first)
    #expect(Tensor(number: 0.1).number == Double(Float(0.1)))
  }

  /// What moves numbers, against the same moves of small ones: place i of these holds the number i.
  @Test(
    arguments: [
      { try $0.transposed() }, { try $0.reshaped([3, 2]) }, { try $0.taken([1, 0, 1]) },
      { try $0.subscripted([.all, .slice(start: nil, stop: nil, step: -2)]) },
      { try $0.subscripted([.list([0, 1]), .list([2, 0])]) }, { try Tensor.concat([$0, $0], axis: 1) },
      { try Tensor.stack([$0, $0]) }, { try $0.broadcast(to: [2, 2, 3]) }, { try $0.expanded(1) },
      { try $0.masked(Tensor([1, 0, 1, 1, 0, 0], shape: [2, 3]).asMask()) }, { try $0.flipped() },
      { try $0.rolled([2], nil) }, { try $0.tiled([2]) }, { try $0.repeated([2], axis: 0) }, { try $0.trace(0) },
      { try $0.takenAlong(Tensor([2, 0, 1, 1], shape: [2, 2]), axis: 1) },
      { try $0.selected(where: Tensor([1, 0, 1], shape: [3]), else: $0 * Tensor(scalar: 1)) },
    ] as [@Sendable (Tensor) throws -> Tensor]) func moves(_ move: @Sendable (Tensor) throws -> Tensor) throws
  {
    let places = try move(Tensor([0, 1, 2, 3, 4, 5], shape: [2, 3]))
    let moved = try move(wide())
    #expect(moved.shape == places.shape)
    // A trace adds two of them up; all others move.
    if places.rank > 0 {
      #expect(moved.exactValues == places.values.map { numbers[Int($0)] })
    } else {
      #expect(moved.number == numbers[0] + numbers[4])
    }
  }

  /// The move of exact numbers is that of floats: with steps, several axes, runs of their own lengths, and nothing.
  @Test func movesOfTheNumbersThemselves() throws {
    let x = try Tensor(numbers: (0..<24).map { Self.first + 2 * Double($0) }, shape: [2, 3, 4])
    let places = try Tensor.arange(0, 24).reshaped([2, 3, 4])
    let moves: [(Tensor) throws -> Tensor] = [
      { try $0.subscripted([.at(1), .slice(start: 2, stop: nil, step: -2), .slice(start: 1, stop: 4, step: 2)]) },
      { try $0.subscripted([.at(1), .at(2), .at(3)]) }, { try $0.taken([2, 0, 2], axis: 1) },
      { try $0.taken([], axis: 1) }, { try $0.transposed([2, 0, 1]) }, { try $0.repeated([3, 0, 1], axis: 1) },
      { try $0.repeated([2], axis: 2) }, { try $0.repeated([1, 2], axis: 0) }, { try $0.repeated([0]) },
      { try $0.subscripted([.slice(start: 2, stop: 1, step: 1)]) }, { try $0.broadcast(to: [3, 2, 3, 4]) },
    ]
    for (index, move) in moves.enumerated() {
      let (moved, expected) = (try move(x), try move(places))
      #expect(moved.shape == expected.shape, "\(index)")
      #expect(moved.exactValues == expected.values.map { Self.first + 2 * Double($0) }, "\(index)")
    }
  }

  @Test func arithmetic() throws {
    let x = try wide()
    let three = Tensor(scalar: 3)
    #expect(try (x + three).exactValues == numbers.map { $0 + 3 })
    #expect(try (x - three).exactValues == numbers.map { $0 - 3 })
    #expect(try (-x).exactValues == numbers.map { -$0 })
    #expect(try x.abs().exactValues == numbers.map(\.magnitude))
    #expect(try (Tensor(number: Self.first) * three).number == Self.first * 3)
    #expect(try (x / three).floor().exactValues == numbers.map { ($0 / 3).rounded(.down) })
    #expect(
      try x.remainder(Tensor(scalar: 1000)).values
        == numbers.map { number in
          Float(number - 1000 * (number / 1000).rounded(.down))
        })
    // What is left is exact where the quotient is beyond 2⁵³ or the divisor is infinite, too; its sign is the divisor's.
    let seven = Tensor(scalar: 7)
    #expect(try Tensor(number: 9_007_199_254_740_991).remainder(seven).number == 3)
    #expect(try Tensor(number: -9_007_199_254_740_991).remainder(seven).number == 4)
    #expect(try Tensor(number: -Self.first).remainder(Tensor(number: -Self.first)).number?.sign == .minus)
    #expect(try x.maximum(three).exactValues == numbers.map { max($0, 3) })
    #expect(try x.compared(.equal, Tensor(number: Self.first)).values == [1, 0, 0, 0, 0, 0])
    #expect(try x.compared(.less, Tensor(number: Self.first)).values == [0, 1, 1, 0, 0, 1])
    // Beside a fraction it is a tensor of floats.
    #expect(try (x * Tensor(scalar: 0.5)).wide == nil)
    // What no longer needs it carries nothing.
    #expect(try (x - x).wide == nil)
  }

  /// Numbers that float32 holds, whose sums and products it does not; in each way that two shapes meet.
  @Test func resultsThatGrow() throws {
    let x = try Tensor([1, 2, 3], shape: [3])
    let large = Tensor(scalar: 16_777_216)
    #expect(try x.exactly(.add, large).exactValues == [Self.first, 16_777_218, 16_777_219])
    #expect(try large.exactly(.add, x).exactValues == [Self.first, 16_777_218, 16_777_219])
    #expect(try x.exactly(.subtract, large).exactValues == [-16_777_215, -16_777_214, -16_777_213])
    #expect(try large.exactly(.subtract, -x).exactValues == [Self.first, 16_777_218, 16_777_219])
    let odd = try Tensor([4097, 3, -4097], shape: [3])
    #expect(try odd.exactly(.multiply, odd).exactValues == [16_785_409, 9, 16_785_409])
    let table = try odd.reshaped([3, 1]).exactly(.multiply, odd)
    #expect(table.shape == [3, 3])
    #expect(table.exactValues == [16_785_409, 12291, -16_785_409, 12291, 9, -12291, -16_785_409, -12291, 16_785_409])
    #expect(try Tensor(scalar: -1).exactly(.remainder, Tensor(scalar: 33_554_432)).number == 33_554_431)
    // The last of many pieces alone.
    let many = try Tensor(shape: [300_000]) { out in
      out.update(repeating: 1)
      out[299_999] = 16_777_216
    }
    let sum = try many.exactly(.add, Tensor(scalar: 1))
    #expect(sum.wide?.last == Self.first && sum.wide?.first == 2)
    // What float32 holds carries nothing, and neither do fractions, infinities and a gradient.
    #expect(try large.exactly(.add, large).wide == nil)
    #expect(try Tensor([16_777_216, 0.5], shape: [2]).exactly(.add, Tensor(scalar: 1)).wide == nil)
    #expect(try Tensor([16_777_216, .infinity], shape: [2]).exactly(.add, Tensor(scalar: 1)).wide == nil)
    #expect(try Tensor(scalar: 1e30).exactly(.multiply, Tensor(scalar: 3)).wide == nil)
    #expect(try (large + Tensor(scalar: 1)).wide == nil)
    #expect(try x.exactly(.multiply, x).values == [1, 4, 9])
    let mask = try x.compared(.greater, Tensor(scalar: 1))
    #expect(try mask.exactly(.multiply, mask).isMask)
    #expect(throws: TensorError.self) { try x.exactly(.add, Tensor([1, 2], shape: [2])) }
    #expect(try Tensor([], shape: [0]).exactly(.add, large).shape == [0])
  }

  /// The search by bits, against that by comparing, at the ends of the range.
  @Test func findsWhatMayBeRounded() throws {
    for (number, expected) in [
      (16_777_215, false), (16_777_216, true), (-16_777_216, true), (0x1p53, true), (0x1p53 * 1.0000002, false),
      (Float.infinity, false), (.nan, false), (-0.0, false), (0, false), (.leastNonzeroMagnitude, false),
    ] as [(Float, Bool)] {
      for place in [0, 4095, 4096, 5000] {
        let x = try Tensor(shape: [5001]) { out in
          out.update(repeating: 3)
          out[place] = number
        }
        #expect(x.mayBeRounded == expected, "\(number) at \(place)")
      }
    }
  }

  @Test func reductions() throws {
    let x = try wide()
    #expect(try x.sum([1]).exactValues == [numbers[0] + numbers[1] + numbers[2], numbers[3] + numbers[4] + numbers[5]])
    #expect(try x.max([0]).exactValues == [numbers[3], numbers[4], 5])
    #expect(try x.min().number == -Self.first)
    #expect(try x.argmax().number == 3)
    #expect(try Tensor(numbers: [Self.first, 16_777_218], shape: [2]).argmax().number == 1)
    #expect(try x.argsort().values == [1, 2, 0, 2, 1, 0])
    #expect(try x.sorted().exactValues == [-Self.first, 5, Self.first, 0, 16_777_219, numbers[3]])
    #expect(
      try Tensor(numbers: [Self.first, 1, 1], shape: [3]).cumsum(0).exactValues == [Self.first, 16_777_218, 16_777_219])
    #expect(try Tensor([16_777_216, 1, 1], shape: [3]).cumsum(0).exactValues == [16_777_216, Self.first, 16_777_218])
    #expect(try Tensor([4097, 4097, 1], shape: [3]).cumprod(0).exactValues == [4097, 16_785_409, 16_785_409])
    #expect(try Tensor([4097, 4097], shape: [2]).product().number == 16_785_409)
    #expect(try Tensor([4097, 4097, 2, 3], shape: [2, 2]).product([1]).exactValues == [16_785_409, 6])
    #expect(try Tensor(numbers: [Self.first, 3], shape: [2]).product().number == Self.first * 3)
    #expect(try Tensor([1e20, 1e20, 0.5], shape: [3]).product().values == [.infinity])
    // A sum that float32 holds, of numbers that it does not.
    let nearly = try Tensor(numbers: [16_777_219, -1], shape: [1, 2])
    for axes in [nil, [1], [0, 1]] as [[Int]?] {
      for keepDims in [false, true] {
        #expect(try nearly.total(axes, keepDims: keepDims).exactValues == [16_777_218])
      }
    }
    // One result beyond 2⁵³ leaves the others exact.
    let most = Tensor.largestWhole - 1
    let table = try Tensor(numbers: [most, Self.first, 5, 2], shape: [2, 2])
    #expect(try table.total([0]).exactValues == [most + 5, 16_777_219])
    #expect(try table.product([0]).exactValues == [most * 5, Self.first * 2])
    let line = try Tensor(numbers: [Self.first, 2, most], shape: [3])
    #expect(try line.cumsum(0).exactValues.prefix(2) == [Self.first, 16_777_219])
    #expect(try line.cumprod(0).exactValues.prefix(2) == [Self.first, Self.first * 2])
    // Counts: more ones than float32 counts.
    #expect(try Tensor.ones([16_777_217]).total().number == Self.first)
    #expect(try Tensor.ones([3, 16_777_217]).total([1]).exactValues == [Self.first, Self.first, Self.first])
    #expect(try Tensor([0.1, 0.2], shape: [2]).total().values == Tensor([0.1, 0.2], shape: [2]).sum().values)
  }

  /// Places beyond 2²⁴.
  @Test func places() throws {
    let x = try Tensor(shape: [16_777_220]) { out in
      out.update(repeating: 0)
      out[16_777_217] = 7
      out[16_777_219] = -7
    }
    #expect(try x.argmax().number == Self.first)
    #expect(try x.argmin().number == 16_777_219)
    #expect(try x.taken([16_777_217]).values == [7])
    #expect(try x.nonzero()[0].exactValues == [Self.first, 16_777_219])
    let sorted = try x.sorted(descending: true)
    #expect(sorted.values.first == 7 && sorted.values.last == -7)
    #expect(try Tensor.arange(16_777_216, 16_777_219).exactValues == [16_777_216, Self.first, 16_777_218])
  }

  /// Many keys, against sorting by comparing: ties, both zeros, NaN, infinities.
  @Test(arguments: [false, true]) func sortsStably(descending: Bool) throws {
    var values = (0..<3000).map { Float(($0 * 7919) % 101) - 50 }
    values[17] = .nan
    values[500] = -.infinity
    values[501] = .infinity
    values[777] = -0.0
    values[2000] = .nan
    let x = try Tensor(values, shape: [3000])
    let expected = values.indices.sorted { a, b in
      let (p, q) = (values[a], values[b])
      if p.isNaN || q.isNaN { return p.isNaN == q.isNaN ? a < b : q.isNaN }
      return p == q ? a < b : (p < q) != descending
    }
    #expect(try x.argsort(descending: descending).values.map { Int($0) } == expected)
    let rows = try x.reshaped([3, 1000]).argsort(axis: 1, descending: descending)
    #expect(
      try rows.subscripted([.at(0)]).values
        == x.subscripted([.slice(start: 0, stop: 1000, step: 1)])
        .argsort(descending: descending).values)
  }
}
