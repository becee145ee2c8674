import KernelInterface
import Tensors
import Testing

@testable import NeuralNetworks

/// The kernels around pooling, of every compilation, beside plain loops: the same bits.
@Suite struct PooledKernelTests {
  private func noise(_ count: Int, seed: UInt64) -> FloatBuffer {
    let buffer = FloatBuffer(count)
    var random = RandomStream(seed: seed)
    for index in 0..<count { buffer.base[index] = Float(random.normal()) }
    return buffer
  }

  private func bits(_ from: UnsafeMutablePointer<Float>, _ count: Int) -> [UInt32] {
    (0..<count).map { from[$0].bitPattern }
  }

  /// Numbers that are equal to each other, ±0, infinite or no numbers, among usual ones.
  private func strange(_ count: Int, seed: UInt64) -> FloatBuffer {
    let buffer = noise(count, seed: seed)
    let cases: [Float] = [0, -0.0, .infinity, -.infinity, .nan, 1, 1, -1]
    for index in stride(from: 0, to: count, by: 3) { buffer.base[index] = cases[index * 7 / 3 % cases.count] }
    return buffer
  }

  /// Of four numbers the greatest, the first among equals, and its place; 4 and `floor` where it is not above.
  private func pool(_ four: [Float], relu: Bool, floor: Float) -> (value: Float, place: Int) {
    var best = four[0], place = 0
    for index in 1..<4 where four[index] > best { (best, place) = (four[index], index) }
    return relu && best <= floor ? (floor, 4) : (best, place)
  }

  @Test(arguments: [1, 2, 3, 5, 6, 7, 8, 12], [1, 3]) func convolutionWithPooling(filters: Int, channels: Int) {
    for (height, width, kernel, relu) in [(4, 4, 3, true), (9, 21, 3, false), (14, 39, 5, true), (8, 80, 3, true)] {
      let shape = DirectShape(
        channels: channels, height: height, width: width, filters: filters, kernelHeight: kernel, kernelWidth: kernel)
      let taps = channels * kernel * kernel
      let x = noise(channels * height * width, seed: 20)
      let w = noise(filters * taps, seed: 21)
      let bias = noise(filters + 6, seed: 22)
      let (rows, columns) = (shape.outHeight / 2, shape.outWidth / 2)
      let pooled = filters * rows * columns
      var expected: [(value: Float, place: Int)] = []
      for filter in 0..<filters {
        func sum(_ row: Int, _ column: Int) -> Float {
          var sum = bias.base[filter]
          for channel in 0..<channels {
            for ky in 0..<kernel {
              for kx in 0..<kernel {
                sum.addProduct(
                  x.base[(channel * height + row + ky) * width + column + kx],
                  w.base[((filter * channels + channel) * kernel + ky) * kernel + kx])
              }
            }
          }
          return sum
        }
        for row in 0..<rows {
          for column in 0..<columns {
            let four = [0, 1, 2, 3].map { sum(2 * row + $0 / 2, 2 * column + $0 % 2) }
            expected.append(pool(four, relu: relu, floor: 0))
          }
        }
      }
      for kernels in Processor.kernelSets {
        let packed = FloatBuffer((filters + 5) / 6 * 6 * taps)
        let y = FloatBuffer(pooled)
        let codes = PlaneBuffer<UInt8>(pooled, repeating: 9)
        kernels.packDirectWeights(w.base, shape, into: packed.base)
        kernels.convPoolForward(x.base, shape, packed.base, bias.base, relu: relu, y.base, codes.base)
        #expect(bits(y.base, pooled) == expected.map(\.value.bitPattern), "\(kernels.name)")
        #expect((0..<pooled).map { Int(codes.base[$0]) } == expected.map(\.place), "\(kernels.name)")
      }
    }
  }

  @Test(arguments: [1, 3, 4, 16, 18, 39], [1, 6]) func listOfGradients(columns: Int, channels: Int) {
    let rows = 3, width = 2 * columns + 3
    let count = rows * columns
    let gradient = strange(count, seed: 23)
    let codes = PlaneBuffer<UInt8>(count, repeating: 0)
    var random = RandomStream(seed: 24)
    for index in 0..<count { codes.base[index] = UInt8(random.nextUInt32() % 5) }
    var expected: [(offset: Int32, value: UInt32)] = []
    for index in 0..<count where codes.base[index] < 4 && gradient.base[index] != 0 {
      let (row, column, code) = (index / columns, index % columns, Int(codes.base[index]))
      let pixel = (2 * row + code / 2) * width + 2 * column + code % 2
      expected.append((Int32(pixel * channels), gradient.base[index].bitPattern))
    }
    for kernels in Processor.kernelSets {
      let offsets = PlaneBuffer<Int32>(count, repeating: -1)
      let values = FloatBuffer(count)
      let found = kernels.listGradients(
        gradient.base, codes.base, rows: rows, columns: columns, width: width, channels: channels, offsets.base,
        values.base)
      #expect(found == expected.count, "\(kernels.name)")
      #expect((0..<found).map { offsets.base[$0] } == expected.map(\.offset), "\(kernels.name)")
      #expect(bits(values.base, found) == expected.map(\.value), "\(kernels.name)")
    }
  }

  @Test(arguments: [1, 3, 6, 9, 11], [0, 1, 2, 7, 40]) func gradientsOfLists(taps: Int, count: Int) {
    let image = 2000
    let x = noise(image, seed: 25), values = noise(count, seed: 26), weights = noise(taps * 8, seed: 27)
    var random = RandomStream(seed: 28)
    let offsets = PlaneBuffer<Int32>(count, repeating: 0)
    for index in 0..<count { offsets.base[index] = Int32(random.nextUInt32() % UInt32(image - 200)) }
    let places = (0..<taps).map { 17 * $0 }
    // Six taps are one chain each, three are two chains, of every other item; what is left is one chain.
    func isOneChain(_ tap: Int) -> Bool { tap < taps / 6 * 6 || tap >= taps / 6 * 6 + taps % 6 / 3 * 3 }
    var gradient: [Float] = (0..<taps * 8).map { Float($0) }
    var dx = (0..<image).map { x.base[$0] }
    for tap in 0..<taps {
      for lane in 0..<8 {
        var sums: [Float] = [0, 0]
        for index in 0..<count {
          sums[isOneChain(tap) ? 0 : index % 2].addProduct(
            x.base[Int(offsets.base[index]) + places[tap] + lane], values.base[index])
        }
        gradient[tap * 8 + lane] += isOneChain(tap) ? sums[0] : sums[0] + sums[1]
      }
    }
    for index in 0..<count {
      for tap in 0..<taps {
        for lane in 0..<8 {
          dx[Int(offsets.base[index]) + places[tap] + lane].addProduct(weights.base[tap * 8 + lane], values.base[index])
        }
      }
    }
    for kernels in Processor.kernelSets {
      let out = FloatBuffer(taps * 8), image = FloatBuffer(image)
      out.copy(from: (0..<taps * 8).map { Float($0) })
      image.copy(from: x.values)
      kernels.sparseWeightGradient(x.base, offsets.base, values.base, count, places, taps, out.base)
      kernels.sparseInputGradient(image.base, offsets.base, values.base, count, places, taps, weights.base)
      #expect(bits(out.base, taps * 8) == gradient.map(\.bitPattern), "\(kernels.name)")
      #expect(bits(image.base, image.count) == dx.map(\.bitPattern), "\(kernels.name)")
    }
  }

  @Test(arguments: [1, 2, 6, 7, 8, 12], [1, 8, 16, 45]) func turningOver(channels: Int, pixels: Int) {
    let count = channels * pixels
    let x = noise(count, seed: 29)
    for kernels in Processor.kernelSets {
      let last = FloatBuffer(count + 8), first = FloatBuffer(count + 8)
      for index in count..<count + 8 { (last.base[index], first.base[index]) = (5, 6) }
      kernels.channelsLast(x.base, channels: channels, pixels: pixels, last.base)
      for index in 0..<count {
        #expect(last.base[index] == x.base[index % channels * pixels + index / channels], "\(kernels.name) \(index)")
      }
      kernels.channelsFirst(last.base, channels: channels, pixels: pixels, first.base)
      #expect(bits(first.base, count) == bits(x.base, count), "\(kernels.name)")
      // Nothing behind the end is written.
      #expect((count..<count + 8).allSatisfy { last.base[$0] == 5 && first.base[$0] == 6 }, "\(kernels.name)")
    }
  }

  @Test(arguments: [8, 16, 24, 40], [true, false]) func affinePooling(channels: Int, relu: Bool) {
    let (height, width) = (5, 8)
    let x = strange(height * width * channels, seed: 30), dy = noise(height * width * channels, seed: 31)
    let v = noise(4 * channels, seed: 32)
    let (factor, offset, a, c) = (v.base, v.base + channels, v.base + 2 * channels, v.base + 3 * channels)
    let floor: Float = relu ? 0 : -.infinity
    let pooled = height / 2 * (width / 2) * channels
    var y: [UInt32] = [], chosen: [UInt32] = [], codes: [Int] = []
    var dx = (0..<height * width * channels).map { c[$0 % channels] }
    for out in 0..<pooled {
      let channel = out % channels, pixel = out / channels
      let corner = pixel / (width / 2) * 2 * width + pixel % (width / 2) * 2
      let places = [0, 1, width, width + 1].map { (corner + $0) * channels + channel }
      let four = places.map { offset[channel].addingProduct(x.base[$0], factor[channel]) }
      let (value, place) = pool(four, relu: true, floor: floor)
      y.append(value.bitPattern)
      codes.append(place == 4 ? 0 : 1 << place)
      chosen.append(x.base[places[pool(four, relu: false, floor: 0).place]].bitPattern)
      if place < 4 { dx[places[place]] += dy.base[out] * a[channel] }
    }
    let none = FloatBuffer(channels)
    for kernels in Processor.kernelSets {
      let out = FloatBuffer(pooled), from = FloatBuffer(pooled), gradient = FloatBuffer(dx.count)
      let words = PlaneBuffer<UInt32>(pooled / 8, repeating: 0)
      kernels.channelAffinePool(
        x.base, height: height, width: width, channels: channels, factor: factor, offset: offset, relu: relu, out.base,
        chosen: from.base, codes: words.base)
      #expect(bits(out.base, pooled) == y, "\(kernels.name)")
      #expect(bits(from.base, pooled) == chosen, "\(kernels.name)")
      #expect((0..<pooled).map { Int(words.base[$0 / 8] >> (4 * UInt32($0 % 8)) & 15) } == codes, "\(kernels.name)")
      // With b = 0, dx = a · dy + c where a pixel was chosen, else c.
      kernels.channelPoolGradient(
        dy.base, words.base, dy.base, height: height, width: width, channels: channels, a: a, b: none.base, c: c,
        gradient.base)
      #expect(bits(gradient.base, dx.count) == dx.map(\.bitPattern), "\(kernels.name)")
    }
  }
}
