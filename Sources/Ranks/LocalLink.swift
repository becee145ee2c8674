/// Ranks as threads of one process, each with a link of its own: for tests of what ranks do with one another.
public final class LocalLink: RankLink {
  public let rank: Int
  public let count: Int
  public let name = "threads of one process"
  private let post: PostOffice

  private init(rank: Int, count: Int, post: PostOffice) {
    (self.rank, self.count, self.post) = (rank, count, post)
  }

  /// Links of so many ranks that know one another.
  public static func all(_ count: Int) -> [LocalLink] {
    let post = PostOffice()
    return (0..<count).map { LocalLink(rank: $0, count: count, post: post) }
  }

  public func send(_ bytes: UnsafeRawBufferPointer, to rank: Int, tag: RankTag) throws(RankError) -> RankTransfer {
    post.put(Array(bytes), PostOffice.Address(from: self.rank, to: rank, tag: tag))
    return .done
  }

  public func receive(
    _ bytes: UnsafeMutableRawBufferPointer, from rank: Int, tag: RankTag
  ) throws(RankError) -> RankTransfer { .waiting(bytes, from: rank, tag: tag) }

  public func advance(_ transfer: inout RankTransfer) throws(RankError) -> Bool {
    guard case .waiting(let to, let from, let tag) = transfer else { return true }
    guard let bytes = post.take(PostOffice.Address(from: from, to: rank, tag: tag)) else { return false }
    guard bytes.count == to.count else { throw .failed(reason: "\(bytes.count) bytes came, not \(to.count)") }
    bytes.withUnsafeBytes { to.copyMemory(from: $0) }
    transfer = .done
    return true
  }

  public func hasMessage(from rank: Int, tag: RankTag) throws(RankError) -> Bool {
    post.has(PostOffice.Address(from: rank, to: self.rank, tag: tag))
  }

  public func end() {}
  public func abort(code: Int32) {}
}

/// Messages on their way between threads; behind one lock.
private final class PostOffice: @unchecked Sendable {
  struct Address: Hashable {
    var from, to: Int
    var tag: RankTag
  }

  private let lock = Lock()
  private var messages: [Address: [[UInt8]]] = [:]

  func put(_ bytes: [UInt8], _ address: Address) { lock.held { messages[address, default: []].append(bytes) } }
  func has(_ address: Address) -> Bool { lock.held { !(messages[address] ?? []).isEmpty } }
  func take(_ address: Address) -> [UInt8]? {
    lock.held { messages[address].flatMap { $0.isEmpty ? nil : messages[address]?.removeFirst() } }
  }
}
