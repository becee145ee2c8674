import CoreLibrary
import Interpreter
import MetricLearning

/// A distance that was learnt with a network.
package final class MetricObject: HostObject {
  package let metric: Metric

  package init(_ metric: Metric) {
    self.metric = metric
    super.init()
  }

  package override var typeName: String { "distance" }
  package override var summary: String { "distance: \(metric.text)" }
  package override func describe(_ style: DisplayStyle) -> String {
    guard case .weightedL1(let weights, let bias) = metric else { return summary }
    return "1 − σ(Σ αₖ |aₖ − bₖ| + \(fixed(Double(bias), 3))), α of \(weights.count) numbers"
  }
  package override func isEqual(to other: HostObject) -> Bool { (other as? MetricObject)?.metric == metric }
}

extension LearningBindings {
  static func registerLearnt(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        property: "distance", of: "trainer", area: .training,
        summary: "The distance that a weightedl1 loss has learnt so far, to judge with; none for other losses.",
        details: "It is 1 − p, p being the chance that two images are the same. Take it again after further training.",
        example: """
          letters = glyphs(8, 6, seed=1, size=16)
          net = flatten >> dense(16) >> sigmoid
          loop = trainer(net, pairs(letters, 64, seed=2), loss=weightedl1(), optimizer=adam(0.001), batch=32, seed=3)
          loop.run(epochs=1)
          distances(net, letters, distance=loop.distance).eer < 1
          #> true
          """, seeAlso: ["weightedl1", "distances"]
      ) { args, _ in
        let trainer = try args.receiver(TrainerObject.self).trainer
        return trainer.loss.learntMetric(trainer.lossParameters).map { Value(MetricObject($0)) } ?? .none
      })
  }
}
