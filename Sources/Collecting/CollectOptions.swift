/// How pictures are collected.
public struct CollectOptions: Sendable {
  /// The folder: each label has a folder in it.
  public var folder = "raw"
  /// Downloads at a time.
  public var workers = 6
  /// Downloads at a time of one host.
  public var perHost = 2
  /// Seconds between two requests to one host.
  public var pause = 0.2
  /// How often what did not come is tried again.
  public var retries = 4
  /// Seconds before the first of these; each next one waits twice as long.
  public var backoff = 0.5
  /// A server may ask for a pause; for a longer one its pictures are left for another time.
  public var patience = 60
  /// Bytes that one file may have.
  public var bytes = 20 << 20
  /// Seconds that one file may take.
  public var seconds = 60
  /// Smaller pictures are rejected.
  public var smallestSide = 32
  /// Whether pictures that look like another are left out.
  public var leavesOutNear = true

  public init() {}
}

/// What came of it, the runs before included.
public struct CollectReport: Hashable, Sendable {
  /// Pictures that are in the folder.
  public var kept = 0
  /// Pictures that are another's, or look like one.
  public var duplicates = 0
  /// Files that are no pictures that can be used.
  public var rejected = 0
  /// Pictures that did not come; the next run tries them again.
  public var failed = 0
  /// Addresses whose pictures are there under another label than the one that they have now.
  public var elsewhere = 0
  /// The first of these: its file, and the label that it has now.
  public var firstElsewhere = ""
  public var labelNow = ""
  /// Of this run.
  public var downloadedBytes = 0

  public init() {}
}

/// How far a run is.
public struct CollectProgress: Sendable {
  /// Pictures of this run that were dealt with, whatever came of them.
  public var done: Int
  public var total: Int
  public var kept: Int
  /// Downloaded in this run.
  public var bytes: Int
  /// Since the run began.
  public var seconds: Double
}
