import Diagnostics
import Syntax

/// A name that belongs to a function (or to a comprehension inside one).
final class Variable {
  let name: String
  let isParameter: Bool
  /// How often it is given a value or changed in place; a parameter starts with one.
  var assignments: Int
  /// Given its value once, outside of every branch and loop, at this point of the walk.
  var plainAssignment: Int?
  /// The first point at which a function that reads it is made.
  var firstCapture: Int?
  /// The same, for reads inside of the function that is defined under this name: `fn f(n) { f(n - 1) }`.
  var firstOwnRead: Int?
  var register = -1

  init(_ name: String, isParameter: Bool) {
    self.name = name
    self.isParameter = isParameter
    assignments = isParameter ? 1 : 0
    plainAssignment = isParameter ? 0 : nil
  }

  /// A captured variable lives in a cell, unless it has its one and only value before any function takes a copy of it.
  var isBoxed: Bool {
    guard assignments == 1, let plainAssignment else { return firstCapture != nil || firstOwnRead != nil }
    return firstCapture.map { plainAssignment > $0 } ?? false
  }

  /// Defined once, so that a function which asks for its own name means itself. It takes no cell, whose function would
  /// hold the cell in turn, and both would stay for ever.
  var isItself: Bool { !isBoxed && !isParameter && firstOwnRead != nil }
}

/// The names of one function. Blocks open no scope, comprehensions do.
final class FunctionScope {
  let parent: FunctionScope?
  /// Of `fn name(…) { … }`.
  let functionName: String?
  var variables: [String: Variable] = [:]
  var order: [Variable] = []
  /// Nested functions and comprehensions, found again by where they stand in the text.
  var children: [Span: FunctionScope] = [:]
  var comprehensions: [Span: [String: Variable]] = [:]
  /// Comprehensions around the point that is being walked, innermost last.
  var open: [[String: Variable]] = []

  init(parent: FunctionScope?, functionName: String? = nil) {
    self.parent = parent
    self.functionName = functionName
  }

  /// Whether `name`, which `owner` owns, is the name of the function on the way there from here.
  func isWithinFunction(named name: String, of owner: FunctionScope) -> Bool {
    var scope = self
    while let parent = scope.parent, parent !== owner { scope = parent }
    return scope.functionName == name
  }

  var isMain: Bool { parent == nil }

  func declare(_ name: String, isParameter: Bool = false) {
    guard variables[name] == nil else { return }
    let variable = Variable(name, isParameter: isParameter)
    variables[name] = variable
    order.append(variable)
  }

  /// The variable that a name means here, and the scope that owns it; nil: a session name or a builtin.
  func find(_ name: String) -> (Variable, FunctionScope)? {
    var scope: FunctionScope? = self
    while let current = scope {
      for comprehension in current.open.reversed() {
        if let variable = comprehension[name] { return (variable, current) }
      }
      if let variable = current.variables[name] { return (variable, current) }
      scope = current.parent
    }
    return nil
  }
}
