import Glibc

/// The processes that run one script together: which of them this is, and what they send one another.
///
/// All of them call the same functions in the same order. A function that waits for another rank ends with an error where
/// that rank has given up. Called by one thread at a time.
public final class Ranks: @unchecked Sendable {
  public let link: any RankLink
  public var rank: Int { link.rank }
  public var count: Int { link.count }
  /// The one that prints, writes files and serves.
  public var isFirst: Bool { link.rank == 0 }
  /// "rank 2 on gpu7", once all have told.
  public internal(set) var names: [String]
  /// What this rank has sent so far.
  public private(set) var sent = Traffic()

  public struct Traffic: Hashable, Sendable {
    public var bytes = 0
    public var messages = 0
  }

  /// Functions that all ranks call together, as far as this one has come to their ends.
  private var completed: UInt64 = 0
  /// Ranks that have left, after how many of those functions, and why.
  private var gone: [Int: (completed: UInt64, reason: String)] = [:]
  /// Messages that need not be waited for; their bytes stay.
  private var unwaited: [RankTransfer] = []
  private var kept: [UnsafeMutableRawBufferPointer] = []
  private var hasLeft = false
  /// This rank has met with an error because another one has left.
  public private(set) var wasLeft = false

  public init(_ link: any RankLink) {
    self.link = link
    names = (0..<link.count).map { "rank \($0)" }
  }

  deinit { for bytes in kept { bytes.deallocate() } }

  /// Joins the processes that a launcher has started with this one; nil where none has.
  public static func ofEnvironment() throws(RankError) -> Ranks? {
    guard let environment = RankEnvironment() else { return nil }
    return Ranks(try MPILink(environment))
  }

  // MARK: Messages

  /// Longer messages go in pieces: MPI counts bytes with 32 bits.
  private static let longest = 1 << 28

  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int, tag: RankTag, _ list: inout [RankTransfer])
    throws(RankError)
  {
    sent.bytes += bytes.count
    for start in stride(from: 0, to: max(1, bytes.count), by: Self.longest) {
      sent.messages += 1
      let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<min(bytes.count, start + Self.longest)])
      list.append(try link.send(piece, to: rank, tag: tag))
    }
  }

  func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int, tag: RankTag, _ list: inout [RankTransfer])
    throws(RankError)
  {
    for start in stride(from: 0, to: max(1, bytes.count), by: Self.longest) {
      let piece = UnsafeMutableRawBufferPointer(rebasing: bytes[start..<min(bytes.count, start + Self.longest)])
      list.append(try link.receive(piece, from: rank, tag: tag))
    }
  }

  /// Waits until all transfers are over.
  func finish(_ transfers: inout [RankTransfer]) throws(RankError) {
    var open = 0
    try wait { turns throws(RankError) -> Bool in
      while open < transfers.count {
        guard try link.advance(&transfers[open]) else { return false }
        (open, turns) = (open + 1, 0)
      }
      return true
    }
    transfers.removeAll(keepingCapacity: true)
  }

  /// Asks again and again, ever less often, and looks whether a rank has left meanwhile.
  ///
  /// - Parameter isOver: sets the number of turns to 0 where something has come.
  func wait(until isOver: (_ turns: inout Int) throws(RankError) -> Bool) throws(RankError) {
    var turns = 0
    while try !isOver(&turns) {
      turns += 1
      if turns < 200 { continue }
      if turns % 200 == 0 { try checkThatAllGoOn() }
      // An answer often comes within microseconds; who waits longer leaves the core to others.
      if turns < 4000 { sched_yield() } else { usleep(turns < 20_000 ? 50 : 500) }
    }
  }

  // MARK: Leaving

  /// Something that all ranks do together. Those who have left are known to have done so many of them before.
  func together<Result>(_ work: () throws(RankError) -> Result) throws(RankError) -> Result {
    if hasLeft { throw .left(rank: "this rank", reason: "it has given up before") }
    let result = try work()
    completed += 1
    return result
  }

  private func checkThatAllGoOn() throws(RankError) {
    for other in 0..<count where other != rank && gone[other] == nil {
      guard try link.hasMessage(from: other, tag: .leave) else { continue }
      let text = try text(from: other, tag: .leave)
      let parts = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
      gone[other] = (UInt64(parts[0]) ?? 0, parts.count > 1 ? String(parts[1]) : "")
    }
    // One that has done what is waited for here, and left after it, has sent all that it had to send.
    if let (other, left) = gone.first(where: { $0.value.completed <= completed }) {
      wasLeft = true
      throw .left(rank: names[other], reason: left.reason)
    }
  }

  /// A text of a length that only its sender knew.
  private func text(from other: Int, tag: RankTag) throws(RankError) -> String {
    var length: UInt64 = 0
    var list: [RankTransfer] = []
    func take(_ bytes: UnsafeMutableRawBufferPointer) throws(RankError) {
      try receive(bytes, from: other, tag: tag, &list)
      for index in list.indices { while try !link.advance(&list[index]) { sched_yield() } }
      list.removeAll()
    }
    let head = UnsafeMutableRawBufferPointer.allocate(byteCount: 8, alignment: 8)
    defer { head.deallocate() }
    try take(head)
    length = head.load(as: UInt64.self)
    let body = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(min(length, 1 << 20)), alignment: 8)
    defer { body.deallocate() }
    if body.count > 0 { try take(body) }
    return String(decoding: body, as: UTF8.self)
  }

  private func post(_ text: String, to other: Int, tag: RankTag) throws(RankError) {
    let body = Array(text.utf8.prefix(1 << 20))
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 8 + body.count, alignment: 8)
    kept.append(bytes)
    bytes.storeBytes(of: UInt64(body.count), as: UInt64.self)
    UnsafeMutableRawBufferPointer(rebasing: bytes[8...]).copyBytes(from: body)
    try send(UnsafeRawBufferPointer(rebasing: bytes[..<8]), to: other, tag: tag, &unwaited)
    if !body.isEmpty { try send(UnsafeRawBufferPointer(rebasing: bytes[8...]), to: other, tag: tag, &unwaited) }
  }

  /// Tells the others that this rank will do nothing more with them; who waits for it, or comes to wait for it, gets the
  /// reason.
  public func leave(_ reason: String) {
    guard !hasLeft else { return }
    hasLeft = true
    for other in 0..<count where other != rank { try? post("\(completed)\n\(reason)", to: other, tag: .leave) }
  }

  /// The end of the script: waits for all ranks to come to theirs.
  ///
  /// - Parameter words: what went wrong here; empty where nothing did.
  /// - Returns: on the first rank, what each of the others said.
  public func end(_ words: String) throws(RankError) -> [String] {
    leave(words.isEmpty ? "it has come to the script's end" : words)
    var said: [String] = [words]
    if isFirst {
      for other in 1..<max(1, count) {
        try idle { () throws(RankError) -> Bool in try link.hasMessage(from: other, tag: .end) }
        said.append(try text(from: other, tag: .end))
      }
      for other in 1..<max(1, count) { try post("", to: other, tag: .end) }
    } else {
      try post(words, to: 0, tag: .end)
      try idle { () throws(RankError) -> Bool in try link.hasMessage(from: 0, tag: .end) }
      _ = try text(from: 0, tag: .end)
    }
    for index in unwaited.indices { while try !link.advance(&unwaited[index]) { sched_yield() } }
    // What the others said of their leaving has to be taken before the library may go.
    for other in 0..<count where other != rank && gone[other] == nil { _ = try text(from: other, tag: .leave) }
    link.end()
    return said
  }

  /// Waits without haste.
  private func idle(until isOver: () throws(RankError) -> Bool) throws(RankError) {
    var turns = 0
    while try !isOver() {
      turns += 1
      usleep(turns < 100 ? 100 : 5000)
    }
  }
}
