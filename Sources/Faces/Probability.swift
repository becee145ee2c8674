#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The second of two classes' share in a softmax, from the difference of their numbers.
func probability(_ odds: Float) -> Float { 1 / (1 + expf(-odds)) }

/// The difference at which `probability` is this.
func logOdds(_ probability: Float) -> Float { logf(probability / (1 - probability)) }
