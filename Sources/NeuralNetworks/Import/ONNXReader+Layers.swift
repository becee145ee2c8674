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
    case "Cast":
      guard try step.int("to", 1) == ONNXType.float.rawValue else { throw step.bad("makes other numbers than float32") }
      return try input(step, 0)
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
      guard axes.first == 0, axes.count == shape.count + 1 else { throw step.bad("moves the batch's axis") }
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
    case "Softmax":
      let (place, shape) = try data(step)
      let axis = try step.axis(try step.int("axis", step.opset < 13 ? 1 : -1), shape)
      if step.opset < 13, axis != shape.count - 1 {
        // Before version 13 it goes over this axis and all behind it.
        let behind = shape[axis...].reduce(1, *)
        let rows = Layer(ReshapeLayer(shape: shape[..<axis] + [behind]))
        return try add(
          [rows, Layer(SoftmaxLayer(axis: axis)), Layer(ReshapeLayer(shape: shape))], [], to: place, shape)
      }
      return try add([Layer(SoftmaxLayer(axis: axis))], [], to: place, shape)
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

  // MARK: Convolutions and products

  func images(_ step: ONNXStep) throws -> (place: Int, shape: [Int]) {
    let found = try data(step)
    guard found.shape.count == 3 else {
      throw step.bad("takes items of the shape \(found.shape): images [channels, height, width] are read")
    }
    return found
  }

  /// - Parameter span: what the window covers.
  func padding(_ step: ONNXStep, _ shape: [Int], span: Extent, stride: Extent) throws -> Padding {
    switch try step.text("auto_pad", "NOTSET") {
    case "NOTSET": break
    case "VALID": return .valid
    case "SAME_UPPER": return .same
    case "SAME_LOWER":
      func total(_ size: Int, _ kernel: Int, _ stride: Int) -> Int {
        max(0, ((size + stride - 1) / stride - 1) * stride + kernel - size)
      }
      let down = total(shape[1], span.height, stride.height)
      let across = total(shape[2], span.width, stride.width)
      return .border(top: down - down / 2, left: across - across / 2, bottom: down / 2, right: across / 2)
    default: throw step.bad("has an auto_pad that is not known")
    }
    guard let pads = try step.ints("pads") else { return .valid }
    guard pads.count == 4, pads.allSatisfy({ (0...4096).contains($0) }) else {
      throw step.bad("has pads \(pads.prefix(4)): four numbers from 0 are read")
    }
    if pads.allSatisfy({ $0 == pads[0] }) { return pads[0] == 0 ? .valid : .pixels(pads[0]) }
    return .border(top: pads[0], left: pads[1], bottom: pads[2], right: pads[3])
  }

  private mutating func convolution(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try images(step)
    let (values, weightShape) = try weights(step, 1, axes: 4)
    let kernel = Extent(weightShape[2], weightShape[3])
    guard try step.extent("kernel_shape", kernel) == kernel else { throw step.bad("has a kernel of two sizes") }
    let stride = try step.extent("strides", Extent(1))
    let dilation = try step.extent("dilations", Extent(1))
    let groups = try step.int("group", 1)
    guard (1...65536).contains(groups), dilation.height <= 4096, dilation.width <= 4096, kernel.height <= 4096,
      kernel.width <= 4096
    else { throw step.bad("has sizes that are none of a convolution's") }
    guard weightShape[1] <= shape[0] / groups, weightShape[1] * groups == shape[0] else {
      throw step.bad("has weights \(weightShape) in \(groups) groups for \(shape[0]) channels")
    }
    let span = Extent((kernel.height - 1) * dilation.height + 1, (kernel.width - 1) * dilation.width + 1)
    let padding = try self.padding(step, shape, span: span, stride: stride)
    let bias = try floats(step, 2)
    if let bias, bias.values.count != weightShape[0] { throw step.bad("has \(bias.values.count) biases") }
    let convolution = Convolution(
      filters: weightShape[0], kernel: kernel, stride: stride, padding: padding, bias: bias != nil)
    let layer =
      groups == 1 && dilation == Extent(1)
      ? Layer.conv(convolution)
      : Layer(GroupedConvolutionLayer(convolution: convolution, groups: groups, dilation: dilation))
    return try add([layer], [values] + (bias.map { [$0.values] } ?? []), to: place, shape)
  }

  private mutating func gemm(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    guard shape.count == 1, try step.int("transA", 0) == 0 else {
      throw step.bad("takes items of the shape \(shape): rows of numbers are read")
    }
    var (values, weightShape) = try weights(step, 1, axes: 2)
    if try step.int("transB", 0) == 0 {
      values = Self.turned(values, rows: weightShape[0], columns: weightShape[1])
      weightShape.reverse()
    }
    let (alpha, beta) = (try step.float("alpha", 1), try step.float("beta", 1))
    if alpha != 1 { values = values.map { $0 * alpha } }
    guard weightShape[1] == shape[0] else {
      throw step.bad("has weights \(weightShape) for items of \(shape[0]) numbers")
    }
    var arrays = [values]
    if let bias = try floats(step, 2) {
      let units = weightShape[0]
      guard bias.values.count == 1 || bias.values.count == units,
        bias.shape.last.map({ $0 == bias.values.count }) ?? true
      else { throw step.bad("adds an array of the shape \(bias.shape)") }
      arrays.append((0..<units).map { bias.values[bias.values.count == 1 ? 0 : $0] * beta })
    }
    return try add([.dense(units: weightShape[0], bias: arrays.count > 1)], arrays, to: place, shape)
  }

  private static func turned(_ values: [Float], rows: Int, columns: Int) -> [Float] {
    var turned = values
    for row in 0..<rows { for column in 0..<columns { turned[column * rows + row] = values[row * columns + column] } }
    return turned
  }

  /// With a constant: the last axis of rows, or of each of an item's pixels or rows.
  private mutating func matrixProduct(_ step: ONNXStep) throws -> Value {
    guard case .data(let place, let shape)? = try input(step, 0) else {
      throw step.bad("takes a constant where the items are due")
    }
    if case .data? = try input(step, 1) { throw step.bad("multiplies two results, which is not read") }
    let (values, weightShape) = try weights(step, 1, axes: 2)
    let (inputs, units) = (weightShape[0], weightShape[1])
    guard let last = shape.last, inputs == last else {
      throw step.bad("has weights \(weightShape) for items of the shape \(shape)")
    }
    let turned = Self.turned(values, rows: inputs, columns: units)
    if shape.count == 1 { return try add([.dense(units: units, bias: false)], [turned], to: place, shape) }
    // The same for each of several: a convolution of one pixel over the last axis as channels.
    let point = Layer.conv(units, 1, bias: false)
    if shape.count == 3 {
      let (first, behind) = (TransposeLayer(axes: [2, 0, 1]), TransposeLayer(axes: [1, 2, 0]))
      return try add([Layer(first), point, Layer(behind)], [turned], to: place, shape)
    }
    let rows = shape.dropLast().reduce(1, *)
    let flip = Layer(TransposeLayer(axes: [1, 0]))
    let layers = [
      Layer(ReshapeLayer(shape: [rows, inputs])), flip, Layer(ReshapeLayer(shape: [inputs, rows, 1])), point,
      Layer(ReshapeLayer(shape: [units, rows])), flip, Layer(ReshapeLayer(shape: shape.dropLast() + [units])),
    ]
    return try add(layers, [turned], to: place, shape)
  }

  // MARK: Normalisations

  private mutating func batchNorm(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    guard try step.int("training_mode", 0) == 0 else { throw step.bad("was exported in training: model.eval() first") }
    var arrays: [[Float]] = []
    for index in 1...4 {
      let array = try weights(step, index, axes: 1)
      guard array.values.count == shape[0] else {
        throw step.bad("has \(array.values.count) numbers for \(shape[0]) channels")
      }
      arrays.append(array.values)
    }
    let (momentum, epsilon) = (Double(try step.float("momentum", 0.9)), Double(try step.float("epsilon", 1e-5)))
    let layer = Layer.batchNorm(momentum: (0..<1).contains(momentum) ? momentum : 0.9, epsilon: epsilon)
    return try add([layer], arrays, to: place, shape)
  }

  private mutating func instanceNorm(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    let (scale, shift) = (try weights(step, 1, axes: 1), try weights(step, 2, axes: 1))
    guard scale.values.count == shape[0], shift.values.count == shape[0] else {
      throw step.bad("has other than a number for each of \(shape[0]) channels")
    }
    let layer = Layer.groupNorm(shape[0], epsilon: Double(try step.float("epsilon", 1e-5)))
    return try add([layer], [scale.values, shift.values], to: place, shape)
  }

  private mutating func unitLength(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    let axis = try step.axis(try step.int("axis", -1), shape)
    let power = try step.int("p", 2)
    guard power == 1 || power == 2 else { throw step.bad("has the power \(power): 1 and 2 are read") }
    if power == 2, shape.count == 1 { return try add([.normalize], [], to: place, shape) }
    let lengths = Layer(ReductionLayer(kind: power == 2 ? .l2 : .l1, axes: [axis], keepsAxes: true))
    guard case .data(let length, let lengthShape) = try add([lengths], [], to: place, shape) else {
      return .data(0, [])
    }
    return try add(.combine(.divide), to: [(place, shape), (length, lengthShape)])
  }

  // MARK: Element by element

  private mutating func prelu(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    guard let slope = try floats(step, 1) else { throw step.bad("has no slopes") }
    let count = slope.values.count
    let aligned = Array(slope.shape.suffix(shape.count))
    let isPerChannel =
      aligned.count == shape.count && aligned[0] == shape[0] && aligned.dropFirst().allSatisfy { $0 == 1 }
    guard count == 1 || (count == shape[0] && isPerChannel) else {
      throw step.bad("has slopes of the shape \(slope.shape): one, or one for each channel, is read")
    }
    let slopes = count == 1 ? [Float](repeating: slope.values[0], count: shape[0]) : slope.values
    return try add([Layer(PReLULayer())], [slopes], to: place, shape)
  }

  private mutating func clip(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    func limit(_ index: Int, _ name: String, _ fallback: Float) throws -> Float {
      if let found = try floats(step, index) {
        guard found.values.count == 1, !found.values[0].isNaN else { throw step.bad("has a limit that is no number") }
        return found.values[0]
      }
      return try step.float(name, fallback)
    }
    let most = Float.greatestFiniteMagnitude
    let (low, high) = (max(-most, try limit(1, "min", -most)), min(most, try limit(2, "max", most)))
    if low == 0, high == most { return try add([.relu], [], to: place, shape) }
    return try add([Layer(FunctionLayer(function: .clip(low: low, high: high)))], [], to: place, shape)
  }

  /// Max and Min: with one number a limit, else of results and constants one after the other.
  private mutating func limited(_ step: ONNXStep) throws -> Value {
    let isMax = step.node.op == "Max"
    guard (1...64).contains(step.node.inputs.count) else {
      throw step.bad("takes \(step.node.inputs.count) inputs: 1 to 64 are read")
    }
    if step.node.inputs.count == 2 {
      for index in 0...1 {
        guard case .data(let place, let shape)? = try input(step, index),
          case .constant(let tensor)? = try input(step, 1 - index),
          tensor.shape.reduce(1, *) == 1, let number = tensor.floats.first
        else { continue }
        guard number.isFinite else { throw step.bad("has a limit that is no number") }
        let most = Float.greatestFiniteMagnitude
        let clip = FunctionLayer(function: isMax ? .clip(low: number, high: most) : .clip(low: -most, high: number))
        return try add([Layer(clip)], [], to: place, shape)
      }
    }
    var value = try input(step, 0)
    for index in step.node.inputs.indices.dropFirst() {
      guard let before = value, let other = try input(step, index) else { throw step.bad("takes nothing") }
      value = try elements(step, isMax ? .maximum : .minimum, before, other)
    }
    guard let value else { throw step.bad("takes nothing") }
    return value
  }

  mutating func elements(_ step: ONNXStep, _ operation: ElementOperation) throws -> Value {
    guard step.node.inputs.count == 2, let a = try input(step, 0), let b = try input(step, 1) else {
      throw step.bad("takes other than two inputs")
    }
    return try elements(step, operation, a, b)
  }

  private mutating func elements(_ step: ONNXStep, _ operation: ElementOperation, _ a: Value, _ b: Value) throws
    -> Value
  {
    if case .data(let one, let first) = a, case .data(let other, let second) = b {
      // An item of fewer axes would be aligned with another's batch.
      guard first.count == second.count else { throw step.bad("takes items of the shapes \(first) and \(second)") }
      return try add(.combine(operation), to: [(one, first), (other, second)])
    }
    let isFirst: Bool
    let (place, shape): (Int, [Int])
    if case .data(let found, let known) = a {
      (isFirst, place, shape) = (false, found, known)
    } else if case .data(let found, let known) = b {
      (isFirst, place, shape) = (true, found, known)
    } else {
      return try constants(step, operation, a, b)
    }
    let given = try constant(step, isFirst ? a : b)
    let array = (values: given.floats, shape: given.shape)
    // A leading axis of 1 is the batch's.
    var constantShape = array.shape
    if constantShape.count == shape.count + 1 {
      guard constantShape[0] == 1 else { throw step.bad("has a constant for each item of a batch") }
      constantShape.removeFirst()
    }
    guard constantShape.count <= shape.count, array.values.allSatisfy(\.isFinite) else {
      throw step.bad("has a constant of the shape \(array.shape) for items \(shape)")
    }
    let layer = ConstantLayer(
      operation: operation, shape: constantShape.isEmpty ? [1] : constantShape, isFirst: isFirst)
    return try add([Layer(layer)], [array.values], to: place, shape)
  }

  /// Of one result, or of several of one rank.
  private mutating func sum(_ step: ONNXStep) throws -> Value {
    guard step.node.inputs.count <= 64 else { throw step.bad("takes \(step.node.inputs.count) inputs") }
    var (place, shape) = try data(step)
    for index in step.node.inputs.indices.dropFirst() {
      let (other, otherShape) = try data(step, index)
      guard otherShape.count == shape.count else {
        throw step.bad("takes items of the shapes \(shape) and \(otherShape)")
      }
      guard case .data(let sum, let sumShape) = try add(.combine(.add), to: [(place, shape), (other, otherShape)])
      else {
        throw step.bad("adds what is no result")
      }
      (place, shape) = (sum, sumShape)
    }
    return .data(place, shape)
  }

  /// Two small arrays of one shape, or one of them a number.
  private func constants(_ step: ONNXStep, _ operation: ElementOperation, _ one: Value, _ other: Value) throws -> Value
  {
    let (first, second) = (try constant(step, one), try constant(step, other))
    let (a, b) = ((values: first.floats, shape: first.shape), (values: second.floats, shape: second.shape))
    guard a.shape == b.shape || a.values.count == 1 || b.values.count == 1 else {
      throw step.bad("computes with constants in a way that is not read")
    }
    let count = max(a.values.count, b.values.count)
    let values = (0..<count).map {
      operation.value(a.values[a.values.count == 1 ? 0 : $0], b.values[b.values.count == 1 ? 0 : $0])
    }
    return .constant(ONNXTensor("", .float, a.values.count == count ? a.shape : b.shape, .floats(values)))
  }

  private mutating func concatenated(_ step: ONNXStep) throws -> Value {
    var parts: [(place: Int, shape: [Int])] = []
    guard (1...4096).contains(step.node.inputs.count) else { throw step.bad("takes no inputs") }
    for index in step.node.inputs.indices { parts.append(try data(step, index)) }
    guard step.node.attributes["axis"] != nil else { throw step.bad("has no axis") }
    let axis = try step.axis(try step.int("axis", 1), parts[0].shape)
    return try add(.concat(axis: axis), to: parts)
  }

  // MARK: Shapes

  private mutating func reshaped(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    guard let target = try sizes(step, 1) ?? step.ints("shape") else { throw step.bad("has no shape") }
    guard (1...9).contains(target.count) else { throw step.bad("makes \(target.count) axes") }
    let keepsZeros = try step.int("allowzero", 0) != 0
    let count = shape.reduce(1, *)
    var sizes: [Int] = []
    var open: Int?
    for (index, size) in target.enumerated().dropFirst() {
      guard var size else { throw step.bad("puts the batch's axis elsewhere than first") }
      if size == 0, !keepsZeros {
        guard index - 1 < shape.count else { throw step.bad("keeps an axis that is not there") }
        size = shape[index - 1]
      }
      if size == -1 {
        guard open == nil else { throw step.bad("leaves two axes open") }
        open = sizes.count
        size = 1
      }
      guard size > 0 else { throw step.bad("makes an axis of \(size)") }
      sizes.append(size)
    }
    guard let known = Self.count(sizes), known > 0 else { throw step.bad("makes an axis that is none") }
    if let open {
      guard count % known == 0 else { throw step.bad("makes \(target.map { $0 ?? 0 }) of items \(shape)") }
      sizes[open] = count / known
    }
    // [-1] or [batch]: one number an item.
    if sizes.isEmpty { sizes = [1] }
    guard Self.count(sizes) == count, target.count > 1 || count == 1 else {
      throw step.bad("makes \(target.map { $0 ?? 0 }) of items \(shape): the batch's axis has to stay")
    }
    return try add([sizes.count == 1 ? .flatten : Layer(ReshapeLayer(shape: sizes))], [], to: place, shape)
  }

  private mutating func squeezed(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    let axes = try whole(step, 1, "axes")
    var sizes = shape
    if step.node.op == "Squeeze" {
      let wanted = try axes?.map { try step.axis($0, shape) } ?? shape.indices.filter { shape[$0] == 1 }
      guard wanted.allSatisfy({ shape[$0] == 1 }) else { throw step.bad("takes away an axis that is longer than 1") }
      sizes = shape.indices.filter { !wanted.contains($0) }.map { shape[$0] }
      if sizes.isEmpty { sizes = [1] }
    } else {
      guard let axes, axes.count <= 8 else { throw step.bad("has no axes") }
      let rank = shape.count + 1 + axes.count
      for axis in axes.map({ $0 < 0 ? $0 + rank : $0 }).sorted() {
        guard axis >= 1, axis - 1 <= sizes.count else { throw step.bad("puts an axis where the batch's is") }
        sizes.insert(1, at: axis - 1)
      }
    }
    guard sizes.count <= 8 else { throw step.bad("makes \(sizes.count) axes") }
    return try add([Layer(ReshapeLayer(shape: sizes))], [], to: place, shape)
  }

  private mutating func expanded(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    guard let target = try sizes(step, 1), target.count <= shape.count + 1 else {
      throw step.bad("makes more axes than it takes")
    }
    // The last axes meet; a shorter list leaves the batch and the first axes as they are.
    var sizes = [Int](repeating: 1, count: max(0, shape.count - target.count))
    for size in target.suffix(shape.count) {
      guard let size, (1...Layer.sizeLimit).contains(size) else { throw step.bad("makes an axis that is none") }
      sizes.append(size)
    }
    guard ElementOperation.shape(shape, sizes) != nil else { throw step.bad("makes \(sizes) of items \(shape)") }
    guard zip(shape, sizes).contains(where: { $0 != $1 && $1 != 1 }) else { return .data(place, shape) }
    let layer = ConstantLayer(operation: .add, shape: sizes, isFirst: false)
    guard let count = Self.count(sizes) else { throw step.bad("makes too many numbers") }
    return try add([Layer(layer)], [[Float](repeating: 0, count: count)], to: place, shape)
  }

  private mutating func reduced(_ step: ONNXStep, _ kind: ReductionLayer.Kind) throws -> Value {
    let (place, shape) = try data(step)
    guard let given = try whole(step, 1, "axes"), !given.isEmpty else { throw step.bad("goes over the batch's axis") }
    let axes = try given.map { try step.axis($0, shape) }
    let keeps = try step.int("keepdims", 1) != 0
    if kind == .mean, shape.count == 3, axes.sorted() == [1, 2] {
      let layers = keeps ? [.globalPool, Layer(ReshapeLayer(shape: [shape[0], 1, 1]))] : [Layer.globalPool]
      return try add(layers, [], to: place, shape)
    }
    return try add([Layer(ReductionLayer(kind: kind, axes: axes, keepsAxes: keeps))], [], to: place, shape)
  }

  // MARK: Windows, borders, sizes

  private mutating func pool(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try images(step)
    let kernel = try step.extent("kernel_shape", nil)
    let stride = try step.extent("strides", Extent(1))
    guard try step.extent("dilations", Extent(1)) == Extent(1) else { throw step.bad("has windows with holes") }
    var padding = try self.padding(step, shape, span: kernel, stride: stride)
    let isMax = step.node.op == "MaxPool"
    if isMax, step.node.outputs.count > 1, !step.node.outputs[1].isEmpty { throw step.bad("gives places, too") }
    let countsBorder = try step.int("count_include_pad", 0) != 0
    if try step.int("ceil_mode", 0) != 0 {
      guard !countsBorder || padding == .valid else { throw step.bad("rounds up and counts its border") }
      padding = try Self.roundedUp(step, shape, kernel, stride, padding)
    } else if !isMax, countsBorder, let sliding = SlidingShape(shape, kernel: kernel, stride: stride, padding: padding),
      sliding.border != Border()
    {
      let border = sliding.border
      let zeros = PadLayer(
        before: [0, border.top, border.left], behind: [0, border.bottom, border.right], mode: .constant, value: 0)
      return try add(
        [Layer(zeros), .avgPool(Window(size: kernel, stride: stride))], [], to: place, shape)
    }
    let window = Window(size: kernel, stride: stride, padding: padding)
    return try add([isMax ? .maxPool(window) : .avgPool(window)], [], to: place, shape)
  }

  /// A border so much wider below and on the right that a last window that begins inside is whole.
  private static func roundedUp(
    _ step: ONNXStep, _ shape: [Int], _ kernel: Extent, _ stride: Extent, _ padding: Padding
  ) throws -> Padding {
    guard let sliding = SlidingShape(shape, kernel: kernel, stride: stride, padding: padding) else {
      throw step.bad("has windows larger than the image")
    }
    func more(_ size: Int, _ before: Int, _ behind: Int, _ kernel: Int, _ stride: Int) -> Int {
      let room = size + before + behind - kernel
      var count = (room + stride - 1) / stride + 1
      if (count - 1) * stride >= size + before { count -= 1 }
      return max(behind, (count - 1) * stride + kernel - size - before)
    }
    let border = sliding.border
    let bottom = more(shape[1], border.top, border.bottom, kernel.height, stride.height)
    let right = more(shape[2], border.left, border.right, kernel.width, stride.width)
    return .border(top: border.top, left: border.left, bottom: bottom, right: right)
  }

  private mutating func padded(_ step: ONNXStep) throws -> Value {
    let (place, shape) = try data(step)
    guard let pads = try whole(step, 1, "pads"), try input(step, 3) == nil else {
      throw step.bad("has a border that is not known beforehand")
    }
    let rank = shape.count + 1
    guard pads.count == 2 * rank, pads[0] == 0, pads[rank] == 0, pads.allSatisfy({ $0 >= 0 }) else {
      throw step.bad("has pads \(pads.prefix(8)): borders of items, of at least 0, are read")
    }
    guard let mode = PadLayer.Mode(rawValue: try step.text("mode", "constant")) else {
      throw step.bad("has a mode that is not read")
    }
    let value = try floats(step, 2)?.values.first ?? step.float("value", 0)
    let layer = PadLayer(before: Array(pads[1..<rank]), behind: Array(pads[(rank + 1)...]), mode: mode, value: value)
    return try add([Layer(layer)], [], to: place, shape)
  }
}
