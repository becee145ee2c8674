import ONNXFormat
import Tensors

extension ONNXReader {
  /// A node on the items; nil for an operator that is not known.
  mutating func layered(_ step: ONNXStep) throws -> Value? {
    let node = step.node
    func behind(_ kind: any LayerKind, _ arrays: [[Float]] = []) throws -> Value {
      let (place, shape) = try data(step)
      return try add([Layer(kind)], arrays, to: place, shape)
    }
    func function(_ function: FunctionLayer.Function) throws -> Value { try behind(FunctionLayer(function: function)) }
    switch node.op {
    case "Conv": return try convolution(step)
    case "ConvTranspose": return try transposedConvolution(step)
    case "Gemm": return try gemm(step)
    case "MatMul": return try matrixProduct(step)
    case "BatchNormalization": return try batchNorm(step)
    case "InstanceNormalization": return try instanceNorm(step)
    case "LayerNormalization": return try layerNorm(step)
    case "GroupNormalization": return try groupNorm(step)
    case "Relu": return try behind(ActivationLayer(activation: .relu))
    case "LeakyRelu": return try behind(ActivationLayer(activation: .leakyRelu(slope: try step.float("alpha", 0.01))))
    case "Sigmoid": return try behind(ActivationLayer(activation: .sigmoid))
    case "Tanh": return try behind(ActivationLayer(activation: .tanh))
    case "PRelu": return try prelu(step)
    case "Clip": return try clip(step)
    case "HardSigmoid":
      return try function(.hardSigmoid(alpha: try step.float("alpha", 0.2), beta: try step.float("beta", 0.5)))
    case "HardSwish": return try function(.hardSwish)
    case "Elu": return try function(.elu(alpha: try step.float("alpha", 1)))
    case "Exp": return try function(.exp)
    case "Log": return try function(.log)
    case "Sqrt": return try function(.sqrt)
    case "Abs": return try function(.abs)
    case "Neg": return try function(.negate)
    case "Reciprocal": return try function(.reciprocal)
    case "Softplus": return try function(.softplus)
    case "Sign": return try function(.sign)
    case "Floor": return try function(.floor)
    case "Ceil": return try function(.ceil)
    case "Round": return try function(.round)
    case "Erf": return try function(.erf)
    case "Mish": return try function(.mish)
    case "Softsign": return try function(.softsign)
    case "Selu":
      return try function(
        .selu(alpha: try step.float("alpha", 1.673_263_2), gamma: try step.float("gamma", 1.050_701)))
    case "Celu": return try function(.celu(alpha: try step.float("alpha", 1)))
    case "Gelu": return try gelu(step)
    case "Pow":
      guard let exponent = try floats(step, 1), exponent.values.count == 1 else {
        throw step.bad("has an exponent that is no single constant")
      }
      return try function(.power(exponent.values[0]))
    case "Add": return try elements(step, .add)
    case "Sub": return try elements(step, .subtract)
    case "Mul": return try elements(step, .multiply)
    case "Div": return try elements(step, .divide)
    case "Sum": return try sum(step)
    case "Max", "Min": return try limited(step)
    case "Concat": return try concatenated(step)
    case "Identity", "Dropout": return try input(step, 0)
    case "Cast": return try cast(step)
    case "Flatten":
      let (place, shape) = try data(step)
      let axis = try step.int("axis", 1)
      guard axis == 1 || axis == -shape.count else { throw step.bad("flattens from the axis \(axis): 1 is read") }
      return try add([.flatten], [], to: place, shape)
    case "Reshape": return try reshaped(step)
    case "Squeeze", "Unsqueeze": return try squeezed(step)
    case "Expand": return try expanded(step)
    case "Transpose":
      let (place, shape) = try data(step)
      let axes = try step.ints("perm") ?? Array((0...shape.count).reversed())
      guard axes.first == 0, axes.count == shape.count + 1, axes.allSatisfy({ (0...shape.count).contains($0) }) else {
        throw step.bad("moves the batch's axis")
      }
      return try add([Layer(TransposeLayer(axes: axes.dropFirst().map { $0 - 1 }))], [], to: place, shape)
    case "MaxPool", "AveragePool": return try pool(step)
    case "GlobalAveragePool", "GlobalMaxPool":
      let (place, shape) = try data(step)
      guard shape.count == 3 else { throw step.bad("takes items of the shape \(shape): images are read") }
      let means =
        node.op == "GlobalAveragePool"
        ? Layer.globalPool : Layer(ReductionLayer(kind: .max, axes: [1, 2], keepsAxes: false))
      return try add([means, Layer(ReshapeLayer(shape: [shape[0], 1, 1]))], [], to: place, shape)
    case "ReduceMean": return try reduced(step, .mean)
    case "ReduceSum": return try reduced(step, .sum)
    case "ReduceMax": return try reduced(step, .max)
    case "ReduceMin": return try reduced(step, .min)
    case "ReduceL1": return try reduced(step, .l1)
    case "ReduceL2": return try reduced(step, .l2)
    case "LpNormalization": return try unitLength(step)
    case "LRN":
      guard let size = node.attributes["size"], case .int(let count) = size else { throw step.bad("has no size") }
      return try behind(
        LocalResponseLayer(
          size: count, alpha: try step.float("alpha", 0.0001), beta: try step.float("beta", 0.75),
          bias: try step.float("bias", 1)))
    case "Softmax", "LogSoftmax":
      let isLog: Bool? = node.op == "LogSoftmax" ? true : nil
      let (place, shape) = try data(step)
      let axis = try step.axis(try step.int("axis", step.opset < 13 ? 1 : -1), shape)
      if step.opset < 13, axis != shape.count - 1 {
        // Before version 13 it goes over this axis and all behind it.
        let behind = shape[axis...].reduce(1, *)
        let rows = Layer(ReshapeLayer(shape: shape[..<axis] + [behind]))
        return try add(
          [rows, Layer(SoftmaxLayer(axis: axis, isLog: isLog)), Layer(ReshapeLayer(shape: shape))], [], to: place, shape
        )
      }
      return try add([Layer(SoftmaxLayer(axis: axis, isLog: isLog))], [], to: place, shape)
    case "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "Equal", "Not", "And", "Or", "Xor":
      return try comparison(step)
    case "Where": return try choice(step)
    case "ThresholdedRelu": return try thresholded(step)
    case "Shrink": return try shrunk(step)
    case "Slice": return try sliced(step)
    case "Split": return try split(step)
    case "Tile": return try repeated(step)
    case "Gather": return try gathered(step)
    case "DepthToSpace", "SpaceToDepth": return try blocks(step)
    case "Pad": return try padded(step)
    case "Resize", "Upsample": return try resized(step)
    default: return nil
    }
  }
}
