import Diagnostics

/// What can go wrong with a gallery. The words stand in `GalleryError+Explanation.swift`.
public enum GalleryError: ExplainedError, Hashable {
  case empty(function: String)
  case emptyLabel
  case unknownLabel(String, near: String?, count: Int)
  case labelTaken(String)
  case wrongInput(function: String, expected: [Int], got: [Int])
  case notFinite(function: String)
  case notCalibrated(function: String)
  case outOfRange(function: String, argument: String, got: String, expected: String)
  case tooFewDistances(same: Int, different: Int)
  case notAGallery(path: String, reason: String)
}
