import Testing

@testable import NeuralNetworks

/// Which array of a file goes to which of a network's.
@Suite struct WeightMatchTests {
  private static let wanted: [WeightMatch.Entry] = [
    ("1.weight", [4, 1, 3, 3]), ("1.bias", [4]), ("2.scale", [4]), ("2.shift", [4]), ("2.mean", [4]),
    ("2.variance", [4]),
  ]

  private static func taken(_ given: [WeightMatch.Entry], _ wanted: [WeightMatch.Entry] = wanted) -> [String?] {
    WeightMatch(given, for: wanted).sources.map { $0.map { given[$0].name } }
  }

  /// Two of the names of a Sequential, which counts from 0, are names of other arrays here.
  @Test func sequential() {
    let given: [WeightMatch.Entry] = [
      ("0.weight", [4, 1, 3, 3]), ("0.bias", [4]), ("1.weight", [4]), ("1.bias", [4]), ("1.running_mean", [4]),
      ("1.running_var", [4]), ("1.num_batches_tracked", []),
    ]
    #expect(
      Self.taken(given) == ["0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var"])
    #expect(WeightMatch(given, for: Self.wanted).left == [6])
    let dense: [WeightMatch.Entry] = [("2.weight", [3, 3]), ("2.bias", [3]), ("3.weight", [3, 3]), ("3.bias", [3])]
    let linear: [WeightMatch.Entry] = [("1.weight", [3, 3]), ("1.bias", [3]), ("2.weight", [3, 3]), ("2.bias", [3])]
    #expect(Self.taken(linear, dense) == ["1.weight", "1.bias", "2.weight", "2.bias"])
  }

  /// As safetensors has them: within a module, and of modules 10 before 2.
  @Test func sortedByName() {
    let given: [WeightMatch.Entry] = [
      ("0.bias", [4]), ("0.weight", [4, 1, 3, 3]), ("1.bias", [4]), ("1.num_batches_tracked", []),
      ("1.running_mean", [4]),
      ("1.running_var", [4]), ("1.weight", [4]),
    ]
    #expect(
      Self.taken(given) == ["0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var"])
    let names = (0..<12).map { "layer\($0).weight" }
    let many = names.sorted().map { WeightMatch.Entry($0, [2, 2]) }
    let layers = (1...12).map { WeightMatch.Entry("\($0).weight", [2, 2]) }
    #expect(Self.taken(many, layers) == names)
  }

  /// In whatever order, and beside what is not of this network.
  @Test func ownNames() {
    let given = Self.wanted.reversed() + [("num_batches_tracked", [])]
    #expect(Self.taken(Array(given)) == Self.wanted.map(\.name))
    // One more makes it a file of another network: its modules come one after the other.
    let more = [("0.weight", [4, 1, 3, 3]), ("0.bias", [4])] + Self.wanted
    #expect(Self.taken(more).prefix(2) == ["0.weight", "0.bias"])
  }

  @Test func otherNamesByOrderAndShape() {
    let given: [WeightMatch.Entry] = [("b", [3]), ("kernel", [3, 2]), ("offset", [3])]
    #expect(Self.taken(given, [("1.weight", [3, 2]), ("1.bias", [3])]) == ["kernel", "b"])
    // A module without one of its arrays is none; nothing of it goes elsewhere.
    #expect(
      Self.taken([("0.weight", [4]), ("0.bias", [4])], [("1.scale", [4]), ("1.shift", [4]), ("1.mean", [4])])
        == [nil, nil, nil])
    #expect(Self.taken([], [("1.weight", [1])]) == [nil])
    #expect(Self.taken([("", [1])], [("1.weight", [1])]) == [""])
  }
}
