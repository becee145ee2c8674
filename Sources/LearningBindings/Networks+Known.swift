import DataBindings
import Datasets
import Diagnostics
import Faces
import Interpreter
import NeuralNetworks
import TensorFiles

extension LearningBindings {
  /// Networks that have learnt elsewhere, by their names.
  static func registerKnownNetworks(_ registry: inout BuiltinRegistry) {
    let name = TypedParameter.string("name")
    registry.add(
      Builtin(
        "network", .of(name), area: .layers, returns: "network", files: .readsNamed,
        summary: "A network that has learnt elsewhere: \"face-resnet\" tells faces apart.",
        details: """
          "face-resnet" is dlib's face recognition network (King 2017, public domain): 29 convolutions, 128 numbers, \
          distances below 0.6 for one person in most cases, as its author measured on the faces it was made for (99.38 % of \
          LFW's pairs). It is a network like any other: it runs on Twinbook's own kernels, can be put in a gallery, whitened, \
          trained further and saved. Pictures are prepared as it was trained: the face found, aligned by five points, \
          150×150 pixels (dataset.alignfaces). fetch("face-resnet") gets its weights once, fetch("mtcnn") those of the \
          detector. It has seen some people far more often than others, and errs more often with those: judge it on yours.
          """,
        example: "try { network(\"face-resnot\") } catch e { print(\"not known\") }\n#> not known",
        errors: ["there is no such network", "its weights are not there: fetch(\"face-resnet\")"],
        seeAlso: ["fetch", "dataset.alignfaces", "gallery", "whiten"]
      ) { args, _ in
        let wanted = try args[name]
        guard wanted == "face-resnet" else {
          throw ArgumentError(
            name, "network: there is no network \"\(wanted)\"",
            help: "\"face-resnet\" is known; load(path) reads a file, conv(6, 3) >> relu composes layers")
        }
        guard let path = FaceResNetWeights.find() else {
          throw ArgumentError(name, FacesError.landmarksMissing(looked: FaceAligner.folders).explanation)
        }
        let network = try Network(faceResNet: try FaceAligner.weights(path, of: "face-resnet"), file: path)
        var preprocessing = Preprocessing(shape: [3, 150, 150])
        preprocessing.steps = [.face(size: 150, padding: 0.25)]
        network.imagePreprocessing = preprocessing
        return Value(NetworkObject(network))
      })
  }
}
