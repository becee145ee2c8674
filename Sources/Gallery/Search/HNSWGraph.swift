import Synchronization
import Tensors

/// A graph of near rows, for finding most of the nearest without looking at all (Malkov and Yashunin 2018, "Efficient and
/// robust approximate nearest neighbor search using hierarchical navigable small world graphs").
///
/// Distances in the graph are those of the eight bits, in whole numbers: the same on every processor. Rows come in batches:
/// each row of a batch looks for its neighbours in the graph as it was before, and among the rows of the batch before it, on
/// any thread; then the batch's links are made, each node's in one order. So the graph depends on the rows and their order
/// alone, not on the number of threads.
///
/// Unchecked, because it changes on one thread alone, while no other looks at it.
final class HNSWGraph: @unchecked Sendable {
  /// Links of a node above the ground; twice as many on it.
  static let links = 16
  static let groundLinks = 32
  /// Links besides, which are never given up: to rows that no way led to, being far out, where all neighbours have nearer ones.
  static let rescues = 6
  /// Nodes that are kept in view while a row looks for its neighbours.
  static let breadth = 120
  /// Rows that are taken in together, at most.
  static let batch = 512

  let rows: EmbeddingRows
  /// Rows that are in it: those before.
  private(set) var count = 0
  /// [count, stride]: how many links, how many of the rescued, where the links go, and which rows are rescued here.
  private(set) var ground: UnsafeMutablePointer<Int32>
  private var capacity = 0
  /// Above the ground, by level from 1: of each node there its links.
  private(set) var upper: [[Int32: [Int32]]] = []
  private(set) var entry: Int32 = -1
  /// Rows that no way leads to, and that no node had room to rescue. Every way on the ground begins at them, too.
  var strays: [Int32] = []

  /// Rows that there were when its recall was measured.
  var measured = 0
  /// Rows of which it is known that ways lead to them: those before.
  var reached = 0
  /// Ways through it that were gone before, with their memory of who was met.
  private let ways = Mutex<[GraphSearch]>([])

  /// One to use, and to give back.
  func search() -> GraphSearch {
    ways.withLock { $0.popLast() } ?? GraphSearch(rows)
  }

  func giveBack(_ way: GraphSearch) {
    ways.withLock { $0.append(way) }
  }

  /// Rows that were measured by all ways that were given back.
  var looked: Int { ways.withLock { $0.reduce(0) { $0 + $1.looked } } }

  init(_ rows: EmbeddingRows) {
    self.rows = rows
    ground = .allocate(capacity: 1)
  }

  /// One that was made before; nil where a link goes nowhere.
  ///
  /// - Parameters:
  ///   - count: rows that are in it, at most those that there are.
  ///   - ground: [count, stride].
  ///   - upper: of each level from 1 on the links of its nodes.
  init?(
    _ rows: EmbeddingRows, count: Int, ground: UnsafeRawBufferPointer, upper: [[Int32: [Int32]]], entry: Int32,
    strays: [Int32]
  ) {
    self.rows = rows
    self.ground = .allocate(capacity: max(1, count * Self.stride))
    capacity = count
    UnsafeMutableRawBufferPointer(start: self.ground, count: count * Self.stride * 4).copyMemory(from: ground)
    (self.count, self.upper, self.entry, self.strays, reached) = (count, upper, entry, strays, count)
    let nodes = 0..<Int32(count)
    guard nodes.contains(entry), Self.level(Int(entry)) <= upper.count, strays.allSatisfy(nodes.contains) else {
      return nil
    }
    for node in nodes {
      let base = self.ground + Int(node) * Self.stride
      guard (0...Int32(Self.groundLinks)).contains(base[0]), (0...Int32(Self.rescues)).contains(base[1]),
        neighbours(node).allSatisfy(nodes.contains), rescued(node).allSatisfy(nodes.contains)
      else { return nil }
    }
    for (place, level) in upper.enumerated() {
      for (node, links) in level {
        guard nodes.contains(node), Self.level(Int(node)) > place, links.count <= Self.links,
          links.allSatisfy(nodes.contains)
        else { return nil }
      }
    }
  }

  deinit { ground.deallocate() }

  static let stride = 2 + groundLinks + rescues

  /// How many levels above the ground a row stands on: by its number alone.
  static func level(_ row: Int) -> Int {
    var x = UInt64(row) &+ 0x9e37_79b9_7f4a_7c15
    x = (x ^ x >> 30) &* 0xbf58_476d_1ce4_e5b9
    x = (x ^ x >> 27) &* 0x94d0_49bb_1331_11eb
    x ^= x >> 31
    // One in sixteen goes one up: log₂ 16 = 4 zeros for each level.
    return min(8, x.leadingZeroBitCount / 4)
  }

  /// Where its links on the ground go.
  @inline(__always)
  func neighbours(_ node: Int32) -> UnsafeBufferPointer<Int32> {
    let base = ground + Int(node) * Self.stride
    return UnsafeBufferPointer(start: base + 2, count: Int(base.pointee))
  }

  /// Rows that are found by way of this node.
  @inline(__always)
  func rescued(_ node: Int32) -> UnsafeBufferPointer<Int32> {
    let base = ground + Int(node) * Self.stride
    return UnsafeBufferPointer(start: base + 2 + Self.groundLinks, count: Int(base[1]))
  }

  /// Where each node's links on the ground go, and those above it, in order: to compare graphs.
  var allLinks: [[Int32]] {
    (0..<Int32(count)).map { Array(neighbours($0)) + Array(rescued($0)) }
      + upper.flatMap { level in level.sorted { $0.key < $1.key }.map(\.value) }
  }

  // MARK: Adding

  /// Takes in the rows that were added since.
  ///
  /// - Parameter progress: told how many rows are in.
  /// - Throws: `TensorError.interrupted`; what is in by then stays in.
  func extend(progress: ((Int) -> Void)? = nil) throws {
    let wanted = rows.count
    reserve(wanted)
    while count < wanted {
      try LongWork.check()
      // The ways into a batch are those of before it: few rows, as long as there are few.
      let size = max(1, min(Self.batch, count / 32, wanted - count))
      add(count..<count + size)
      progress?(count)
    }
    if reached == 0 { reachAll() } else { reachNew() }
  }

  private func reserve(_ wanted: Int) {
    guard wanted > capacity else { return }
    let larger = max(wanted, capacity + capacity / 2)
    let new = UnsafeMutablePointer<Int32>.allocate(capacity: larger * Self.stride)
    new.initialize(repeating: 0, count: larger * Self.stride)
    new.update(from: ground, count: count * Self.stride)
    ground.deallocate()
    ground = new
    capacity = larger
  }

  /// Links that a new node has found, by level.
  private typealias Found = [[GraphSearch.Seen]]

  private func add(_ batch: Range<Int>) {
    let found = RowMemory<Found>(batch.count, [])
    parallel(batch.count, 16) { part, search in
      for place in part {
        let row = batch.lowerBound + place
        found[place] = neighbours(of: row, mates: batch.lowerBound..<row, search)
      }
    }
    // The ground's links back, sorted by where they go to: each node's are made by one task.
    var back: [(to: Int32, from: Int32, value: Int32)] = []
    for place in 0..<batch.count {
      let row = Int32(batch.lowerBound + place)
      let levels = found[place]
      let base = ground + Int(row) * Self.stride
      if let own = levels.first {
        base.pointee = Int32(own.count)
        for (index, seen) in own.enumerated() {
          base[2 + index] = seen.node
          back.append((seen.node, row, seen.value))
        }
      }
      let level = Self.level(Int(row))
      while upper.count < level { upper.append([:]) }
      for at in 1..<max(1, level + 1) where at <= level {
        let own = at < levels.count ? levels[at] : []
        upper[at - 1][row] = own.map(\.node)
        for seen in own { connect(seen.node, row, level: at) }
      }
    }
    back.sort { ($0.to, $0.value, $0.from) < ($1.to, $1.value, $1.from) }
    var starts: [Int] = []
    for index in back.indices where index == 0 || back[index].to != back[index - 1].to { starts.append(index) }
    starts.append(back.count)
    let (links, begins) = (back, starts)
    parallel(begins.count - 1, 32) { part, search in
      for group in part {
        connect(links[begins[group]..<begins[group + 1]], to: links[begins[group]].to, search)
      }
    }
    for place in 0..<batch.count {
      let row = Int32(batch.lowerBound + place)
      if entry < 0 || Self.level(Int(row)) > Self.level(Int(entry)) { entry = row }
    }
    count = batch.upperBound
  }

  /// Calls `body` for parts of as many things, on several threads at a time.
  private func parallel(_ things: Int, _ size: Int, _ body: (Range<Int>, GraphSearch) -> Void) {
    Workers.shared.parallel(slices: (things + size - 1) / size) { slice in
      let search = search()
      defer { giveBack(search) }
      body(slice * size..<min(things, slice * size + size), search)
    }
  }

  /// The least that a question keeps in view.
  static let leastBreadth = 16

  /// What a new row is linked to, on each of its levels.
  ///
  /// - Parameter mates: rows of its batch before it, which are not in the graph yet. All are looked at: pictures of one person
  ///   mostly come one after another.
  private func neighbours(of row: Int, mates: Range<Int>, _ search: GraphSearch) -> Found {
    guard entry >= 0 else { return [] }
    search.ask(row: row)
    let (own, top) = (Self.level(row), Self.level(Int(entry)))
    var at = descend(search, from: top, to: min(own, top))
    var found = Found(repeating: [], count: min(own, top) + 1)
    for level in Swift.stride(from: min(own, top), through: 0, by: -1) {
      if level > 0 {
        walk(search, from: at, level: level, breadth: Self.breadth)
        at = search.nearest?.node ?? at
        search.meet(mates.filter { Self.level($0) >= level }.map { Int32($0) })
      } else {
        walkGround(search, from: at, breadth: Self.breadth)
        search.meet(mates.map { Int32($0) })
      }
      found[level] = search.apart(search.seen, most: Self.links)
    }
    return found
  }

  private func connect(
    _ new: ArraySlice<(to: Int32, from: Int32, value: Int32)>, to node: Int32, _ search: GraphSearch
  ) {
    let base = ground + Int(node) * Self.stride
    let have = Int(base.pointee)
    if have + new.count <= Self.groundLinks {
      for (index, one) in new.enumerated() { base[2 + have + index] = one.from }
      base.pointee = Int32(have + new.count)
      return
    }
    search.ask(row: Int(node))
    var all = Array(neighbours(node))
    for one in new { all.append(one.from) }
    let seen = search.measure(all).sorted()
    var chosen = search.apart(seen, most: Self.groundLinks)
    // The nearest fill what is left, so that few nodes hang by one link.
    if chosen.count < Self.links {
      for one in seen where chosen.count < Self.links && !chosen.contains(one) { chosen.append(one) }
    }
    for (index, one) in chosen.enumerated() { base[2 + index] = one.node }
    base.pointee = Int32(chosen.count)
  }

  private func connect(_ node: Int32, _ new: Int32, level: Int) {
    var links = upper[level - 1][node] ?? []
    links.append(new)
    if links.count > Self.links {
      let search = search()
      defer { giveBack(search) }
      search.ask(row: Int(node))
      links = search.apart(search.measure(links).sorted(), most: Self.links).map(\.node)
    }
    upper[level - 1][node] = links
  }

  // MARK: Asking

  /// The `breadth` nearest that are found, nearest first; `search` has been asked before.
  func nearest(_ search: GraphSearch, breadth: Int) -> [GraphSearch.Seen] {
    guard entry >= 0 else { return [] }
    walkGround(search, from: descend(search, from: Self.level(Int(entry)), to: 0), breadth: breadth)
    return search.seen
  }

  /// From the top down to a level, always to the nearest.
  private func descend(_ search: GraphSearch, from top: Int, to bottom: Int) -> Int32 {
    var at = GraphSearch.Seen(value: search.measure([entry])[0].value, node: entry)
    for level in Swift.stride(from: top, to: bottom, by: -1) {
      var moved = true
      while moved {
        moved = false
        for one in search.measure(upper[level - 1][at.node] ?? []) where one < at {
          at = one
          moved = true
        }
      }
    }
    return at.node
  }

  private func walk(_ search: GraphSearch, from start: Int32, level: Int, breadth: Int) {
    search.begin(breadth, rowCount: rows.count)
    search.meet([start])
    while let node = search.next() { search.meet(upper[level - 1][node] ?? []) }
  }

  private func walkGround(_ search: GraphSearch, from start: Int32, breadth: Int) {
    search.begin(breadth, rowCount: rows.count)
    search.meet([start])
    if !strays.isEmpty { search.meet(strays) }
    while let node = search.next() {
      search.meet(neighbours(node))
      let rescued = rescued(node)
      if !rescued.isEmpty { search.meet(rescued) }
    }
  }
}
