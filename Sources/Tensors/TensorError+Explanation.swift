import Diagnostics

extension TensorError {
  public var explanation: Explanation {
    switch self {
    case .tooLarge(let shape):
      let numbers = shape.reduce(1.0) { $0 * Double($1) }
      return Explanation(
        "a tensor of shape \(shape) would hold \(short(numbers)) numbers (\(bytes(numbers * 4)))",
        help: "at most \(bytes(Double(Tensor.largestCount) * 4)) fit here: work in parts, a batch at a time")
    case .negativeAxis(let shape):
      return Explanation(
        "a shape has lengths of 0 or more, got \(shape)", help: "only reshape takes -1, for the length that fits")
    case .valueCount(let shape, let values):
      return Explanation(
        "a tensor of shape \(shape) holds \(product(shape)) numbers, got \(values)",
        help: "give as many numbers as the lengths of the shape multiply to")
    case .shapes(let verb, let a, let b):
      return Explanation(
        "cannot \(verb) tensors of shapes \(a) and \(b): \(clash(a, b))",
        help: "lengths must be equal or 1, counted from the last axis; reshape one of them")
    case .matrixProduct(let a, let b):
      if a.isEmpty || b.isEmpty {
        return Explanation(
          "@ is the matrix product and wants axes, got shapes \(a) and \(b)", help: "use * with numbers")
      }
      if a.count == 1, b.count == 1 {
        return Explanation(
          "cannot multiply vectors of \(a[0]) and \(b[0]) numbers: @ adds up the products of their numbers, place by place",
          help: "give both the same length; a[:, none] * b multiplies each number with each")
      }
      let inner = b.count == 1 ? b[0] : b[b.count - 2]
      if a[a.count - 1] == inner {
        return Explanation(
          "cannot multiply stacks of matrices of shapes \(a) and \(b): the axes before the last two do not fit",
          help: "their lengths must be equal or 1, counted from the last axis")
      }
      return Explanation(
        "cannot multiply matrices of shapes \(a) and \(b): \(a[a.count - 1]) columns meet \(inner) rows",
        help: b.count == 1
          ? "the last axis of the left must be as long as the vector; transpose the left"
          : a.count == 1
            ? "the vector must be as long as the last but one axis of the right; transpose the right"
            : "the last axis of the left must equal the last but one of the right; transpose one of them")
    case .broadcast(let from, let to):
      return Explanation(
        "cannot stretch a tensor of shape \(from) to \(to)",
        help: "only lengths of 1 are stretched, counted from the last axis; x[none] adds one in front")
    case .reshape(let from, let to):
      let holes = to.filter { $0 == -1 }.count
      let others = to.filter { $0 != -1 }
      let help =
        holes > 1
        ? "at most one length may be -1"
        : others.contains(where: { $0 < 0 })
          ? "lengths are 0 or more, or -1 once for the length that fits"
          : holes == 1
            ? "\(product(from)) is no multiple of \(product(others)), so that no length fits in place of -1"
            : "that would be \(product(to)) numbers; -1 stands for the length that fits"
      return Explanation("cannot reshape \(from) (\(product(from)) numbers) to \(to)", help: help)
    case .axis(let function, let axis, let shape):
      if shape.isEmpty {
        return Explanation(
          "\(function): axis \(axis) does not exist, the tensor is a single number", help: "leave axis= out")
      }
      return Explanation(
        "\(function): axis \(axis) does not exist in a tensor of shape \(shape)",
        help: "axes go from 0 to \(shape.count - 1), or from -\(shape.count) to -1 counted from the end")
    case .repeatedAxis(let function, let axis):
      return Explanation("\(function): axis \(axis) is named twice", help: "name each axis once")
    case .permutation(let axes, let shape):
      return Explanation(
        "transpose wants each axis of shape \(shape) once, got \(axes)", help: "without axes their order is reversed")
    case .rank(let function, let expected, let shape):
      return Explanation("\(function) expects \(expected), got a tensor of shape \(shape)")
    case .index(let index, let axis, let size):
      return Explanation(
        "index \(index) is out of range for axis \(axis) of length \(size)",
        help: size == 0
          ? "the axis is empty: x.shape gives the lengths"
          : "indexes go from 0 to \(size - 1), or from -\(size) to -1 counted from the end")
    case .tooManyIndexes(let count, let shape):
      return Explanation(
        "\(count) indexes for a tensor of shape \(shape), which has \(axes(shape.count))",
        help: shape.isEmpty
          ? "it is a single number: leave the brackets out" : "give one index for each axis, or fewer")
    case .stepZero:
      return Explanation("a slice's step cannot be 0", help: "x[::2] takes every second item, x[::-1] goes backwards")
    case .maskShape(let mask, let shape):
      return Explanation(
        "a mask of shape \(mask) does not fit a tensor of shape \(shape)",
        help: "a mask has the tensor's shape, or that of its first axes")
    case .pairedIndexes(let shapes):
      return Explanation(
        "lists of places are taken pairwise, and those of shapes \(shapes.map { "\($0)" }.joined(separator: " and ")) do not "
          + "fit together", help: "for every combination take one after the other: x[rows][:, columns]")
    case .condition(let mask, let shape):
      return Explanation(
        "where: a condition of shape \(mask) does not fit values of shape \(shape)",
        help: "lengths must be equal or 1, counted from the last axis")
    case .ragged(let first, let other):
      return Explanation(
        "the rows of a tensor have one shape, got one of shape \(first) and one of shape \(other)",
        help: "make them equally long, or keep a list")
    case .empty(let function):
      return Explanation("\(function) of no numbers at all", help: "check that the tensor is not empty first")
    case .join(let function, let axis, let a, let b):
      return Explanation(
        "\(function): shapes \(a) and \(b) do not fit along axis \(axis)",
        help: function == "stack" ? "all shapes must be equal" : "all other axes must have equal lengths")
    case .squeeze(let axis, let shape):
      return Explanation(
        "squeeze drops axes of length 1, but axis \(axis) of \(shape) is longer",
        help: "squeeze() without an axis drops all of length 1")
    case .channels(let function, let expected, let got):
      return Explanation("\(function) expects \(expected) channels, got \(got)")
    case .window(let function, let kernel, let input):
      return Explanation(
        "\(function): a window of \(kernel) does not fit into an input of \(input)",
        help: "add padding, or take a smaller one")
    case .argument(let function, let name, let expected, let got):
      return Explanation("\(function): \(name) must be \(expected), got \(got)")
    case .notScalar(let function, let shape):
      return Explanation(
        "\(function) wants a function that gives one number, got a tensor of shape \(shape)",
        help: "end it with sum or mean")
    case .twoTapes:
      return Explanation("tensors of two different gradient computations meet", help: "detach one of them")
    case .secondDerivative(let function):
      return Explanation(
        "\(function) has no second derivative: its gradient was made by a fused kernel",
        help: "take its first derivative alone, or write it with operators and functions that have two")
    case .customGradient(let function, let expected, let got):
      return Explanation("\(function): its gradient has shape \(got) where \(expected) is due")
    case .interrupted: return Explanation("interrupted")
    case .einsum(let text, let reason):
      return Explanation(
        "einsum(\"\(text.prefix(80))\"): \(reason)", help: "one letter for each axis: einsum(\"ij,jk->ik\", a, b)")
    case .label(let label, let classes):
      return Explanation("label \(label) does not name one of \(classes) classes", help: "labels count from 0")
    }
  }
}

private func product(_ shape: [Int]) -> String { short(shape.reduce(1.0) { $0 * Double($1) }) }

private func axes(_ count: Int) -> String { count == 1 ? "1 axis" : "\(count) axes" }

private func short(_ number: Double) -> String {
  guard let whole = Int(exactly: number) else { return "\(number)" }
  return number < 0x1p53 ? "\(whole)" : "\(number)"
}

private func bytes(_ count: Double) -> String {
  let units: [(Double, String)] = [(1e18, "EB"), (1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")]
  for (size, name) in units where count >= size {
    let tenths = (count / size * 10).rounded() / 10
    if tenths > 1e6 { return "\(tenths) \(name)" }
    return tenths == tenths.rounded() ? "\(Int(tenths)) \(name)" : "\(tenths) \(name)"
  }
  return "\(Int(count)) bytes"
}

/// "axis 1 has length 4 on the left and 5 on the right".
private func clash(_ a: [Int], _ b: [Int]) -> String {
  for back in 1...max(1, min(a.count, b.count)) where back <= a.count && back <= b.count {
    let (left, right) = (a[a.count - back], b[b.count - back])
    if left != right, left != 1, right != 1 {
      return "axis -\(back) has length \(left) on the left and \(right) on the right"
    }
  }
  return "they do not fit"
}
