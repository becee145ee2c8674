import Diagnostics

/// What can go wrong with a gallery. The words stand in `GalleryError+Explanation.swift`.
public enum GalleryError: ExplainedError, Hashable {
  case empty(function: String)
  /// All references have expired.
  case allExpired(function: String, count: Int)
  case emptyLabel
  /// What somebody is to be called from now on.
  case emptyNewLabel
  /// A name with blanks at an end, which nobody would type again.
  case blanksAround(function: String, label: String)
  /// Nothing is held of a name but that somebody was called so before.
  case calledOtherwise(label: String, now: [String])
  /// A text that should be a date.
  case badDate(function: String, got: String)
  case unknownLabel(String, near: String?, count: Int)
  case labelTaken(String)
  case wrongInput(function: String, expected: [Int], got: [Int])
  case notFinite(function: String)
  case imageNotFinite(function: String)
  case noImages(function: String)
  case notCalibrated(function: String)
  case outOfRange(function: String, argument: String, got: String, expected: String)
  case tooFewDistances(same: Int, different: Int)
  case notAGallery(path: String, reason: String)
  /// A file of another kind.
  case noGallery(path: String)
  /// A file of another kind stands where a gallery is to be written.
  case notReplaced(path: String)
  /// Embeddings of another width than the gallery's.
  case wrongWidth(function: String, expected: Int, got: Int)
  case embeddingNotFinite(function: String)
  /// Embeddings so far apart that no number holds their distance.
  case distanceTooLarge(function: String, metric: String)
  /// One label is wanted for each reference, or one for all.
  case labelCount(labels: Int, references: Int)
  /// The network has changed, and some references have no picture to be embedded from again.
  case picturesMissing(missing: Int, of: Int)
  /// Another program has put another network under the file's references.
  case networkReplaced(path: String)
  /// The references in a database are of another network than the one that asks.
  case otherNetwork(path: String)
  /// A gallery in which nobody was enrolled yet: it has no network of its own to be opened with.
  case noNetworkYet(path: String)
  /// The last entry of the journal is of a kind that nothing takes back.
  case cannotUndo(String)
  /// The file compares in another way than was asked for.
  case otherMeasure(path: String, file: String, given: String)
  /// The file compares several references of a label in another way than was asked for: its threshold is of that.
  case otherComparison(path: String, file: ReferenceGallery.Comparison, given: ReferenceGallery.Comparison)
  /// The pictures in a gallery have other sizes than its network takes.
  case otherPictures(expected: [Int], got: Int)
  /// What is kept on a disk or a server needs the network's sizes, which it has from its first input.
  case networkNotBuilt(function: String)
  /// The file is not where it was opened.
  case movedAway(path: String)
  /// There was no pair of the same to tell a probability by.
  case noProbability
  /// What a gallery in a database cannot compare by.
  case noDatabaseMeasure(String)
  /// `function` is for galleries in files; `path`: of the database that this one is in, nil: it is in memory.
  case notInAFile(function: String, path: String?)
}
