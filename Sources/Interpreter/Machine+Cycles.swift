import CSystem
import Memory
import Tensors

/// The cells that are there. A ring of references always goes through one: nothing else of the language can come to hold
/// itself.
final class CellRegistry {
  private(set) var cells: [Unmanaged<Cell>] = []
  /// Cells that the last search left.
  private var left = 0
  private var made = 0
  /// What the process held at the last search, or when that was last asked.
  private var resident = 0

  /// True now and then: it is time to look for rings.
  func add(_ cell: Cell) -> Bool {
    cell.place = cells.count
    cells.append(Unmanaged.passUnretained(cell))
    made += 1
    if cells.count > 2 * left + 128 { return true }
    return made & 63 == 0 && hasGrown
  }

  func remove(_ cell: Cell) {
    guard cells.indices.contains(cell.place), let last = cells.popLast() else { return }
    if cell.place < cells.count {
      cells[cell.place] = last
      last._withUnsafeGuaranteedRef { $0.place = cell.place }
    }
    cell.place = -1
  }

  /// More have come than were left last time.
  var isWorthLooking: Bool { cells.count > left + left / 2 + 16 }

  func searched() {
    left = cells.count
    resident = MemoryBudget.held
  }

  /// A few rings may hold much memory.
  private var hasGrown: Bool { MemoryBudget.held > resident + 256 << 20 }
}

extension Machine {
  func makeCell(_ value: Value) -> Value {
    let cell = Cell(value, registry: cells)
    if cells.add(cell) { collectCycles() }
    return .object(cell)
  }

  /// When a text has been run.
  func collectCyclesAtRest() {
    if cells.isWorthLooking { collectCycles() }
  }

  /// Lets go of values that only hold each other: `fn a() { b() }` and `fn b() { a() }` inside a function, a record with a
  /// function that reads it.
  @inline(never)
  func collectCycles() {
    guard !cells.cells.isEmpty else { return }
    breakRings()
    cells.searched()
  }

  private func breakRings() {
    var search = CycleSearch()
    let garbage = search.unreachable(cells.cells) { context.interrupt.isRaised }
    // Kept until all are emptied, so that none of them goes while another still names it.
    var held: [Value] = []
    for cell in garbage {
      held.append(cell.value)
      cell.value = .unset
    }
    dismantle(&held)
  }
}

/// Finds what nobody outside reaches, by trial: of each object that cells reach, the references from among them are counted,
/// and what has more than those is held from outside (Christopher 1984; Bacon and Rajan 2001). Whoever holds a value in
/// whatever way counts as outside, so that the search may come at any time.
private struct CycleSearch {
  private enum Kind {
    case cell, list, record, closure, method, composed
    /// The storage of an array, which copies share; its owner here is who led to it.
    case items, fields, steps
  }

  private struct Node {
    var kind: Kind
    var object: UnsafeMutableRawPointer
    /// For storage: the list, record or chain that has it.
    var owner: UnsafeMutableRawPointer
    var referencesFromInside = 0
    var edges = 0..<0
    var isHeld = false
  }

  private var nodes: [Node] = []
  private var places: [UnsafeMutableRawPointer: Int] = [:]
  private var edges: [Int] = []

  /// - Parameter isGivenUp: asked now and then; then nothing is found.
  mutating func unreachable(_ cells: [Unmanaged<Cell>], isGivenUp: () -> Bool) -> [Cell] {
    for cell in cells { _ = place(.cell, cell.toOpaque(), owner: cell.toOpaque()) }
    var next = 0
    while next < nodes.count {
      if next & 0xFFFF == 0xFFFF, isGivenUp() { return [] }
      let first = edges.count
      expand(next)
      nodes[next].edges = first..<edges.count
      next += 1
    }
    for edge in edges { nodes[edge].referencesFromInside += 1 }
    var pending: [Int] = []
    for index in nodes.indices where twin_references(nodes[index].object) > nodes[index].referencesFromInside {
      nodes[index].isHeld = true
      pending.append(index)
    }
    while let index = pending.popLast() {
      for edge in edges[nodes[index].edges] where !nodes[edge].isHeld {
        nodes[edge].isHeld = true
        pending.append(edge)
      }
    }
    return nodes.filter { $0.kind == .cell && !$0.isHeld }
      .map { Unmanaged<Cell>.fromOpaque($0.object).takeUnretainedValue() }
  }

  private mutating func place(_ kind: Kind, _ object: UnsafeMutableRawPointer, owner: UnsafeMutableRawPointer) -> Int {
    if let known = places[object] { return known }
    nodes.append(Node(kind: kind, object: object, owner: owner))
    places[object] = nodes.count - 1
    return nodes.count - 1
  }

  private mutating func lead(to kind: Kind, _ object: AnyObject) {
    let pointer = Unmanaged.passUnretained(object).toOpaque()
    edges.append(place(kind, pointer, owner: pointer))
  }

  private mutating func lead<Item>(to kind: Kind, storageOf items: [Item], _ owner: UnsafeMutableRawPointer) {
    guard !items.isEmpty else { return }
    edges.append(place(kind, ArrayStorage.pointer(items), owner: owner))
  }

  private mutating func lead(to value: Value) {
    switch value {
    case .list(let box): if box.items.holdOthers { lead(to: .list, box) }
    case .record(let box): if box.values.holdOthers { lead(to: .record, box) }
    case .function(let function): lead(to: function)
    case .object(let object): if object is Cell { lead(to: .cell, object) }
    default: break
    }
  }

  private mutating func lead(to function: FunctionValue) {
    switch function {
    case is Closure: lead(to: .closure, function)
    case is BoundMethod: lead(to: .method, function)
    case is ComposedFunction: lead(to: .composed, function)
    default: break
    }
  }

  private func object<Object: AnyObject>(_ pointer: UnsafeMutableRawPointer, as type: Object.Type) -> Object {
    Unmanaged<Object>.fromOpaque(pointer).takeUnretainedValue()
  }

  private mutating func expand(_ index: Int) {
    let node = nodes[index]
    switch node.kind {
    case .cell: lead(to: object(node.object, as: Cell.self).value)
    case .list: lead(to: .items, storageOf: object(node.object, as: ListBox.self).items, node.object)
    case .record: lead(to: .fields, storageOf: object(node.object, as: RecordBox.self).values, node.object)
    case .composed: lead(to: .steps, storageOf: object(node.object, as: ComposedFunction.self).steps, node.object)
    case .items: for item in object(node.owner, as: ListBox.self).items { lead(to: item) }
    case .fields: for value in object(node.owner, as: RecordBox.self).values { lead(to: value) }
    case .steps: for step in object(node.owner, as: ComposedFunction.self).steps { lead(to: step) }
    case .method: lead(to: object(node.object, as: BoundMethod.self).receiver)
    case .closure:
      let closure = object(node.object, as: Closure.self)
      for place in 0..<closure.captureCount { lead(to: closure.captures[place]) }
    }
  }
}

/// Where the items of an array are: an array is one pointer to them, which a test makes sure of.
enum ArrayStorage {
  static func pointer<Item>(_ items: [Item]) -> UnsafeMutableRawPointer {
    unsafeBitCast(items, to: UnsafeMutableRawPointer.self)
  }

  static var isOnePointer: Bool { MemoryLayout<[Value]>.size == MemoryLayout<UnsafeMutableRawPointer>.size }
}
