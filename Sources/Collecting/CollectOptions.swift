/// How pictures are collected.
public struct CollectOptions: Sendable {
  /// The folder: each label has a folder in it.
  public var folder = "raw"
  /// Downloads at a time, and of one host.
  public var workers = 6
  public var perHost = 2
  /// Seconds between two requests to one host.
  public var pause = 0.2
  /// How often what did not come is tried again.
  public var retries = 4
  /// Seconds before the first of these; each next one waits twice as long.
  public var backoff = 0.5
  /// A server may ask for a pause; for a longer one its pictures are left for another time.
  public var patience = 60
  /// Of one file.
  public var bytes = 20 << 20
  public var seconds = 60
  /// Smaller pictures are rejected.
  public var smallestSide = 32
  /// Whether pictures that look like another are left out.
  public var leavesOutNear = true

  public init() {}
}

/// What came of it, the runs before included.
public struct CollectReport: Hashable, Sendable {
  public var kept = 0
  public var duplicates = 0
  public var rejected = 0
  public var failed = 0
  /// Of this run.
  public var downloadedBytes = 0

  public init() {}
}

public struct CollectProgress: Sendable {
  public var done: Int
  public var total: Int
  public var kept: Int
  public var bytes: Int
  public var seconds: Double
}
