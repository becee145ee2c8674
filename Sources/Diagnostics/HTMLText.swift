extension String {
  /// Text as it stands between HTML's tags and in its quotes: never markup.
  public var escapedForHTML: String {
    guard utf8.contains(where: { [38, 60, 62, 34, 39].contains($0) }) else { return self }
    var result = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
