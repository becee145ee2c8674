import Diagnostics

/// What can go wrong with matrices; the words stand in `LinearAlgebraError+Explanation.swift`.
public enum LinearAlgebraError: ExplainedError, Hashable {
  case notMatrix(function: String, argument: String, shape: [Int])
  /// A function of one matrix got a stack of them.
  case stack(function: String, argument: String, shape: [Int])
  case notSquare(function: String, shape: [Int])
  /// The right side has another number of rows than the matrix.
  case rows(function: String, matrix: [Int], right: [Int])
  /// Stacks that do not broadcast.
  case stacks(function: String, [Int], [Int])
  case notFinite(function: String, argument: String, value: Float, place: [Int])
  /// `place`: which of a stack; empty where there is one matrix.
  case singular(function: String, place: [Int], isExact: Bool)
  /// The leading minor of this order is the first that is not positive.
  case notPositiveDefinite(function: String, place: [Int], order: Int)
  case noConvergence(function: String, place: [Int])
  case tooLarge(function: String, rows: Int, columns: Int)
  case noLibrary(function: String)
  case noGradient(function: String)
}
