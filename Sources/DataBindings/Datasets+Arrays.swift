import CoreLibrary
import Datasets
import Diagnostics
import Interpreter
import Tensors

/// Pictures out of tensors, as other programs keep them.
extension DataBindings {
  static func registerArrays(_ registry: inout BuiltinRegistry) {
    let array = TypedParameter.tensor("x", "tensor [n, channels, height, width] or [n, height, width]")
    let labels = TypedParameter.value("labels", "list of strings or numbers, or tensor", or: "none")
    registry.add(
      Builtin(
        "images", .of(array, labels), area: .data, returns: "dataset",
        summary: "A dataset of the images in a tensor, as NumPy and Keras keep them.",
        details: """
          Values are from 0 to 1, one channel (gray) or three (RGB), channels first. Pixels are kept as 8-bit numbers, so that \
          a value is rounded to the nearest of 256. labels has one word or number for each image, by which they are classes; \
          without it all are of one class, "images".
          """,
        example: """
          x = rand([4, 1, 8, 8], seed=1)
          images(x, [0, 0, 1, 1]).classes
          #> ["0", "1"]
          """,
        errors: ["a value is not from 0 to 1", "labels has another length", "the shape is none of images"],
        seeAlso: ["load", "pairs", "image.tensor"], dispatch: ["tensor"]
      ) { args, _ in
        let pixels = try args[array]
        let shape = pixels.shape
        guard shape.count == 3 || shape.count == 4 && (shape[1] == 1 || shape[1] == 3), !shape.contains(0) else {
          throw args.mismatch(
            array, expected: "[n, channels, height, width] of 1 or 3 channels, or [n, height, width]",
            help: wayToShape(shape, isOne: false))
        }
        try check(pixels, array, args)
        return Value(
          DatasetObject(try Dataset(pixels: pixels, labels: names(labels, count: shape[0], args), name: "images")))
      })
    let pixels = TypedParameter.tensor("x", "tensor [channels, height, width] or [height, width]")
    registry.add(
      Builtin(
        "image", .of(pixels), area: .data, returns: "image", summary: "The picture in a tensor.",
        details:
          "Values are from 0 to 1, one channel (gray) or three (RGB), channels first; each is rounded to the nearest of 256.",
        example: "image(zeros([3, 8, 8])).shape\n#> [3, 8, 8]",
        errors: ["a value is not from 0 to 1", "the shape is none of an image"], seeAlso: ["images", "image.save"],
        dispatch: ["tensor"]
      ) { args, _ in
        let tensor = try args[pixels]
        let shape = tensor.shape
        guard shape.count == 2 || shape.count == 3 && (shape[0] == 1 || shape[0] == 3), !shape.contains(0) else {
          throw args.mismatch(
            pixels, expected: "[channels, height, width] of 1 or 3 channels, or [height, width]",
            help: wayToShape(shape, isOne: true))
        }
        try check(tensor, pixels, args)
        let whole = [1, shape.count == 3 ? shape[0] : 1] + shape.suffix(2)
        let dataset = try Dataset(pixels: Tensor(tensor.values, shape: whole), labels: ["image"], name: "image")
        return Value(ImageObject(try dataset.image(0)))
      })
  }

  /// What to do with a tensor of another shape.
  private static func wayToShape(_ shape: [Int], isOne: Bool) -> String? {
    let axes = isOne ? 3 : 4
    if shape.count == axes, let way = ChannelsLast.wayOut(shape) { return "this looks channels last: \(way)" }
    if isOne, shape.count == 4 { return "images(x) makes a dataset of several; x[0] is the first of them" }
    if !isOne, shape.count == 2 {
      return "x.reshape(n, 1, height, width) makes images of rows; image(x) makes one of all"
    }
    return nil
  }

  /// Pixels are from 0 to 1, but for what rounding adds.
  private static func check(_ pixels: Tensor, _ parameter: TypedParameter<Tensor>, _ args: Arguments) throws {
    let slack: Float = 0.5 / 255
    var (least, most) = (Float.infinity, -Float.infinity)
    for value in pixels.values {
      guard value.isFinite else {
        throw ArgumentError(parameter, "\(args.functionName): a value is NaN or infinite, and pixels are from 0 to 1")
      }
      (least, most) = (min(least, value), max(most, value))
    }
    guard least < -slack || most > 1 + slack else { return }
    func written(_ value: Float) -> String { formatNumber((Double(value) * 1000).rounded() / 1000) }
    throw ArgumentError(
      parameter,
      "\(args.functionName): pixels are from 0 to 1, got numbers from \(written(least)) to \(written(most))",
      help: least >= 0 && most <= 255
        ? "divide them by 255: \(args.functionName)(x / 255)"
        : "scale them first: (x - x.min()) / (x.max() - x.min())")
  }

  /// The class of each image, in words.
  private static func names(_ labels: TypedParameter<Value>, count: Int, _ args: Arguments) throws -> [String] {
    guard args.isGiven(labels) else { return [String](repeating: "images", count: count) }
    let given = try args[labels]
    let names: [String]
    if let tensor = given.asTensor, tensor.rank > 0, tensor.shape[0] == tensor.count {
      names = tensor.exactValues.map(formatNumber)
    } else if let items = given.asItems {
      names = try items.map { item in
        guard let name = item.asText ?? item.asNumber.map(formatNumber) else {
          throw args.mismatch(labels, expected: "a list of strings or numbers")
        }
        return name
      }
    } else {
      throw args.mismatch(labels, expected: "a list of strings or numbers, one for each image")
    }
    guard names.count == count else {
      throw ArgumentError(labels, "images: \(counted(names.count, "label")) for \(counted(count, "image"))")
    }
    return names
  }
}
