/// Colours that people with any colour vision can tell apart (Okabe and Ito; gnuplot's "podo"), the ones with most
/// contrast on white first.
enum Palette {
  static let colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8c6d1f"]
  static let ink = "#222222"
  static let quiet = "#666666"
  static let grid = "#e4e4e4"

  static func color(_ index: Int) -> String { colors[index % colors.count] }

  /// gnuplot's point types that are filled; they change when the colours begin anew.
  static func pointType(_ index: Int) -> Int { [7, 5, 9, 13, 11, 15][(index / colors.count) % 6] }

  /// Viridis in nine steps: even in lightness, so that it reads in gray too.
  static let map: [(Double, Double, Double)] = [
    (68, 1, 84), (71, 44, 122), (59, 81, 139), (44, 113, 142), (33, 144, 141), (39, 173, 129), (92, 200, 99),
    (170, 220, 50), (253, 231, 37),
  ]

  /// 0…1 to red, green, blue.
  static func mapped(_ value: Double) -> (UInt8, UInt8, UInt8) {
    let place = max(0, min(1, value)) * Double(map.count - 1)
    let index = min(map.count - 2, Int(place))
    let part = place - Double(index)
    let (a, b) = (map[index], map[index + 1])
    func mix(_ x: Double, _ y: Double) -> UInt8 { UInt8(max(0, min(255, (x + (y - x) * part).rounded()))) }
    return (mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
  }

  static let mapDefinition: String = {
    let steps = map.enumerated().map { index, color in
      "\(index) " + GnuplotText.quoted(hexadecimal(UInt8(color.0), UInt8(color.1), UInt8(color.2)))
    }
    return "set palette defined (\(steps.joined(separator: ", ")))"
  }()

  static func hexadecimal(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> String {
    "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
