/// Who is in a gallery: names with numbers that stay, in the order in which they were first enrolled.
struct LabelTable {
  /// By number; nil: gone.
  private var names: [String?] = []
  private var numbers: [String: Int32] = [:]
  /// References of each.
  private var counts: [Int] = []

  var count: Int { numbers.count }
  /// Numbers that were given.
  var made: Int { names.count }

  /// Numbers below this one are given to nobody new: others have had them.
  mutating func skip(to made: Int) {
    while names.count < made {
      names.append(nil)
      counts.append(0)
    }
  }
  /// In order.
  var living: [String] { names.compactMap { $0 } }

  func number(_ name: String) -> Int32? { numbers[name] }
  func name(_ number: Int32) -> String? { names.indices.contains(Int(number)) ? names[Int(number)] : nil }
  func references(_ number: Int32) -> Int { counts.indices.contains(Int(number)) ? counts[Int(number)] : 0 }

  /// The number of a name, a new one for a new name.
  mutating func add(_ name: String, references: Int) -> Int32 {
    if let known = numbers[name] {
      counts[Int(known)] += references
      return known
    }
    let number = Int32(names.count)
    names.append(name)
    counts.append(references)
    numbers[name] = number
    return number
  }

  /// - Returns: its number.
  mutating func remove(_ name: String) -> Int32? {
    guard let number = numbers.removeValue(forKey: name) else { return nil }
    names[Int(number)] = nil
    counts[Int(number)] = 0
    return number
  }

  /// Whatever it is called.
  mutating func forget(_ number: Int32) {
    guard names.indices.contains(Int(number)), let name = names[Int(number)] else { return }
    _ = remove(name)
  }

  mutating func rename(_ name: String, to new: String) {
    guard let number = numbers.removeValue(forKey: name) else { return }
    names[Int(number)] = new
    numbers[new] = number
  }
}
