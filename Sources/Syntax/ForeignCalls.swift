/// The way out for a call with more or fewer arguments than the function takes, where other languages' function of that
/// name takes as many: `log(8, 2)`.
///
/// - Parameter signature: of the function that was called; a function of the user's own has another.
public func foreignCallAdvice(_ signature: String) -> String? {
  foreignCalls.first { signature.hasPrefix($0.signature) }?.help
}

/// The same for one of a few words: `init="xavier"`.
public func foreignChoice(_ word: String, among words: [String]) -> String? {
  foreignChoices[word.lowercased()].flatMap { words.contains($0) ? $0 : nil }
}

private let foreignCalls: [(signature: String, help: String)] = [
  ("log(x)", "log(x) / log(b) is the logarithm to the base b; log2(x) and log10(x) are there"),
  ("pow(x, y)", "x ^ y % m is the remainder of a power"),
  ("randint(low, high,", "randint(0, n) draws from 0 up to, not including, n"),
  ("gradient(f, x)", "grad(f, wrt=[0, 1])(x, y) gives the gradients for several arguments"),
]

private let foreignChoices: [String: String] = [
  "xavier": "glorot", "xavier_uniform": "glorot", "glorot_uniform": "glorot", "kaiming": "he", "kaiming_uniform": "he",
  "he_uniform": "he", "he_normal": "he", "l2": "euclidean", "manhattan": "l1", "cityblock": "l1",
  "cosine_similarity": "cosine",
]
