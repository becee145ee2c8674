import Diagnostics

/// What can go wrong with a face detector's weights, and with folders of photographs. Words: `FacesError+Explanation.swift`.
public enum FacesError: ExplainedError, Hashable {
  /// No weights in any of the places looked at.
  case weightsMissing(looked: [String])
  /// Not a weight file of PyTorch's older format, or a broken one; `reason` in words.
  case brokenTorch(file: String, reason: String)
  /// A pickle that wants a name of Python's that no weight file needs.
  case forbidden(file: String, name: String)
  case brokenWheel(file: String, reason: String)
  case wrongSum(file: String, expected: String, got: String)
  /// A weight that is not there, or of another shape than the network has.
  case missingWeight(file: String, name: String)
  case wrongShape(file: String, name: String, expected: [Int], got: [Int])
  case noPhotographs(folder: String)
  case sameFolder(folder: String)
  /// A picture would go over a file that is not ours.
  case othersFile(String)
  case badSize(Int)
  /// The eyes stand in one place.
  case cannotAlign
}
