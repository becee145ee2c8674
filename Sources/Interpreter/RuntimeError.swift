import Diagnostics

/// What can go wrong while a script runs, apart from what the domains report themselves. The words stand in
/// `RuntimeError+Explanation.swift`.
public enum RuntimeError: Error, Sendable {
  /// What stands beside a layer.
  public struct LayerNeighbour: Sendable {
    /// What the function is called; nil where it has no name.
    var name: String?
    /// Whether a call of it gives a layer, as of `dense`.
    var makesLayers: Bool
    var standsFirst: Bool
  }

  /// A name that is spelt nearly like one that has no value.
  public struct NearName: Sendable {
    var name: String
    /// A name of the session, and not of the library.
    var isOwn: Bool
  }

  /// `owners` are the types whose values have something of that name behind a dot.
  case unknownName(String, near: NearName? = nil, owners: [String] = [], isCalled: Bool = false)
  case unsetName(String, sessionHas: Bool)
  case unknownMember(String, type: String, near: String?)
  case unknownField(String, near: String?, fields: [String])
  case missingKey(String, near: String?)
  case notIndexable(String)
  /// A thing of which one item at a time can be had, and what came.
  case oneIndex(String, got: String)
  case itemsNotAssignable(String)
  case fieldsNotAssignable(String, String)
  case notCallable(String)
  /// What a name holds that hides a function of the library.
  case hiddenFunction(String, type: String)
  /// A property of this name, with parentheses behind it.
  case propertyCalled(String)
  case notIterable(String)
  case badIndex(String, got: String)
  case severalSubscripts(String, count: Int)
  /// A list, range or tensor between the brackets of a list or string.
  case severalPlaces(String, got: String, isRange: Bool)
  case badRepetition(String, times: Double)
  /// `xs[::2] = values`.
  case sliceCount(places: Int, values: Int)
  case zeroStep
  case ellipsisOf(String)
  case indexOutOfRange(type: String, index: Double, count: Int)
  case badOperands(String, String, String)
  /// A layer and a function that is none, on either side of `>>`.
  case notLayer(LayerNeighbour)
  case badUnary(String, String)
  case notComparable(String, String)
  case notCondition(String)
  case divisionByZero(String)
  case tooManyArguments(signature: String, most: Int, got: Int)
  /// `got` is how many arguments a function of the user's own was called with; nil for one of the library.
  case missingArgument(signature: String, name: String, got: Int? = nil)
  case unknownArgument(signature: String, name: String, near: String?)
  case repeatedArgument(signature: String, name: String)
  case namedOnly(signature: String, name: String)
  case unpackCount(expected: Int, got: Int, type: String)
  case notUnpackable(String)
  case runawayRecursion(limit: Int)
  case nativeRecursion(limit: Int)
  case stepLimit(Int)
  case tooLarge(String, Double)
  case tooDeep(String)
  case badFormat(String, String)
  /// Something among the items of a list that a format for numbers is asked to write.
  case strangerAmongFormatted(String)
  /// A range with an end beyond 2⁵³.
  case rangeTooFar(Double)
  case assertion(String?)
  case tooComplex(String)
  case includeCycle(String)
  case includeFailed(String, String)
  case includePlace
  case mutatesSessionName(String)
  case changedWhileUsed
}
