import CoreLibrary
import Diagnostics
import Interpreter
import MetricLearning
import NeuralNetworks
import Plotting
import Tensors

/// A loss: `contrastive(margin=1)`.
package final class LossObject: HostObject {
  package let loss: EmbeddingLoss

  package init(_ loss: EmbeddingLoss) {
    self.loss = loss
    super.init()
  }

  package override var typeName: String { "loss" }
  package override func describe(_ style: DisplayStyle) -> String { loss.text }
  package override var callParameters: [BuiltinParameter]? {
    loss.takesPairs ? .of(Called.a, Called.b, Called.same) : .of(Called.embeddings, Called.labels, Called.proxies)
  }

  /// What a loss is called with: pairs, or a batch.
  private enum Called {
    static let a = TypedParameter.tensor("a")
    static let b = TypedParameter.tensor("b")
    static let same = TypedParameter.tensor("same", "tensor or list")
    static let embeddings = TypedParameter.tensor("embeddings")
    static let labels = TypedParameter<Tensor>(.required("labels", "tensor or list")) { args, place in
      // The dataset itself, or the names of its classes, for the numbers of the classes.
      let isData = args[place].asObject(HostObject.self)?.typeName == "dataset"
      guard !isData, args[place].asItems?.first?.asText == nil else { throw wrongLabels(args, place) }
      return try args.tensor(place)
    }

    static func wrongLabels(_ args: Arguments, _ place: Int) -> ArgumentError {
      args.mismatch(
        place, expected: "whole numbers: the class of each row",
        help: "the labels of a dataset are: loss(net(data), data.labels)")
    }
    static let proxies = TypedParameter.tensor("proxies", or: "none")
  }

  /// The loss of embeddings as a tensor of one number, with its gradient where a tape records.
  package override func call(_ arguments: Arguments, _ context: ExecutionContext) throws -> Value {
    if loss.takesPairs {
      let (a, same) = (try arguments[Called.a], try arguments[Called.same].values)
      guard same.allSatisfy({ $0 == 0 || $0 == 1 }) else {
        throw arguments.mismatch(
          Called.same, expected: "1 for same and 0 for different, of each pair",
          help: "from classes: loss(u, v, labels_u == labels_v)")
      }
      return Value(try loss.pairLoss(a, try arguments[Called.b], same: same.map { $0 != 0 }))
    }
    let embeddings = try arguments[Called.embeddings]
    let labels = try arguments[Called.labels].values.map { value -> Int in
      guard let label = Int(exactly: value) else {
        throw Called.wrongLabels(arguments, 1)
      }
      return label
    }
    let proxies = try arguments[Called.proxies]
    let draw = loss.draws ? context.nextSeed() : 0
    return Value(try loss.batchLoss(embeddings, labels: labels, proxies: proxies, draw: draw))
  }

  package override var summary: String { loss.text }

  /// `supcon() + 0.1 * centre()`.
  package override func binary(
    _ op: HostOperator, with other: Value, reversed: Bool, _ context: ExecutionContext
  ) throws -> Value? {
    switch op {
    case .add:
      guard let second = other.asObject(LossObject.self)?.loss else { return nil }
      return Value(LossObject(reversed ? try second.plus(loss) : try loss.plus(second)))
    case .multiply:
      guard let weight = other.asNumber else { return nil }
      return Value(LossObject(try loss.times(weight)))
    default: return nil
    }
  }

  package override func isEqual(to other: HostObject) -> Bool { (other as? LossObject)?.loss == loss }
}

/// Pairs of images, as indexes into a dataset.
package final class PairsObject: HostObject {
  package let pairs: Pairs

  package init(_ pairs: Pairs) {
    self.pairs = pairs
    super.init()
  }

  package override var typeName: String { "pairs" }
  package override var length: Int? { pairs.count }
  package override func isEqual(to other: HostObject) -> Bool {
    (other as? PairsObject).map { pairs.isLike($0.pairs) } ?? false
  }
  package override func describe(_ style: DisplayStyle) -> String { summary }
  package override var summary: String {
    "\(counted(pairs.count, "pair")), \(pairs.sameCount) same and \(pairs.count - pairs.sameCount) different, of "
      + "\(counted(pairs.source.count, "image")) of "
      + counted(pairs.source.classNames.count, "class", "classes")
  }

  /// `p[0]`: {first: 3, second: 17, same: true}, indexes into the dataset.
  package override func index(_ subscripts: [IndexValue], _ context: ExecutionContext) throws -> Value {
    record(try subscripts.place(in: pairs.count, of: typeName))
  }

  package override func iterate(_ context: ExecutionContext) -> ValueIterator? {
    var next = 0
    return ValueIterator { [self] in
      guard next < pairs.count else { return nil }
      next += 1
      return record(next - 1)
    }
  }

  private func record(_ index: Int) -> Value {
    Value(fields: [
      ("first", Value(Int(pairs.first[index]))), ("second", Value(Int(pairs.second[index]))),
      ("same", Value(pairs.same[index])),
    ])
  }
}

/// A training loop: an object with identity.
package final class TrainerObject: HostObject {
  /// Another one after `resume` from a state that drew from another seed.
  package private(set) var trainer: Trainer
  /// Raised with each exchange of the trainer, so that `version` never falls back.
  private var exchanges = 0
  package var hasShownNotices = false
  /// Whether the network has been told whom it learns from.
  package var hasRecorded = false
  /// Whether a program gave the seed, so that a checkpoint of another one is of another training.
  package let isSeedGiven: Bool
  /// What is measured after epochs, in the order of the trainer's metrics.
  package let metrics: [(name: String, function: FunctionValue)]

  package init(
    _ trainer: Trainer, metrics: [(name: String, function: FunctionValue)] = [], isSeedGiven: Bool = false
  ) {
    self.trainer = trainer
    self.metrics = metrics
    self.isSeedGiven = isSeedGiven
    super.init()
  }

  package override var typeName: String { "trainer" }
  package override var version: Int? { trainer.version + exchanges }

  package func exchange(_ other: Trainer) {
    exchanges += trainer.version + 1
    trainer = other
  }

  package override func checkpoint() -> (() throws -> Void)? {
    let (kept, state, learning, recorded) = (trainer, trainer.state, trainer.network.learning, hasRecorded)
    return { [self] in
      kept.restore(state)
      kept.network.learning = learning
      hasRecorded = recorded
      if kept !== trainer { exchange(kept) }
    }
  }
  package override var summary: String { "trainer after \(counted(trainer.epoch, "epoch"))" }

  package override var checkpointBytes: Int {
    // Weights, two moments, the best and the last ones.
    20 * trainer.network.weights.reduce(0) { $0 + $1.count }
  }

  package override func describe(_ style: DisplayStyle) -> String {
    func count(_ data: TrainingData) -> String {
      switch data {
      case .pairs(let pairs): counted(pairs.count, "pair")
      case .images(let source): counted(source.count, "image")
      }
    }
    var lines = [
      "\(trainer.loss.text)\(trainer.lossOptimizer.map { " (its own by \($0.describe))" } ?? "") by "
        + "\(trainer.optimizer.describe) on \(count(trainer.data)), batch \(trainer.options.batch)"
        + (trainer.validation.map { "; validation on \(count($0))" } ?? "; no validation")
    ]
    if case .sharedClasses(let shared)? = trainer.notices.first(where: {
      if case .sharedClasses = $0 { true } else { false }
    }) {
      lines.append(
        "validation shares \(counted(shared, "class", "classes")) with training: it says nothing about strangers")
    }
    if let best = trainer.best {
      var held = best.validationLoss.map { ", val_loss \(fixed($0, 4))" } ?? ""
      for (name, _) in metrics { if let value = best.metrics?[name] { held += ", \(name) \(fixed(value, 4))" } }
      lines.append("\(counted(trainer.epoch, "epoch")); best \(best.epoch): loss \(fixed(best.loss, 4))\(held)")
      lines += curves
    } else if let last = trainer.history.last {
      lines.append("\(counted(trainer.epoch, "epoch")), loss \(fixed(last.loss, 4)); \(whyNoneIsBest)")
      lines += curves
    } else {
      lines.append("not run yet")
    }
    if trainer.isPaused { lines.append("paused; run() goes on") }
    return lines.joined(separator: "\n")
  }
}

extension TrainerObject {
  /// Epochs are over, and none of them is the best one.
  private var whyNoneIsBest: String {
    guard let name = trainer.options.metrics.best else { return "none is the best" }
    return trainer.history.contains { $0.metrics?[name] != nil }
      ? "none is the best: \(name) was never a number"
      : "none is the best: \(name) was not measured yet (each=\(trainer.options.metrics.each))"
  }

  /// The losses by epoch as a line of text each, from the first to the last, once there are two.
  private var curves: [String] {
    guard trainer.history.count > 1 else { return [] }
    let held = trainer.history.compactMap(\.validationLoss)
    let measured = metrics.map { name, _ in (name, trainer.history.compactMap { $0.metrics?[name] }) }
    let lines = ([("loss", trainer.history.map(\.loss)), ("val_loss", held)] + measured)
      .map { ($0.0, $0.1.filter { !$0.isNaN }) }.filter { $0.1.count > 1 }
    let width = lines.map(\.0.count).max() ?? 0
    return lines.compactMap { name, values in
      guard let first = values.first, let last = values.last else { return nil }
      let label = name.padded(to: width)
      return "\(label)  \(TextGraphics.sparkline(values))  \(fixed(first, 4)) → \(fixed(last, 4))"
    }
  }
}
