import Diagnostics
import Files
import Foundation
import NeuralNetworks
import TensorFiles
import Tensors

extension Trainer {
  /// What stands in the metadata under `trainer`.
  private struct Card: Codable {
    /// 2: the data's fingerprint covers every pixel, and the beginning is noted.
    var format = 2
    /// As it is written in Twin.
    var loss: String
    var optimizer: Optimizer
    /// Nil in files of older versions, and where the network's changes what the loss learns, too.
    var lossOptimizer: Optimizer?
    var batch: Int
    var perClass: Int
    var seed: UInt64
    var average: Double?
    var withinGroups: Double
    /// Nil in files of older versions, and where nothing is measured.
    var metrics: TrainingMetrics?
    /// What the weights began from; nil in files of format 1.
    var start: String?
    var data: TrainingFingerprint
    var validation: TrainingFingerprint?
    var progress: Progress
  }

  /// A trainer's state in one safetensors file, which holds no data: the network (as `Network.save` writes it), the
  /// optimiser's memory, the best epoch's weights, and as JSON in the metadata how far it was.
  public struct Checkpoint {
    /// With the weights it had when the state was saved.
    public let network: Network
    /// With the best epoch's weights; nil where none were kept.
    public let best: Network?
    /// Of the epochs that were over.
    public let history: [EpochRecord]
    /// Index of the best of them; nil where there is none.
    public let bestIndex: Int?
    /// Whether a run was under way.
    public let isPaused: Bool
    /// As they are written in Twin.
    public let loss: String
    /// As it is written in Twin, like `loss`.
    public let optimizer: String
    /// Pairs of a step, or images.
    public let batch: Int
    /// Of everything that it drew.
    public let seed: UInt64
    /// "4000 pairs of 400 images of shape [1, 112, 92]".
    public let data: String
  }

  // MARK: Writing

  /// The state as the bytes of one safetensors file.
  public func encoded() throws -> [UInt8] {
    var file = try network.checkpoint()
    let state = self.state
    let card = Card(
      loss: loss.text, optimizer: optimizer, lossOptimizer: lossOptimizer, batch: options.batch,
      perClass: options.perClass, seed: options.seed,
      average: options.average, withinGroups: options.withinGroups,
      metrics: options.metrics.names.isEmpty ? nil : options.metrics,
      start: start, data: try knownFingerprints().data, validation: try knownFingerprints().validation,
      progress: state.progress)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    file.metadata["trainer"] = String(decoding: try encoder.encode(card), as: UTF8.self)
    func add(_ prefix: String, _ snapshot: Network.Snapshot?) throws {
      for (array, values) in zip(network.weights, snapshot?.arrays ?? []) {
        file.tensors.append((prefix + array.name, try Tensor(values, shape: array.shape)))
      }
    }
    if !state.progress.bestIsCurrent { try add("best.", state.best) }
    try add("start.", state.epochStart)
    try add("latest.", state.latest)
    try add("average.", state.average)
    for (prefix, values) in [("", state.parameters), ("start.", state.parametersStart)] {
      for (array, numbers) in zip(lossParameters?.arrays ?? [], values?.arrays ?? []) {
        file.tensors.append((prefix + array.name, try Tensor(numbers, shape: array.shape)))
      }
    }
    for (array, moments) in zip(learning, state.optimizer.moments) {
      for (name, values) in [("first.", moments.first), ("second.", moments.second)] where !values.isEmpty {
        file.tensors.append((name + array.name, try Tensor(values, shape: array.shape)))
      }
    }
    file.metadata[StateSum.key] = StateSum.digits(of: file)
    return try file.encode()
  }

  /// Writes the state whole or not at all.
  public func save(_ path: String) throws { try FileSystem.write(try encoded(), to: path) }

  func knownFingerprints() throws -> (data: TrainingFingerprint, validation: TrainingFingerprint?) {
    if let fingerprints { return fingerprints }
    let made = (
      data: try TrainingFingerprint(data), validation: try validation.map { try TrainingFingerprint($0) }
    )
    fingerprints = made
    return made
  }

  /// Everything that the training's result depends on, in hexadecimal: two trainers that differ in it are two trainings.
  public func identity() throws -> String {
    var hash = FNVHash()
    for text in [
      loss.text, "\(optimizer)", "\(options)", start, network.layers.map(\.describe).joined(separator: " >> "),
      "\(network.inputShape ?? [])", try knownFingerprints().data.hash,
      try knownFingerprints().validation?.hash ?? "none",
    ] + (lossOptimizer.map { ["\($0)"] } ?? []) {
      hash.add(widened: text)
      hash.add(bytesOf: 0)
    }
    return String(hash.value, radix: 16)
  }

  // MARK: Reading

  /// Whether bytes claim to be a trainer's state; only the header is looked at.
  public static func recognises(_ bytes: [UInt8]) -> Bool {
    Safetensors.recognises(bytes, metadata: "trainer")
  }

  /// What a saved state tells without its data.
  public static func checkpoint(_ bytes: [UInt8], path: String) throws -> Checkpoint {
    let (card, file, network) = try parts(bytes, path)
    let kept = card.progress.bestIsCurrent ? network.snapshot() : try snapshot("best.", of: network, in: file, path)
    let best = try kept.map { weights in
      let copy = try network.copy()
      copy.restore(weights)
      return copy
    }
    return Checkpoint(
      network: network, best: best, history: card.progress.history, bestIndex: card.progress.bestIndex,
      isPaused: card.progress.plannedEnd != nil, loss: card.loss, optimizer: card.optimizer.describe,
      batch: card.batch, seed: card.seed, data: card.data.words)
  }

  /// A trainer with the same network object in the state that was saved: this one, or, where the saved one drew from
  /// another seed, one with that seed.
  ///
  /// - Throws: `MetricError.otherTraining` where network, data, loss, optimiser or batch are not those of the file,
  ///   `.badCheckpoint` for a damaged one. This trainer stays as it was then.
  public func resumed(_ bytes: [UInt8], path: String) throws -> Trainer {
    let (card, file, saved) = try Self.parts(bytes, path)
    func check(_ what: String, _ saved: String, _ here: String) throws(MetricError) {
      if saved != here { throw .otherTraining(path: path, what: what, saved: saved, here: here) }
    }
    guard saved.layers == network.layers else {
      try check(
        "a network of", saved.layers.map(\.describe).joined(separator: " >> "),
        network.layers.map(\.describe).joined(separator: " >> "))
      throw MetricError.badCheckpoint(path: path, reason: "its network has other layers")
    }
    try check("items of shape", "\(saved.inputShape ?? [])", "\(network.inputShape ?? [])")
    try check("the loss", card.loss, loss.text)
    try check("the optimizer", card.optimizer.describe, optimizer.describe)
    try check(
      "the loss's optimizer", card.lossOptimizer?.describe ?? "none", lossOptimizer?.describe ?? "none")
    guard card.format == 2 else {
      throw MetricError.badCheckpoint(
        path: path, reason: "an older version wrote it, which did not note all that a training depends on")
    }
    guard card.start == start else { throw MetricError.otherStart(path: path) }
    try check("batch", "\(card.batch)", "\(options.batch)")
    if loss.comparesBatch {
      try check("perclass", "\(card.perClass)", "\(options.perClass)")
      try check("within", NumberText.written(card.withinGroups), NumberText.written(options.withinGroups))
    }
    // What is measured may change; what the best epoch was chosen by may not.
    try check("best", card.metrics?.bestText ?? "none", options.metrics.bestText ?? "none")
    try check("average", card.average.map { "\($0)" } ?? "none", options.average.map { "\($0)" } ?? "none")

    var trainer = self
    if card.seed != options.seed {
      // The network must not be touched before all is known to fit.
      var options = self.options
      options.seed = card.seed
      trainer = try Trainer(
        network: network, data: given.data, validation: given.validation, loss: loss, optimizer: optimizer,
        lossOptimizer: lossOptimizer, options: options, ranks: ranks)
      trainer.start = start
    }
    let known = try trainer.knownFingerprints()
    try check("data of", card.data.words, known.data.words)
    try check("validation on", card.validation?.words ?? "nothing", known.validation?.words ?? "nothing")
    guard card.data == known.data, card.validation == known.validation else {
      throw MetricError.otherImages(path: path)
    }
    guard card.progress.isPossible(steps: trainer.batches.steps) else {
      throw MetricError.badCheckpoint(path: path, reason: "what it says of its epochs makes no sense")
    }
    let best =
      card.progress.bestIsCurrent ? saved.snapshot() : try Self.snapshot("best.", of: saved, in: file, path)
    let latest = try Self.snapshot("latest.", of: saved, in: file, path)
    guard card.progress.showsBest == (latest != nil) else {
      throw MetricError.badCheckpoint(path: path, reason: "the last epoch's weights are missing")
    }
    trainer.network.learning.merge(saved.learning)
    trainer.restore(
      State(
        progress: card.progress, optimizer: try trainer.moments(in: file, step: card.progress.optimizerStep, path),
        weights: saved.snapshot(), best: best, epochStart: try Self.snapshot("start.", of: saved, in: file, path),
        latest: latest, average: try trainer.mean(of: saved, in: file, path),
        parameters: try trainer.parameters("", in: file, path),
        parametersStart: card.progress.step > 0 ? try trainer.parameters("start.", in: file, path) : nil))
    return trainer
  }

  /// Reads what `save` wrote.
  public func resumed(_ path: String) throws -> Trainer {
    try resumed(try FileSystem.read(path), path: path)
  }

  private static func parts(_ bytes: [UInt8], _ path: String) throws -> (Card, Safetensors, Network) {
    func bad(_ reason: String) -> MetricError { .badCheckpoint(path: path, reason: reason) }
    guard Safetensors.recognises(bytes) else { throw bad("it is no file that loop.save(…) wrote") }
    let file = try Safetensors.decode(bytes, name: "“\(path)”")
    guard let text = file.metadata["trainer"] else {
      throw bad(
        file.metadata["gallery"] != nil
          ? "it is a gallery, not a trainer's state"
          : file.metadata["twinbook"] != nil
            ? "it is a network, not a trainer's state" : "it is no file that loop.save(…) wrote")
    }
    guard let card = try? JSONDecoder().decode(Card.self, from: Data(text.utf8)) else {
      throw bad("what it says of its training cannot be read")
    }
    guard card.format == 1 || card.format == 2 else { throw bad("it was written by a newer version of Twinbook") }
    guard StateSum.fits(file, bytes) else {
      throw bad("the file is damaged, for it does not hold what was written; take an earlier one or a copy")
    }
    guard card.progress.isPossible() else { throw bad("what it says of its epochs makes no sense") }
    return (card, file, try Network(checkpoint: file, path: path))
  }

  /// nil where the file has none of the arrays.
  private static func snapshot(
    _ prefix: String, of network: Network, in file: Safetensors, _ path: String
  ) throws -> Network.Snapshot? {
    let tensors = Dictionary(file.tensors.map { ($0.name, $0.tensor) }) { first, _ in first }
    let found = network.weights.map { tensors[prefix + $0.name] }
    if found.allSatisfy({ $0 == nil }) { return nil }
    return Network.Snapshot(
      arrays: try zip(network.weights, found).map { array, tensor in
        guard let tensor, tensor.shape == array.shape else {
          throw MetricError.badCheckpoint(path: path, reason: "the array \(prefix)\(array.name) is missing or damaged")
        }
        return tensor.values
      })
  }

  private func mean(of saved: Network, in file: Safetensors, _ path: String) throws -> Network.Snapshot? {
    guard average != nil else { return nil }
    guard let mean = try Self.snapshot("average.", of: saved, in: file, path) else {
      throw MetricError.badCheckpoint(path: path, reason: "the running mean of the weights is missing")
    }
    return mean
  }

  private func parameters(_ prefix: String, in file: Safetensors, _ path: String) throws -> LossParameters.Snapshot? {
    guard let arrays = lossParameters?.arrays else { return nil }
    return LossParameters.Snapshot(
      arrays: try arrays.map { array in
        guard let tensor = file[prefix + array.name], tensor.shape == array.shape else {
          throw MetricError.badCheckpoint(path: path, reason: "what the loss has learnt is missing")
        }
        return tensor.values
      })
  }

  private func moments(in file: Safetensors, step: Int, _ path: String) throws -> OptimizerState.Snapshot {
    let tensors = Dictionary(file.tensors.map { ($0.name, $0.tensor) }) { first, _ in first }
    return OptimizerState.Snapshot(
      step: step,
      moments: try optimizers.flatMap { owner in owner.arrays.map { (owner.state, $0) } }.map { state, array in
        let counts = state.momentCounts(of: array)
        func values(_ prefix: String, _ count: Int) throws -> [Float] {
          if step == 0 || count == 0 { return [] }
          guard let tensor = tensors[prefix + array.name], tensor.count == count else {
            throw MetricError.badCheckpoint(path: path, reason: "the optimizer's memory of \(array.name) is missing")
          }
          return tensor.values
        }
        return (try values("first.", counts.first), try values("second.", counts.second))
      })
  }
}
