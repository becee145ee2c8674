import Images
import Testing

@testable import FaceDetection
@testable import Faces

/// The way through a folder's pictures, and what is decided on it.
@Suite struct ReviewWalkTests {
  private func hashes(joining pairs: [(Int, Int)]) -> [PerceptualHash] {
    var hashes = ReviewTests.hashes(ReviewTests.files.count)
    for (a, b) in pairs { hashes[b] = hashes[a] }
    return hashes
  }

  @Test func theOddestComesFirstAndTheSmallClassLast() throws {
    let review = try ReviewTests.review()
    let order = review.walkOrder
    #expect(order.prefix(7) == review.ranked.prefix(7))
    #expect(order.first == 3 && order.last == 7)
    #expect(order.sorted() == Array(review.items.indices))
  }

  @Test func doublesFollowOneAnotherAtThePlaceOfTheOddest() throws {
    // 3 is the oddest; its double comes behind it, in the folder's order.
    #expect(try ReviewTests.review(hashes: hashes(joining: [(3, 6)])).walkOrder.prefix(2) == [3, 6])
    let first = try ReviewTests.review(hashes: hashes(joining: [(0, 3)])).walkOrder
    #expect(first.prefix(2) == [0, 3])
    // One without a class to compare with goes along.
    #expect(try ReviewTests.review(hashes: hashes(joining: [(3, 7)])).walkOrder.prefix(2) == [3, 7])
  }

  @Test func whatIsDroppedAlreadyIsNotAskedAbout() throws {
    var walk = ReviewWalk(try ReviewTests.review(dropped: [3]))
    #expect(!walk.order.contains(3) && walk.order.count == 7)
    #expect(walk.dropped == ["a/4"])
    let first = walk.order[0]
    walk.decide(.dropped)
    #expect(walk.dropped == [3, first].sorted().map { ReviewTests.files[$0] })
  }

  @Test func decisionsAreInTheFoldersOrderAndTheRestIsKept() throws {
    var walk = ReviewWalk(try ReviewTests.review())
    let order = walk.order
    #expect(walk.current == order[0] && walk.dropped.isEmpty && walk.decision(of: order[0]) == nil)
    walk.decide(.dropped)
    walk.decide(.kept)
    walk.decide(.dropped)
    #expect(walk.current == order[3] && walk.dropped.count == 2)
    #expect(walk.dropped == [order[0], order[2]].sorted().map { ReviewTests.files[$0] })
    #expect(walk.decision(of: order[0]) == .dropped && walk.decision(of: order[1]) == .kept)
    #expect(walk.decision(of: order[3]) == nil)
  }

  @Test func goingBackTakesTheDecisionBack() throws {
    var walk = ReviewWalk(try ReviewTests.review())
    let untouched = walk
    let goesBeforeTheFirst = walk.goBack()
    #expect(!goesBeforeTheFirst && walk == untouched)
    walk.decide(.dropped)
    let after = walk
    walk.decide(.dropped)
    let goesBack = walk.goBack()
    #expect(goesBack && walk.takenBack == .dropped && walk.current == after.current)
    #expect(walk.dropped == after.dropped)
    walk.decide(.kept)
    #expect(walk.takenBack == nil && walk.dropped.count == 1)
  }

  @Test func behindTheLastNothingIsDecidedAndAllCanBeTakenBack() throws {
    var walk = ReviewWalk(try ReviewTests.review())
    for _ in walk.order { walk.decide(.dropped) }
    #expect(walk.current == nil && walk.dropped == ReviewTests.files)
    walk.decide(.kept)
    #expect(walk.decisions.count == walk.order.count)
    while walk.goBack() {}
    #expect(walk.decisions.isEmpty && walk.current == walk.order.first)
  }

  @Test func doublesAreKnown() throws {
    let walk = ReviewWalk(try ReviewTests.review(hashes: hashes(joining: [(3, 6)])))
    #expect(walk.doubles(of: 6) == [3, 6] && walk.doubles(of: 0) == [0])
  }

  @Test func anEmptyFolderIsAWalkWithoutPictures() throws {
    var walk = ReviewWalk(try FolderReview(files: [], classNames: [], vectors: [], hashes: [], pixels: [], dropped: []))
    walk.decide(.dropped)
    walk.goBack()
    #expect(walk.current == nil && walk.decisions.isEmpty && walk.takenBack == nil)
  }
}
