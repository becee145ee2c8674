extension ReferenceGallery {
  /// All references in the order in which they were enrolled; each is made when it is asked for.
  public struct References: RandomAccessCollection, Equatable {
    let gallery: ReferenceGallery

    public var startIndex: Int { 0 }
    public var endIndex: Int { gallery.referenceCount }
    public subscript(position: Int) -> Reference { gallery.reference(position) }

    public static func == (_ a: Self, _ b: Self) -> Bool {
      a.count == b.count && a.indices.allSatisfy { a[$0] == b[$0] }
    }
  }

  /// All of them, as the gallery has them when they are asked for.
  public var references: References { References(gallery: self) }

  /// How many there are.
  public var referenceCount: Int { remote?.known.references ?? owners.count - passed }

  /// How many a label has; 0: there is no such label.
  public func referenceCount(of label: String) throws -> Int {
    if let remote { return try remote.references(of: label) }
    if let store { return try store.references(of: label) }
    return labelTable.number(label).map(labelTable.references) ?? 0
  }

  /// Labels in the order in which they were first enrolled.
  public var labels: [String] {
    get throws {
      if let remote { return try remote.labels() }
      if let store {
        try follow()
        return try store.labels()
      }
      return labelTable.living
    }
  }

  /// How many labels there are.
  public var labelCount: Int { remote?.known.labels ?? store?.labelCount ?? labelTable.count }

  /// Whether somebody has the label.
  public func contains(_ label: String) throws -> Bool {
    if let remote { return try remote.contains(label) }
    return try number(of: label) != nil
  }

  /// Some labels, for a page of them: those that contain a text, whatever its case.
  ///
  /// - Returns: how many there are in all, and of those on the page the names and the first references with a picture.
  public func page(
    search: String = "", offset: Int, limit: Int, references: Int
  ) throws -> (found: Int, list: [(label: String, count: Int, references: [Int])]) {
    try follow()
    if let remote {
      return try remote.page(search: search, offset: offset, limit: limit, references: references)
    }
    if let store {
      let (found, list) = try store.page(search: search, offset: offset, limit: limit, references: references)
      return (found, list.map { ($0.label, $0.count, $0.rows.map(position)) })
    }
    let wanted = GalleryStore.folded(search).utf8
    var names = labelTable.living
    if !wanted.isEmpty { names = names.filter { GalleryStore.folded($0).utf8.firstRange(of: wanted) != nil } }
    let members = Members(owners)
    let list = names.dropFirst(offset).prefix(limit).map { name in
      let rows = labelTable.number(name).map { members.rows($0) } ?? []
      let shown = Array(rows.lazy.filter { !self.inputs[Int($0)].isEmpty }.prefix(references))
      return (label: name, count: rows.count, references: shown.map { position(Int($0)) })
    }
    return (names.count, Array(list))
  }

  func number(of label: String) throws -> Int32? {
    if let store { return try store.number(of: label) }
    return labelTable.number(label)
  }

  func name(of number: Int32) throws -> String {
    if let store { return try store.name(of: number) }
    return labelTable.name(number) ?? ""
  }

  // MARK: Rows and references

  /// A removed reference leaves its row behind: the row of the n-th reference that is there.
  func row(_ position: Int) -> Int { passed == 0 ? position : Int(livingRows[position]) }

  /// Which of the references that are there a row is.
  func position(_ row: Int) -> Int {
    if passed == 0 { return row }
    let living = livingRows
    var (low, high) = (0, living.count)
    while low < high {
      let middle = (low + high) / 2
      if Int(living[middle]) < row { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private var livingRows: [Int32] {
    if let cached = cachedLiving, cached.version == version { return cached.rows }
    let rows = owners.indices.lazy.filter { self.owners[$0] >= 0 }.map { Int32($0) }
    let all = Array(rows)
    cachedLiving = (version, all)
    return all
  }

  private func reference(_ position: Int) -> Reference {
    let row = row(position)
    return Reference(
      label: (try? name(of: owners[row])) ?? "", input: (try? input(row)) ?? [], embedding: rows?.values(row) ?? [])
  }

  /// The prepared image of a reference; empty: none was kept.
  func input(_ row: Int) throws -> [Float] {
    if let store { return try store.picture(row) ?? [] }
    return inputs.indices.contains(row) ? inputs[row] : []
  }

  /// The prepared image of the n-th reference; empty: none was kept. Nil: there is no such reference.
  public func input(ofReference position: Int) throws -> [Float]? {
    if let remote { return try remote.picture(position) }
    try follow()
    guard position >= 0, position < referenceCount else { return nil }
    return try input(row(position))
  }

  /// Whether a reference's picture is kept: `input(ofReference:)` without reading it.
  public func keepsPicture(ofReference position: Int) throws -> Bool {
    if let remote { return try remote.keepsPicture(position) }
    guard position >= 0, position < referenceCount else { return false }
    let row = row(position)
    return try store?.keepsPicture(row) ?? !inputs[row].isEmpty
  }
}

/// The rows of each owner, one after the other.
struct Members {
  /// All rows, owner by owner.
  private var order: [Int32] = []
  /// Where each owner's begin, and the end.
  private var starts: [Int] = [0]

  init(_ owners: [Int32]) {
    let count = Int(owners.max() ?? -1) + 1
    starts = [Int](repeating: 0, count: count + 1)
    for owner in owners where owner >= 0 { starts[Int(owner) + 1] += 1 }
    for owner in 0..<count { starts[owner + 1] += starts[owner] }
    order = [Int32](repeating: 0, count: starts[count])
    var next = starts
    for (row, owner) in owners.enumerated() where owner >= 0 {
      order[next[Int(owner)]] = Int32(row)
      next[Int(owner)] += 1
    }
  }

  /// Numbers of owners go up to here; some may have no rows.
  var ownerCount: Int { starts.count - 1 }

  func rows(_ owner: Int32) -> ArraySlice<Int32> {
    guard owner >= 0, Int(owner) < ownerCount else { return [] }
    return order[starts[Int(owner)]..<starts[Int(owner) + 1]]
  }

  /// Which of its owner's rows one is, from 0.
  func place(of row: Int32, _ owner: Int32) -> Int {
    let rows = rows(owner)
    return (rows.firstIndex(of: row) ?? rows.startIndex) - rows.startIndex
  }
}
