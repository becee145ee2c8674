import TestSupport
import Testing

@testable import FaceDetection
@testable import Faces

@Suite struct SuppressionTests {
  @Test(arguments: [0.3, 0.5, 0.7]) func isTheLoopOverAllPairs(_ threshold: Double) {
    var random = FuzzRandom(state: UInt64(threshold * 10))
    for round in 0..<20 {
      let boxes = (0..<120).map { _ in
        let (x, y) = (Double(random.below(160)), Double(random.below(90)))
        return FaceBox(
          left: x, top: y, right: x + Double(2 + random.below(40)), bottom: y + Double(2 + random.below(40)))
      }
      // Some scores are equal.
      let scores = boxes.map { _ in Double(random.below(40)) / 40 }
      let order = boxes.indices.sorted { scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1] }
      let naive = order.enumerated().filter { place, box in
        !order[..<place].contains { boxes[box].overlap(boxes[$0]) > threshold }
      }.map(\.element)
      #expect(Suppression.kept(boxes, scores: scores, threshold: threshold, measure: .union) == naive)
      if round == 0 { #expect(naive.count < 120 && naive.count > 10) }
    }
  }

  @Test func theSmallerOneCountsWhereAsked() {
    let large = FaceBox(left: 0, top: 0, right: 100, bottom: 100)
    let within = FaceBox(left: 10, top: 10, right: 30, bottom: 30)
    let beside = FaceBox(left: 90, top: 0, right: 190, bottom: 100)
    let boxes = [within, large, beside]
    #expect(Suppression.kept(boxes, scores: [0.8, 0.9, 0.7], threshold: 0.7, measure: .smaller) == [1, 2])
    #expect(Suppression.kept(boxes, scores: [0.8, 0.9, 0.7], threshold: 0.7, measure: .union) == [1, 0, 2])
    #expect(Suppression.kept([], scores: [], threshold: 0.7, measure: .union) == [])
  }

  @Test func oddBoxesDoNotTrap() {
    let boxes = [
      FaceBox(left: .nan, top: 0, right: 3, bottom: 3), FaceBox(left: 3, top: 3, right: 0, bottom: 0),
      FaceBox(left: -.infinity, top: 0, right: .infinity, bottom: 1), FaceBox(left: 0, top: 0, right: 0, bottom: 0),
    ]
    for measure in [Suppression.Measure.union, .smaller] {
      #expect(Suppression.kept(boxes, scores: [.nan, 1, 2, 3], threshold: 0.5, measure: measure).count <= 4)
    }
  }
}
