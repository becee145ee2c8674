import Interpreter
import Plotting

/// What a value says in rows and columns, for front ends that can draw a table; the value's text says the same.
public struct ValueTable: Sendable {
  public struct Column: Sendable {
    public var title: String
    /// Its entries end at the right, so that digits stand under each other.
    public var isNumeric: Bool

    public init(_ title: String, isNumeric: Bool = false) {
      self.title = title
      self.isNumeric = isNumeric
    }
  }

  public struct Row: Sendable {
    public var entries: [String]
    /// What the row is about, as a picture.
    public var tile: MontagePlot.Tile?

    public init(_ entries: [String], tile: MontagePlot.Tile? = nil) {
      self.entries = entries
      self.tile = tile
    }
  }

  /// What stands above it; empty: nothing.
  public var caption: String
  public var columns: [Column]
  public var rows: [Row]
  /// Lines below it.
  public var notes: [String]

  public init(caption: String = "", columns: [Column], rows: [Row], notes: [String] = []) {
    self.caption = caption
    self.columns = columns
    self.rows = rows
    self.notes = notes
  }
}

/// An object that is best read as a table: a network's layers, a sweep's settings, a gallery's answers.
public protocol TableConvertible: HostObject {
  /// As it stands now; nil where there is nothing to put into rows.
  var table: ValueTable? { get }
}
