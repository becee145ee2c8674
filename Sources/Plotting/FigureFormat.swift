/// What a figure is drawn as.
public enum FigureFormat: Hashable, Sendable {
  case svg
  case png
  case pdf
  /// For a terminal that draws sixels.
  case sixel
  /// Characters, with as many colours as the terminal has.
  case text(TerminalGraphics.Colors)

  /// By a file's name: "loss.svg", "loss.png", "loss.pdf", "loss.txt".
  public init?(fileName: String) {
    guard let dot = fileName.lastIndex(of: ".") else { return nil }
    switch fileName[fileName.index(after: dot)...].lowercased() {
    case "svg": self = .svg
    case "png": self = .png
    case "pdf": self = .pdf
    case "txt": self = .text(.none)
    default: return nil
    }
  }
}

/// Pixels for pictures (96 to the inch in PDF), columns and rows for text.
public struct FigureSize: Hashable, Sendable {
  public var width: Int
  public var height: Int

  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  public static let picture = FigureSize(width: 800, height: 500)
  public static let text = FigureSize(width: 80, height: 24)

  /// How wide and how high a figure may be.
  public struct Bounds: Hashable, Sendable {
    public var width: ClosedRange<Int>
    public var height: ClosedRange<Int>
  }

  /// Columns and rows of characters, else pixels.
  public static func bounds(of format: FigureFormat) -> Bounds {
    if case .text = format { return Bounds(width: 20...2000, height: 5...2000) }
    return Bounds(width: 80...8000, height: 80...8000)
  }
}

/// What a terminal can show, as the front end has found out.
public struct TerminalGraphics: Hashable, Sendable {
  public enum Pictures: Hashable, Sendable {
    /// The kitty graphics protocol (kitty, Ghostty, WezTerm, Konsole).
    case kitty
    /// The inline images of iTerm2 (also WezTerm, mintty, VS Code).
    case iterm
    case sixel
    case none
  }

  public enum Colors: Hashable, Sendable {
    case none
    case table256
    case full
  }

  public var pictures: Pictures
  public var colors: Colors
  public var columns: Int
  public var rows: Int
  /// Of the text area, where known; else a cell is taken as 9 × 18.
  public var pixelWidth: Int?
  public var pixelHeight: Int?
  /// The Linux console has no Braille, but blocks.
  public var hasBraille: Bool

  public init(
    pictures: Pictures = .none, colors: Colors = .none, columns: Int = 80, rows: Int = 24, pixelWidth: Int? = nil,
    pixelHeight: Int? = nil, hasBraille: Bool = true
  ) {
    self.pictures = pictures
    self.colors = colors
    self.columns = columns
    self.rows = rows
    self.pixelWidth = pixelWidth
    self.pixelHeight = pixelHeight
    self.hasBraille = hasBraille
  }
}
