/// Text in columns of a fixed width. A text that is wider stays as it is.
extension String {
  /// With blanks behind it, to `width` characters.
  public func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  /// With blanks before it, to `width` characters.
  public func paddedLeft(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
