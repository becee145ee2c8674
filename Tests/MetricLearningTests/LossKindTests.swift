import Foundation
import Testing

@testable import MetricLearning

@Suite struct LossKindTests {
  /// A file of the folder whose loss is not in the list would be a loss that no program can make.
  @Test func everyLossOfTheFolderIsInTheList() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Sources/MetricLearning/Losses")
    let type = #/struct (\w+): (?:\w+, )*LossKind /#
    var declared: Set<String> = []
    for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil) {
      for match in try String(contentsOf: file, encoding: .utf8).matches(of: type) {
        declared.insert(String(match.1))
      }
    }
    #expect(declared.count > 10)
    #expect(declared == Set(EmbeddingLoss.kinds.map { "\($0)" }))
  }

  @Test func buffersThatAreTooShortAreRefused() throws {
    var out: [Float] = [0]
    #expect(throws: MetricError.embeddingShape(function: "npair()", values: 1, count: 2, width: 1)) {
      try EmbeddingLoss.nPair.batchLoss([1, 2], width: 1, labels: [0, 0], gradient: &out)
    }
    #expect(throws: MetricError.embeddingShape(function: "contrastive(margin=1)", values: 3, count: 2, width: 2)) {
      try EmbeddingLoss.contrastive(margin: 1).pairLoss([1, 2, 3, 4], [1, 2, 3], width: 2, same: [true, false])
    }
  }
}
