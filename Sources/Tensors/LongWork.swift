#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Work on tensors that takes long looks here between its parts, so that a person who waits can end it.
///
/// Whoever runs a script says for the time of the run, and for its own thread, who is to be asked.
public enum LongWork {
  private final class Asker {
    let isGivenUp: @Sendable () -> Bool
    init(_ isGivenUp: @escaping @Sendable () -> Bool) { self.isGivenUp = isGivenUp }
  }

  /// A place of each thread's own. (A task-local value needs a task, which a thread of our own has not.)
  private static let place: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  /// - Parameter isGivenUp: asked every few milliseconds, from any thread.
  public static func run<R>(until isGivenUp: @escaping @Sendable () -> Bool, _ work: () throws -> R) rethrows -> R {
    let asker = Asker(isGivenUp)
    let before = pthread_getspecific(place)
    pthread_setspecific(place, Unmanaged.passUnretained(asker).toOpaque())
    defer { pthread_setspecific(place, before) }
    return try withExtendedLifetime(asker, work)
  }

  /// Whom this thread asks; nil: nobody interrupts.
  public static var isGivenUp: (@Sendable () -> Bool)? {
    pthread_getspecific(place).map { Unmanaged<Asker>.fromOpaque($0).takeUnretainedValue().isGivenUp }
  }

  /// - Throws: `TensorError.interrupted`.
  public static func check() throws {
    if let isGivenUp, isGivenUp() { throw TensorError.interrupted }
  }

  /// How many turns of a loop are between two questions.
  static let stretch = 1 << 16
  /// Fewer turns than these ask nobody: a loop around them does.
  private static let short = 1 << 12

  /// As `items.map`, asking now and then.
  /// - Throws: `TensorError.interrupted`, and what `body` throws.
  public static func map<Items: RandomAccessCollection, Result>(
    _ items: Items, _ body: (Items.Element) throws -> Result
  ) throws -> [Result] where Items.Index == Int {
    var results: [Result] = []
    results.reserveCapacity(items.count)
    var start = items.startIndex
    while start < items.endIndex {
      if items.count >= short { try check() }
      let end = items.index(start, offsetBy: stretch, limitedBy: items.endIndex) ?? items.endIndex
      for index in start..<end { results.append(try body(items[index])) }
      start = end
    }
    return results
  }

  /// The ranges that cover 0..<count, asking before each where there are many turns.
  /// - Throws: `TensorError.interrupted`, and what `body` throws.
  @inline(__always)
  static func stretches(_ count: Int, _ body: (Range<Int>) throws -> Void) throws {
    var start = 0
    while start < count {
      if count >= short { try check() }
      let end = min(count, start &+ stretch)
      try body(start..<end)
      start = end
    }
  }

  /// As `Workers.parallel`: once it is given up, the slices that have not begun are left out.
  /// - Throws: `TensorError.interrupted`.
  static func parallel(slices: Int, _ body: (Int) -> Void) throws {
    guard slices > 1, let isGivenUp else { return Workers.shared.parallel(slices: slices, body) }
    Workers.shared.parallel(slices: slices) { if !isGivenUp() { body($0) } }
    try check()
  }
}
