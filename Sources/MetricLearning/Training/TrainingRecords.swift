import NeuralNetworks

/// One epoch of a trainer's history. No times: it is recorded and compared on replay.
public struct EpochRecord: Hashable, Sendable, Codable {
  /// From 1.
  public var epoch: Int
  /// Mean over the epoch's batches, while the weights moved and dropout was on.
  public var loss: Double
  /// After the epoch, on the validation data; nil without any.
  public var validationLoss: Double?
  /// What else was measured after the epoch, by name; nil where nothing was.
  public var metrics: [String: Double]?
}

/// What is measured of the network after epochs, beside the losses.
public struct TrainingMetrics: Hashable, Sendable, Codable {
  /// In the order in which they are shown.
  public var names: [String]
  /// After each so many epochs.
  public var each: Int
  /// By which the best epoch is chosen in place of the loss; nil: by none.
  public var best: String?
  /// Whether the best has the greatest value, or the least.
  public var isGreatestBest: Bool

  /// Nothing is measured where nothing is given.
  public init(names: [String] = [], each: Int = 1, best: String? = nil, isGreatestBest: Bool = true) {
    (self.names, self.each, self.best, self.isGreatestBest) = (names, each, best, isGreatestBest)
  }

  /// As it is written in the language: "-eer".
  public var bestText: String? { best.map { isGreatestBest ? $0 : "-\($0)" } }
}

/// What a front end draws while training runs.
public struct TrainingProgress: Sendable {
  /// That is under way, or at its end over; from 1.
  public var epoch: Int
  /// At which the run ends.
  public var epochs: Int
  /// Batches done of this epoch.
  public var step: Int
  /// Batches of an epoch.
  public var steps: Int
  /// Mean of this epoch so far.
  public var loss: Double
  /// Of the last epoch that was judged.
  public var validationLoss: Double?
  /// Of the epoch that is over, empty where it was not measured; within an epoch of the last that was.
  public var metrics: [String: Double]
  /// Of the whole run.
  public var imagesPerSecond: Double
  /// Until the run's end, as fast as it has been.
  public var secondsLeft: Double
  /// The epoch is over, and judged.
  public var isEpochEnd: Bool
}

/// Who looks on: all closures are called on the training thread, between batches.
public struct TrainingObserver {
  /// Told after each batch and each epoch.
  public var progress: (TrainingProgress) -> Void
  /// Told what looks wrong.
  public var warn: (TrainingWarning) -> Void
  /// Asked after every batch; true pauses.
  public var shouldStop: () -> Bool
  /// Asked after epochs for the trainer's metrics, by name, while the network has the weights that validation judges.
  /// `NetworkError.interrupted` pauses.
  public var measure: (Network) throws -> [String: Double]

  /// Nobody looks on where nothing is given.
  public init(
    progress: @escaping (TrainingProgress) -> Void = { _ in },
    warn: @escaping (TrainingWarning) -> Void = { _ in },
    shouldStop: @escaping () -> Bool = { false },
    measure: @escaping (Network) throws -> [String: Double] = { _ in [:] }
  ) {
    self.progress = progress
    self.warn = warn
    self.shouldStop = shouldStop
    self.measure = measure
  }
}

/// Why a run came back.
public enum TrainingEnd: Hashable, Sendable {
  case finished
  /// No better epoch for `patience` epochs.
  case stoppedEarly
  /// `shouldStop` said so; `run` goes on from here.
  case paused
}
