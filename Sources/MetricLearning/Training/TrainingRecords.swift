/// One epoch of a trainer's history. No times: it is recorded and compared on replay.
public struct EpochRecord: Hashable, Sendable, Codable {
  /// From 1.
  public var epoch: Int
  /// Mean over the epoch's batches, while the weights moved and dropout was on.
  public var loss: Double
  /// After the epoch, on the validation data; nil without any.
  public var validationLoss: Double?

  /// What early stopping goes by.
  public var judged: Double { validationLoss ?? loss }
}

/// What a front end draws while training runs.
public struct TrainingProgress: Sendable {
  public var epoch: Int
  public var epochs: Int
  /// Batches done of this epoch.
  public var step: Int
  public var steps: Int
  /// Mean of this epoch so far.
  public var loss: Double
  /// Of the last epoch that was judged.
  public var validationLoss: Double?
  public var imagesPerSecond: Double
  public var secondsLeft: Double
  public var isEpochEnd: Bool
}

/// Who looks on: all closures are called on the training thread, between batches.
public struct TrainingObserver {
  public var progress: (TrainingProgress) -> Void
  public var warn: (TrainingWarning) -> Void
  /// Asked after every batch; true pauses.
  public var shouldStop: () -> Bool

  public init(
    progress: @escaping (TrainingProgress) -> Void = { _ in },
    warn: @escaping (TrainingWarning) -> Void = { _ in },
    shouldStop: @escaping () -> Bool = { false }
  ) {
    self.progress = progress
    self.warn = warn
    self.shouldStop = shouldStop
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
