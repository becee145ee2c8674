extension Ranks {
  /// Those that do the work under way together, each call at the same place of the same script; nil: this process does it
  /// alone, as in a job, or for somebody who asks the page.
  @TaskLocal public static var sharing: Ranks?

  /// Runs work that these ranks all do.
  public static func share<Result>(_ ranks: Ranks?, _ work: () throws -> Result) rethrows -> Result {
    guard let ranks, ranks.count > 1 else { return try work() }
    return try $sharing.withValue(ranks, operation: work)
  }

  /// Runs work that this rank does alone.
  public static func alone<Result>(_ work: () throws -> Result) rethrows -> Result {
    guard sharing != nil else { return try work() }
    return try $sharing.withValue(nil, operation: work)
  }
}
