import Diagnostics

/// What can be wrong with an image's bytes or with what is asked of it.
public enum ImageError: ExplainedError, Hashable {
  case unknownFormat(file: String)
  /// An image, but of a kind that is not read: "WebP".
  case otherFormat(file: String, format: String)
  /// Something else, by its first bytes: "a page of HTML".
  case noPicture(file: String, format: String)
  case empty(file: String)
  /// `reason` is the decoder's, in words: "the file ends early".
  case broken(file: String, format: String, reason: String)
  case tooManyPixels(file: String, width: Int, height: Int, limit: Int)
  /// One side is longer than that of any picture that is read, however few pixels it has.
  case sideTooLong(file: String, width: Int, height: Int, limit: Int)
  /// Decoding would take far longer than a picture of its size is worth; `reason` says what it is made of.
  case tooMuchWork(file: String, format: String, reason: String)
  case badSize(function: String, width: Int, height: Int)
  case outside(width: Int, height: Int, left: Int, top: Int, cropWidth: Int, cropHeight: Int)
  case cannotEncode(format: String, reason: String)

  public var explanation: Explanation {
    switch self {
    case .unknownFormat(let file):
      return Explanation(
        "\(file) is not an image that can be read", help: "PNG, JPEG, PGM, PPM and PBM are; convert it to one of them")
    case .otherFormat(let file, let format):
      let article = "AEIO".contains(format.prefix(1)) ? "an" : "a"
      return Explanation("\(file) is \(article) \(format) file, which is not read", help: "convert it to PNG or JPEG")
    case .noPicture(let file, let format):
      return Explanation(
        "\(file) is no picture, but \(format)", help: "look whether the download gave an error page in its place")
    case .empty(let file):
      return Explanation("\(file) is empty")
    case .broken(let file, let format, let reason):
      return Explanation("\(file) is a broken \(format): \(reason)")
    case .tooManyPixels(let file, let width, let height, let limit):
      return Explanation(
        "\(file) claims \(width)×\(height) pixels, more than the \(limit / 1_000_000) million that are read",
        help: "make it smaller first")
    case .sideTooLong(let file, let width, let height, let limit):
      return Explanation(
        "\(file) claims \(width)×\(height) pixels, and a side may have at most \(limit)",
        help: "cut it into parts first")
    case .tooMuchWork(let file, let format, let reason):
      return Explanation(
        "\(file) would take too long to decode: \(reason)", help: "save it anew as an ordinary \(format)")
    case .badSize(let function, let width, let height):
      return Explanation(
        "\(function) cannot make an image of \(height)×\(width) pixels (height × width)",
        help: "a side has 1 to 16384 pixels, and a picture 100 million at most")
    case .outside(let width, let height, let left, let top, let cropWidth, let cropHeight):
      return Explanation(
        "crop of \(cropHeight)×\(cropWidth) pixels at row \(top), column \(left) does not lie inside the image of "
          + "\(height)×\(width)")
    case .cannotEncode(let format, let reason):
      return Explanation("cannot write the image as \(format): \(reason)")
    }
  }
}
