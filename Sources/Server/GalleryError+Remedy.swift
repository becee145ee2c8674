import Diagnostics
import Gallery

extension GalleryError {
  /// What a client can do. The gallery's own help names calls of the language, which only who serves the gallery can write.
  var remedy: String {
    switch self {
    case .unknownLabel(_, let near, _): near.map { "did you mean \"\($0)\"?" } ?? "/api/gallery?search= lists them"
    case .calledOtherwise: "forget them by the name that they have now; /api/gallery?search= lists them"
    case .empty: "enrol somebody first: /api/enrol?label=NAME"
    case .allExpired:
      "/api/enrol?label=NAME&expires=2030-01-01 where the person agrees again, else /api/forget?label=NAME"
    case .emptyLabel, .emptyNewLabel, .blanksAround: "give another label"
    case .badDate: "write it as 2027-01-31; it begins at midnight, UTC"
    case .wrongInput, .imageNotFinite, .noImages: "send another picture"
    case .labelTaken, .notFinite, .notCalibrated, .outOfRange, .tooFewDistances, .notAGallery, .noGallery, .notReplaced,
      .wrongWidth, .embeddingNotFinite, .distanceTooLarge, .labelCount, .picturesMissing, .networkReplaced,
      .otherNetwork, .noNetworkYet, .cannotUndo, .otherMeasure, .otherComparison, .otherPictures, .noDatabaseMeasure,
      .notInAFile, .networkNotBuilt, .movedAway, .noProbability:
      "tell whoever serves this gallery"
    }
  }
}
