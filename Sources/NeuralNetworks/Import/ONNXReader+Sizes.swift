import ONNXFormat

/// What exporters compute of sizes while the graph runs, computed while it is read. nil is the batch's size, which is open.
extension ONNXReader {
  /// One number of each place from the numbers of several inputs there. An input of one number stands at each place.
  func computed(_ step: ONNXStep, _ known: [[Int?]]) throws -> [Int?] {
    let inputs = step.node.op == "Where" ? 3 : 2
    guard known.count == inputs else { throw step.bad("takes other than \(inputs == 2 ? "two" : "three") inputs") }
    // An empty list of sizes with lists of one is empty, too.
    let count = known.contains(where: \.isEmpty) ? 0 : known.map(\.count).max() ?? 0
    guard known.allSatisfy({ $0.count == count || $0.count == 1 }) else {
      throw step.bad("takes shapes of two lengths")
    }
    return try (0..<count).map { place in
      let numbers = known.map { $0[$0.count == 1 ? 0 : place] }
      switch step.node.op {
      case "Where": return try chosen(step, numbers)
      case "Equal": return equality(numbers[0], numbers[1])
      default:
        guard let a = numbers[0], let b = numbers[1] else { return nil }
        return try arithmetic(step, a, b)
      }
    }
  }

  private func arithmetic(_ step: ONNXStep, _ a: Int, _ b: Int) throws -> Int {
    let (value, overflow): (Int, Bool)
    switch step.node.op {
    case "Add": (value, overflow) = a.addingReportingOverflow(b)
    case "Sub": (value, overflow) = a.subtractingReportingOverflow(b)
    case "Mul": (value, overflow) = a.multipliedReportingOverflow(by: b)
    case "Min": (value, overflow) = (min(a, b), false)
    case "Max": (value, overflow) = (max(a, b), false)
    default: (value, overflow) = b == 0 ? (0, true) : a.dividedReportingOverflow(by: b)
    }
    if overflow { throw step.bad("computes a size that is none") }
    return value
  }

  /// Of all sizes in a list, as a deviation counts the pixels; nil where the batch's is among them.
  func product(_ step: ONNXStep, _ sizes: [Int?]) throws -> Int? {
    let known = sizes.compactMap { $0 }
    guard known.count == sizes.count else { return nil }
    return try known.reduce(1) { before, size in
      let (value, overflow) = before.multipliedReportingOverflow(by: size)
      if overflow { throw step.bad("computes a size that is none") }
      return value
    }
  }

  /// 1 or 0; nil where the batch's size decides. It is at least 1.
  private func equality(_ a: Int?, _ b: Int?) -> Int? {
    guard let a, let b else {
      let other = a ?? b
      return other.map { $0 < 1 } == true ? 0 : nil
    }
    return a == b ? 1 : 0
  }

  private func chosen(_ step: ONNXStep, _ numbers: [Int?]) throws -> Int? {
    guard let condition = numbers[0] else {
      guard numbers[1] == numbers[2] else { throw step.bad("chooses a size by the batch's") }
      return numbers[1]
    }
    return condition != 0 ? numbers[1] : numbers[2]
  }

  /// Rows of an array of sizes, forwards or backwards; a list is an array of rows of one.
  func cut(_ step: ONNXStep, _ known: [[Int?]], isScalar: Bool) throws -> Value {
    let stride = known.count > 4 ? known[4] : [1]
    guard known.count >= 3, known[1].count == 1, known[2].count == 1, let start = known[1][0], let stop = known[2][0],
      known.count < 4 || known[3] == [0] || known[3].isEmpty, stride == [1] || stride == [-1] || stride.isEmpty
    else { throw step.bad("cuts a shape in a way that is not read") }
    var width = 1
    var shape: [Int]?
    if case .constant(let tensor)? = try input(step, 0), tensor.shape.count == 2 {
      (width, shape) = (tensor.shape[1], tensor.shape)
    }
    guard width > 0 else { throw step.bad("cuts an array without numbers") }
    let count = known[0].count / width
    let isBackward = stride == [-1]
    // Behind the end counts as the end, before the beginning as the beginning.
    func place(_ value: Int, _ low: Int, _ high: Int) -> Int {
      let from = value < 0 && value >= -count ? value + count : value
      return max(low, min(high, from < 0 ? low : from))
    }
    let rows: [Int]
    if isBackward {
      let (first, last) = (place(start, -1, count - 1), place(stop, -1, count - 1))
      rows = first > last ? Array(((last + 1)...first).reversed()) : []
    } else {
      let (first, last) = (place(start, 0, count), place(stop, 0, count))
      rows = first < last ? Array(first..<last) : []
    }
    let picked = rows.flatMap { known[0][$0 * width..<($0 + 1) * width] }
    guard shape != nil else { return .sizes(picked, isScalar: false) }
    let whole = picked.compactMap { $0 }
    guard whole.count == picked.count else { throw step.bad("cuts the batch's size out of an array") }
    return .constant(ONNXTensor("", .int64, [rows.count, width], .ints(whole)))
  }
}
