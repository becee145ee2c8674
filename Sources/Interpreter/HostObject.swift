import Diagnostics

/// How a value is to be shown.
public struct DisplayStyle: Sendable {
  /// Columns that may be used.
  public var width: Int
  /// Colour codes allowed.
  public var color: Bool
  /// Show everything, however long it is.
  public var full: Bool

  public init(width: Int = 80, color: Bool = false, full: Bool = false) {
    self.width = width
    self.color = color
    self.full = full
  }
}

/// One place between the brackets of `x[2:5, 0]`.
public enum IndexValue {
  case value(Value)
  case slice(start: Int?, stop: Int?, step: Int?)
  /// As many whole axes as are left; only tensors have them.
  case ellipsis
}

extension [IndexValue] {
  /// What stands between the brackets, for an error about it.
  public var inWords: String {
    guard count == 1, let only = first else { return "\(count) indexes" }
    switch only {
    case .value(let value): return value.inWords
    case .slice: return "a slice"
    case .ellipsis: return "`...`"
    }
  }

  /// The place of one item among `count`, negative ones counted from the end.
  /// - Parameter type: whose items, for the words of errors.
  public func place(in count: Int, of type: String) throws(RuntimeError) -> Int {
    guard self.count == 1, case .value(let value) = self[0], let number = value.asNumber,
      let given = Int(exactly: number)
    else { throw .oneIndex(type, got: inWords) }
    let place = given < 0 ? given + count : given
    guard (0..<count).contains(place) else { throw .indexOutOfRange(type: type, index: number, count: count) }
    return place
  }
}

public enum HostOperator: String, Sendable, CaseIterable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case remainder = "%"
  case matmul = "@"
  case power = "^"
  case compose = ">>"
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessEqual = "<="
  case greater = ">"
  case greaterEqual = ">="
  case contains = "in"
}

/// Gives values one at a time, nil at the end.
public final class ValueIterator {
  private let step: () throws -> Value?
  public init(_ step: @escaping () throws -> Value?) { self.step = step }
  public func next() throws -> Value? { try step() }
}

/// A value of a domain's own: datasets, networks, trainers, galleries, figures. A binding makes a subclass; what it does
/// not override answers with an error in words.
open class HostObject {
  public init() {}

  /// "dataset"; methods and properties are registered under it.
  open var typeName: String { "object" }

  /// What stands under a cell; may have several lines, without a newline at the end. It is recorded as the cell's result
  /// and compared on replay: no addresses, no times.
  open func describe(_ style: DisplayStyle) throws -> String { "<\(typeName)>" }

  /// A line for lists of such objects and for `%who`.
  open var summary: String { "<\(typeName)>" }

  /// `x[i]`, `x["class"]`, `x[2:5, 0]`.
  open func index(_ subscripts: [IndexValue], _ context: ExecutionContext) throws -> Value {
    throw RuntimeError.notIndexable(typeName)
  }

  /// `x[i] = v`.
  open func setIndex(_ subscripts: [IndexValue], to value: Value, _ context: ExecutionContext) throws {
    throw RuntimeError.itemsNotAssignable(typeName)
  }

  /// `x.name` for names that the registry has no entry for under this type (fields made at run time); nil: unknown.
  open func member(_ name: String, _ context: ExecutionContext) throws -> Value? { nil }
  /// Has the members that this type lacks: of a layer that was called by itself, the network that keeps its weights.
  open func standIn() throws -> HostObject? { nil }
  /// The names that `member` knows, for completion and near names.
  open var memberNames: [String] { [] }

  /// `x.name = v`.
  open func setMember(_ name: String, to value: Value, _ context: ExecutionContext) throws {
    throw RuntimeError.fieldsNotAssignable(typeName, name)
  }

  /// Parameters of `x(…)`; nil: cannot be called.
  open var callParameters: [BuiltinParameter]? { nil }
  /// `x(…)`, with the arguments bound to `callParameters`.
  open func call(_ arguments: Arguments, _ context: ExecutionContext) throws -> Value {
    throw RuntimeError.notCallable(typeName)
  }

  /// `x op other` (or `other op x` if `reversed`); nil: not defined, and the error says so.
  open func binary(
    _ op: HostOperator, with other: Value, reversed: Bool, _ context: ExecutionContext
  ) throws -> Value? { nil }

  /// What `for` goes over; nil: nothing.
  open func iterate(_ context: ExecutionContext) throws -> ValueIterator? { nil }
  /// What `len(x)` gives.
  open var length: Int? { nil }

  open func isEqual(to other: HostObject) -> Bool { self === other }

  /// A number that grows whenever training or enrolling changes the object; nil: it never changes. `%who` compares it.
  open var version: Int? { nil }
  /// The object's state now, and a closure that brings it back: for `%undo`. Nil: nothing to bring back.
  open func checkpoint() throws -> (() throws -> Void)? { nil }

  /// About how many bytes `checkpoint` copies.
  open var checkpointBytes: Int { 0 }

  /// Gives away the values it holds, when it is about to be released (see `dismantle`).
  func handOver(to pending: inout [Value]) {}
}
