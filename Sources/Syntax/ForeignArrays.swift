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
  add(
    "greater", "less", "equal", "not_equal", "greater_equal", "less_equal", help: "write a > b, a < b, a == b, a != b")
  add("signbit", help: "write x < 0")
  add("masked_select", "compress", help: "write x[x > 0]")
  add("masked_fill", "put", "putmask", "place", "copyto", help: "setitem(x, x < 0, 0) gives a new tensor")
  add("piecewise", "choose", help: "write where(x > 0, a, b)")
  add("intersect1d", help: "write [x for x in unique(a) if x in b]")
  add("union1d", help: "write unique(concat([a, b]))")
  add("setdiff1d", help: "write [x for x in unique(a) if x not in b]")
  add("isin", "in1d", help: "x in xs asks for one; any(x[:, none] == tensor(xs), axis=1) is the mask for a vector")
  add("array_equal", "array_equiv", help: "all(a == b) of tensors of one shape, or allclose(a, b)")

  // Shapes
  add("concatenate", "vstack", "row_stack", "cat", help: "write concat([a, b], axis=0)")
  add("column_stack", help: "stack([a, b], axis=1) of vectors, concat([a, b], axis=1) of matrices")
  add("dstack", help: "write stack([a, b], axis=2)")
  add("ravel", help: "x.flatten() gives one axis")
  add("view", help: "x.reshape(2, 3) gives another shape")
  add("fliplr", help: "write flip(x, axis=1)")
  add("flipud", help: "write flip(x, axis=0)")
  add("rot90", help: "write flip(x.T, axis=0)")
  add("diagonal", "diagflat", help: "write diag(x)")
  add("fill_diagonal", help: "where(eye(3) == 1, 0, x) has the diagonal 0")
  add("expand_dims", "newaxis", "unsqueeze", help: "x[none] and x[:, none] add an axis of length 1")

  // Tensors of their own
  add("empty", help: "write zeros(2, 3)")
  add("empty_like", help: "write zeros_like(x)")
  add("rand_like", help: "write rand(x.shape)")
  add("randn_like", help: "write randn(x.shape)")
  add("logspace", "geomspace", help: "10 ^ linspace(0, 3, 50) goes from 1 to 1000")
  add("mgrid", "ogrid", help: "x.reshape(-1, 1) and y.reshape(1, -1) stretch to one shape in arithmetic")

  // Places
  add("gather", help: "write take_along_axis(x, places, axis)")
  add("unravel_index", help: "divmod(i, x.shape[1]) is row and column of a place in a matrix")
  add("digitize", "bucketize", help: "sum(x[:, none] >= bins, axis=1) counts the bounds that each number has reached")
  add("kthvalue", help: "sort(x)[k - 1] is the k-th number")
  add("narrow", help: "write x[2:5]")
  add("nanargmax", help: "write argmax(where(isfinite(x), x, -inf))")
  add("nanargmin", help: "write argmin(where(isfinite(x), x, inf))")
  add("argwhere", help: "nonzero(x) gives the places axis by axis, stack(nonzero(x), axis=1) a row for each")
  add("flatnonzero", help: "write nonzero(x.flatten())[0]")
  add("searchsorted", "bisect", "bisect_left", help: "sum(xs < x) is the place of x in a sorted tensor")
  add("index_select", help: "write take(x, places, axis=0), or x[places]")
  add("broadcast_to", help: "x + zeros(2, 3) stretches x to this shape; arithmetic does it by itself")
  add("array_split", "hsplit", "vsplit", "chunk", help: "x[:k] and x[k:] are two parts, x[:, :k] of the columns")
  add("atleast_2d", help: "x[none] adds an axis of length 1")
  add(
    "moveaxis", "rollaxis", "permute_dims", "permute", "swapaxes", "swapdims",
    help: "x.transpose(1, 0) gives another order of axes")

  // Arithmetic
  add("clamp", help: "write clip(x, 0, 1)")
  add("around", "rint", "round_", help: "write round(x)")
  add("trunc", "fix", help: "write sign(x) * floor(abs(x))")
  add("exp2", help: "write 2 ^ x")
  add("logaddexp", help: "write logsumexp(stack([a, b]), axis=0)")
  add("sinc", help: "write where(x == 0, 1, sin(pi * x) / (pi * x))")
  add("fmax", help: "write maximum(a, b)")
  add("fmin", help: "write minimum(a, b)")
  add("log_softmax", "logsoftmax", help: "write x - logsumexp(x, axis=-1, keepdims=true)")
  add(
    "apply_along_axis", "vectorize",
    help: "functions of the library take whole tensors; stack([f(row) for row in x]) calls your own for each row")
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
  add(
    "nanmean", "nansum", "nanmax", "nanmin", "nanmedian", help: "leave what is none out first: x[isfinite(x)].mean()")
  add("nanstd", "nanvar", help: "leave what is none out first: x[isfinite(x)].std()")
  add("ediff1d", help: "write diff(x)")
  add("trapz", "trapezoid", help: "write sum((y[1:] + y[:-1]) / 2 * diff(x))")
  add("convolve", help: "[sum(x[i:i + len(k)] * flip(k)) for i in 0...len(x) - len(k)] has the valid part")
  add("correlate", help: "[sum(x[i:i + len(k)] * k) for i in 0...len(x) - len(k)] has the valid part")
  add("polyfit", help: "write lstsq(stack([x ^ 2, x, ones_like(x)], axis=1), y)[0]")
  add("polyval", help: "(a * x + b) * x + c is a polynomial with the coefficients a, b and c")
  add("cross", help: "write roll(a, -1) * roll(b, -2) - roll(a, -2) * roll(b, -1)")
  add("slogdet", help: "write log(abs(det(a)))")
  add("matrix_power", help: "a @ a is the square; p = eye(3); for i in 0..<n { p = p @ a } is the power n")
  add("addmm", "baddbmm", help: "write c + a @ b")
  add("chain_matmul", "multi_dot", help: "write a @ b @ c")
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
