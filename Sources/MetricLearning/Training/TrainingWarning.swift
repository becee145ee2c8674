import Diagnostics

/// What a trainer noticed that does not stop it.
public enum TrainingWarning: Hashable, Sendable {
  /// All embeddings of a batch are one point.
  case collapsed(epoch: Int)
  /// The loss has stood for some epochs where it stands when nothing is told apart.
  case plateau(epochs: Int, loss: Double)
  /// Validation pairs show classes that training shows too.
  case sharedClasses(Int)
  /// Classes of one image, which no same pair shows.
  case classesOfOneImage([String])
  /// A loss that tells classes apart, and one class.
  case oneClass(loss: String)
  /// A teacher learnt from images that were prepared in another way.
  case teacherPreparedOtherwise

  /// The warning in words.
  public var explanation: Explanation {
    switch self {
    case .collapsed(let epoch):
      return Explanation(
        "training collapsed in epoch \(epoch): every image has the same embedding",
        help: "use a smaller rate, no relu at the end of the network, or another seed")
    case .plateau(let epochs, let loss):
      let shown = (loss * 10_000).rounded() / 10_000
      return Explanation(
        "the loss has stayed at \(shown) for \(epochs) epochs, where it stands when nothing is told apart",
        help: "use a smaller rate or another seed; check that the labels are right")
    case .sharedClasses(let count):
      return Explanation(
        "\(count) classes are in training and in validation: val_loss says nothing about strangers",
        help: "give validation= a dataset or pairs of other classes (dataset.split(classes=…))")
    case .oneClass(let loss):
      return Explanation(
        "\(loss) tells classes apart, and the data has one: there is nothing to learn",
        help: "give a dataset with more classes")
    case .teacherPreparedOtherwise:
      return Explanation(
        "the teacher of distill learnt from images that were prepared otherwise than these: it may not know what it sees",
        help: "prepare the data as the teacher's was")
    case .classesOfOneImage(let names):
      let shown = names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
      return Explanation(
        "\(names.count) class\(names.count == 1 ? " has" : "es have") one image and no same pair: \(shown)")
    }
  }
}
