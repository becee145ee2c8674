import Datasets
import Foundation
import MetricLearning
import NeuralNetworks
import Testing

/// Figures on AT&T's faces, four folds by identity; run with TWINBOOK_FACES=recipe or modern and TWINBOOK_DATA set.
@Suite struct FacesTests {
  static let environment = ProcessInfo.processInfo.environment
  static let mode = environment["TWINBOOK_FACES"]

  @Test(.enabled(if: mode != nil && environment["TWINBOOK_DATA"] != nil, "needs TWINBOOK_DATA and TWINBOOK_FACES"))
  func fourFolds() throws {
    let faces = try Datasets.load("att_faces").resized(height: 56, width: 46)
    let seed = UInt64(Self.environment["TWINBOOK_SEED"] ?? "") ?? 1
    var accuracy = 0.0
    var eer = 0.0
    for fold in 0..<4 {
      let names = (fold * 10 + 1...fold * 10 + 10).map { "s\($0)" }
      let learn = try faces.only(classes: faces.classNames.filter { !names.contains($0) })
      let strangers = try faces.only(classes: names)
      let trainer: Trainer
      if Self.mode == "recipe" {
        trainer = try Trainer(
          network: Network(Network.recipeLayers), data: .pairs(Pairs(learn, count: 128 * 30, seed: seed)),
          loss: .contrastive(margin: 1), optimizer: .rmsprop(0.001), options: .init(batch: 128, seed: seed))
        try trainer.run(epochs: 10)
      } else {
        var change = Augmentation()
        change.flip = true
        change.brightness = 0.2
        change.contrast = 0.2
        change.shift = 3
        change.rotate = 8
        change.scale = 0.1
        var layers: [Layer] = []
        for filters in [32, 64, 64, 64] {
          layers += [
            .conv(filters, 3, padding: .same), .batchNorm(), .activation(.relu), .maxPool(2),
          ]
        }
        layers += [.flatten, .dense(units: 64), .normalize]
        var optimizer = Optimizer.adamw(0.002)
        let epochs = Int(Self.environment["TWINBOOK_EPOCHS"] ?? "") ?? 60
        optimizer.schedule = .cosine(steps: epochs * 5)
        trainer = try Trainer(
          network: Network(layers), data: .images(learn.augmented(change)),
          loss: .supervisedContrastive(temperature: 0.1), optimizer: optimizer,
          options: .init(batch: 64, perClass: 4, seed: seed))
        try trainer.run(epochs: epochs)
      }
      let embeddings = try Embeddings(trainer.network, strangers, function: "episodes")
      let episodes = try Episodes(embeddings, ways: 10, trials: 1000, seed: seed)
      let distances = try Distances(embeddings)
      print("fold \(fold): \(episodes.accuracy) ± \(episodes.margin), EER \(distances.eer), AUC \(distances.auc)")
      accuracy += episodes.accuracy / 4
      eer += distances.eer / 4
    }
    print("\(Self.mode ?? "") seed \(seed): 10-way \(accuracy), EER \(eer)")
    #expect(accuracy > 0.5)
  }
}
