/// The way out for functions of NumPy and PyTorch that are an expression here.
let foreignArrayNames: [String: String] = {
  var names: [String: String] = [:]
  func add(_ words: String..., help: String) { for word in words { names[word] = help } }

  // Masks. 1 - m would be numbers, which are taken as places.
  add("logical_and", "bitwise_and", help: "m * n is the mask where both hold; a and b of two truths")
  add("logical_or", "bitwise_or", help: "m + n > 0 is the mask where either holds; a or b of two truths")
  add("logical_not", "bitwise_not", help: "m == 0 is the mask where m does not hold; not a of one truth")
  add("logical_xor", "bitwise_xor", help: "write m != n")
  add("count_nonzero", help: "write sum(x != 0)")
  add("isin", "in1d", help: "x in xs asks for one; any(x[:, none] == tensor(xs), axis=1) is the mask for a vector")
  add("array_equal", "array_equiv", help: "all(a == b) of tensors of one shape, or allclose(a, b)")

  // Places
  add("argwhere", help: "nonzero(x) gives the places axis by axis, stack(nonzero(x), axis=1) a row for each")
  add("flatnonzero", help: "write nonzero(x.flatten())[0]")
  add("searchsorted", "bisect", "bisect_left", help: "sum(xs < x) is the place of x in a sorted tensor")
  add("index_select", help: "write take(x, places, axis=0), or x[places]")
  add("broadcast_to", help: "x + zeros(2, 3) stretches x to this shape; arithmetic does it by itself")
  add("array_split", "hsplit", "vsplit", "chunk", help: "x[:k] and x[k:] are two parts, x[:, :k] of the columns")
  add("atleast_2d", help: "x[none] adds an axis of length 1")
  add("moveaxis", "rollaxis", "permute_dims", help: "x.transpose(1, 0) gives another order of axes")

  // Arithmetic
  add("power", "float_power", help: "write x ^ y")
  add("square", help: "write x ^ 2")
  add("absolute", "fabs", help: "write abs(x)")
  add("floor_divide", help: "write floor(a / b)")
  add("fmod", "remainder", help: "a % b has the sign of b")
  add("multiply", help: "write a * b")
  add("subtract", help: "write a - b")
  add("divide", "true_divide", help: "write a / b")
  add("negative", help: "write -x")
  add("reciprocal", help: "write 1 / x")
  add("cbrt", help: "write sign(x) * abs(x) ^ (1 / 3)")
  add("hypot", help: "write sqrt(a ^ 2 + b ^ 2)")
  add("deg2rad", "radians", help: "write x * pi / 180")
  add("rad2deg", "degrees", help: "write x * 180 / pi")
  add("nan_to_num", help: "write where(isfinite(x), x, 0)")

  // Summaries and products
  add("ptp", help: "write max(x) - min(x)")
  add("average", help: "mean(x), or with weights sum(w * x) / sum(w)")
  add("amax", help: "write max(x, axis=0)")
  add("amin", help: "write min(x, axis=0)")
  add("inner", "vdot", help: "write dot(a, b)")
  add("tensordot", help: "einsum(\"ij,jk->ik\", a, b) names the axes that are summed")
  add("mm", "bmm", "mv", help: "write a @ b")
  add("kron", help: "einsum(\"ij,kl->ikjl\", a, b) has its numbers; .reshape(…) makes a matrix of them")
  add(
    "cov",
    help: "rows as variables: c = x - mean(x, axis=1, keepdims=true); c @ c.T / (x.shape[1] - 1)")
  add(
    "corrcoef",
    help: "rows as variables: c = x - mean(x, axis=1, keepdims=true); c /= norm(c, axis=1, keepdims=true); c @ c.T")
  return names
}()
