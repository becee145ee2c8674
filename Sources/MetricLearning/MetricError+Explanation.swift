import Diagnostics

extension MetricError {
  /// The error in words.
  public var explanation: Explanation {
    switch self {
    case .embeddingShape(let function, let values, let count, let width):
      return Explanation(
        "\(function) expects \(counted(count, "embedding")) of \(counted(width, "number")), got "
          + counted(values, "number"),
        help: "give a tensor of shape [count, width], one row per image")
    case .labelCount(let function, let labels, let items):
      return Explanation(
        "\(function) expects one label per item, got \(counted(labels, "label")) for \(counted(items, "item"))")
    case .notFinite("tsne", let item):
      return Explanation(
        "tsne met a number that is NaN or infinite (point \(item), counted from 0)",
        help: "leave such points out, or look at where the numbers come from")
    case .notFinite(let function, let item):
      return Explanation(
        "\(function) met an embedding that is not a number or infinite (item \(item))",
        help: "the network's weights are damaged: train again with a smaller rate, or load a saved state")
    case .distanceTooLarge(let function, let metric):
      return Explanation(
        "\(function) met embeddings that are too far apart: no number holds their \(metric) distance",
        help: metric == Metric.euclidean.text
          ? "let the network end in normalize, and look at the numbers of the images: data[0].tensor.max()"
          : "distance=\"euclidean\" holds larger distances; or let the network end in normalize")
    case .noSamePairs(let function, let classes, let items):
      return Explanation(
        items == 1
          ? "\(function) needs a class with at least two images, got one image"
          : "\(function) needs a class with at least two images, got \(items) images in \(classes) classes of one each",
        help: "add images of the same classes")
    case .noSharedClass(let function, let queries, let gallery, let needed):
      return Explanation(
        "\(function) looks for the queries' classes in the gallery, and finds none with \(counted(needed, "image")): the "
          + "queries are of \(counted(queries, "class", "classes")), the gallery of \(counted(gallery, "class", "classes"))",
        help: "two classes are the same if they have the same name: compare data.classes of both")
    case .noDifferentPairs(let function, let classes, let items):
      return Explanation(
        "\(function) needs at least two classes, got \(counted(items, "image")) in \(counted(classes, "class", "classes"))",
        help: "give a folder with one folder per class")
    case .tooManyPairs(let function, let pairs, let limit):
      return Explanation(
        "\(function) would be a list of \(pairs) numbers, more than \(limit)",
        help: "eer, auc, tar(far), roc(500) and plot need no list; or judge a part: dataset.take(10000)")
    case .outOfRange(let function, let argument, let got, let expected):
      return Explanation("\(function) expects \(argument) to be \(expected), got \(got)")
    case .tooFewClasses(let function, let ways, let able, let imagesNeeded, let shots, let group):
      let place = group.map { " in \($0)" } ?? ""
      let help =
        switch function {
        case "episodes" where able >= 2: "ask for fewer: ways=\(able)"
        case "identification" where able >= 1: "enrol fewer by a smaller known=, or add images"
        default: "add classes or images"
        }
      return Explanation(
        "\(function) wants \(counted(ways, "class", "classes")) with at least \(counted(imagesNeeded, "image"))"
          + (ways == 1 ? "" : " each") + "\(place), got \(able)",
        help: able < ways && shots > 1 ? help + ", or ask for fewer shots" : help)
    case .foldsExceedPairs(let folds, let pairs):
      return Explanation(
        "verification expects 2 or more folds with a pair each, got \(folds) folds for \(counted(pairs, "pair"))",
        help: "ask for fewer folds, or draw more pairs")
    case .oneKindOfPair(let function, let same, let different):
      return Explanation(
        "\(function) needs same and different pairs, got \(same) same and \(different) different")
    case .batchTooLarge(let function, let items, let limit):
      return Explanation(
        "\(function) compares all items of a batch with each other, and \(items) are more than \(limit)",
        help: "use a smaller batch=")
    case .noPositives(let function, let needed):
      return Explanation(
        needed == 2
          ? "\(function) needs two items of one class in the batch, got none"
          : "\(function) needs \(needed) items of one class in the batch, \(needed - 1) for its prototype and one that "
            + "asks, got none such",
        help: "draw batches with several images per class: trainer(…, perclass=\(max(4, needed)))")
    case .labelBeyondOutputs(let label, let outputs):
      return Explanation(
        "crossentropy expects labels below the network's \(outputs) outputs, got \(label)",
        help: "end the network with dense(number of classes)")
    case .needsParameters(let loss, let shape):
      let words = shape.map { $0 < 0 ? "classes" : "\($0)" }.joined(separator: ", ")
      return Explanation(
        shape.isEmpty
          ? "\(loss) has no proxies that could be given to it"
          : "\(loss) learns numbers of its own, of shape [\(words)], and got none such",
        help: shape.isEmpty
          ? "call it with embeddings and labels alone"
          : "give them as the third argument, loss(net(x), labels, own), or let a trainer keep them: trainer(net, data, "
            + "loss=\(loss))")
    case .labelBeyondProxies(let loss, let label, let classes):
      return Explanation(
        "\(loss) has proxies of \(counted(classes, "class", "classes")), got the label \(label)",
        help: "labels count from 0; each has a row of its own in the third argument")
    case .proxiesTooLarge(let loss, let classes, let width):
      return Explanation(
        "\(loss) would keep \(classes) × \(width) numbers for its classes, more than \(EmbeddingLoss.proxyLimit)",
        help: "use fewer classes or a smaller embedding, or a loss without proxies: supcon()")
    case .validationOfOthers(let loss, let name):
      return Explanation(
        "\(loss) knows the classes that it learns from alone, and validation shows another, \"\(name)\"",
        help: "give validation= a share (0.2), or none and judge afterwards: distances(net, check)")
    case .needsPairs(let loss):
      return Explanation(
        "\(loss) learns from pairs, got a dataset",
        help: "give pairs(dataset, 4000) to the trainer, or compare all images of a batch: allpairs(\(loss))")
    case .mixedSum(let pairs, let labels):
      return Explanation(
        "\(pairs) learns from pairs and \(labels) from labelled images: no data has both",
        help: "add losses of one kind: triplet() + 0.1 * centre() of images, contrastive() + weightedl1() of pairs")
    case .needsLabels(let loss):
      return Explanation(
        "\(loss) learns from labelled images, got pairs", help: "give the dataset itself to the trainer")
    case .needsPairwise(let function, let loss):
      return Explanation(
        "\(function) takes losses that compare the pairs of one batch, and \(loss) does not",
        help:
          "\(function)(allpairs(contrastive())); others are added, \(function)(supcon()) + centre(), and a memory stands "
          + "outside: crossbatch(mine(supcon()))")
    case .minesItself(let loss, let help):
      return Explanation("mine cannot choose for \(loss), which chooses by itself", help: help)
    case .needsMemory(let loss):
      return Explanation(
        "\(loss) remembers the embeddings of earlier batches, and nobody keeps them here",
        help: "let a trainer keep them: trainer(net, data, loss=\(loss))")
    case .needsTeacher(let loss):
      return Explanation(
        "\(loss) imitates a teacher's embeddings, and got none",
        help: "loss(net(x), labels, teacher(x)), or let a trainer ask the teacher: trainer(net, data, loss=…)")
    case .teacherWidth(let teacher, let width):
      return Explanation(
        "distill by embeddings wants embeddings of one size, got \(teacher) numbers of the teacher's and \(width) here",
        help: "end the network with dense(\(teacher)), or imitate distances or angles: by=\"distances\"")
    case .teacherShape(let teacher, let images):
      return Explanation(
        "the teacher of distill takes items of shape \(teacher), and the data has \(images)",
        help: "resize the data, or take a teacher that learnt from images of that shape")
    case .lossShapes(let loss, let shapes):
      return Explanation(
        "\(loss) expects embeddings of shape [n, width] and n labels, got shapes "
          + shapes.map { "\($0)" }.joined(separator: ", "),
        help: "loss(net(x), labels); on pairs u, v = net(a, b), then loss(u, v, same)")
    case .metricWidth(let function, let weights, let width):
      return Explanation(
        "\(function) got a distance learnt for embeddings of \(weights) numbers, and these have \(width)",
        help: "use it with the network that it was learnt with")
    case .noViews(let function):
      return Explanation(
        "\(function) wants several views of each image, and the dataset has no augmentation to draw them by",
        help: function == "oneshotruns"
          ? "oneshotruns(net, folder, like=dataset.augment(rotate=5, shift=1), views=8)"
          : "\(function)(net, dataset.augment(rotate=5, shift=1), views=8)")
    case .emptyData(let function):
      return Explanation(
        "\(function) got no images to work on", help: "len(x) tells whether there is something to ask")
    case .nothingToLearn:
      return Explanation(
        "there is nothing to learn: the network has no weights",
        help: "give it a layer that has some, as in flatten >> dense(64)")
    case .turnedToNaN(let epoch, let batch, let loss, let smaller):
      return Explanation(
        "the loss is not a number in epoch \(epoch), batch \(batch); the weights are those from before this epoch",
        help: smaller.map { "use a smaller rate, for example \($0), or milder settings of \(loss)" }
          ?? "no step has been taken yet, so that the rate is not to blame: look at the settings of \(loss), and at how "
          + "great the images' numbers are")
    case .imagesNotFinite(let function):
      return Explanation(
        "\(function) got an image with a pixel that is not a number or infinite",
        help: "isfinite(x).all() asks; setitem(x, isnan(x), 0) puts another number there")
    case .badCheckpoint(let path, let reason):
      return Explanation("resume cannot use “\(path)”: \(reason)")
    case .otherTraining(let path, let what, let saved, let here):
      return Explanation(
        "resume cannot use “\(path)”: it was saved by a trainer with \(what) \(saved), this one has \(here)",
        help: "make the trainer as it was then, or take the network alone: load(\"\(path)\").network")
    case .otherImages(let path):
      return Explanation(
        "resume cannot use “\(path)”: it was saved by a trainer with as many, but other images, pairs or another augmentation",
        help:
          "draw them with the same seeds and augment them alike, or take the network alone: load(\"\(path)\").network")
    case .otherStart(let path):
      return Explanation(
        "resume cannot use “\(path)”: it was saved by a trainer whose network began with other weights",
        help: "begin with the network as it was then, or take the network alone: load(\"\(path)\").network")
    }
  }
}
