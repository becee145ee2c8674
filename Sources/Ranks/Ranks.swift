import Glibc

/// The processes that run one script together: which of them this is, and what they send one another.
///
/// All of them call the same functions in the same order. A function that waits for another rank ends with an error where
/// that rank has given up. Called by one thread at a time.
public final class Ranks: @unchecked Sendable {
  let link: LockedLink
  /// Which of them this is, from 0.
  public private(set) var rank: Int
  /// How many they are.
  public var count: Int { members.count }
  /// The one that prints, writes files and serves.
  public var isFirst: Bool { link.rank == 0 }
  /// The ranks as the link counts them; one that is lost in a job is taken out, and those behind it move up.
  var members: [Int]
  /// Of all that the link counts.
  var places: [Place]

  /// Where a rank runs.
  struct Place {
    var machine = ""
    /// The process's number, where it can be seen from here.
    var process: pid_t?
  }
  /// What this rank has sent so far.
  public private(set) var sent = Traffic()

  public struct Traffic: Hashable, Sendable {
    public var bytes = 0
    public var messages = 0
  }

  /// Functions that all ranks call together, as far as this one has come to their ends.
  private(set) var completed: UInt64 = 0
  /// Ranks that have left.
  var gone: [Int: Leave] = [:]

  /// After how many of those functions a rank has left, and why: for a reason of its own, or because another one had.
  struct Leave {
    var completed: UInt64
    var cause: Int
    var reason: String
  }
  /// Those that no message comes from any more: MPI would wait for them at the end.
  var vanished: Set<Int> = []
  /// Messages that need not be waited for; their bytes stay.
  private var unwaited: [(to: Int, transfer: RankTransfer)] = []
  private var kept: [UnsafeMutableRawBufferPointer] = []
  private var hasLeft = false
  /// The rank that this one cannot go on without.
  private var missed: Leave?
  /// This rank has met with an error because another one has left.
  public var wasLeft: Bool { missed != nil }

  public init(_ link: any RankLink) {
    self.link = LockedLink(link)
    rank = link.rank
    members = Array(0..<link.count)
    places = members.map { _ in Place() }
  }

  deinit { for bytes in kept { bytes.deallocate() } }

  /// Joins the processes that a launcher has started with this one; nil where none has.
  public static func ofEnvironment() throws(RankError) -> Ranks? {
    guard let environment = RankEnvironment() else { return nil }
    return Ranks(try MPILink(environment))
  }

  /// "rank 2 on gpu7", as the launcher counts.
  public func name(_ rank: Int) -> String { linkName(members[rank]) }

  func linkName(_ number: Int) -> String {
    "rank \(number)" + (places[number].machine.isEmpty ? "" : " on \(places[number].machine)")
  }

  /// "Open MPI v4.1.4".
  public var carrier: String { link.name }

  /// Goes on with these alone.
  func keep(_ members: [Int]) {
    self.members = members
    rank = members.firstIndex(of: link.rank) ?? 0
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
      list.append(try link.send(piece, to: members[rank], tag: tag))
    }
  }

  func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int, tag: RankTag, _ list: inout [RankTransfer])
    throws(RankError)
  {
    for start in stride(from: 0, to: max(1, bytes.count), by: Self.longest) {
      let piece = UnsafeMutableRawBufferPointer(rebasing: bytes[start..<min(bytes.count, start + Self.longest)])
      list.append(try link.receive(piece, from: members[rank], tag: tag))
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
    try hearLeaves()
    // One that has done what is waited for here, and left after it, has sent all that it had to send.
    if let (_, left) = gone.first(where: { $0.value.completed <= completed && members.contains($0.key) }) {
      throw follow(left)
    }
  }

  /// The error of who waits in vain: it names the rank that began it.
  func follow(_ left: Leave) -> RankError {
    missed = left
    return .left(rank: linkName(left.cause), reason: left.reason)
  }

  /// Takes what the others have said of their leaving, and sees who is gone without a word.
  func hearLeaves() throws(RankError) {
    for other in members where other != link.rank && gone[other] == nil {
      if try link.hasMessage(from: other, tag: .leave) {
        let text = try text(from: other, tag: .leave)
        let parts = text.split(separator: "\n", maxSplits: 2, omittingEmptySubsequences: false)
        let cause = parts.count > 1 ? Int(parts[1]).flatMap { places.indices.contains($0) ? $0 : nil } : nil
        gone[other] = Leave(
          completed: UInt64(parts[0]) ?? 0, cause: cause ?? other, reason: parts.count > 2 ? String(parts[2]) : "")
      } else if isDead(other) {
        gone[other] = Leave(completed: 0, cause: other, reason: "its process is gone")
        vanished.insert(other)
      }
    }
  }

  /// Whether a process of this machine is there no more. Of other machines' nothing is known.
  func isDead(_ other: Int) -> Bool {
    places[other].process.map { kill($0, 0) != 0 && errno == ESRCH } ?? false
  }

  /// A text of a length that only its sender knew.
  func text(from other: Int, tag: RankTag) throws(RankError) -> String {
    String(decoding: try bytes(from: other, tag: tag), as: UTF8.self)
  }

  func bytes(from other: Int, tag: RankTag) throws(RankError) -> [UInt8] {
    func take(_ count: Int) throws(RankError) -> [UInt8] {
      let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, count), alignment: 8)
      defer { bytes.deallocate() }
      for start in stride(from: 0, to: count, by: Self.longest) {
        let piece = UnsafeMutableRawBufferPointer(rebasing: bytes[start..<min(count, start + Self.longest)])
        var transfer = try link.receive(piece, from: other, tag: tag)
        while try !link.advance(&transfer) { usleep(20) }
      }
      return Array(bytes[..<count])
    }
    let length = try take(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    return try take(length)
  }

  /// Sends bytes of a length that the other does not know, and does not wait.
  func post(_ body: [UInt8], to other: Int, tag: RankTag) throws(RankError) {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 8 + body.count, alignment: 8)
    kept.append(bytes)
    for place in 0..<8 { bytes[place] = UInt8(truncatingIfNeeded: body.count >> (8 * place)) }
    UnsafeMutableRawBufferPointer(rebasing: bytes[8...]).copyBytes(from: body)
    sent.bytes += bytes.count
    unwaited.append((other, try link.send(UnsafeRawBufferPointer(rebasing: bytes[..<8]), to: other, tag: tag)))
    for start in stride(from: 0, to: body.count, by: Self.longest) {
      let piece = UnsafeRawBufferPointer(rebasing: bytes[8 + start..<8 + min(body.count, start + Self.longest)])
      unwaited.append((other, try link.send(piece, to: other, tag: tag)))
    }
  }

  /// A word to the first rank, by a thread beside this one; it has a place of its own that stays.
  func pulse() throws(RankError) {
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: 8, alignment: 8)
    defer { bytes.deallocate() }
    for place in 0..<8 { bytes[place] = 0 }
    var transfer = try link.send(UnsafeRawBufferPointer(bytes), to: 0, tag: .alive)
    while try !link.advance(&transfer) { usleep(1000) }
  }

  /// Goes on once all that was posted has been taken by those who are still there.
  func finishPosts() throws(RankError) {
    for index in unwaited.indices where !vanished.contains(unwaited[index].to) {
      while try !link.advance(&unwaited[index].transfer) { usleep(20) }
    }
    guard vanished.isEmpty else { return }
    unwaited = []
    for bytes in kept { bytes.deallocate() }
    kept = []
  }

  /// Tells the others that this rank will do nothing more with them; who waits for it, or comes to wait for it, gets the
  /// reason.
  public func leave(_ reason: String) {
    guard !hasLeft else { return }
    hasLeft = true
    for other in 0..<link.count where other != link.rank && !vanished.contains(other) {
      let words = "\(completed)\n\(missed?.cause ?? link.rank)\n\(missed?.reason ?? reason)"
      try? post(Array(words.utf8.prefix(1 << 16)), to: other, tag: .leave)
    }
  }

  /// The end of the script: waits for all ranks to come to theirs.
  ///
  /// - Parameter words: what went wrong here; empty where nothing did.
  /// - Returns: on the first rank, what each of the others said; empty words where all went well there.
  public func end(_ words: String) throws(RankError) -> [(rank: String, words: String)] {
    leave(words.isEmpty ? "it has come to the script's end" : words)
    var said: [(rank: String, words: String)] = []
    let others = (0..<link.count).filter { $0 != link.rank }
    var isWhole: Bool
    if isFirst {
      for other in others where !vanished.contains(other) {
        try idle { () throws(RankError) -> Bool in
          if try link.hasMessage(from: other, tag: .end) { return true }
          return isDead(other)
        }
        let isThere = try link.hasMessage(from: other, tag: .end)
        if !isThere { vanished.insert(other) }
        said.append((linkName(other), isThere ? try text(from: other, tag: .end) : "its process is gone"))
      }
      isWhole = vanished.isEmpty
      // Those that were silent may only have been slow.
      for other in others { try post(isWhole ? [1] : [0], to: other, tag: .end) }
    } else {
      try post(Array(words.utf8.prefix(1 << 16)), to: 0, tag: .end)
      try idle { () throws(RankError) -> Bool in
        if try link.hasMessage(from: 0, tag: .end) { return true }
        return isDead(0)
      }
      isWhole = try link.hasMessage(from: 0, tag: .end)
      if isWhole { isWhole = try bytes(from: 0, tag: .end) == [1] }
    }
    guard isWhole else { return said }
    // MPI ends well where nothing is under way.
    for other in others where gone[other] == nil { _ = try bytes(from: other, tag: .leave) }
    for index in unwaited.indices { while try !link.advance(&unwaited[index].transfer) { usleep(20) } }
    link.end()
    return said
  }

  /// Ends all ranks' processes, this one too.
  public func abort(code: Int32) { link.abort(code: code) }

  /// Waits without haste.
  func idle(until isOver: () throws(RankError) -> Bool) throws(RankError) {
    var turns = 0
    while try !isOver() {
      turns += 1
      usleep(turns < 100 ? 100 : 5000)
    }
  }
}
