import Diagnostics
import Files
import PlotBindings
import Plotting

extension SessionFigure {
  /// How a terminal shows pictures.
  public enum Pictures: Sendable { case kitty, iterm, sixel, none }

  /// Bytes to write to a terminal as they are: a picture, or characters where it shows none.
  public func inline(_ pictures: Pictures, columns: Int, rows: Int, color: Bool) throws -> [UInt8] {
    guard let figure = object as? FigureObject else {
      return Array((try object.describe(.init(width: columns, color: color)) + "\n").utf8)
    }
    let graphics = Self.graphics(pictures, columns: columns, rows: rows, color: color)
    let bytes = try figure.inlineBytes(in: graphics, interrupt: context.interrupt)
    return pictures == .none ? Self.withColorsAlone(bytes) : bytes
  }

  /// Names stand in a figure of characters: of all controls newlines and colours alone reach the terminal.
  static func withColorsAlone(_ bytes: [UInt8]) -> [UInt8] {
    var text = ""
    var scalars = Substring(String(decoding: bytes, as: UTF8.self)).unicodeScalars
    while let scalar = scalars.popFirst() {
      guard scalar.isControl, scalar != "\n" else {
        text.unicodeScalars.append(scalar)
        continue
      }
      let codes = scalars.dropFirst().prefix { $0 == ";" || ("0"..."9").contains($0) }
      if scalar == "\u{1B}", scalars.first == "[", scalars[codes.endIndex...].first == "m" {
        text += "\u{1B}[" + String(codes) + "m"
        scalars = scalars[codes.endIndex...].dropFirst()
      } else {
        text += String(Character(scalar)).asOneLine
      }
    }
    return Array(text.utf8)
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
      throw SessionError.noFigure(object.typeName)
    }
    return try figure.bytes(as: .svg, interrupt: context.interrupt)
  }

  /// Writes it to a file, whole or not at all; the name's ending chooses the format.
  public func save(to path: String) throws {
    guard let figure = object as? FigureObject else {
      throw SessionError.noFigure(object.typeName)
    }
    try figure.write(to: path, interrupt: context.interrupt)
  }
}
