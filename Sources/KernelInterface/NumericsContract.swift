/// The promise that one script gives the same bits on every processor, at any number of threads (Documentation/numerics.md).
public enum NumericsContract {
  /// Raised with every change that alters a bit of any result; then the repository's sessions are recorded anew, in the
  /// same commit. A saved session names it.
  public static let version = 1
}
