import Datasets
import Diagnostics
import Files
import Foundation
import Interpreter
import NeuralNetworks
import ONNXFormat
import TensorFiles
import Tensors

extension LearningBindings {
  /// What `net.save` takes.
  struct SavingParameters {
    let path = TypedParameter.string("path")
    let raw = TypedParameter.bool("raw", default: false, namedOnly: true)
    let labels = TypedParameter.strings("labels", or: "none", namedOnly: true)
  }

  static let saving = SavingParameters()

  /// `net.save(path, raw=, labels=)`; the ending says in which format.
  static func save(_ args: Arguments, _ context: ExecutionContext) throws {
    let network = try args.receiver(NetworkObject.self).network
    let path = try args[saving.path]
    let raw = try args[saving.raw]
    let labels = try args[saving.labels]
    let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
    let target = context.path(path)
    if ending != "onnx" {
      func refuse<Given>(_ parameter: TypedParameter<Given>) throws {
        guard args.isGiven(parameter) else { return }
        throw ArgumentError(
          parameter, "save: \(parameter.declared.name)= is for .onnx alone, got the path \"\(path)\"")
      }
      try refuse(saving.raw)
      try refuse(saving.labels)
    }
    switch ending {
    case "safetensors": try network.save(target)
    case "npz":
      let arrays = try network.checkpoint().tensors
      try NPZ.write(arrays, to: target, compressed: false)
    case "onnx":
      let preparation = raw ? nil : try network.imagePreprocessing.map { try exported($0) }
      var metadata = [(key: "twinbook.layers", value: network.layers.map(\.describe).joined(separator: " >> "))]
      if let known = network.imagePreprocessing {
        metadata.append((key: "twinbook.preparation", value: known.words))
        metadata.append((key: "twinbook.preprocessing", value: network.preprocessing ?? ""))
      }
      if let labels {
        let json = try JSONEncoder().encode(labels)
        metadata.append((key: "labels", value: String(decoding: json, as: UTF8.self)))
      }
      let model = try network.onnx(preparation: preparation, metadata: metadata)
      try FileSystem.write(model.encoded(), to: target)
    default:
      throw ArgumentError(
        saving.path, "save: the path must end in .safetensors, .onnx or .npz, got \"\(path)\"",
        help: ["keras", "h5", "pt", "pth", "tflite"].contains(ending)
          ? "other programs read .onnx, the whole network, and .npz, its weights by their names"
          : "net.save(\"net.safetensors\") keeps everything that load needs")
    }
  }

  /// As far as ONNX's operators say it.
  private static func exported(_ preprocessing: Preprocessing) throws -> ImagePreparation {
    let steps = try preprocessing.steps.map { step -> ImagePreparation.Step in
      switch step {
      case .gray: return .gray
      case .resize(let height, let width): return .resize(height: height, width: width)
      case .halve: return .halve
      case .crop(let top, let left, let height, let width):
        return .crop(top: top, left: left, height: height, width: width)
      case .invert: return .invert
      case .align, .congeal, .face:
        throw ArgumentError(
          saving.path, "save: ONNX has no operator for how this network's images are prepared (\(preprocessing.words))",
          help: "net.save(path, raw=true) leaves the preparation out; then the input is what it makes")
      }
    }
    return ImagePreparation(steps: steps, mean: preprocessing.mean, deviation: preprocessing.deviation)
  }
}
