/// How bytes go from rank to rank. MPI is one; the other stays within a process, for tests.
///
/// Messages from one rank to another with the same tag arrive in their order. Called by one thread at a time.
public protocol RankLink: AnyObject {
  var rank: Int { get }
  var count: Int { get }
  /// Of what carries the messages, for words: "Open MPI v4.1.4".
  var name: String { get }
  /// Begins to send; the bytes stay where they are until it is done.
  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int, tag: RankTag) throws(RankError) -> RankTransfer
  /// Begins to receive a message of exactly as many bytes.
  func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int, tag: RankTag) throws(RankError) -> RankTransfer
  /// Whether a transfer is over; it is `.done` then.
  func advance(_ transfer: inout RankTransfer) throws(RankError) -> Bool
  /// Whether a message waits to be received.
  func hasMessage(from rank: Int, tag: RankTag) throws(RankError) -> Bool
  /// Takes leave; no other call may follow.
  func end()
  /// Ends all ranks' processes at once, this one too.
  func abort(code: Int32)
}

/// What a message is for.
public enum RankTag: Int32, Sendable {
  /// Parts of arrays.
  case part = 1
  /// A running sum on its way through the ranks, and the finished one.
  case sum = 2
  case total = 3
  /// To the first rank, and from it to all.
  case words = 4
  case answer = 5
  /// A rank gives up, or is at its end.
  case leave = 6
  case end = 7
  /// A rank asks for a job, gets its number, gives its result; and says now and then that it is alive.
  case ready = 8
  case job = 9
  case result = 10
  case alive = 11
}

/// A message under way.
public enum RankTransfer {
  case done
  /// What the library knows it by.
  case request(UInt64)
  /// Within a process: what waits for a message.
  case waiting(UnsafeMutableRawBufferPointer, from: Int, tag: RankTag)
}
