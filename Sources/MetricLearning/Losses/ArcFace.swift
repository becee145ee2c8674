import ElementaryFunctions
import NeuralNetworks
import Tensors

/// Softmax cross-entropy of scale·cos θ to each class's proxy, with cos(θ + margin) for the own (cos θ − margin·sin
/// margin where θ + margin > π). Deng, Guo, Xue and Zafeiriou 2019. With several centres for each class the nearest counts
/// (Deng, Guo, Liu, Gong and Zafeiriou 2020); with a deviation each image has a margin of its own (ElasticFace: Boutros,
/// Damer, Kirchbuchner and Kuijper 2022).
struct ArcFace: CentresLoss, LossKind {
  let margin: Double
  let scale: Double
  var centres = 1
  var deviation = 0.0

  static let declaration = Declaration<EmbeddingLoss>(
    "arcface", .number("margin", in: 0...1.5, default: 0.5), .positive("scale", default: 64),
    .integer("centres", in: 1...64, default: 1), .number("deviation", in: 0...0.5, default: 0),
    summary:
      "Loss on labels: softmax over the angles to the classes' proxies, with a margin added to the angle of the right class.",
    details: """
      Softmax cross-entropy of scale·cos θ, with cos(θ + margin) for the own class, and cos θ − margin·sin margin where \
      θ + margin > π. Deng, Guo, Xue and Zafeiriou 2019. centres=3: each class has three proxies, and the nearest counts, \
      so that wrongly labelled images gather about another than the rest (sub-centre ArcFace, Deng et al. 2020). \
      deviation=0.0125: each image's margin is drawn from a normal distribution about `margin` (ElasticFace, Boutros et \
      al. 2022).
      """ + EmbeddingLoss.proxyNote + EmbeddingLoss.centresNote, example: "arcface()\n#> arcface(margin=0.5, scale=64)",
    seeAlso: ["cosface", "softtriple"]
  ) { .arcFace(margin: $0, scale: $1, centres: $2, deviation: $3) }

  var text: String {
    "arcface(margin=\(EmbeddingLoss.shown(margin)), scale=\(EmbeddingLoss.shown(scale))"
      + (centres == 1 ? "" : ", centres=\(centres)")
      + (deviation == 0 ? "" : ", deviation=\(EmbeddingLoss.shown(deviation))") + ")"
  }
  var draws: Bool { deviation > 0 }

  func value(_ cosines: inout [Float], labels: [Int], classes: Int, draw: UInt64) -> Double {
    var margins: [Double] = []
    if draws {
      var random = RandomStream(seed: draw, stream: 0x6D6172)
      margins = labels.map { _ in min(1.5, max(0, margin + deviation * random.normal())) }
    }
    func own(_ item: Int, _ cosine: Float) -> (Float, Float) {
      Self.withMargin(cosine, margins.isEmpty ? margin : margins[item])
    }
    guard centres > 1 else {
      return softmaxOfCosines(&cosines, labels, classes, scale: Float(scale), own: own)
    }
    // The nearest centre of each class counts, and it alone learns.
    let nearest = (0..<labels.count * classes).map { place in
      (place * centres..<(place + 1) * centres).reduce(place * centres) { cosines[$1] > cosines[$0] ? $1 : $0 }
    }
    var slopes = nearest.map { cosines[$0] }
    let loss = softmaxOfCosines(&slopes, labels, classes, scale: Float(scale), own: own)
    for k in cosines.indices { cosines[k] = 0 }
    for (place, centre) in nearest.enumerated() { cosines[centre] = slopes[place] }
    return loss
  }

  /// cos(θ + margin) from cos θ, and its slope.
  private static func withMargin(_ cosine: Float, _ margin: Double) -> (Float, Float) {
    let c = min(1 - 1e-6, max(-1 + 1e-6, Double(cosine)))
    let sine = (1 - c * c).squareRoot()
    guard c > Elementary.cos(.pi - margin) else { return (Float(c - margin * Elementary.sin(margin)), 1) }
    return (
      Float(c * Elementary.cos(margin) - sine * Elementary.sin(margin)),
      Float(Elementary.cos(margin) + c / sine * Elementary.sin(margin))
    )
  }
}

extension EmbeddingLoss {
  /// `margin` in radians, from 0 to 1.5; `scale` above 0; `centres` of each class, 1 to 64; `deviation` of the margins, in
  /// radians, 0 to 0.5.
  public static func arcFace(
    margin: Double, scale: Double, centres: Int = 1, deviation: Double = 0
  ) -> EmbeddingLoss {
    EmbeddingLoss(ArcFace(margin: margin, scale: scale, centres: centres, deviation: deviation))
  }
}
