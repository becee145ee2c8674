/// A person's way through a folder's pictures, one after the other: where it stands, and what was decided. Knows of no
/// terminal and no keys.
public struct ReviewWalk: Sendable, Equatable {
  public enum Decision: Sendable, Equatable { case kept, dropped }

  public let review: FolderReview
  /// Positions in the review's items, in the order in which they are shown.
  public let order: [Int]
  /// What was decided, of the first ones in that order: the picture that follows is the one that is asked about.
  public private(set) var decisions: [Decision] = []
  /// What had been decided of the picture that is asked about, before the person came back to it.
  public private(set) var takenBack: Decision?

  public init(_ review: FolderReview) {
    self.review = review
    order = review.walkOrder
  }

  /// The picture that is asked about; nil behind the last one.
  public var current: Int? { decisions.count < order.count ? order[decisions.count] : nil }

  /// Nothing, behind the last picture.
  public mutating func decide(_ decision: Decision) {
    guard current != nil else { return }
    decisions.append(decision)
    takenBack = nil
  }

  /// To the picture before, of which the decision is taken back: whoever then ends has not dropped it.
  /// - Returns: false at the first one.
  @discardableResult
  public mutating func goBack() -> Bool {
    guard let last = decisions.popLast() else { return false }
    takenBack = last
    return true
  }

  /// Nil: not decided.
  public func decision(of item: Int) -> Decision? {
    guard let place = order.firstIndex(of: item), place < decisions.count else { return nil }
    return decisions[place]
  }

  /// Files to drop, in the folder's order: those of an earlier walk, and those of this one. What was not decided is kept.
  public var dropped: [String] {
    let now = Set(zip(order, decisions).filter { $0.1 == .dropped }.map(\.0))
    return review.items.indices.filter { review.items[$0].isDropped || now.contains($0) }.map { review.items[$0].file }
  }

  /// The pictures that are nearly the same as this one, itself among them; itself alone where there are none.
  public func doubles(of item: Int) -> [Int] { review.groups.first { $0.contains(item) } ?? [item] }
}

extension FolderReview {
  /// Kept pictures as a person should see them: the oddest first; those that are nearly the same follow one another, at
  /// the place of the oddest of them; last those of classes too small to say, doubles before the others.
  public var walkOrder: [Int] {
    var grouped: Set<Int> = []
    for group in groups { grouped.formUnion(group) }
    let alone = items.indices.filter { !items[$0].isDropped && !grouped.contains($0) }.map { [$0] }
    func oddness(_ unit: [Int]) -> Double { unit.compactMap { items[$0].oddness }.max() ?? -1 }
    return (groups + alone).map { (unit: $0, oddness: oddness($0)) }.sorted { a, b in
      if a.oddness != b.oddness { return a.oddness > b.oddness }
      if (a.unit.count > 1) != (b.unit.count > 1) { return a.unit.count > 1 }
      return a.unit[0] < b.unit[0]
    }.flatMap(\.unit)
  }
}
