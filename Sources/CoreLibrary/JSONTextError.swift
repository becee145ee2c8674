import Diagnostics
import Interpreter
import JSON

/// Why a text of JSON gives no value.
enum JSONTextError: ExplainedError {
  /// `source` names the file or the text.
  case malformed(source: String, JSONProblem)
  case repeatedName(source: String, line: Int, name: String)
  case tooLargeNumber(source: String, line: Int, digits: String)

  var explanation: Explanation {
    switch self {
    case .malformed(let source, let problem):
      let place = "line \(problem.line), column \(problem.column)"
      let found = problem.found.isEmpty ? "the text ends" : "\(quoted(problem.found)) stands"
      let message = "\(source) is no JSON: at \(place), \(found)"
      switch problem.reason {
      case .cutOff:
        return Explanation(
          problem.line == 1 && problem.column == 1
            ? "\(source) is no JSON: it is empty" : message + " in the middle of a value",
          help: "a bracket, a brace or a quote is not closed, or a part of the text is missing")
      case .missingValue:
        return Explanation(message + " where a value was to stand", help: "JSON has no comma behind the last item")
      case .missingComma:
        return Explanation(message + " where a comma or the end was to stand", help: "put a comma between two items")
      case .comment: return Explanation(message, help: "JSON has no comments: leave them out")
      case .unquoted:
        return Explanation(
          message, help: "strings and names stand in double quotes; true, false and null are written in small letters")
      case .notFinite:
        return Explanation(message, help: "JSON has no NaN or Infinity, though Python writes them: null becomes none")
      case .controlCharacter:
        return Explanation(
          message + " within a string", help: "a string stands on one line; \\n means a new line in it")
      case .unknownEscape:
        return Explanation(message, help: "a backslash stands before one of \" \\ / b f n r t, or u and four digits")
      case .secondValue:
        return Explanation(
          message + " behind the value",
          help: "one text is one value; text.lines().map(parsejson) reads one value a line")
      case .tooDeep:
        return Explanation(message + " deeper than \(JSONValue.deepest) brackets", help: "nest less")
      case .other: return Explanation(message, help: "a value is a string, a number, true, false, null, […] or {…}")
      }
    case .repeatedName(let source, let line, let name):
      return Explanation(
        "\(source), line \(line): \(quoted(name)) stands twice in one object", help: "give each its own name")
    case .tooLargeNumber(let source, let line, let digits):
      return Explanation(
        "\(source), line \(line): \(digits) is more than a number can hold", help: "numbers reach to 1.8e308")
    }
  }
}
