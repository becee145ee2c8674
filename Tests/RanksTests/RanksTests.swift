import Glibc
import TestSupport
import Testing

@testable import Ranks

/// What ranks do together, as threads of this process.
@Suite struct RanksTests {
  /// Numbers whose sum depends on the order of additions.
  static func number(_ slice: Int, _ place: Int) -> Float {
    let sign: Float = (slice + place) % 3 == 0 ? -1 : 1
    return sign * Float(1 + (slice * 7919 + place * 104_729) % 1000) / Float(1 << (slice % 7 * 3))
  }

  @Test(arguments: [1, 2, 3, 4, 7, 16])
  func sumHasTheBitsOfOneProcess(count: Int) throws {
    for length in [0, 1, 10, 1000] {
      var expected = [Float](repeating: 0, count: length)
      for slice in 0..<16 { for place in 0..<length { expected[place] += Self.number(slice, place) } }
      let results = onRanks(count) { ranks in
        var values = [Float](repeating: .nan, count: length)
        let own = 16 * ranks.rank / count..<16 * (ranks.rank + 1) / count
        for _ in 0..<3 {
          try values.withUnsafeMutableBufferPointer { values in
            nonisolated(unsafe) let values = values
            try ranks.sum(values, stretch: 64) { range in
              for place in range {
                if ranks.isFirst { values[place] = 0 }
                for slice in own { values[place] += Self.number(slice, place) }
              }
            }
          }
        }
        return values
      }
      for result in results { #expect(try result.get().map(\.bitPattern) == expected.map(\.bitPattern)) }
    }
  }

  @Test(arguments: [2, 3, 5])
  func exchangeGivesAllPartsToAll(count: Int) throws {
    let results = onRanks(count) { ranks in
      // The second rank has nothing, the last one the most.
      let parts = (0..<count).map { $0 == 1 ? 3..<3 : $0 == 0 ? 0..<3 : 3 + 2 * ($0 - 2)..<3 + 2 * ($0 - 1) }
      let units = parts.last?.upperBound ?? 0
      let one = UnsafeMutablePointer<Float>.allocate(capacity: 4 * units)
      let other = UnsafeMutablePointer<Double>.allocate(capacity: units)
      defer {
        one.deallocate()
        other.deallocate()
      }
      one.initialize(repeating: -1, count: 4 * units)
      other.initialize(repeating: -1, count: units)
      for unit in parts[ranks.rank] {
        for k in 0..<4 { one[4 * unit + k] = Float(10 * unit + k) }
        other[unit] = Double(unit) / 3
      }
      try ranks.exchange([.init(one, each: 4)], parts: parts)
      try ranks.exchange([.init(one, each: 4), .init(other, each: 1)], parts: parts)
      return (Array(UnsafeBufferPointer(start: one, count: 4 * units)), (0..<units).map { other[$0] })
    }
    for result in results {
      let (one, other) = try result.get()
      #expect(one == one.indices.map { Float(10 * ($0 / 4) + $0 % 4) })
      #expect(other == other.indices.map { Double($0) / 3 })
    }
  }

  @Test(arguments: [1, 2, 4])
  func wordsAndBytesReachAll(count: Int) throws {
    let results = onRanks(count) { ranks in
      let words = try ranks.gather([UInt64(ranks.rank), 7])
      let texts = try ranks.gather(Array(repeating: UInt8(ranks.rank), count: 3 * ranks.rank))
      let first = try ranks.fromFirst(ranks.isFirst ? [1, 2, 3] : [9])
      try ranks.meet()
      return (words, texts, first, try ranks.end(""))
    }
    for (rank, result) in results.enumerated() {
      let (words, texts, first, said) = try result.get()
      #expect(words == (0..<count).map { [UInt64($0), 7] })
      #expect(texts == (0..<count).map { Array(repeating: UInt8($0), count: 3 * $0) })
      #expect(first == [1, 2, 3])
      #expect(said.allSatisfy(\.words.isEmpty) && (rank > 0 || said.count == count - 1))
    }
  }

  /// Whoever waits for a rank that has given up gets its reason, and all come to an end.
  @Test func aRankThatLeavesIsNotWaitedFor() throws {
    let results = onRanks(3) { ranks -> ([String], RankError?) in
      try ranks.meet()
      if ranks.rank == 1 {
        ranks.leave("no such file")
        return (try ranks.end("no such file").map(\.words), nil)
      }
      do {
        try ranks.meet()
        return (try ranks.end("").map(\.words), nil)
      } catch let error as RankError {
        return (try ranks.end("waited").map(\.words), error)
      }
    }
    let values = try results.map { try $0.get() }
    #expect(values[0].1 == .left(rank: "rank 1", reason: "no such file"))
    #expect(values[2].1 == .left(rank: "rank 1", reason: "no such file"))
    #expect(values[0].0 == ["no such file", "waited"])
  }

  /// A rank that has done all that is waited for may be gone before the others have it.
  @Test func aRankThatIsThroughMayGo() throws {
    for _ in 0..<20 {
      let results = onRanks(4) { ranks in
        for _ in 0..<10 { try ranks.meet() }
        return try ranks.end("")
      }
      for result in results { #expect(throws: Never.self) { try result.get() } }
    }
  }

  // MARK: Jobs

  /// Each job is done once, by whoever is free; all ranks get all results, in order.
  @Test(arguments: [1, 2, 3, 5])
  func jobsAreDoneOnceAndGivenToAll(count: Int) throws {
    let done = Counter()
    let kept = Counter()
    let results = onRanks(count) { ranks in
      let results = try ranks.jobs(20, known: ranks.isFirst ? [3: [9, 9]] : [:], keep: { job, _ in kept.add(job) }) {
        job in
        done.add(job)
        return Array(repeating: UInt8(job), count: job)
      }
      try ranks.meet()
      return results
    }
    for result in results {
      #expect(try result.get() == (0..<20).map { $0 == 3 ? [9, 9] : Array(repeating: UInt8($0), count: $0) })
    }
    #expect(done.list.sorted() == (0..<20).filter { $0 != 3 } && kept.list.sorted() == done.list.sorted())
    for result in onRanks(count, { try $0.jobs(0) { _ in [] } }) { #expect(try result.get().isEmpty) }
  }

  /// What a rank that gives up was doing is done by another one, and the others go on without it.
  @Test func aLostRanksJobIsGivenToAnother() throws {
    struct Broken: Error {}
    let done = Counter()
    let results = onRanks(4) { ranks in
      let me = ranks.rank
      var results: [[UInt8]] = []
      do {
        results = try ranks.jobs(12) { job in
          if me == 2 { throw Broken() }
          usleep(2000)
          done.add(job)
          return [UInt8(job)]
        }
      } catch {
        _ = try ranks.end("broken")
        throw error
      }
      // Those that are left share what comes after it.
      var sum: [Float] = [0]
      try sum.withUnsafeMutableBufferPointer { values in
        nonisolated(unsafe) let values = values
        try ranks.sum(values) { _ in values[0] += ranks.isFirst ? 1 - values[0] : 1 }
      }
      return (results, ranks.count, sum[0], try ranks.end("").map(\.words))
    }
    #expect(throws: Broken.self) { try results[2].get() }
    for rank in [0, 1, 3] {
      guard case .success(let (values, count, sum, _)) = results[rank] else {
        Issue.record("\(results[rank])")
        continue
      }
      #expect(values == (0..<12).map { [UInt8($0)] } && count == 3 && sum == 3)
    }
    #expect(done.list.sorted() == Array(0..<12))
  }

  @Test func aFailureOfTheFirstRankEndsAll() throws {
    struct Broken: Error {}
    let results = onRanks(3) { ranks in
      try ranks.jobs(6) { job in
        if ranks.isFirst { throw Broken() }
        return [UInt8(job)]
      }
    }
    #expect(throws: Broken.self) { try results[0].get() }
    for rank in 1...2 {
      guard case .failure(RankError.left(rank: "rank 0", _)) = results[rank] else {
        Issue.record("\(results[rank])")
        continue
      }
    }
  }

  /// Unchecked, because a lock is held around each access.
  private final class Counter: @unchecked Sendable {
    private let lock = Lock()
    private var numbers: [Int] = []
    func add(_ number: Int) { lock.held { numbers.append(number) } }
    var list: [Int] { lock.held { numbers } }
  }

  /// Ranks that go different ways are told, whatever they met at.
  @Test func ranksAtDifferentPlacesAreTold() throws {
    let astray = onRanks(2) { ranks in
      if ranks.rank == 1 { try ranks.exchange([], parts: [0..<0, 0..<0]) }
      try ranks.meet()
    }
    for result in astray { #expect(throws: RankError.astray(rank: "rank 1")) { try result.get() } }
    let jobs = onRanks(2) { ranks in try ranks.jobs(ranks.isFirst ? 3 : 4) { [UInt8($0)] } }
    for result in jobs {
      #expect(throws: RankError.differs(what: "their jobs", rank: "rank 1", there: "4 jobs (0)", here: "3 jobs (0)")) {
        try result.get()
      }
    }
  }

  @Test func ranksThatDifferAreTold() throws {
    let results = onRanks(3) { ranks in
      try ranks.greet(
        RankGreeting([("the script", "abc"), ("the seed", ranks.rank == 2 ? "8" : "7")]))
    }
    for result in results {
      guard case .failure(RankError.differs(what: "the seed", let rank, "8", "7")) = result else {
        Issue.record("\(result)")
        continue
      }
      #expect(rank.hasPrefix("rank 2 on "))
    }
    let alike = onRanks(3) { ranks in
      try ranks.greet(RankGreeting([("the script", "abc")]))
      return (0..<3).map { ranks.name($0) }
    }
    for result in alike { #expect(try result.get().count == 3 && result.get()[1].hasPrefix("rank 1 on ")) }
  }

  @Test func theLauncherIsKnownByItsEnvironment() {
    func environment(_ variables: [String: String]) -> RankEnvironment? { RankEnvironment { variables[$0] } }
    #expect(environment([:]) == nil)
    #expect(environment(["SLURM_JOB_ID": "7"]) == nil)
    let open = environment([
      "OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "3", "OMPI_COMM_WORLD_LOCAL_SIZE": "2",
      "OMPI_COMM_WORLD_LOCAL_RANK": "1", "PMIX_RANK": "3",
    ])
    #expect(open?.count == 4 && open?.rank == 3 && open?.neighbours == 2)
    #expect(open?.prefersMPICH == false && open?.speaks == false)
    let mpich = environment(["PMI_RANK": "0", "PMI_SIZE": "2", "MPI_LOCALNRANKS": "2", "MPI_LOCALRANKID": "0"])
    #expect(mpich?.count == 2 && mpich?.prefersMPICH == true && mpich?.speaks == true)
    let slurm = environment(["PMIX_RANK": "5", "SLURM_STEP_NUM_TASKS": "8"])
    #expect(slurm?.count == 8 && slurm?.rank == 5 && slurm?.prefersMPICH == false)
  }
}
