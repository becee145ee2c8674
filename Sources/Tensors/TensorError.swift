import Diagnostics

/// What can go wrong with tensors; the words stand in `TensorError+Explanation.swift`.
public enum TensorError: ExplainedError, Hashable {
  case tooLarge(shape: [Int])
  case negativeAxis(shape: [Int])
  case valueCount(shape: [Int], values: Int)
  /// Two shapes that do not broadcast; `verb` reads as in "cannot add tensors of shapes".
  case shapes(verb: String, [Int], [Int])
  case matrixProduct([Int], [Int])
  case broadcast([Int], to: [Int])
  case reshape([Int], to: [Int])
  case axis(function: String, axis: Int, shape: [Int])
  case repeatedAxis(function: String, axis: Int)
  case permutation(axes: [Int], shape: [Int])
  /// `expected`: "4 axes (batch, channels, height, width)".
  case rank(function: String, expected: String, shape: [Int])
  case index(Int, axis: Int, size: Int)
  case tooManyIndexes(Int, shape: [Int])
  case stepZero
  case maskShape([Int], shape: [Int])
  /// Lists of places of these shapes, which are taken pairwise, do not broadcast.
  case pairedIndexes([[Int]])
  /// A condition that does not broadcast to what it chooses between.
  case condition([Int], of: [Int])
  /// Rows of one axis have other lengths or depths.
  case ragged([Int], [Int])
  case empty(function: String)
  case join(function: String, axis: Int, [Int], [Int])
  case squeeze(axis: Int, shape: [Int])
  case channels(function: String, expected: Int, got: Int)
  case window(function: String, kernel: [Int], input: [Int])
  /// An argument outside its range; `expected`: "a rate from 0 up to, but not including, 1".
  case argument(function: String, name: String, expected: String, got: String)
  case notScalar(function: String, shape: [Int])
  case twoTapes
  case secondDerivative(function: String)
  case customGradient(function: String, expected: [Int], got: [Int])
  case label(Int, classes: Int)
  /// Letters of axes that do not fit the tensors.
  case einsum(String, reason: String)
  /// The work was given up (see `LongWork`); no script can catch it.
  case interrupted
}
