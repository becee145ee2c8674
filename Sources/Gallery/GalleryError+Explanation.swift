import Diagnostics

extension GalleryError {
  public var explanation: Explanation {
    switch self {
    case .empty(let function):
      return Explanation(
        "\(function) has nobody to compare with: the gallery is empty",
        help: "enrol first: people.enroll(\"name\", image)")
    case .emptyLabel:
      return Explanation("enroll expects a label, got an empty one", help: "people.enroll(\"name\", image)")
    case .unknownLabel(let label, let near, let count):
      return Explanation(
        "nobody named \"\(label)\" is in the gallery of \(count)",
        help: near.map { "did you mean \"\($0)\"?" } ?? "people.labels lists who is")
    case .labelTaken(let label):
      return Explanation(
        "rename expects a new label, and \"\(label)\" is in the gallery already",
        help: "remove it first, or choose another")
    case .wrongInput(let function, let expected, let got):
      return Explanation(
        "\(function) expects an image of shape \(expected), as the network was built for, got \(got)",
        help: "prepare it as the training images were (dataset.prepare), or resize it")
    case .notFinite(let function):
      return Explanation(
        "\(function) got an embedding that is not a number or infinite",
        help: "the network's weights are damaged: train again with a smaller rate, or load a saved state")
    case .notCalibrated(let function):
      return Explanation(
        "\(function) needs a threshold, and this gallery has none",
        help: "people.calibrate(dataset of other people, far=0.01), or give threshold=")
    case .outOfRange(let function, let argument, let got, let expected):
      return Explanation("\(function) expects \(argument) to be \(expected), got \(got)")
    case .tooFewDistances(let same, let different):
      return Explanation(
        "calibrate needs same and different pairs, got \(same) same and \(different) different",
        help: "give a dataset with two classes or more and several images in each")
    case .notAGallery(let path, let reason):
      return Explanation("\(path) is not a whole gallery: \(reason)", help: "save it again with people.save")
    }
  }
}
