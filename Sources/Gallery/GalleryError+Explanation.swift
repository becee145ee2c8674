import Diagnostics
import Foundation
import MetricLearning

extension GalleryError {
  public var explanation: Explanation {
    switch self {
    case .empty(let function):
      return Explanation(
        "\(function) has nobody to compare with: the gallery is empty",
        help: "enrol first: people.enroll(\"name\", image)")
    case .allExpired(let function, let count):
      return Explanation(
        count == 1
          ? "\(function) has nobody to compare with: the gallery's only reference has expired"
          : "\(function) has nobody to compare with: all \(count) references have expired",
        help:
          "people.renew(\"name\", expires=\"2030-01-01\") where the person agrees again, else people.forget(\"name\")")
    case .badDate(let function, let got):
      return Explanation(
        "\(function) expects expires to be a date, got \"\(got)\"",
        help: "write \"2027-01-31\" (it begins at midnight, UTC), \"2027-01-31T12:00Z\", or \"never\"")
    case .emptyLabel:
      return Explanation("enroll expects a label, got an empty one", help: "people.enroll(\"name\", image)")
    case .emptyNewLabel:
      return Explanation(
        "rename expects a new label, got an empty one",
        help: "people.rename(\"ann\", \"anna\"); people.remove takes somebody out")
    case .blanksAround(let function, let label):
      let bare = label.trimmingCharacters(in: .whitespacesAndNewlines)
      return Explanation(
        "\(function) expects a label without blanks at its ends, got \"\(label.asOneLine)\"",
        help: "write \"\(bare.asOneLine)\", or x.strip() for each x of a list")
    case .calledOtherwise(let label, let now):
      let others = now.map { "\"\($0.asOneLine)\"" }.joined(separator: " and ")
      return Explanation(
        "\"\(label.asOneLine)\" is called \(others) now: nothing was forgotten",
        help: "forget \(others): the former name goes too")
    case .unknownLabel(let label, let near, let count):
      return Explanation(
        "nobody named \"\(label.asOneLine)\" is in the gallery of \(count)",
        help: near.map { "did you mean \"\($0.asOneLine)\"?" } ?? "people.labels lists who is")
    case .labelTaken(let label):
      return Explanation(
        "rename expects a new label, and \"\(label.asOneLine)\" is in the gallery already",
        help: "choose another; if both are one person, enrol the pictures of one under the other, then remove the one")
    case .wrongInput(let function, let expected, let got):
      return Explanation(
        "\(function) expects an image of shape \(expected), as the network was built for, got \(got)",
        help: "prepare it as the training images were; what image(path) reads is prepared by itself")
    case .notFinite(let function):
      return Explanation(
        "\(function) got an embedding that is not a number or infinite",
        help: "the network's weights are damaged: train again with a smaller rate, or load a saved state")
    case .imageNotFinite(let function):
      return Explanation(
        "\(function) got an image with a pixel that is not a number or infinite",
        help: "isfinite(x).all() asks; setitem(x, isnan(x), 0) puts another number there")
    case .noImages(let function):
      return Explanation("\(function) got no images", help: "len(data) counts those of a dataset")
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
    case .wrongWidth(let function, let expected, let got):
      return Explanation(
        "\(function) expects embeddings of \(expected) numbers, got \(got)",
        help: "give what this gallery's network makes: net(images)")
    case .embeddingNotFinite(let function):
      return Explanation("\(function) got an embedding with a number that is not finite")
    case .distanceTooLarge(let function, let metric):
      return Explanation(
        "\(function) got an embedding that is too far from others: no number holds their \(metric) distance",
        help: metric == Metric.euclidean.text
          ? "let the network end in normalize, or divide the embeddings by a number: t / 1e6"
          : "gallery(net, distance=\"euclidean\") holds larger distances; or let the network end in normalize")
    case .labelCount(let labels, let references):
      return Explanation(
        "enroll expects one label for each reference, got \(labels) label\(labels == 1 ? "" : "s") for \(references)",
        help: "give as many names as embeddings: people.enroll(names, embeddings=t)")
    case .picturesMissing(let missing, let count):
      return Explanation(
        "the network has changed, and \(missing) of \(count) references have no picture to be embedded from again",
        help: "go back to the network that they were embedded by, or enrol them anew")
    case .networkReplaced(let path):
      return Explanation(
        "another program has changed the network of “\(path)”, and its references with it",
        help: "people = load(\"\(path)\") opens it anew")
    case .otherNetwork(let path):
      return Explanation(
        "the references in “\(path)” are of another network than this one",
        help: "people = load(\"\(path)\") takes its own; references of another network need another database")
    case .noNetworkYet(let path):
      return Explanation(
        "“\(path)” has no network yet: nobody was enrolled in it",
        help: "gallery(net, at=\"\(path)\") opens it, and the first who is enrolled brings the network along")
    case .cannotUndo(let kind):
      return Explanation(
        kind == "network"
          ? "undo cannot go back to before the network was changed: the embeddings of that time are gone"
          : kind == "forgotten"
            ? "undo cannot go back to before somebody was forgotten: nothing of them is left"
            : "undo cannot take back an entry “\(kind)”")
    case .otherMeasure(let path, let file, let given):
      return Explanation(
        "“\(path)” compares by \(file), and \(given) were asked for",
        help: PostgresStore.isAddress(path)
          ? "leave distance= and views= out, or name another database"
          : "leave distance= and views= out, or give the gallery another file")
    case .otherComparison(let path, let file, let given):
      return Explanation(
        "“\(path)” compares by the \(file.words) of a label, and \"\(given.rawValue)\" was asked for",
        help: "leave compare= out, or give the gallery another file")
    case .otherPictures(let expected, let got):
      return Explanation(
        "the gallery's pictures have \(got) numbers each, and the network takes images of shape \(expected)",
        help: "open it with a network for its pictures; load(\"people.gallery\") takes the one in the file")
    case .networkNotBuilt(let function):
      return Explanation(
        "\(function) keeps the network with the gallery, and this network has had no input yet, from which it has its sizes",
        help: "give it one of the right shape first: net(zeros([1, 1, 28, 28]))")
    case .movedAway(let path):
      return Explanation(
        "“\(path)” was moved, deleted or replaced since it was opened: a change would be written into the file that is gone",
        help: "put it back, or open what is there now: people = load(\"\(path)\")")
    case .noProbability:
      return Explanation(
        "probability needs the distances of same pairs, and calibrate had none",
        help: "calibrate on several images of each of several people")
    case .noDatabaseMeasure(let what):
      return Explanation(
        "a gallery in PostgreSQL compares by the nearest reference and Euclidean, squared or cosine distances, not by \(what)",
        help: "keep it in a file: gallery(net, at=\"people.gallery\", …)")
    case .notInAFile(let function, let path?):
      return Explanation(
        "\(function) is for a gallery in a file, and this one is in the database \(path)",
        help: "the database's table twinbook_journal says what was changed and when")
    case .notInAFile(let function, nil):
      return Explanation(
        "\(function) is for a gallery in a file, and this one is in memory",
        help: "gallery(net, at=\"people.gallery\") keeps one in a file; %undo takes a cell back")
    case .noGallery(let path):
      return Explanation(
        "“\(path)” is no gallery",
        help: PostgresStore.isAddress(path)
          ? "gallery(net, at=\"\(path)\") makes one in this database"
          : "people.save(\"people.gallery\") and gallery(net, at=\"people.gallery\") make one")
    case .notReplaced(let path):
      return Explanation(
        "save does not write over “\(path)”, which is no gallery",
        help: "choose another name, people.save(\"people.gallery\"), or delete that file first")
    case .notAGallery(let path, let reason):
      return Explanation("\(path) is not a whole gallery: \(reason)", help: "save it again with people.save")
    }
  }
}
