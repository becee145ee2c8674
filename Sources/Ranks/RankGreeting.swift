import Glibc

/// What each rank tells the others before a script begins: all that its results depend on, and what its machine is called.
public struct RankGreeting: Sendable {
  /// What is compared, in words that go on "the ranks differ in", and its value on this rank.
  public var compared: [(what: String, value: String)]

  public init(_ compared: [(what: String, value: String)]) { self.compared = compared }

  private static var machine: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "an unnamed machine" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  fileprivate var text: String { ([Self.machine] + compared.map(\.value)).joined(separator: "\0") }
}

extension Ranks {
  /// Tells and hears what all are.
  ///
  /// - Throws: `RankError.differs` on all ranks, where one is not like the first.
  public func greet(_ greeting: RankGreeting) throws(RankError) {
    let all = try gather(Array(greeting.text.utf8)).map {
      String(decoding: $0, as: UTF8.self).split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
    }
    names = all.enumerated().map { "rank \($0) on \($1.first ?? "an unnamed machine")" }
    for (place, (what, _)) in greeting.compared.enumerated() {
      func value(_ rank: Int) -> String { place + 1 < all[rank].count ? all[rank][place + 1] : "nothing" }
      if let other = (1..<max(1, count)).first(where: { value($0) != value(0) }) {
        throw .differs(what: what, rank: names[other], there: value(other), here: value(0))
      }
    }
  }
}
