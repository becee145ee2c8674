import Diagnostics

/// What can go wrong with layers, networks and optimisers.
public enum NetworkError: ExplainedError, Hashable {
  case wantsImages(layer: Layer, number: Int?, got: [Int])
  /// An image without the axis that counts images, or images without that of channels; the whole shape.
  case wantsBatchOfImages(layer: Layer, number: Int?, got: [Int])
  case wantsFlat(layer: Layer, number: Int?, got: [Int])
  case windowTooLarge(layer: Layer, number: Int?, window: Extent, input: [Int])
  case blockChangesShape(layer: Layer, number: Int?, before: [Int], after: [Int])
  case emptyBlock(layer: String)
  case blocksDiffer(layer: Layer, number: Int?, shapes: [[Int]])
  case emptyNetwork
  case argument(layer: String, what: String, got: String, expected: String)
  case tooLarge(layer: Layer, shape: [Int])
  case builtForOtherShape(built: [Int], got: [Int], first: Layer?)
  case wantsBatch(first: Layer, got: [Int])
  case notBuilt(function: String)
  case emptyBatch
  case optimizerArgument(optimizer: String, what: String, got: Double, expected: String)
  case noTape
  /// Every layer with weights is frozen.
  case nothingLearns(function: String)
  /// A loss or a gradient that is no number; finite where the gradient is to blame.
  case stepNotFinite(loss: Float)
  /// A step that made a weight to what is no number.
  case weightsNotFinite
  case notATwinbookNetwork(path: String, reason: String)
  case interrupted
}
