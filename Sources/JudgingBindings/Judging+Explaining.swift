import CoreLibrary
import Diagnostics
import Interpreter
import LearningBindings
import MetricLearning
import NeuralNetworks
import PlotBindings
import Plotting
import Tensors

/// Which parts of two images make them near or far.
final class ExplanationObject: HostObject {
  let occlusion: Occlusion
  /// Both images as the network takes them, [channels, height, width].
  let images: (first: [Float], second: [Float])
  let channels: Int

  init(_ occlusion: Occlusion, images: ([Float], [Float]), channels: Int) {
    self.occlusion = occlusion
    self.images = images
    self.channels = channels
    super.init()
  }

  override var typeName: String { "explanation" }
  override var summary: String { "explanation of a distance of \(fixed(Double(occlusion.distance), 4))" }
  override func describe(_ style: DisplayStyle) -> String {
    let all = occlusion.first + occlusion.second
    let (near, far) = (max(0, all.max() ?? 0), min(0, all.min() ?? 0))
    return """
      distance \(fixed(Double(occlusion.distance), 4))
      without the part that brings them together most: \(fixed(Double(occlusion.distance + near), 4))
      without the part that keeps them apart most: \(fixed(Double(occlusion.distance + far), 4))
      """
  }
}

extension ExplanationObject: FigureConvertible, TileConvertible {
  func figure(kind: String?) throws -> Figure {
    if let kind, kind != "parts" { throw PlotError.unknownKind(kind, object: typeName, known: ["parts"]) }
    return Figure(
      title: "Red brings them together, blue keeps them apart",
      .montage(MontagePlot(try montageTiles(limit: 2), columns: 2)))
  }

  func montageTiles(limit: Int) throws -> [MontagePlot.Tile] {
    let greatest = (occlusion.first + occlusion.second).reduce(Float(1e-12)) { max($0, abs($1)) }
    return [
      tile(images.first, occlusion.first, greatest, "first"), tile(images.second, occlusion.second, greatest, "second"),
    ].prefix(max(0, limit)).map { $0 }
  }

  /// The image in gray, made lighter, with the changes over it.
  private func tile(_ image: [Float], _ changes: [Float], _ greatest: Float, _ label: String) -> MontagePlot.Tile {
    let area = occlusion.height * occlusion.width
    let (least, most) = (image.min() ?? 0, image.max() ?? 1)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(3 * area)
    for k in 0..<area {
      var gray: Float = 0
      for channel in 0..<channels { gray += image[channel * area + k] }
      gray = (gray / Float(channels) - least) / max(most - least, 1e-12)
      let base = 0.35 + 0.65 * min(1, max(0, gray))
      let strength = min(1, abs(changes[k]) / greatest)
      // What one colour keeps, the other two lose.
      let faded = base * (1 - 0.85 * strength)
      let full = base + (1 - base) * 0.3 * strength
      for value in changes[k] > 0 ? [full, faded, faded] : [faded, faded, full] {
        pixels.append(UInt8(min(255, max(0, value * 255))))
      }
    }
    return MontagePlot.Tile(
      width: occlusion.width, height: occlusion.height, channels: 3, pixels: pixels, label: label)
  }
}

extension JudgingBindings {
  static func registerExplaining(_ registry: inout BuiltinRegistry) {
    let a = TypedParameter.value("a", "image or tensor")
    let b = TypedParameter.value("b", "image or tensor")
    let window = TypedParameter.int("window", in: 1...1_000_000, or: "a fifth of the shorter side", namedOnly: true)
    registry.add(
      Builtin(
        "explain", .of(network, a, b, window, distance), area: .judging, returns: "explanation",
        summary: "Which parts of two images make them near or far; plot(explain(net, a, b)) shows it.",
        details: """
          A window of each image is covered with the image's mean, place by place, and the distance to the other measured \
          anew: where it grows, the part brings the two together (red), where it shrinks, the part keeps them apart (blue). \
          a and b of the result are these changes, [height, width]. After Zeiler and Fergus 2014. It says what the network \
          looks at, not why.
          """,
        example: judgingExample + """
          why = explain(net, faces[0], faces[1])
          why.a.shape
          #> [16, 16]
          """,
        errors: ["the images have two shapes", "the window is larger than they are"], seeAlso: ["distances", "plot"]
      ) { args, context in
        let object = try args.network(network, context)
        let (first, second) = (
          try NetworkObject.input(args, a, for: object.network), try NetworkObject.input(args, b, for: object.network)
        )
        for (parameter, image) in [(a, first), (b, second)] where image.shape.count != 4 || image.shape[0] != 1 {
          throw args.mismatch(
            parameter, expected: "one image: an image, or a tensor of shape [1, channels, height, width]")
        }
        guard first.shape == second.shape else {
          throw ArgumentError(b, "explain: the two images have one shape, got \(first.shape) and \(second.shape)")
        }
        let shape = Array(first.shape.dropFirst())
        let window = try args[window] ?? max(1, min(shape[1], shape[2]) / 5)
        let images = (first.values, second.values)
        let occlusion = try Occlusion(
          images, shape: shape, window: window, metric: try args[distance]
        ) { values, count in
          try object.apply(to: try Tensor(values, shape: [count] + shape), context).values
        }
        return Value(ExplanationObject(occlusion, images: images, channels: shape[0]))
      })
    func property(_ name: String, _ summary: String, _ value: @escaping (Occlusion) throws -> Value) {
      registry.add(
        Builtin(
          property: name, of: "explanation", area: .judging, returns: name == "distance" ? "number" : "tensor",
          summary: summary, example: judgingExample + "explain(net, faces[0], faces[1]).\(name);", seeAlso: ["explain"]
        ) { args, _ in try value(try args.receiver(ExplanationObject.self).occlusion) })
    }
    property("distance", "The distance of the two images as they are.") { Value($0.distance) }
    property("a", "How the distance changes without each part of the first image, [height, width].") {
      Value(try Tensor($0.first, shape: [$0.height, $0.width]))
    }
    property("b", "How the distance changes without each part of the second image, [height, width].") {
      Value(try Tensor($0.second, shape: [$0.height, $0.width]))
    }
  }
}
