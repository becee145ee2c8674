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

  fileprivate var text: String { ([Self.machine, "\(getpid())"] + compared.map(\.value)).joined(separator: "\0") }
}

extension Ranks {
  /// Tells and hears what all are.
  ///
  /// - Throws: `RankError.differs` on all ranks, where one is not like the first.
  public func greet(_ greeting: RankGreeting) throws(RankError) {
    let all = try gather(Array(greeting.text.utf8)).map {
      String(decoding: $0, as: UTF8.self).split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
    }
    for (number, texts) in zip(members, all) where texts.count >= 2 {
      places[number].machine = texts[0]
      // Processes of a container have numbers of their own: who is not seen now is not looked for later.
      if texts[0] == all[rank][0], let process = pid_t(texts[1]), kill(process, 0) == 0 {
        places[number].process = process
      }
    }
    for (place, (what, _)) in greeting.compared.enumerated() {
      func value(_ rank: Int) -> String { place + 2 < all[rank].count ? all[rank][place + 2] : "nothing" }
      if let other = (1..<max(1, count)).first(where: { value($0) != value(0) }) {
        throw .differs(what: what, rank: name(other), there: value(other), here: value(0))
      }
    }
  }
}
