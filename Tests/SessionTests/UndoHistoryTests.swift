import Interpreter
import Testing

@testable import Session

/// Counts, and can be brought back, as a network that is trained.
private final class Counter: HostObject {
  var count = 0
  private var changes = 0
  private let bytes: Int
  private let name: String
  /// In which order objects are brought back.
  var onRestore: () -> Void = {}

  init(bytes: Int = 8, name: String = "counter") {
    self.bytes = bytes
    self.name = name
  }

  override var typeName: String { name }
  override var version: Int? { changes }
  override var checkpointBytes: Int { bytes }

  func add() {
    count += 1
    changes += 1
  }

  override func checkpoint() throws -> () throws -> Void {
    let then = count
    return {
      self.count = then
      self.changes += 1
      self.onRestore()
    }
  }
}

@Suite struct UndoHistoryTests {
  /// Names by slot: "a", "b" and so on.
  private struct Names {
    var history = UndoHistory()
    var versions = ObjectVersions()
    var values: [Value]
    var byteLimit = 1 << 20

    init(_ values: Value...) { self.values = values }

    /// A cell that does `body`.
    mutating func cell(isHeld: Bool = true, _ body: (inout [Value]) -> Void) -> UndoHistory.Changes {
      let start = history.begin(
        values, UndoHistory.Step(entryCount: 0, cellNumber: 1, random: RandomPlace(seed: 0, drawn: 0)),
        versions: versions, isHeld: isHeld,
        byteLimit: byteLimit)
      body(&values)
      let changes = history.changes(
        since: start, to: values, name: { String(UnicodeScalar(UInt8(97 + $0))) }, versions: versions)
      history.keep(changes.step, byteLimit: byteLimit)
      return changes
    }
  }

  @Test func onlyWhatACellChangedIsKept() {
    var names = Names(.number(1), .number(2))
    let changes = names.cell { $0[1] = .number(3) }
    #expect(changes.boundAnew == ["b"] && changes.changed == ["b"] || changes.boundAnew == ["b"])
    #expect(changes.step.values.map(\.name) == ["b"])
    #expect(changes.step.values.first?.value.isIdentical(to: .number(2)) == true)
    #expect(names.cell { _ in }.step.values.isEmpty)
  }

  @Test func aNewNameHadNoValueBefore() {
    var names = Names(.number(1))
    let changes = names.cell { $0.append(.number(5)) }
    #expect(changes.boundAnew == ["b"] && changes.changed.isEmpty)
    #expect(changes.step.values.first?.value.isUnset == true)
  }

  @Test func anObjectComesBackAndStandsForItsOldVersion() throws {
    let counter = Counter()
    var names = Names(.object(counter))
    counter.add()
    let changes = names.cell { _ in counter.add() }
    #expect(changes.boundAnew.isEmpty && changes.changed == ["a"])
    try UndoHistory.restoreObjects(changes.step, versions: &names.versions)
    #expect(counter.count == 1 && counter.version == 3)
    #expect(names.versions.version(of: .object(counter)) == 1)
    counter.add()
    #expect(names.versions.version(of: .object(counter)) == 4)
  }

  /// Also one that only a list holds.
  @Test func networksComeBackBeforeWhatLooksAtThem() throws {
    let (trainer, network) = (Counter(name: "trainer"), Counter(name: "network"))
    var order: [String] = []
    trainer.onRestore = { order.append("trainer") }
    network.onRestore = { order.append("network") }
    var names = Names(.object(trainer), .list(ListBox([.object(network)])))
    let changes = names.cell { _ in
      trainer.add()
      network.add()
    }
    try UndoHistory.restoreObjects(changes.step, versions: &names.versions)
    #expect(order == ["network", "trainer"])
  }

  @Test func whatIsTooLargeIsRefusedBeforeAnythingChanges() {
    let (large, small) = (Counter(bytes: 900_000), Counter())
    var names = Names(.object(large), .object(small))
    let changes = names.cell { _ in
      large.add()
      small.add()
    }
    #expect(throws: SessionError.tooLargeToUndo(large.summary)) {
      try UndoHistory.restoreObjects(changes.step, versions: &names.versions)
    }
    #expect(small.count == 1)
  }

  @Test func oldStepsGoWhereAllHoldTooMuch() {
    var names = Names(.number(0))
    names.byteLimit = 2500
    for index in 0..<5 {
      _ = names.cell { $0[0] = Value(String(repeating: "x", count: 1000 + index)) }
    }
    #expect(names.history.steps.count == 2)
    #expect(names.history.steps.reduce(0) { $0 + $1.bytes } <= 2500)
  }

  @Test func noMoreStepsThanTheLimit() {
    var names = Names(.number(0))
    for index in 1...(UndoHistory.limit + 5) { _ = names.cell { $0[0] = .number(Double(index)) } }
    #expect(names.history.steps.count == UndoHistory.limit)
    #expect(names.history.last?.values.first?.value.isIdentical(to: .number(Double(UndoHistory.limit + 4))) == true)
    names.history.removeAll()
    #expect(names.history.last == nil)
  }

  /// Without undo nothing is held, and what a cell bound is known all the same.
  @Test func withoutUndoNamesAreToldApartByTokens() {
    var names = Names(.number(1), Value("text"), .number(.nan))
    names.history.isKept = false
    let changes = names.cell(isHeld: false) {
      $0[0] = .number(2)
      $0.append(.number(3))
    }
    #expect(changes.boundAnew == ["a", "d"] && changes.step.values.isEmpty)
    #expect(names.history.steps.isEmpty)
  }
}
