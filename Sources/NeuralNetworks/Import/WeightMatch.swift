/// Which array of a file goes to which of a network's, by names and shapes.
///
/// A module of PyTorch and a layer here number their own arrays alike, but count from 0 and from 1, and programs that sort the
/// arrays of a file by name leave no order of layers or within them. So whole modules are matched: those arrays whose names
/// differ behind the last point alone.
public struct WeightMatch {
  /// An array's name and shape.
  public typealias Entry = (name: String, shape: [Int])

  /// For each array of the network, the file's; nil where none fits.
  public private(set) var sources: [Int?]
  private let given: [Entry]
  private let wanted: [Entry]
  private var isUsed: [Bool]

  /// Matches by whole names where these are the network's own, else by modules and what is left.
  /// - Parameters:
  ///   - given: the arrays of the file.
  ///   - wanted: those of the network, in its order.
  public init(_ given: [Entry], for wanted: [Entry]) {
    (self.given, self.wanted) = (given, wanted)
    sources = [Int?](repeating: nil, count: wanted.count)
    isUsed = [Bool](repeating: false, count: given.count)
    if !takeNames() {
      takeModules()
      takeOthers()
    }
  }

  /// Of the file's arrays, those that nothing takes.
  public var left: [Int] { given.indices.filter { !isUsed[$0] } }

  /// What a layer here calls an array, and PyTorch's module.
  private static let names = [
    "weight": "weight", "bias": "bias", "scale": "weight", "shift": "bias", "mean": "running_mean",
    "variance": "running_var", "slope": "weight",
  ]

  /// The file has the network's own names, all of them and no others: one that was written here.
  private mutating func takeNames() -> Bool {
    var places: [String: Int] = [:]
    for (index, entry) in given.enumerated() where Self.end(entry.name) != "num_batches_tracked" {
      guard places.updateValue(index, forKey: entry.name) == nil else { return false }
    }
    guard places.count == wanted.count else { return false }
    let found = wanted.map { entry in places[entry.name].flatMap { given[$0].shape == entry.shape ? $0 : nil } }
    guard found.allSatisfy({ $0 != nil }) else { return false }
    sources = found
    for case let index? in found { isUsed[index] = true }
    return true
  }

  /// Each layer takes the next module whose arrays are its own.
  private mutating func takeModules() {
    var modules = Self.modules(given)
    if Self.isSorted(given) { modules.sort { Self.isBefore($0.name, $1.name) } }
    var free = modules.indices.map { _ in true }
    for layer in Self.modules(wanted) {
      for (place, module) in modules.enumerated() where free[place] {
        guard let found = fit(layer.places, module.places) else { continue }
        for (array, index) in zip(layer.places, found) { take(index, for: array) }
        free[place] = false
        break
      }
    }
  }

  /// The module's arrays for the layer's, where it has one for each and, but for counts, no other.
  private func fit(_ layer: [Int], _ module: [Int]) -> [Int]? {
    let counted = module.filter { Self.end(given[$0].name) != "num_batches_tracked" }
    guard counted.count == layer.count else { return nil }
    var found: [Int] = []
    for array in layer {
      let own = Self.end(wanted[array].name)
      let fitting = counted.first { index in
        let name = Self.end(given[index].name)
        return (name == own || name == Self.names[own]) && given[index].shape == wanted[array].shape
          && !found.contains(index)
      }
      guard let fitting else { return nil }
      found.append(fitting)
    }
    return found
  }

  /// Arrays of other names, which say nothing of what they are: one after the other by their shapes.
  private mutating func takeOthers() {
    let known = Set(Self.names.keys).union(Self.names.values)
    for place in wanted.indices where sources[place] == nil {
      let next = given.indices.first { index in
        !isUsed[index] && given[index].shape == wanted[place].shape && !known.contains(Self.end(given[index].name))
      }
      if let next { take(next, for: place) }
    }
  }

  private mutating func take(_ index: Int, for place: Int) {
    sources[place] = index
    isUsed[index] = true
  }

  // MARK: Names

  /// Behind the last point.
  private static func end(_ name: String) -> String { name.split(separator: ".").last.map(String.init) ?? "" }

  /// Arrays whose names have the same beginning, in the order in which the first of each stands.
  private static func modules(_ entries: [Entry]) -> [(name: Substring, places: [Int])] {
    var numbers: [Substring: Int] = [:]
    var modules: [(name: Substring, places: [Int])] = []
    for (index, entry) in entries.enumerated() {
      let name = entry.name.lastIndex(of: ".").map { entry.name[..<$0] } ?? ""
      if let number = numbers[name] {
        modules[number].places.append(index)
      } else {
        numbers[name] = modules.count
        modules.append((name, [index]))
      }
    }
    return modules
  }

  private static func isSorted(_ entries: [Entry]) -> Bool {
    zip(entries, entries.dropFirst()).allSatisfy { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// Numbers by their size, so that "10" stands behind "2".
  private static func isBefore(_ one: Substring, _ other: Substring) -> Bool {
    let (a, b) = (one.split(separator: "."), other.split(separator: "."))
    for (x, y) in zip(a, b) where x != y {
      let (left, right) = (parts(x), parts(y))
      if left.word == right.word { return left.number < right.number }
      return left.word < right.word
    }
    return a.count < b.count
  }

  /// "layer10" as "layer" and 10.
  private static func parts(_ text: Substring) -> (word: Substring, number: Int) {
    let word = text.prefix { !$0.isNumber }
    return Int(text.dropFirst(word.count)).map { (word, $0) } ?? (text, 0)
  }
}
