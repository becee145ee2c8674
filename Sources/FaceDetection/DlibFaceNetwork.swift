import TensorFiles
import Tensors

/// The weights of dlib's face recognition network, out of its own file: 29 convolutions, each with its scale and shift,
/// and 128 numbers at the end (King 2017, `dlib_face_recognition_resnet_model_v1.dat`, public domain).
public enum DlibFaceNetwork {
  /// In the order in which the image goes through: "conv1.weight" [filters, channels, height, width], "conv1.bias",
  /// "conv1.scale" and "conv1.shift" [filters], and so on; "dense.weight" [128, 256].
  ///
  /// - Parameter file: what errors call it.
  public static func read(_ bytes: [UInt8], file: String) throws -> Safetensors {
    var reader = DlibReader(bytes, file: file)
    try reader.expect(1, "its version")
    try reader.expect(text: "loss_metric_2")
    _ = (try reader.float(), try reader.float())
    // How layers lie around one another: a version each, down to the input.
    var depth = 0
    while true {
      let number = try reader.integer()
      guard (1...3).contains(number), depth < 1000 else { throw reader.broken("its layers are not those of a network") }
      depth += 1
      // The layer on the input has version 3.
      if number == 3 { break }
    }
    try reader.expect(text: "input_rgb_image_sized")
    let means = [try reader.float(), try reader.float(), try reader.float()]
    try reader.expect(150, "the input's height")
    try reader.expect(150, "the input's width")
    var parts = Parts()
    var isFirst = true
    while !parts.isComplete {
      try layer(&reader, &parts)
      try reader.flags(3)
      // Gradients and results that training left behind: empty, three of each layer.
      for _ in 0..<3 { _ = try reader.tensor() }
      if isFirst { try reader.expect(1, "the number of copies of an image") }
      isFirst = false
    }
    // What may follow is the loss's own.
    return Safetensors(
      tensors: parts.tensors + [("mean", try Tensor(means, shape: [3]))],
      metadata: ["source": "dlib_face_recognition_resnet_model_v1, Davis King, public domain"])
  }

  private struct Parts {
    var tensors: [(name: String, tensor: Tensor)] = []
    var convolutions = 0
    var filters = 0
    var isComplete = false
  }

  private static func layer(_ reader: inout DlibReader, _ parts: inout Parts) throws {
    let name = try reader.text()
    switch name {
    case "con_4":
      let (shape, values) = try reader.tensor()
      let (filters, rows, columns) = (try reader.integer(), try reader.integer(), try reader.integer())
      for _ in 0..<4 { _ = try reader.integer() }
      let weights = try reader.alias()
      let biases = try reader.alias()
      for _ in 0..<4 { _ = try reader.float() }
      guard weights.count == 4, weights[0] == filters, weights[2] == rows, weights[3] == columns,
        (1...4096).contains(filters), (1...4096).contains(weights[1]), (1...64).contains(rows),
        (1...64).contains(columns), biases == [1, filters, 1, 1], shape.dropFirst() == [1, 1, 1],
        values.count == weights.reduce(1, *) + filters
      else { throw reader.broken("a convolution in it is none") }
      parts.convolutions += 1
      parts.filters = filters
      let prefix = "conv\(parts.convolutions)."
      parts.tensors.append((prefix + "weight", try Tensor(Array(values.dropLast(filters)), shape: weights)))
      parts.tensors.append((prefix + "bias", try Tensor(Array(values.suffix(filters)), shape: [filters])))
    case "affine_":
      let (_, values) = try reader.tensor()
      let (scales, shifts) = (try reader.alias(), try reader.alias())
      _ = try reader.integer()
      guard scales == [1, parts.filters, 1, 1], shifts == scales, values.count == 2 * parts.filters else {
        throw reader.broken("a scaling in it is none")
      }
      let prefix = "conv\(parts.convolutions)."
      parts.tensors.append((prefix + "scale", try Tensor(Array(values.prefix(parts.filters)), shape: [parts.filters])))
      parts.tensors.append((prefix + "shift", try Tensor(Array(values.suffix(parts.filters)), shape: [parts.filters])))
    case "fc_2":
      let (outputs, inputs) = (try reader.integer(), try reader.integer())
      let (_, values) = try reader.tensor()
      guard (1...65536).contains(outputs), (1...65536).contains(inputs), values.count == outputs * inputs else {
        throw reader.broken("its dense layer is none")
      }
      // dlib's rows are inputs.
      var turned = values
      for input in 0..<inputs {
        for output in 0..<outputs { turned[output * inputs + input] = values[input * outputs + output] }
      }
      parts.tensors.append(("dense.weight", try Tensor(turned, shape: [outputs, inputs])))
      parts.isComplete = true
      // Views of weights and biases, whether there are biases, and how fast each learns.
      _ = (try reader.alias(), try reader.alias())
      _ = try reader.integer()
      for _ in 0..<4 { _ = try reader.float() }
    case "max_pool_2", "avg_pool_2": for _ in 0..<6 { _ = try reader.integer() }
    case "relu_", "add_prev_": break
    default: throw reader.broken("it has the layer “\(name.prefix(40))”, which this network has not")
    }
  }
}
