/// Sums of products, written by the letters of their axes (Einstein's convention, as NumPy's einsum reads it).
private struct EinsumPlan {
  /// A letter, or an axis that `...` stands for: -1 is the last of those.
  typealias Label = Int
  var inputs: [[Label]]
  var output: [Label]

  init(_ text: String, _ ranks: [Int]) throws {
    func wrong(_ reason: String) -> TensorError { .einsum(text, reason: reason) }
    let plain = text.filter { !$0.isWhitespace }
    let sides = plain.split(separator: "->", omittingEmptySubsequences: false).map(String.init)
    guard sides.count <= 2 else { throw wrong("it has more than one arrow") }
    let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard terms.count == ranks.count else {
      throw wrong("it speaks of \(terms.count) tensors, and \(ranks.count) are given")
    }
    /// The labels of a term; `dots` is how many axes `...` stands for, nil where that is not known yet.
    func labels(_ term: String, dots: (Int) throws -> Int) throws -> [Label] {
      var found: [Label] = []
      var rest = Substring(term)
      let letters = term.filter { $0 != "." }.count
      var hasDots = false
      while let next = rest.first {
        if rest.hasPrefix("...") {
          if hasDots { throw wrong("`...` stands twice in \(term)") }
          hasDots = true
          let count = try dots(letters)
          found += (0..<count).map { $0 - count }
          rest = rest.dropFirst(3)
        } else {
          guard next.isASCII, next.isLetter, let code = next.asciiValue else {
            throw wrong("`\(next)` is no letter")
          }
          found.append(Int(code))
          rest = rest.dropFirst()
        }
      }
      return found
    }
    inputs = try zip(terms, ranks).map { term, rank in
      let found = try labels(term) { letters in
        guard rank >= letters else { throw wrong("\(term) names more axes than the \(rank) that its tensor has") }
        return rank - letters
      }
      guard found.count == rank else {
        throw wrong(
          "\(term.isEmpty ? "an empty term" : term) names \(found.count) \(found.count == 1 ? "axis" : "axes"), and its tensor has \(rank)"
        )
      }
      return found
    }
    let all = inputs.flatMap { $0 }
    if sides.count == 2 {
      let dots = -(all.min().map { min($0, 0) } ?? 0)
      output = try labels(sides[1]) { _ in dots }
      for label in output where !all.contains(label) { throw wrong("the result names an axis that no tensor has") }
      guard dots == 0 || output.contains(-1) else {
        throw wrong("the result has to name the axes of `...`: sum over them with letters")
      }
      guard Set(output).count == output.count else { throw wrong("the result names an axis twice") }
    } else {
      // Without an arrow: the axes of `...`, then the letters that stand once, in the order of the alphabet.
      output = Set(all).filter { label in label < 0 || all.filter { $0 == label }.count == 1 }.sorted()
    }
  }
}

extension Tensor {
  /// "ij,jk->ik": multiplies along the axes that share a letter, and sums over those that the result does not name.
  public static func einsum(_ text: String, _ operands: [Tensor]) throws -> Tensor {
    let plan = try EinsumPlan(text, operands.map(\.rank))
    var sizes: [Int: Int] = [:]
    for (operand, labels) in zip(operands, plan.inputs) {
      for (place, (length, label)) in zip(operand.shape, labels).enumerated() {
        if let first = labels[..<place].firstIndex(of: label), operand.shape[first] != length {
          throw TensorError.einsum(
            text, reason: "a diagonal is taken of axes of lengths \(operand.shape[first]) and \(length)")
        }
        let known = sizes[label] ?? length
        // An axis of length 1 broadcasts, whether a letter stands for it or `...`.
        guard known == length || known == 1 || length == 1 else {
          throw TensorError.einsum(text, reason: "an axis has length \(known) in one tensor and \(length) in another")
        }
        sizes[label] = known == 1 ? length : known
      }
    }
    var parts = try zip(operands, plan.inputs).map { try LabelledTensor($0, $1).simplified(sizes) }
    for index in parts.indices {
      let others = parts.indices.filter { $0 != index }.flatMap { parts[$0].labels }
      parts[index] = try parts[index].summed { others.contains($0) || plan.output.contains($0) }
    }
    guard var result = parts.first else { throw TensorError.empty(function: "einsum") }
    for index in parts.indices.dropFirst() {
      let later = parts[(index + 1)...].flatMap(\.labels)
      result = try result.times(parts[index]) { later.contains($0) || plan.output.contains($0) }
    }
    return try result.arranged(plan.output).tensor
  }
}

/// A tensor whose axes have labels, each once.
private struct LabelledTensor {
  var tensor: Tensor
  var labels: [Int]

  init(_ tensor: Tensor, _ labels: [Int]) {
    self.tensor = tensor
    self.labels = labels
  }

  /// Diagonals of labels that stand twice; axes that broadcast stretched.
  func simplified(_ sizes: [Int: Int]) throws -> LabelledTensor {
    var result = self
    while let second = result.labels.indices.first(where: { result.labels[..<$0].contains(result.labels[$0]) }),
      let first = result.labels.firstIndex(of: result.labels[second])
    {
      let length = result.tensor.shape[first]
      let rest = result.labels.indices.filter { $0 != first && $0 != second }
      let moved = try result.tensor.transposed([first, second] + rest)
      let others = rest.map { result.tensor.shape[$0] }
      let diagonal = try moved.reshaped([length * length] + others).taken((0..<length).map { $0 * length + $0 })
      result = LabelledTensor(diagonal, [result.labels[first]] + rest.map { result.labels[$0] })
    }
    return LabelledTensor(
      try result.tensor.broadcast(to: result.labels.map { sizes[$0] ?? 1 }), result.labels)
  }

  /// Without the axes that nobody needs.
  func summed(_ isKept: (Int) -> Bool) throws -> LabelledTensor {
    let gone = labels.indices.filter { !isKept(labels[$0]) }
    return gone.isEmpty ? self : LabelledTensor(try tensor.sum(gone), labels.filter(isKept))
  }

  func arranged(_ order: [Int]) throws -> LabelledTensor {
    LabelledTensor(try tensor.transposed(order.compactMap { labels.firstIndex(of: $0) }), order)
  }

  /// The matrix product over the axes that both have and nobody needs later.
  func times(_ other: LabelledTensor, _ isKept: (Int) -> Bool) throws -> LabelledTensor {
    let shared = labels.filter { other.labels.contains($0) }
    let batch = shared.filter(isKept)
    let summed = shared.filter { !isKept($0) }
    let left = labels.filter { !shared.contains($0) }
    let right = other.labels.filter { !shared.contains($0) }
    func lengths(_ part: LabelledTensor, _ wanted: [Int]) -> [Int] {
      wanted.map { part.tensor.shape[part.labels.firstIndex(of: $0) ?? 0] }
    }
    func size(_ lengths: [Int]) -> Int { lengths.reduce(1, &*) }
    let (b, m, k, n) = (lengths(self, batch), lengths(self, left), lengths(self, summed), lengths(other, right))
    let a = try arranged(batch + left + summed).tensor.reshaped([size(b), size(m), size(k)])
    let c = try other.arranged(batch + summed + right).tensor.reshaped([size(b), size(k), size(n)])
    // A product without a sum is no matrix product.
    let product =
      summed.isEmpty
      ? try a.reshaped([size(b), size(m), 1]) * c.reshaped([size(b), 1, size(n)])
      : try a.matmul(c, transposeLeft: false, transposeRight: false)
    return LabelledTensor(try product.reshaped(b + m + n), batch + left + right)
  }
}
