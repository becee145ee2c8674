import Diagnostics

/// What can go wrong with a face detector's weights, and with folders of photographs. Words: `FacesError+Explanation.swift`.
public enum FacesError: ExplainedError, Hashable {
  /// No weights in any of the places looked at.
  case weightsMissing(looked: [String])
  /// The predictor of face points is in none of the places looked at.
  case landmarksMissing(looked: [String])
  /// Not what dlib writes, or broken; `reason` in words.
  case brokenDlib(file: String, reason: String)
  /// A package that is not the one that is known, by its SHA-256 or by what is in it.
  case wrongPackage(file: String, package: String, expected: String, got: String)
  case brokenPackage(file: String, package: String, reason: String)
  case brokenWheel(file: String, reason: String)
  case wrongSum(file: String, expected: String, got: String)
  /// A weight that is not there, or of another shape than the network has.
  case missingWeight(file: String, name: String)
  case wrongShape(file: String, name: String, expected: [Int], got: [Int])
  /// Weights that `fetch` keeps under this name, cut off or changed since.
  case damagedWeights(name: String, reason: String)
  case noPhotographs(folder: String)
  /// `function` is what would have written: `extract`, or the `copy` of a review.
  case sameFolder(folder: String, target: String, function: String)
  /// A picture would go over a file that is not ours.
  case othersFile(String)
  /// A face, or the list of faces, would go over a file that is not ours.
  case othersFace(String)
  case badSize(Int)
  /// The eyes stand in one place.
  case cannotAlign
}
