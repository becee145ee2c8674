/// Places 0..<count that are joined pair by pair (union and find, with paths cut by half).
public struct DisjointSets {
  private var parent: [Int]

  /// So many places, each a set of its own.
  public init(_ count: Int) { parent = Array(0..<count) }

  /// The least place of the set that a place is in.
  public mutating func root(_ place: Int) -> Int {
    var at = place
    while parent[at] != at {
      parent[at] = parent[parent[at]]
      at = parent[at]
    }
    return at
  }

  /// Makes one set of the two that the places are in.
  public mutating func join(_ a: Int, _ b: Int) {
    let (one, other) = (root(a), root(b))
    if one != other { parent[max(one, other)] = min(one, other) }
  }
}
