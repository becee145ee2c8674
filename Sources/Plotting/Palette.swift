/// Colours that people with any colour vision can tell apart (Okabe and Ito; gnuplot's "podo"), the ones with most
/// contrast on white first.
enum Palette {
  static let colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8c6d1f"]
  static let ink = "#222222"
  static let quiet = "#666666"
  static let grid = "#e4e4e4"

  static func color(_ index: Int) -> String { colors[index % colors.count] }

  /// Red, green and blue of a picture's frame, which has no other shape to tell a ninth label from the first: where the
  /// colours begin anew they are darker, then lighter.
  static func frame(_ index: Int) -> (UInt8, UInt8, UInt8) {
    let value = UInt32(color(index).dropFirst(), radix: 16) ?? 0
    func mixed(_ shift: UInt32) -> UInt8 {
      let part = Double(value >> shift & 255)
      switch index / colors.count % 3 {
      case 0: return UInt8(part)
      // Black has no darker one.
      case 1: return UInt8(value == 0 ? 90 : part * 0.42)
      default: return UInt8(255 - (255 - part) * (value == 0 ? 0.36 : 0.5))
      }
    }
    return (mixed(16), mixed(8), mixed(0))
  }

  /// The same as gnuplot reads it: "#0072b2".
  static func frameText(_ index: Int) -> String {
    let (red, green, blue) = frame(index)
    return "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// gnuplot's point types that are filled; they change when the colours begin anew.
  private static let pointTypes = [7, 5, 9, 13, 11, 15]
  static func pointType(_ index: Int) -> Int { pointTypes[(index / colors.count) % pointTypes.count] }

  /// So many points look different; the next looks as the first.
  static var lookCount: Int { colors.count * pointTypes.count }

  /// Colours for a number from 0 to 1.
  struct Map: Hashable, Sendable {
    /// Red, green and blue in even steps.
    let steps: [[Double]]

    /// Even in lightness, so that it reads in gray too.
    static let viridis = Map(steps: [
      [68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141], [39, 173, 129], [92, 200, 99],
      [170, 220, 50], [253, 231, 37],
    ])

    /// From nearly white to dark: where little is, little is seen (ColorBrewer).
    static let blues = Map(steps: [
      [247, 251, 255], [222, 235, 247], [198, 219, 239], [158, 202, 225], [107, 174, 214], [66, 146, 198],
      [33, 113, 181], [8, 81, 156], [8, 48, 107],
    ])

    func color(_ value: Double) -> (UInt8, UInt8, UInt8) {
      let place = max(0, min(1, value)) * Double(steps.count - 1)
      let index = min(steps.count - 2, Int(place))
      let part = place - Double(index)
      func mix(_ channel: Int) -> UInt8 {
        let (x, y) = (steps[index][channel], steps[index + 1][channel])
        return UInt8(max(0, min(255, (x + (y - x) * part).rounded())))
      }
      return (mix(0), mix(1), mix(2))
    }

    /// White letters stand out on it better than black ones.
    func isDark(_ value: Double) -> Bool {
      let (r, g, b) = color(value)
      return 0.299 * Double(r) + 0.587 * Double(g) + 0.114 * Double(b) < 140
    }

    var definition: String {
      let parts = steps.enumerated().map { index, color in
        "\(index) \"#" + color.map { ($0 < 16 ? "0" : "") + String(Int($0), radix: 16) }.joined() + "\""
      }
      return "set palette defined (\(parts.joined(separator: ", ")))"
    }
  }
}
