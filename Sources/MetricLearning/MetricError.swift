import Diagnostics

/// What can go wrong in drawing pairs, in training and in judging. The words stand in `MetricError+Explanation.swift`.
public enum MetricError: ExplainedError, Hashable {
  /// `values` numbers do not make `count` embeddings of `width` numbers.
  case embeddingShape(function: String, values: Int, count: Int, width: Int)
  case labelCount(function: String, labels: Int, items: Int)
  /// A number among the embeddings or distances is not a number or infinite.
  case notFinite(function: String, item: Int)
  /// Embeddings so far apart that no float holds their distance.
  case distanceTooLarge(function: String, metric: String)
  case noSamePairs(function: String, classes: Int, items: Int)
  case noDifferentPairs(function: String, classes: Int, items: Int)
  /// A list of so many distances was asked for.
  case tooManyPairs(function: String, pairs: Int, limit: Int)
  case outOfRange(function: String, argument: String, got: String, expected: String)
  /// Queries and gallery are of so many classes, and none of the queries' has so many images in the gallery.
  case noSharedClass(function: String, queries: Int, gallery: Int, imagesNeeded: Int)
  /// An episode wants more classes than have enough images, `shots` of which would be references.
  case tooFewClasses(function: String, ways: Int, able: Int, imagesNeeded: Int, shots: Int, group: String?)
  case foldsExceedPairs(folds: Int, pairs: Int)
  case oneKindOfPair(function: String, same: Int, different: Int)
  case batchTooLarge(function: String, items: Int, limit: Int)
  case noPositives(function: String, needed: Int = 2)
  case labelBeyondOutputs(label: Int, outputs: Int)
  case needsPairs(loss: String)
  /// A sum of a loss on pairs and one on labels.
  case mixedSum(pairs: String, labels: String)
  /// A loss with proxies or weights of its own was called without them, or with others; −1 stands for the classes.
  case needsParameters(loss: String, shape: [Int])
  case labelBeyondProxies(loss: String, label: Int, classes: Int)
  case proxiesTooLarge(loss: String, classes: Int, width: Int)
  /// A loss that knows the classes of training cannot be measured on another.
  case validationOfOthers(loss: String, name: String)
  case needsLabels(loss: String)
  /// A miner, or a memory of batches, for a loss that compares no pairs of a batch.
  case needsPairwise(function: String, loss: String)
  /// A miner for a loss that chooses pairs by itself already.
  case minesItself(loss: String, help: String)
  /// A loss that remembers batches, where nobody keeps what it remembers.
  case needsMemory(loss: String)
  /// A loss that imitates a teacher was called without what the teacher says.
  case needsTeacher(loss: String)
  /// Embeddings that are imitated number by number have to be of one size.
  case teacherWidth(teacher: Int, width: Int)
  case teacherShape(teacher: [Int], images: [Int])
  /// Embeddings must be [n, width], with one label (or same) for each row.
  case lossShapes(loss: String, shapes: [[Int]])
  case emptyData(function: String)
  /// A network without weights under a loss without any.
  case nothingToLearn
  /// A learnt distance of embeddings of another size.
  case metricWidth(function: String, weights: Int, width: Int)
  /// Several views were asked for of images that look alike each time.
  case noViews(function: String)
  /// The optimiser with a smaller rate; nil where no step had been taken yet.
  case turnedToNaN(epoch: Int, batch: Int, loss: String, smaller: String?)
  /// A pixel of the training's images is no number, which no rate mends.
  case imagesNotFinite(function: String)
  case badCheckpoint(path: String, reason: String)
  /// The file is of a training with another network, loss, optimiser or other data; `what` reads before both.
  case otherTraining(path: String, what: String, saved: String, here: String)
  /// As many images or pairs as in the file, but others.
  case otherImages(path: String)
  /// The network had other weights when that training began.
  case otherStart(path: String)
}
