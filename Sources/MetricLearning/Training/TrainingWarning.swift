import Diagnostics

/// What a trainer noticed that does not stop it.
public enum TrainingWarning: Hashable, Sendable {
  /// All embeddings of a batch are one point.
  case collapsed(epoch: Int)
  /// The loss has stood for some epochs where it stands when nothing is told apart.
  case plateau(epochs: Int, loss: Double)
  /// Validation pairs show classes that training shows too.
  case sharedClasses(Int)
  /// A dataset to validate on shows classes that training shows too.
  case validationShowsClasses(Int)
  /// So many of the images to validate on are among those that it learns from.
  case validationShowsImages(Int, of: Int)
  /// Both parts of pairs that were split show these classes.
  case partsShareClasses(Int)
  /// Classes of one image, which no same pair shows.
  case classesOfOneImage([String])
  /// Classes of one image, which batches of several images of a class leave out.
  case classesNeverDrawn([String])
  /// The metric by which the best epoch is chosen was no number after an epoch.
  case metricNotANumber(name: String, epoch: Int)
  /// The metric by which the best epoch is chosen is measured after each so many epochs, and a run has fewer.
  case metricNeverMeasured(name: String, each: Int, epochs: Int)
  /// A mined loss was 0 in a whole epoch.
  case nothingMined(loss: String, epoch: Int)
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
    case .validationShowsImages(let count, let all):
      return Explanation(
        "\(count) of the \(all) images of validation \(count == 1 ? "is" : "are") learnt from: val_loss says how well they are "
          + "remembered",
        help: "give validation= other images, of other classes where strangers count (dataset.split(classes=…))")
    case .sharedClasses(let count), .validationShowsClasses(let count):
      return Explanation(
        "\(count) class\(count == 1 ? " is" : "es are") in training and in validation: val_loss says nothing about strangers",
        help: "give validation= a dataset or pairs of other classes (dataset.split(classes=…))")
    case .partsShareClasses(let count):
      return Explanation(
        "\(count) class\(count == 1 ? " is" : "es are") in both parts: what the second measures says nothing about strangers",
        help: "split the images before: learn, check = data.split(classes=…), then pairs of each")
    case .classesNeverDrawn(let names):
      return Explanation(
        "\(names.count) class\(names.count == 1 ? " has one image and is" : "es have one image and are") never drawn, for "
          + "a batch takes two images or more of a class: \(Self.shown(names))",
        help: "add images of them, or use a loss with proxies, such as cosface(), which draws every image")
    case .metricNotANumber(let name, let epoch):
      return Explanation(
        "\(name) was not a number after epoch \(epoch): such an epoch is never the best, and patience does not count it",
        help: "look at what metrics={\(name): …} gives for this network")
    case .metricNeverMeasured(let name, let each, let epochs):
      return Explanation(
        "\(name) was not measured in \(epochs) epoch\(epochs == 1 ? "" : "s"), so that no epoch is the best: each=\(each)",
        help: "use a smaller each=, or run more epochs")
    case .nothingMined(let loss, let epoch):
      return Explanation(
        "\(loss) was 0 in all of epoch \(epoch): its miner chose no pairs, or those that it chose are far enough apart",
        help: "let the miner choose more, by a smaller angle= or a greater epsilon=, or use another one")
    case .oneClass(let loss):
      return Explanation(
        "\(loss) tells classes apart, and the data has one: there is nothing to learn",
        help: "give a dataset with more classes")
    case .teacherPreparedOtherwise:
      return Explanation(
        "the teacher of distill learnt from images that were prepared otherwise than these: it may not know what it sees",
        help: "prepare the data as the teacher's was")
    case .classesOfOneImage(let names):
      return Explanation(
        "\(names.count) class\(names.count == 1 ? " has" : "es have") one image and no same pair: \(Self.shown(names))")
    }
  }

  private static func shown(_ names: [String]) -> String {
    names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
  }
}
