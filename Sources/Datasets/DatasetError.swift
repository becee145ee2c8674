import Files

/// What can be wrong with a collection of images or with what is asked of it. Words: `DatasetError+Explanation.swift`.
public enum DatasetError: Error, Hashable, Sendable {
  /// `public`: the name of the public set that it would be.
  case unknownName(name: String, near: String?, looked: [String], public: String? = nil)
  /// The script that asks may not look there.
  case refused(FileError)
  /// `archives`: files within it that are archives themselves; `isPacked`: it is an archive, so that these cannot be read.
  case noImages(name: String, others: Int, archives: [String], isPacked: Bool, firstReason: String?)
  case sizesDiffer(name: String, first: [Int], firstFile: String, other: [Int], otherFile: String)
  case brokenArchive(name: String, reason: String)
  case tooLarge(name: String, bytes: Int, limit: Int)
  case noSuchClass(name: String, near: String?, count: Int)
  case noSuchGroup(name: String, groups: [String])
  case noSuchItem(index: Int, count: Int)
  case badClassCount(asked: Int, available: Int)
  /// A share that rounds to none, or to all, of every class's images; `most` stand in the largest class.
  case emptyPart(fraction: Double, most: Int)
  case badFraction(Double)
  case badNumber(function: String, argument: String, value: String, expected: String)
  case imageDoesNotFit(got: [Int], expected: [Int])
  case shapesDiffer(function: String, [Int], [Int])
  /// Two datasets that are to be one were prepared in different ways, or one of them is normalised otherwise; in words.
  case preparedDifferently(String, String)
  /// Two datasets that are to be one change their images in training in different ways; in words.
  case augmentedDifferently(String, String)
  /// Pixels whose mean was taken away are to be inverted.
  case invertsNormalised(mean: Float, deviation: Float)
  /// A class that `function` would make has the name of one that is there.
  case namesMeet(function: String, name: String)
  case notSquare(function: String, height: Int, width: Int)
  case empty(function: String)
  /// A dataset that another one was to be congealed like was not congealed itself.
  case notCongealed(name: String)
  /// A one-shot task (runNN/{training,test,class_labels.txt}) that cannot be read.
  case badTask(path: String, reason: String)
  case outside(left: Int, top: Int, height: Int, width: Int, of: [Int])
  /// A class whose name cannot be a folder's within another.
  case badClassName(String)
  /// A file of somebody else's, over which an image would be written.
  case othersFile(String)
  /// A picture that an earlier save wrote, and that somebody has changed since.
  case changedFile(String)
  /// A save that ended after `written` of `count` pictures; `isMixed`: an earlier one had written into the folder.
  case savedInPart(folder: String, written: Int, count: Int, isMixed: Bool, cause: FileError)
}
