import Interpreter
import LinearAlgebra
import Tensors

extension TensorBindings {
  /// What stands in the help of each: why two machines may differ.
  private static let outside = """
    Computed by LAPACK in 64-bit numbers and given back in 32 bits. LAPACK has code of its own for each processor, so \
    that the last digits may be others on another machine: what follows from it is compared by tolerance there, not to \
    the letter. Stacks of matrices stand in the axes before the last two.
    """
  private static let lower =
    "Of a symmetric matrix the lower triangle is read, as in NumPy, and the gradient goes to it."

  private static let linearAlgebraNames = ["solve", "inverse", "det", "cholesky", "qr", "svd", "eigh", "lstsq", "pinv"]

  static func registerLinearAlgebra(_ registry: inout BuiltinRegistry) {
    func add(
      _ name: String, returns: String? = nil, _ parameters: [BuiltinParameter], _ summary: String, _ details: String,
      _ example: String,
      errors: [String], _ body: @escaping (Arguments) throws -> Value
    ) {
      registry.add(
        Builtin(
          name, parameters, area: .linearAlgebra, returns: returns, summary: summary,
          details: details + "\n\n" + outside,
          example: example, errors: errors + ["a number that is not finite"],
          seeAlso: linearAlgebraNames.filter { $0 != name }, alsoMethodOf: ["tensor"], dependsOnProcessor: true
        ) { args, _ in try body(args) })
    }
    let square = TypedParameter.tensor("a", "square matrix, or a stack of them")
    let right = TypedParameter.tensor("b", "vector, matrix, or a stack of matrices")
    let singular = ["a matrix that is singular to the precision of 64-bit numbers", "a matrix that is not square"]
    add(
      "solve", returns: "tensor", .of(square, right), "x of a @ x = b.",
      """
      As numpy.linalg.solve: b with one axis is a vector, and so is x; else b's columns are solved for, and stacks of a \
      and b broadcast. Better than inverse(a) @ b: faster, and nearer to the truth. It has gradients for a and b.
      """,
      "solve([[3, 1], [1, 2]], [9, 8])\n#> tensor([2, 3])", errors: singular + ["another number of rows in b than in a"]
    ) { args in Value(try args[square].solved(args[right])) }
    add(
      "inverse", returns: "tensor", .of(square), "The matrix that a is undone by: a @ inverse(a) is eye(n).",
      "numpy.linalg.inv. It has a gradient. To solve equations, solve(a, b) is better.",
      "inverse([[1, 2], [3, 4]])\n#> tensor([[  -2,    1],\n#>         [ 1.5, -0.5]])", errors: singular
    ) { args in Value(try args[square].inverse()) }
    add(
      "det", .of(square), "The determinant: by how much a stretches volumes.",
      "A number, or of a stack a tensor of them; 0 of a singular matrix. It has a gradient, of singular matrices too.",
      "det([[1, 2], [3, 4]])\n#> -2", errors: ["a matrix that is not square"]
    ) { args in TensorOperators.value(try args[square].determinant()) }
    add(
      "cholesky", returns: "tensor", .of(square),
      "The lower triangular matrix L with L @ L.T = a, of a positive definite one.",
      "L's diagonal is positive, which makes it the only one. \(lower)",
      "cholesky([[4, 2], [2, 5]])\n#> tensor([[2, 0],\n#>         [1, 2]])",
      errors: ["a matrix that is not positive definite", "a matrix that is not square"]
    ) { args in Value(try args[square].cholesky()) }
    let matrix = TypedParameter.tensor("a", "matrix, or a stack of them")
    let words = ["reduced", "complete", "r"]
    let mode = TypedParameter<String>(
      .optional("mode", "\"reduced\", \"complete\" or \"r\"", default: "reduced")
    ) { try $0.string($1, oneOf: words) }
    add(
      "qr", .of(matrix, mode),
      "Q with orthonormal columns and the upper triangular R, a = Q @ R.",
      """
      A list of both; "complete" gives a square Q and R with rows of zeros, "r" R alone. No number on R's diagonal is \
      negative, which makes both the only ones where a has full rank (NumPy leaves their signs to LAPACK).
      """,
      "q, r = qr([[3, 1], [4, 2]])\nr\n#> tensor([[  5, 2.2],\n#>         [  0, 0.4]])", errors: []
    ) { args in
      let mode = try args[mode]
      let found = try args[matrix].qr(mode == "r" ? .r : mode == "complete" ? .complete : .reduced)
      return found.q.map { Value([Value($0), Value(found.r)]) } ?? Value(found.r)
    }
    let isFull = TypedParameter.bool("full_matrices", default: true)
    let wantsVectors = TypedParameter.bool("compute_uv", default: true)
    add(
      "svd", .of(matrix, isFull, wantsVectors),
      "The singular value decomposition: U, the singular values s, and Vᵀ; a = U @ diag(s) @ Vᵀ.",
      """
      A list of the three. s falls. The number of the largest size in each column of U is positive (of several within \
      rounding the first), and the row of Vᵀ follows. full_matrices=false leaves out the columns of U and rows of Vᵀ \
      that belong to no singular value; then a is (U * s) @ Vᵀ. compute_uv=false gives s alone.
      """,
      "u, s, vt = svd([[3, 0], [0, 4]])\ns\n#> tensor([4, 3])", errors: []
    ) { args in
      let (isFull, wantsVectors) = (try args[isFull], try args[wantsVectors])
      guard wantsVectors else { return Value(try args[matrix].singularValuesAlone()) }
      let found = try args[matrix].singularValues(full: isFull)
      return Value([Value(found.u), Value(found.s), Value(found.vt)])
    }
    add(
      "eigh", .of(square), "Eigenvalues and eigenvectors of a symmetric matrix: a @ v[:, i] = w[i] * v[:, i].",
      """
      A list of w and v. w rises; v's columns have length 1, and the number of the largest size in each is positive \
      (of several within rounding the first). \(lower) Where eigenvalues are equal their vectors are not determined: a \
      gradient that depends on the choice has no meaning.
      """,
      "w, v = eigh([[2, 1], [1, 2]])\nw\n#> tensor([1, 3])", errors: ["a matrix that is not square"]
    ) { args in
      let found = try args[square].symmetricEigen()
      return Value([Value(found.values), Value(found.vectors)])
    }
    let rcond = TypedParameter.number("rcond", or: "1.19e-07 × the longer side")
    let single = TypedParameter.tensor("a", "matrix")
    let goal = TypedParameter.tensor("b", "vector or matrix")
    let cut = "Singular values below rcond times the largest count as 0; 32-bit numbers leave that much of a zero."
    add(
      "lstsq", .of(single, goal, rcond),
      "x for which a @ x comes nearest to b, by least squares; of several the shortest.",
      """
      A list as numpy.linalg.lstsq gives it: x, for each column of b the sum of squares that is left over (empty where \
      a has no more rows than columns, or a rank below these), a's rank, and its singular values. \(cut)
      """,
      "x = lstsq([[1, 0], [1, 1], [1, 2]], [1, 3, 5])[0]\nx\n#> tensor([1, 2])",
      errors: ["another number of rows in b than in a"]
    ) { args in
      let limit = try args[rcond]
      let found = try args[single].leastSquares(args[goal], rcond: limit)
      return Value([Value(found.solution), Value(found.residuals), Value(found.rank), Value(found.singularValues)])
    }
    add(
      "pinv", returns: "tensor", .of(matrix, rcond), "The Moore-Penrose inverse, of a matrix of any shape and rank.",
      "pinv(a) @ b is the shortest x for which a @ x comes nearest to b. \(cut)",
      "pinv([[2, 0], [0, 4], [0, 0]])\n#> tensor([[ 0.5,    0,    0],\n#>         [   0, 0.25,    0]])", errors: []
    ) { args in
      let limit = try args[rcond]
      return Value(try args[matrix].pseudoInverse(rcond: limit))
    }
  }
}
