import Diagnostics
import Files

extension DatasetError: ExplainedError {
  public var explanation: Explanation {
    switch self {
    case .unknownName(let name, let near, let looked, let set):
      var help: String?
      if let set {
        help = "fetch(\"\(set)\") downloads it"
      } else if let near {
        help = "did you mean “\(near)”?"
      } else if looked.count <= 1 {
        help = "set TWINBOOK_DATA to the folder that holds your data, or fetch(name) a public set"
      } else {
        help =
          "give the folder's whole path, or fetch a public set: "
          + PublicSet.all.map { "fetch(\"\($0.name)\")" }.prefix(3).joined(separator: ", ")
      }
      return Explanation(
        "there are no images called “\(name)” (looked in \(looked.joined(separator: ", ")))", help: help)
    case .refused(let error): return error.explanation
    case .noImages(let name, let others, let archives, let isPacked, let firstReason):
      var message = "“\(name)” holds no image that can be read"
      if let firstReason { message += ": \(firstReason)" }
      if firstReason == nil, others > 0 { message += ", only \(others) other file\(others == 1 ? "" : "s")" }
      let help =
        archives.isEmpty
        ? "images expects a folder (or zip) of folders, one for each class, with PNG, JPEG or PGM files in them"
        : isPacked
          ? "it holds an archive, \(archives[0]): unpack “\(name)” first"
          : "it holds \(archives.count == 1 ? "an archive" : "archives"): images(\"\(name)/\(archives[0])\")"
      return Explanation(message, help: help)
    case .sizesDiffer(let name, let first, let firstFile, let other, let otherFile):
      return Explanation(
        "the images of “\(name)” differ in size: \(firstFile) is \(Self.size(first)), \(otherFile) is \(Self.size(other))",
        help: "images(\"\(name)\", size=[\(first[0]), \(first[1])]) resizes all of them (height, width)")
    case .badTask(let path, let reason):
      return Explanation(
        "“\(path)” is no one-shot task: \(reason)",
        help:
          "expected are folders run01, run02, … with training, test and class_labels.txt in each, as in all_runs.zip "
          + "of Omniglot")
    case .brokenArchive(let name, let reason):
      return Explanation("“\(name)” cannot be read as a zip: \(reason)")
    case .tooLarge(let name, let bytes, let limit):
      return Explanation(
        "the pixels of “\(name)” would take \(FileError.size(bytes)), more than the \(FileError.size(limit)) allowed",
        help:
          "take fewer of them, or smaller ones: images(\"folder\", size=[64, 64]) makes them smaller as it reads them")
    case .noSuchClass(let name, let near, let count):
      return Explanation(
        "the dataset has no class “\(name)” among its \(count)",
        help: near.map { "did you mean “\($0)”?" } ?? "its names are in .classes")
    case .noSuchGroup(let name, let groups):
      let known = nearName(name, among: groups)
      return Explanation(
        groups.isEmpty
          ? "the dataset has no groups: its classes stand in no folders" : "the dataset has no group “\(name)”",
        help: known.map { "did you mean “\($0)”?" }
          ?? (groups.isEmpty ? nil : "its groups are " + groups.prefix(8).joined(separator: ", ")))
    case .noSuchItem(let index, let count):
      return Explanation(
        "index \(index) is outside a dataset of \(count) image\(count == 1 ? "" : "s")",
        help: count > 0 ? "it goes from 0 to \(count - 1), or from the end with -1" : nil)
    case .badClassCount(let asked, let available):
      guard available > 1 else {
        return Explanation(
          "split(classes=) needs 2 classes or more, one for each side, and the dataset has \(available)",
          help: available == 1 ? "split(fraction=0.5) gives each side a part of its images" : nil)
      }
      return Explanation(
        "split needs classes= \(available == 2 ? "of 1" : "between 1 and \(available - 1)") for a dataset of "
          + "\(available) classes, got \(asked)",
        help: "at least one class must be left for the other side")
    case .emptyPart(let fraction, let most):
      return Explanation(
        "split(fraction=\(fraction)) leaves one part without an image: no class has more than "
          + "\(most) image\(most == 1 ? "" : "s")", help: "take a share nearer to 0.5, or split(classes=…)")
    case .badFraction(let value):
      return Explanation("split needs fraction= between 0 and 1, got \(NumberText.written(value))")
    case .badNumber(let function, let argument, let value, let expected):
      return Explanation("\(function) needs \(argument) \(expected), got \(value)")
    case .imageDoesNotFit(let got, let expected):
      return Explanation(
        "the image is \(Self.shape(got)), the network's images were \(Self.shape(expected))",
        help: "resize it first, or resize the dataset that the network learns from: .resize(h, w) is remembered")
    case .shapesDiffer(let function, let first, let second):
      return Explanation(
        "\(function) needs images of one shape, got \(first) and \(second)", help: "resize or gray one of them first")
    case .preparedDifferently(let first, let second):
      return Explanation(
        "+ joins datasets that are prepared alike; these are prepared as \(first) and as \(second)",
        help: "do the same to both, or join them first: (a + b).invert().normalise()")
    case .augmentedDifferently(let first, let second):
      return Explanation(
        "+ joins datasets that training augments alike; these have \(first) and \(second)",
        help: "join them first: (a + b).augment(…); a.augment() without arguments takes an augmentation away")
    case .invertsNormalised(let mean, let deviation):
      return Explanation(
        "invert after normalise(\(mean), \(deviation)): that mean is of the pixels as they were, not of the inverted ones",
        help: "data.invert().normalise() inverts first and takes the mean of what comes out")
    case .namesMeet(let function, let name):
      return Explanation(
        "\(function) would make a second class “\(name)”: the classes were "
          + "\(function == "mirrors" ? "mirrored" : "turned") before",
        help: "call it once, on the classes as they were read; data.filter(name -> not (\"@\" in name)) are those")
    case .notSquare(let function, let height, let width):
      return Explanation("\(function) needs square images, these are \(height)×\(width)", help: "resize them first")
    case .badClassName(let name):
      return Explanation("the class “\(name.prefix(80))” cannot be a folder: its name leads elsewhere, or hides it")
    case .othersFile(let path):
      return Explanation(
        "“\(path)” is there already, and no earlier save of a dataset wrote it; nothing was written",
        help: "save into a folder of its own, or delete the old one first")
    case .changedFile(let path):
      return Explanation(
        "“\(path)” is not the picture any more that an earlier save wrote there; nothing was written",
        help: "move it away, or save into a folder of its own")
    case .savedInPart(let folder, let written, let count, let isMixed, let cause):
      var reason = cause.explanation.message
      if case .diskFull(let path) = cause { reason = "the disk is full at “\(path)”" }
      let state = isMixed ? "holds pictures of this save and of the one before" : "lacks the others"
      return Explanation(
        "\(reason); \(written) of \(count) pictures were written before that, and “\(folder)” now \(state)",
        help:
          "save once more when the cause is gone: saved.csv in the folder knows both, and the next save replaces them")
    case .empty(let function):
      return Explanation("\(function) of a dataset with no images")
    case .notCongealed(let name):
      return Explanation(
        "congeal(like=): \(name) was not congealed itself, so there is no mean picture to align to",
        help: "known = known.congeal(), then new.congeal(like=known)")
    case .outside(let left, let top, let height, let width, let shape):
      return Explanation(
        "crop of \(height)×\(width) pixels at row \(top), column \(left) does not lie inside images of shape \(shape)")
    }
  }

  private static func size(_ shape: [Int]) -> String { "\(shape[0])×\(shape[1])" }

  private static func shape(_ shape: [Int]) -> String {
    shape.count == 3 ? "\(shape[1])×\(shape[2]) \(shape[0] == 1 ? "gray" : "RGB")" : "\(shape)"
  }
}
