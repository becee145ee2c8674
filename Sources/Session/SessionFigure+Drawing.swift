import Plotting

extension SessionFigure {
  public enum Pictures: Sendable { case kitty, iterm, sixel, none }

  /// Bytes to write to a terminal as they are.
  public func inline(_ pictures: Pictures, columns: Int, rows: Int, color: Bool) throws -> [UInt8] { [] }

  /// Writes it to a file; the ending chooses the format.
  public func save(to path: String) throws {}
}
