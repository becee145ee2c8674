/// A link that several threads call: MPI is asked by one of them at a time. While a rank does a job, a thread beside it
/// says that it is alive.
final class LockedLink: RankLink, @unchecked Sendable {
  private let link: any RankLink
  private let lock = Lock()
  let rank: Int
  let count: Int
  let name: String

  init(_ link: any RankLink) {
    self.link = link
    (rank, count, name) = (link.rank, link.count, link.name)
  }

  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int, tag: RankTag) throws(RankError) -> RankTransfer {
    try lock.held { () throws(RankError) in try link.send(bytes, to: rank, tag: tag) }
  }

  func receive(
    _ bytes: UnsafeMutableRawBufferPointer, from rank: Int, tag: RankTag
  ) throws(RankError) -> RankTransfer {
    try lock.held { () throws(RankError) in try link.receive(bytes, from: rank, tag: tag) }
  }

  func advance(_ transfer: inout RankTransfer) throws(RankError) -> Bool {
    try lock.held { () throws(RankError) in try link.advance(&transfer) }
  }

  func hasMessage(from rank: Int, tag: RankTag) throws(RankError) -> Bool {
    try lock.held { () throws(RankError) in try link.hasMessage(from: rank, tag: tag) }
  }

  func end() { lock.held { link.end() } }
  func abort(code: Int32) { link.abort(code: code) }
}
