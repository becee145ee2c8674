import Diagnostics
import Files
import Plotting
import StandardLibrary

extension SessionFigure {
  /// How a terminal shows pictures.
  public enum Pictures: Sendable { case kitty, iterm, sixel, none }

  /// Bytes to write to a terminal as they are: a picture, or characters where it shows none.
  public func inline(_ pictures: Pictures, columns: Int, rows: Int, color: Bool) throws -> [UInt8] {
    guard let figure = object as? FigureObject else {
      return Array((try object.describe(.init(width: columns, color: color)) + "\n").utf8)
    }
    let graphics = Self.graphics(pictures, columns: columns, rows: rows, color: color)
    return try figure.inlineBytes(in: graphics, interrupt: context.interrupt)
  }

  static func graphics(_ pictures: Pictures, columns: Int, rows: Int, color: Bool) -> TerminalGraphics {
    var graphics = TerminalGraphics(columns: columns, rows: rows)
    switch pictures {
    case .kitty: graphics.pictures = .kitty
    case .iterm: graphics.pictures = .iterm
    case .sixel: graphics.pictures = .sixel
    case .none: graphics.pictures = .none
    }
    // Terminals with 16 million colours say so in COLORTERM; half blocks of faces need them.
    let isFull = ["truecolor", "24bit"].contains(FileSystem.environment("COLORTERM") ?? "")
    graphics.colors = color ? (isFull ? .full : .table256) : .none
    graphics.hasBraille = FileSystem.environment("TERM") != "linux"
    return graphics
  }

  /// As the bytes of an SVG file.
  public func svg() throws -> [UInt8] {
    guard let figure = object as? FigureObject else {
      throw SessionError.cannotWrite(file: "figure-\(number).svg", reason: "a \(object.typeName) is no figure")
    }
    return try figure.bytes(as: .svg, interrupt: context.interrupt)
  }

  /// Writes it to a file, whole or not at all; the name's ending chooses the format.
  public func save(to path: String) throws {
    guard let figure = object as? FigureObject else {
      throw SessionError.cannotWrite(file: path, reason: "a \(object.typeName) is no figure")
    }
    try figure.write(to: path, interrupt: context.interrupt)
  }
}
