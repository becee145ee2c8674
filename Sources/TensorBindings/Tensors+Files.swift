import CoreLibrary
import Diagnostics
import Files
import Interpreter
import TensorFiles
import Tensors

extension TensorBindings {
  static func registerTensorFiles(_ registry: inout BuiltinRegistry, _ loaders: [FileLoader]) {
    registerSaving(&registry)
    registerLoading(&registry, loaders)
  }

  private static let path = TypedParameter.string("path")
  private static let saved = TypedParameter.value("value", "tensor, or record of tensors")

  private static func registerSaving(_ registry: inout BuiltinRegistry) {
    registry.add(
      Builtin(
        "save", .of(saved, path), area: .tensors, files: .writes,
        summary: "Writes a tensor as .npy, or a record of tensors as .npz or .safetensors; whole or not at all.",
        details: "float32, little-endian, and a mask as bools: numpy.load reads them.",
        example: "save(tensor([[1, 2], [3, 4]]), \"x.npy\")\nload(\"x.npy\").shape\n#> [2, 2]",
        errors: ["the name ends otherwise", "the folder cannot be written"], seeAlso: ["load"],
        alsoMethodOf: ["tensor"]
      ) { args, context in
        let file = try args[path]
        let ending = file.split(separator: ".").last.map { $0.lowercased() } ?? ""
        try refuseWhatSavesItself(args, context)
        let target = context.path(file)
        if ending == "npy" {
          try TensorFile.write(try args.tensor(saved), to: target, keepsMasks: true)
          return .none
        }
        guard ending == "npz" || ending == "safetensors" else {
          throw ArgumentError(
            path, "save: the path must end in .npy, .npz or .safetensors, got \"\(file)\"",
            help: try wayToSave(args, as: ending, context))
        }
        var arrays: [(name: String, tensor: Tensor)] = []
        if let record = try args[saved].asRecord {
          for (name, value) in record.fields {
            guard let tensor = try value.asTensor ?? value.convertedToTensor() else {
              throw ArgumentError(saved, "save: the field \(name) must be a tensor, got \(value.inWords)")
            }
            arrays.append((name, tensor))
          }
        } else {
          arrays = [("arr_0", try args.tensor(saved))]
        }
        if ending == "npz" {
          try NPZ.write(arrays, to: target, compressed: true, keepsMasks: true)
        } else {
          try Safetensors(tensors: arrays).write(to: target, keepsMasks: true)
        }
        return .none
      })
  }

  /// Networks, galleries and others have a `save` of their own, which PyTorch's users look for here.
  private static func refuseWhatSavesItself(_ args: Arguments, _ context: ExecutionContext) throws {
    let value = try args[saved]
    guard case .object(let object) = value, value.asTensor == nil,
      context.registry.member("save", of: object.typeName) != nil, !["image", "dataset"].contains(object.typeName)
    else { return }
    throw args.mismatch(
      saved, expected: "a tensor, or a record of tensors",
      help: "\(value.inWords) is saved by its own method: x.save(path)")
  }

  /// Where somebody saves what they have who ends the name otherwise.
  private static func wayToSave(_ args: Arguments, as ending: String, _ context: ExecutionContext) throws -> String {
    let value = try args[saved]
    if case .object(let object) = value, context.registry.member("save", of: object.typeName) != nil {
      return "\(value.inWords) is saved as pictures by its own method: x.save(path)"
    }
    if ["png", "jpg", "jpeg", "pgm", "ppm"].contains(ending) {
      return "image(x).save(path) writes a picture, of values from 0 to 1"
    }
    return "writetext(path, text) writes text, writecsv(path, rows) and savetxt(path, x) write tables"
  }

  private static func registerLoading(_ registry: inout BuiltinRegistry, _ loaders: [FileLoader]) {
    let layer = TypedParameter.string("layer", or: "the whole")
    registry.add(
      Builtin(
        "load", .of(path, layer), area: .tensors, files: .reads,
        summary:
          "Reads what was saved: a tensor (.npy), a record of tensors (.npz, .safetensors, .pt), a network, a gallery.",
        details: """
          load recognises a file by its content. .npy (versions 1.0 to 3.0, either byte order, C or Fortran order, \
          f2 f4 f8 i1–i8 u1–u8 bool) gives a float32 tensor; numbers beyond 3.4e38 become inf, with a warning. Text \
          (U, S) becomes lists of strings. load never reads Python objects (pickles). Of an archive that also holds \
          arrays of other types, it gives the rest, with a warning. .onnx gives a network (the operators: Documentation/networks.md), which \
          embeds, stands in a gallery and trains further. Its arrays, slopes and statistics learn as well, or stay \
          as they are, like those of batch normalisation; single numbers stay. layer= names one of several outputs, or any \
          result in the graph. .pt and .pth of PyTorch, in both formats, give the \
          tensors of a state dictionary, which net.adopt(path) takes; the reader of their pickles knows tensors \
          alone and runs nothing. .keras and .h5 of Keras give a network of the layers that Twinbook has; of a \
          siamese model they give the part that both inputs go through. There layer= names a model inside the file, or \
          the layer where to stop. .weights.h5 gives arrays, which net.adopt(path) takes.
          """,
        example: "save({a: ones([3]), b: zeros([2, 2])}, \"x.npz\")\nload(\"x.npz\").b.shape\n#> [2, 2]",
        errors: ["there is no such file", "it is broken, or of no kind that load knows"],
        seeAlso: ["save", "image", "network.adopt"]
      ) { args, context in
        let path = try args[path]
        let (value, warning) = try Overflow.watching(path) {
          if let part = try args[layer] {
            let bytes = try FileSystem.read(context.path(path))
            for loader in loaders where loader.recognises(bytes) {
              if let loadPart = loader.loadPart { return try loadPart(bytes, path, part, context) }
            }
            throw ArgumentError(
              layer, "load: layer= is for networks of ONNX and Keras (.onnx, .keras, .h5), and “\(path)” is none")
          }
          return try load(path, loaders, context)
        }
        if let warning { context.output.warn(warning) }
        return value
      })
  }

  private static func load(_ path: String, _ loaders: [FileLoader], _ context: ExecutionContext) throws -> Value {
    for loader in loaders where loader.recognisesAddress(path) {
      if let open = loader.open { return try open(path, context) }
    }
    let start = try FileSystem.readStart(context.path(path), count: 64)
    for loader in loaders where loader.recognisesStart(start) {
      if let open = loader.open { return try open(context.path(path), context) }
    }
    let bytes = try FileSystem.read(context.path(path))
    for loader in loaders where loader.recognises(bytes) { return try loader.load(bytes, path, context) }
    let name = "“\(path)”"
    if TorchWeights.recognises(bytes) {
      let found = try TorchWeights.decode(bytes, name: name, isStrict: false).tensors
      if found.count == 1, let one = found.first, one.name.isEmpty { return Value(one.tensor) }
      return Value(fields: found.map { ($0.name, Value($0.tensor)) })
    }
    switch TensorFile.kind(of: bytes) {
    case .npy: return try value(try NPY.read(bytes, name: name))
    case .npz: return try record(try NPZ.read(bytes, name: name), context)
    case .safetensors:
      let file = try Safetensors.decode(bytes, name: name, isStrict: false)
      return try record(
        file.tensors.map { ($0.name, .numbers($0.tensor)) } + file.unread.map { ($0.name, .unread($0.reason)) }, context
      )
    case nil: throw TensorFileError.unknown(bytes, file: name)
    }
  }

  private static func value(_ content: ArrayContent) throws -> Value {
    switch content {
    case .numbers(let tensor): return Value(tensor)
    case .texts(let array): return nested(array.texts[...], array.shape[...])
    case .unread(let error): throw error
    }
  }

  /// What is not read is left out of an archive, and told; one that holds nothing else is an error.
  package static func record(
    _ arrays: [(name: String, content: ArrayContent)], _ context: ExecutionContext
  ) throws -> Value {
    var fields: [(String, Value)] = []
    var unread: [TensorFileError] = []
    for array in arrays {
      if case .unread(let error) = array.content {
        unread.append(error)
      } else {
        fields.append((array.name, try value(array.content)))
      }
    }
    if let first = unread.first {
      if fields.isEmpty { throw first }
      for error in unread.prefix(3) {
        context.output.warn(Explanation(error.explanation.message + ": it was left out", help: error.explanation.help))
      }
      if unread.count > 3 { context.output.warn(Explanation("\(unread.count - 3) more arrays were left out")) }
    }
    return Value(fields: fields)
  }

  /// Lists of lists, as deep as the shape is long; one text where it has no axes.
  private static func nested(_ texts: ArraySlice<String>, _ shape: ArraySlice<Int>) -> Value {
    guard let first = shape.first else { return Value(texts.first ?? "") }
    if shape.count == 1 { return Value(texts.map { Value($0) }) }
    let step = first > 0 ? texts.count / first : 0
    return Value(
      (0..<first).map { row in
        let start = texts.startIndex + row * step
        return nested(texts[start..<(start + step)], shape.dropFirst())
      })
  }
}
