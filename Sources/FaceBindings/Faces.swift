import DataBindings
import Diagnostics
import Faces
import Files
import Images
import Interpreter
import Tensors

extension FaceBindings {
  static func registerFaces(_ registry: inout BuiltinRegistry) {
    let detectors = LoadedDetector()
    registerFaceFinding(&registry, detectors)
    registerFaceMembers(&registry)
    registerFaceExtracting(&registry, detectors)
    registerReviewing(&registry)
  }

  /// What the examples do where the weights are not there.
  static let facesExample = """
    try { people = faces("photo.jpg") } catch e { print("no photograph, or no weights") }
    """

  private static func registerFaceFinding(_ registry: inout BuiltinRegistry, _ detectors: LoadedDetector) {
    let photo = TypedParameter.value("photo", "image, path or tensor")
    registry.add(
      Builtin(
        "faces", .of(photo, smallest, threshold), area: .data, files: .readsNamed,
        summary: "Finds the faces in a photograph: a list, the surest first; empty where there is none.",
        details: """
          A tensor is [height, width] or [channels, height, width] with pixels from 0 to 1, as .tensor of an image gives \
          it. Each face has .box (left, top, width, height in pixels), .confidence, .landmarks (eyes, nose, corners of the \
          mouth) and .crop(). smallest: pixels of the smallest face that is looked for (larger is faster); threshold: \
          how sure the last network must be, 0 to 1. MTCNN (Zhang, Zhang, Li, Qiao 2016) with the weights of \
          facenet-pytorch, which fetch("mtcnn") gets once; sizes, sampling and suppression are those of the Python \
          package mtcnn 1.0.
          """,
        example: facesExample + "\n#> no photograph, or no weights",
        errors: ["the weights are not there: fetch(\"mtcnn\")", "the file is no picture"],
        seeAlso: ["fetch", "image.mark", "face.crop"]
      ) { args, context in
        let image = try photograph(args, photo, context)
        var detector = try detectors.detector()
        detector.settings.smallest = try args[smallest]
        detector.settings.outputThreshold = try args[threshold]
        let interrupt = context.interrupt
        do {
          let found = try detector.faces(in: image) { interrupt.isRaised }
          return Value(found.map { Value(FaceObject($0, in: image)) })
        } catch is CancellationError { throw Interruption() }
      })
  }

  /// What the detector looks for.
  static let smallest = TypedParameter.number("smallest", in: 12...10_000, default: 20, namedOnly: true)
  static let threshold = TypedParameter.number("threshold", in: 0...1, default: 0.8, namedOnly: true)

  /// An image, or the picture in a file.
  private static func photograph(
    _ args: Arguments, _ parameter: TypedParameter<Value>, _ context: ExecutionContext
  ) throws -> PixelImage {
    let given = try args[parameter]
    if let path = given.asText { return try PixelImage.read(context.path(path)) }
    if case .tensor(let box) = given { return try picture(of: box.tensor, args, parameter) }
    guard let object = given.asObject(ImageObject.self) else {
      throw args.mismatch(
        parameter, expected: "an image, the path of one, or a tensor",
        help: "faces(data[0]) takes an image of a dataset")
    }
    return object.image
  }

  /// Pixels from 0 to 1, gray or in three colours, channel by channel.
  private static func picture(
    of tensor: Tensor, _ args: Arguments, _ parameter: TypedParameter<Value>
  ) throws -> PixelImage {
    let shape = tensor.rank == 2 ? [1] + tensor.shape : tensor.shape
    let values = tensor.values
    guard shape.count == 3, shape[0] == 1 || shape[0] == 3, values.allSatisfy({ $0 >= 0 && $0 <= 1 }) else {
      throw args.mismatch(
        parameter, expected: "a tensor [height, width] or [3, height, width] of pixels from 0 to 1",
        help: "x / 255 where pixels are from 0 to 255; an image, or a path, is taken as it is")
    }
    let (channels, size) = (shape[0], shape[1] * shape[2])
    let pixels = (0..<size * channels).map { UInt8((values[$0 % channels * size + $0 / channels] * 255).rounded()) }
    guard let image = PixelImage(width: shape[2], height: shape[1], channels: channels, pixels: pixels) else {
      throw args.mismatch(parameter, expected: "a tensor with pixels")
    }
    return image
  }

  private static func registerFaceMembers(_ registry: inout BuiltinRegistry) {
    let example = "try { face = faces(\"photo.jpg\")[0]; face.NAME } catch e { print(\"no face\") }\n#> no face"
    func property(_ name: String, _ summary: String, _ value: @escaping (FaceObject) -> Value) {
      registry.add(
        Builtin(
          property: name, of: "face", area: .data, summary: summary,
          example: example.replacing("NAME", with: name), seeAlso: ["faces"]
        ) { args, _ in value(try args.receiver(FaceObject.self)) })
    }
    property("box", "Where it is: a record of left, top, width, height, in pixels.") { boxRecord($0.face.box) }
    property("confidence", "How sure the detector is, 0 to 1.") { rounded($0.face.confidence, 10_000) }
    property(
      "landmarks",
      "A record of left_eye, right_eye, nose, mouth_left, mouth_right, each [x, y] in pixels; left as seen."
    ) { object in
      Value(
        fields: zip(DetectedFace.landmarkNames, object.face.landmarks).map { name, point in
          (name, Value([rounded(point.x), rounded(point.y)]))
        })
    }
    registry.add(
      Builtin(
        method: "crop", of: "face", .of(crop.size, crop.margin, crop.align), area: .data,
        summary: "The face cut out of its photograph, as an image of size × size pixels.",
        details: cropDetails, example: example.replacing("NAME", with: "crop(margin=0.1)"),
        errors: ["a number is out of range"], seeAlso: ["faces"]
      ) { args, _ in
        let object = try args.receiver(FaceObject.self)
        return Value(ImageObject(try crop.read(args).apply(object.face, in: object.photo)))
      })
    let faces = TypedParameter<[DetectedFace]>(.required("faces", "list of faces")) { args, place in
      try args.list(place).map { value in
        guard let object = value.asObject(FaceObject.self) else {
          throw args.mismatch(place, expected: "a list of faces, as faces(photo) gives it")
        }
        return object.face
      }
    }
    registry.add(
      Builtin(
        method: "mark", of: "image", .of(faces), area: .data,
        summary: "The picture with a frame around each face, and dots at its eyes, nose and mouth.",
        example: """
          x = glyphs(1, 1, seed=1)[0]
          x.mark([])
          #> image of 28×28 pixels, RGB
          """, errors: ["faces is no list of what faces() found"], seeAlso: ["faces", "montage"]
      ) { args, _ in
        Value(ImageObject(FaceMarks.drawn(try args[faces], on: try args.receiver(ImageObject.self).image)))
      })
  }

  /// How a face is cut out.
  struct CropParameters {
    let size = TypedParameter.int("size", in: 8...2048, default: 160, namedOnly: true)
    let margin = TypedParameter.number("margin", in: 0...4, default: 0, namedOnly: true)
    let align = TypedParameter.bool("align", default: false, namedOnly: true)

    func read(_ args: Arguments) throws -> FaceCrop {
      try FaceCrop(size: args[size], margin: args[margin], align: args[align])
    }
  }

  static let crop = CropParameters()

  static let cropDetails = """
    The cut is the box with margin (a share of its width and height) on each side. At the photograph's border the \
    cut is smaller; nothing is mirrored. It is then resized as a whole. align=true turns and scales each face so \
    that the eyes stand level at one place (31 % and 69 % of the width, 38 % of the height, without margin); what \
    lies outside the photograph is black.
    """

  static func boxRecord(_ box: FaceBox) -> Value {
    Value(fields: [
      ("left", rounded(box.left)), ("top", rounded(box.top)), ("width", rounded(box.width)),
      ("height", rounded(box.height)),
    ])
  }

  /// Hundredths: more digits say nothing, and differ from machine to machine.
  static func rounded(_ value: Double, _ parts: Double = 100) -> Value { Value((value * parts).rounded() / parts) }
}
