import Diagnostics
import NeuralNetworks
import Ranks

/// What ranks that share a training tell one another besides its numbers.
extension Trainer {
  /// Before the first batch: ranks with other data, weights, options or progress would train something that nobody asked
  /// for.
  func compareWithRanks() throws {
    guard let ranks else { return }
    let fingerprints = try givingUpTogether { try knownFingerprints() }
    func word(_ text: String) -> UInt64 { FNVHash(text.utf8).value }
    var weights = FNVHash()
    for array in network.weights + (lossParameters?.arrays ?? []) {
      for value in array.values { weights.add(value.bitPattern) }
    }
    let compared: [(what: String, word: UInt64)] = [
      (
        "what they train: network, loss, optimizer or options",
        word(
          "\(loss.text) \(optimizer) \(lossOptimizer.map { "\($0)" } ?? "") \(options) \(network.layers.map(\.describe)) \(network.inputShape ?? [])"
        )
      ),
      ("the data", word(fingerprints.data.hash)),
      ("the validation data", word(fingerprints.validation?.hash ?? "none")),
      ("how the data is augmented", word(data.source.augmentationText)),
      ("how far they are", word("\(history.count) \(step) \(plannedEnd ?? 0) \(plannedPatience ?? 0)")),
      ("their weights", weights.value),
    ]
    let all = try ranks.gather(compared.map(\.word))
    for (place, (what, _)) in compared.enumerated() {
      for (rank, words) in all.enumerated() where words[place] != all[0][place] {
        throw RankError.differs(
          what: what, rank: ranks.name(rank), there: String(words[place], radix: 16),
          here: String(all[0][place], radix: 16))
      }
    }
  }

  /// After a batch: whether anybody wants to stop, and whether the first rank finds it time to save. Ranks whose losses
  /// differ are found out here.
  func agree(stop: Bool, save: Bool) throws -> (stop: Bool, save: Bool) {
    guard let ranks else { return (stop, save) }
    let all = try ranks.gather([
      (stop ? 1 : 0) | (save ? 2 : 0), UInt64(history.count), UInt64(step), lossSum.bitPattern,
    ])
    for (rank, words) in all.enumerated() where words[1...] != all[0][1...] {
      throw RankError.apart(rank: ranks.name(rank), epoch: epoch + 1, batch: step)
    }
    return (all.contains { $0[0] & 1 != 0 }, all[0][0] & 2 != 0)
  }

  /// What fails on this rank alone would leave the others waiting: they are told.
  func givingUpTogether<Result>(_ work: () throws -> Result) throws -> Result {
    do { return try work() } catch {
      ranks?.leave((error as? any ExplainedError)?.explanation.message ?? "\(error)")
      throw error
    }
  }
}
