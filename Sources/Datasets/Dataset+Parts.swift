import Diagnostics
import Tensors

/// Parts of a dataset: they share its pixels.
extension Dataset {
  func near(_ name: String) -> String? { nearName(name, among: classNames) }

  /// The items at these positions, in this order. Classes that have none left are dropped; the others keep their order.
  public func subset(_ positions: [Int]) throws(DatasetError) -> Dataset {
    for position in positions where !items.indices.contains(position) {
      throw .noSuchItem(index: position, count: count)
    }
    return part(positions, keepEmpty: false)
  }

  func part(_ positions: [Int], keepEmpty: Bool) -> Dataset {
    var used = [Bool](repeating: keepEmpty, count: classNames.count)
    for position in positions { used[Int(items[position].label)] = true }
    var number = [Int32](repeating: 0, count: classNames.count)
    var names: [String] = []
    for label in classNames.indices where used[label] {
      number[label] = Int32(names.count)
      names.append(classNames[label])
    }
    let kept = positions.map { position in
      var item = items[position]
      item.label = number[Int(item.label)]
      return item
    }
    return with(items: kept, classNames: names)
  }

  func with(items: [Item], classNames: [String], store: PixelStore? = nil) -> Dataset {
    let store = store ?? self.store
    var kept = preprocessing
    kept.shape = [store.channels, store.height, store.width]
    var copy = Dataset(name: name, store: store, items: items, classNames: classNames, preprocessing: kept)
    copy.augmentation = augmentation
    return copy
  }

  /// The items of these classes.
  public func only(classes names: [String]) throws(DatasetError) -> Dataset {
    var wanted = Set<Int>()
    for name in names { wanted.insert(try classIndex(name)) }
    // Only the classes that are asked for are looked at: a dataset may have fifty thousand images.
    if wanted.count == 1, let label = wanted.first, !membersByClass[label].isEmpty {
      let members = membersByClass[label].map { position in
        var item = items[position]
        item.label = 0
        return item
      }
      return with(items: members, classNames: [classNames[label]])
    }
    return part(wanted.flatMap { membersByClass[$0] }.sorted(), keepEmpty: false)
  }

  /// The items that satisfy `keep` (position and class name).
  public func filter(_ keep: (Int, String) throws -> Bool) rethrows -> Dataset {
    part(try items.indices.filter { try keep($0, classNames[Int(items[$0].label)]) }, keepEmpty: false)
  }

  /// Splits by class: no class stands on both sides. `classes` drawn from the seed go to the first part; both parts
  /// keep the natural order of names.
  public func split(classes wanted: Int, seed: UInt64) throws(DatasetError) -> (Dataset, Dataset) {
    guard wanted >= 1, wanted < classNames.count else {
      throw .badClassCount(asked: wanted, available: classNames.count)
    }
    let chosen = Draws.permutation(classNames.count, seed: seed, stream: Draws.splitting).prefix(wanted)
    return divided(first: Set(chosen))
  }

  /// The named classes go to the first part, all others to the second.
  public func split(classes names: [String]) throws(DatasetError) -> (Dataset, Dataset) {
    var chosen = Set<Int>()
    for name in names { chosen.insert(try classIndex(name)) }
    guard !chosen.isEmpty, chosen.count < classNames.count else {
      throw .badClassCount(asked: chosen.count, available: classNames.count)
    }
    return divided(first: chosen)
  }

  /// Splits each class's images: about `fraction` of them go to the first part. The same identities stand on both
  /// sides, which the parts' `warnings` say.
  public func split(fraction: Double, seed: UInt64) throws(DatasetError) -> (Dataset, Dataset) {
    guard fraction > 0, fraction < 1 else { throw .badFraction(fraction) }
    var first = Set<Int>()
    for (label, members) in membersByClass.enumerated() {
      let order = Draws.permutation(members.count, seed: seed, stream: Draws.splitting &+ UInt64(label) &+ 1)
      let share = min(members.count, max(0, Int((Double(members.count) * fraction).rounded())))
      for index in order.prefix(share) { first.insert(members[index]) }
    }
    guard !first.isEmpty, first.count < items.count else {
      throw .emptyPart(fraction: fraction, most: membersByClass.map(\.count).max() ?? 0)
    }
    var parts = (
      part(items.indices.filter { first.contains($0) }, keepEmpty: true),
      part(items.indices.filter { !first.contains($0) }, keepEmpty: true)
    )
    let warning =
      "split(fraction=) leaves the same classes on both sides: figures on the second part are better than for strangers; "
      + "split(classes=) keeps them apart"
    parts.0.warnings = [warning]
    parts.1.warnings = [warning]
    return parts
  }

  private func divided(first: Set<Int>) -> (Dataset, Dataset) {
    let inFirst = items.indices.filter { first.contains(Int(items[$0].label)) }
    let inSecond = items.indices.filter { !first.contains(Int(items[$0].label)) }
    return (part(inFirst, keepEmpty: false), part(inSecond, keepEmpty: false))
  }

  /// The first `n` items.
  public func take(_ n: Int) throws(DatasetError) -> Dataset {
    guard n >= 0 else {
      throw .badNumber(function: "take", argument: "a count", value: "\(n)", expected: "of 0 or more")
    }
    return part(Array(items.indices.prefix(n)), keepEmpty: false)
  }

  /// All items in an order drawn from the seed.
  public func shuffled(seed: UInt64) -> Dataset {
    part(Draws.permutation(count, seed: seed, stream: Draws.shuffling), keepEmpty: true)
  }

  /// The folders above the classes ("Greek" of "Greek/character01"), in natural order; empty where classes stand alone.
  public var groups: [String] {
    var seen = Set<String>()
    var names: [String] = []
    for name in classNames {
      if let group = Self.group(of: name), seen.insert(group).inserted { names.append(group) }
    }
    return names
  }

  /// What stands before the last / of a class's name: "Balinese" of "Balinese/character01"; nil where there is none.
  public static func group(of className: String) -> String? {
    guard let slash = className.lastIndex(of: "/") else { return nil }
    return String(className[..<slash])
  }

  /// The classes of one group: an alphabet of Omniglot.
  public func group(_ name: String) throws(DatasetError) -> Dataset {
    let members = items.indices.filter { Self.group(of: classNames[Int(items[$0].label)]) == name }
    guard !members.isEmpty else { throw .noSuchGroup(name: name, groups: groups) }
    var found = part(members, keepEmpty: false)
    found.name = self.name + "/" + name
    return found
  }

  /// Each class four times, seen by 0, 90, 180 and 270 degrees, as classes of their own ("name@90"). Square images.
  /// - Throws: `DatasetError.namesMeet` where a class stands there by such a name: the classes were turned before.
  public func rotations() throws(DatasetError) -> Dataset {
    guard store.height == store.width else {
      throw .notSquare(function: "rotations", height: store.height, width: store.width)
    }
    var turned: [Item] = []
    var names: [String] = []
    for quarter in 0..<4 {
      names += classNames.map { quarter == 0 ? $0 : "\($0)@\(quarter * 90)" }
      turned += items.map { item in
        var seen = item
        // What is mirrored after its turns turns the other way.
        seen.turns = (item.turns + UInt8(item.mirrored ? 4 - quarter : quarter)) % 4
        seen.label += Int32(quarter * classNames.count)
        return seen
      }
    }
    return with(items: turned, classNames: try distinct(names, function: "rotations"))
  }

  /// Each class twice: as it is, and mirrored left to right as a class of its own ("s1", "s1@mirror"): another person's
  /// face, another character, for a training with few classes.
  /// - Throws: `DatasetError.namesMeet` where a class stands there by such a name: the classes were mirrored before.
  public func mirrors() throws(DatasetError) -> Dataset {
    let mirrored = items.map { item in
      var seen = item
      seen.mirrored.toggle()
      seen.label += Int32(classNames.count)
      return seen
    }
    let names = try distinct(classNames + classNames.map { "\($0)@mirror" }, function: "mirrors")
    return with(items: items + mirrored, classNames: names)
  }

  /// These names. What is turned a second time shows the same pictures as another class, so that the second class is not
  /// given another name but refused.
  private func distinct(_ names: [String], function: String) throws(DatasetError) -> [String] {
    var seen = Set<String>()
    for name in names where !seen.insert(name).inserted { throw .namesMeet(function: function, name: name) }
    return names
  }
}
