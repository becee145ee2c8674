import Diagnostics
import Session

/// Code in colours, as HTML.
enum CodeColors {
  static func html(_ code: String) -> String {
    let bytes = Array(code.utf8)
    var html = ""
    var place = 0
    func text(_ range: Range<Int>) -> String {
      String(decoding: bytes[range], as: UTF8.self).withVisibleControls.escapedForHTML
    }
    for (range, kind) in CodeClass.pieces(of: code) {
      html += text(place..<range.lowerBound) + "<span class=\"\(kind.styleClass)\">\(text(range))</span>"
      place = range.upperBound
    }
    return html + text(place..<bytes.count)
  }
}

extension CodeClass {
  /// As the page's style sheet calls it.
  fileprivate var styleClass: String {
    switch self {
    case .keyword: "k"
    case .number: "n"
    case .string: "s"
    case .comment: "c"
    case .call: "f"
    }
  }
}
