import Foundation
import Testing

@testable import NeuralNetworks

/// Layers in the plainest loops, in double precision: what every plan is compared with.
struct NaiveNetwork {
  var layers: [Layer]
  /// In the order of `Network.weights`.
  var weights: [[Double]]

  /// A batch of items, each [c, h, w] or [n] flattened, with the batch's statistics in batch normalisation if `training`.
  func forward(_ batch: [[Double]], shape: [Int], training: Bool = true) -> [[Double]] {
    var place = 0
    return run(layers, batch, shape, &place, training).0
  }

  private func run(
    _ layers: [Layer], _ batch: [[Double]], _ shape: [Int], _ place: inout Int, _ training: Bool
  ) -> ([[Double]], [Int]) {
    var batch = batch
    var shape = shape
    for layer in layers { (batch, shape) = apply(layer, batch, shape, &place, training) }
    return (batch, shape)
  }

  private func apply(
    _ layer: Layer, _ batch: [[Double]], _ shape: [Int], _ place: inout Int, _ training: Bool
  ) -> ([[Double]], [Int]) {
    let after = (try? layer.outputShape(of: shape)) ?? shape
    func next() -> [Double] {
      place += 1
      return weights[place - 1]
    }
    switch layer.kind {
    case let layer as ConvolutionLayer:
      let conv = layer.convolution
      let w = next()
      let b = conv.bias ? next() : [Double](repeating: 0, count: conv.filters)
      return (batch.map { convolve($0, shape, conv, w, b) }, after)
    case let dense as DenseLayer:
      let units = dense.units
      let w = next()
      let b = dense.bias ? next() : [Double](repeating: 0, count: units)
      let inputs = shape[0]
      let rows = batch.map { x in
        var y = b
        for unit in 0..<units { for input in 0..<inputs { y[unit] += w[unit * inputs + input] * x[input] } }
        return y
      }
      return (rows, after)
    case let layer as ActivationLayer:
      func act(_ x: Double) -> Double {
        switch layer.activation {
        case .relu: max(x, 0)
        case .leakyRelu(let slope): x > 0 ? x : Double(slope) * x
        case .sigmoid: 1 / (1 + exp(-x))
        case .tanh: tanh(x)
        }
      }
      return (batch.map { $0.map(act) }, after)
    case let layer as MaxPoolLayer: return (batch.map { pool($0, shape, layer.window, isMax: true) }, after)
    case let layer as AveragePoolLayer: return (batch.map { pool($0, shape, layer.window, isMax: false) }, after)
    case is GlobalPoolLayer:
      let pixels = shape[1] * shape[2]
      let rows = batch.map { x in
        var y = [Double](repeating: 0, count: shape[0])
        for index in x.indices { y[index / pixels] += x[index] / Double(pixels) }
        return y
      }
      return (rows, after)
    case is FlattenLayer, is DropoutLayer: return (batch, after)
    case let norm as BatchNormLayer:
      let (scale, shift, mean, variance) = (next(), next(), next(), next())
      let pixels = shape.dropFirst().reduce(1, *)
      var batch = batch
      for c in 0..<shape[0] {
        let values = batch.flatMap { $0[c * pixels..<(c + 1) * pixels] }
        let m = training ? values.reduce(0, +) / Double(values.count) : mean[c]
        var v = variance[c]
        if training { v = values.map { ($0 - m) * ($0 - m) }.reduce(0, +) / Double(values.count) }
        for item in batch.indices {
          for i in c * pixels..<(c + 1) * pixels {
            batch[item][i] = (batch[item][i] - m) / (v + norm.epsilon).squareRoot() * scale[c] + shift[c]
          }
        }
      }
      return (batch, after)
    case let norm as GroupNormLayer:
      let (scale, shift) = (next(), next())
      let pixels = shape.dropFirst().reduce(1, *)
      let count = shape[0] / norm.groups * pixels
      let rows = batch.map { x in
        x.indices.map { index in
          let group = x[index / count * count..<(index / count + 1) * count]
          let mean = group.reduce(0, +) / Double(count)
          let variance = group.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
          return (x[index] - mean) / (variance + norm.epsilon).squareRoot() * scale[index / pixels]
            + shift[index / pixels]
        }
      }
      return (rows, after)
    case is NormalizeLayer:
      let rows = batch.map { x in
        var square = 0.0
        for value in x { square += value * value }
        let length = max(1e-12, square.squareRoot())
        return x.map { $0 / length }
      }
      return (rows, after)
    case let layer as ResidualLayer:
      let (inside, insideShape) = run(layer.block, batch, shape, &place, training)
      var around = batch
      if insideShape != shape, let shortcut = ResidualLayer.shortcut(from: shape, to: insideShape) {
        around = apply(shortcut, batch, shape, &place, training).0
      }
      let sums = zip(inside, around).map { pair in zip(pair.0, pair.1).map { $0 + $1 } }
      return (sums, insideShape)
    case let layer as ParallelLayer:
      var rows = batch.map { _ in [Double]() }
      for block in layer.branches {
        let part = run(block, batch, shape, &place, training).0
        for item in rows.indices { rows[item] += part[item] }
      }
      return (rows, after)
    case let hog as OrientedGradientsLayer:
      return (batch.map { orient($0, shape, cell: hog.cell, bins: hog.bins, signed: hog.signed) }, after)
    case let layer as SymmetricLayer:
      let start = place
      let one = run(layer.block, batch, shape, &place, training).0
      if training { return (one, after) }
      place = start
      let width = shape[2]
      let mirrored = batch.map { x in x.indices.map { x[$0 / width * width + width - 1 - $0 % width] } }
      let other = run(layer.block, mirrored, shape, &place, training).0
      return (zip(one, other).map { pair in zip(pair.0, pair.1).map { ($0 + $1) / 2 } }, after)
    case let layer as FreezeLayer:
      let (rows, between) = run(Array(layer.block[..<layer.count]), batch, shape, &place, false)
      return run(Array(layer.block[layer.count...]), rows, between, &place, training)
    case let layer as SqueezeExciteLayer:
      let block = [.globalPool] + layer.gates(channels: shape[0])
      let gates = run(block, batch, shape, &place, training).0
      let pixels = shape[1] * shape[2]
      let rows = zip(batch, gates).map { x, gate in x.indices.map { index in x[index] * gate[index / pixels] } }
      return (rows, after)
    default:
      Issue.record("no naive reference for \(layer.describe)")
      return (batch, after)
    }
  }

  private func convolve(_ x: [Double], _ shape: [Int], _ conv: Convolution, _ w: [Double], _ b: [Double]) -> [Double] {
    guard let s = SlidingShape(shape, kernel: conv.kernel, stride: conv.stride, padding: conv.padding) else {
      return []
    }
    var y: [Double] = []
    for f in 0..<conv.filters {
      for oy in 0..<s.outHeight {
        for ox in 0..<s.outWidth {
          var sum = b[f]
          for c in 0..<s.channels {
            for ky in 0..<s.kernel.height {
              for kx in 0..<s.kernel.width {
                let (iy, ix) = (oy * s.stride.height + ky - s.border.top, ox * s.stride.width + kx - s.border.left)
                guard iy >= 0, ix >= 0, iy < s.height, ix < s.width else { continue }
                sum +=
                  x[(c * s.height + iy) * s.width + ix]
                  * w[((f * s.channels + c) * s.kernel.height + ky) * s.kernel.width + kx]
              }
            }
          }
          y.append(sum)
        }
      }
    }
    return y
  }

  /// For each cell and bin, the votes of all pixels.
  private func orient(_ x: [Double], _ shape: [Int], cell: Int, bins: Int, signed: Bool) -> [Double] {
    let (channels, height, width) = (shape[0], shape[1], shape[2])
    func cells(_ size: Int) -> Int { (0..<size).filter { $0 % cell == cell / 2 }.count }
    let (rows, columns) = (cells(height), cells(width))
    func difference(_ low: Double, _ high: Double, _ steps: Int) -> Double {
      steps > 0 ? (high - low) / Double(steps) : 0
    }
    var gradients: [(length: Double, place: Double)] = []
    for y in 0..<height {
      for x0 in 0..<width {
        let found = (0..<channels).map { c -> (Double, Double) in
          let (l, r, a, b) = (max(0, x0 - 1), min(width - 1, x0 + 1), max(0, y - 1), min(height - 1, y + 1))
          func at(_ row: Int, _ column: Int) -> Double { x[(c * height + row) * width + column] }
          return (difference(at(y, l), at(y, r), r - l), difference(at(a, x0), at(b, x0), b - a))
        }
        let g = found.max { $0.0 * $0.0 + $0.1 * $0.1 < $1.0 * $1.0 + $1.1 * $1.1 } ?? (0, 0)
        let turn = signed ? 2 * Double.pi : Double.pi
        var angle = atan2(g.1, g.0)
        while angle < 0 { angle += turn }
        gradients.append(((g.0 * g.0 + g.1 * g.1).squareRoot(), angle / turn * Double(bins)))
      }
    }
    var votes = [Double](repeating: 0, count: bins * rows * columns)
    for bin in 0..<bins {
      for row in 0..<rows {
        for column in 0..<columns {
          for y in 0..<height {
            for x0 in 0..<width {
              let down = 1 - abs(Double(y - (row * cell + cell / 2))) / Double(cell)
              let side = 1 - abs(Double(x0 - (column * cell + cell / 2))) / Double(cell)
              if down <= 0 || side <= 0 { continue }
              let (length, place) = gradients[y * width + x0]
              var apart = abs(place - Double(bin))
              while apart > Double(bins) / 2 { apart = abs(apart - Double(bins)) }
              votes[(bin * rows + row) * columns + column] +=
                length * max(0, 1 - apart) * down * side / Double(cell * cell)
            }
          }
        }
      }
    }
    let plane = rows * columns
    for at in 0..<plane {
      let n = ((0..<bins).reduce(0.0025) { $0 + votes[$1 * plane + at] * votes[$1 * plane + at] }).squareRoot()
      for bin in 0..<bins { votes[bin * plane + at] /= n }
    }
    return votes
  }

  private func pool(_ x: [Double], _ shape: [Int], _ window: Window, isMax: Bool) -> [Double] {
    guard let s = SlidingShape(shape, kernel: window.size, stride: window.stride, padding: window.padding) else {
      return []
    }
    var y: [Double] = []
    for c in 0..<s.channels {
      for oy in 0..<s.outHeight {
        for ox in 0..<s.outWidth {
          var seen: [Double] = []
          for ky in 0..<s.kernel.height {
            for kx in 0..<s.kernel.width {
              let (iy, ix) = (oy * s.stride.height + ky - s.border.top, ox * s.stride.width + kx - s.border.left)
              if iy >= 0, ix >= 0, iy < s.height, ix < s.width { seen.append(x[(c * s.height + iy) * s.width + ix]) }
            }
          }
          y.append(isMax ? seen.max() ?? 0 : seen.reduce(0, +) / Double(max(1, seen.count)))
        }
      }
    }
    return y
  }
}
