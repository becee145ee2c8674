import Diagnostics
import Files
import StandardLibrary

/// The command line before ArgumentParser reads it: which script or command it names, and slips for which ArgumentParser has
/// no good word.
extension Twinbook {
  /// `twinbook FILE args…` is `twinbook run FILE args…`: what stands after a script is the script's own. The code of
  /// `eval` may begin with a minus.
  static func scriptFirst(_ arguments: [String]) -> [String] {
    guard let first = arguments.first else { return arguments }
    if first == "--" { return ["run"] + arguments }
    guard first == "-" || !first.hasPrefix("-") else { return arguments }
    if first == "eval", !arguments.contains("--"),
      let code = arguments.indices.first(where: { place in
        arguments[place].hasPrefix("-") && !isOption(arguments[place]) && arguments[place - 1] != "--seed"
      })
    {
      return arguments[..<code] + arguments[(code + 1)...] + ["--", arguments[code]]
    }
    let commands = configuration.subcommands.map { $0._commandName } + ["help"]
    return commands.contains(first) ? arguments : ["run"] + arguments
  }

  /// `twinbook rnu x`: neither a command nor a file, and near to a command.
  static func misspelt(_ arguments: [String]) -> String? {
    guard let first = arguments.first, !first.hasPrefix("-"), !first.contains("/"), !first.contains(".") else {
      return nil
    }
    let commands = configuration.subcommands.map { $0._commandName } + ["help"]
    guard !commands.contains(first), !FileSystem.exists(first) else { return nil }
    let near = first == "version" ? "--version" : nearName(first, among: commands.filter { $0 != "start" })
    return near.map { "error: there is no command and no file “\(first)”\n  help: did you mean `twinbook \($0)`?" }
  }

  /// `twinbook help gallery`: what is no command may be a name of the language.
  static func libraryTopic(_ arguments: [String]) -> String? {
    guard arguments.count == 2, arguments[0] == "help", !arguments[1].hasPrefix("-"), arguments[1] != "help",
      !configuration.subcommands.contains(where: { $0._commandName == arguments[1] }),
      !StandardLibrary.registry().entries(named: arguments[1]).isEmpty
    else { return nil }
    return arguments[1]
  }

  /// `twinbook help rnu`: ArgumentParser would show the general help.
  static func unknownHelp(_ arguments: [String]) -> String? {
    guard arguments.first == "help" else { return nil }
    var command = configuration
    var path = "twinbook help"
    for word in arguments.dropFirst() where !word.hasPrefix("-") {
      let names = command.subcommands.map { $0._commandName }
      guard let next = command.subcommands.first(where: { $0._commandName == word }) else {
        if path == "twinbook help", word == "help" { return nil }
        let near = nearName(word, among: names).map { "did you mean `\(path) \($0)`?" }
        return "error: there is no command “\(word)”\n  help: " + (near ?? "`\(path)` shows what there is")
      }
      command = next.configuration
      path += " " + word
    }
    return nil
  }

  /// `twinbook run -faces.twin`: ArgumentParser reads the name's letters as options, an h among them as the call for help.
  static func dashed(_ arguments: [String]) -> String? {
    guard let first = arguments.first, first != "eval" else { return nil }
    let commands = configuration.subcommands.map { $0._commandName } + ["help"]
    let isScript = first == "run" || first == "-" || !first.hasPrefix("-") && !commands.contains(first)
    for (place, word) in arguments.enumerated() {
      if word == "--" { return nil }
      // What stands behind a script is the script's own.
      if isScript, word == "-" || !word.hasPrefix("-"), place > 0 || word != "run" { return nil }
      guard word.hasPrefix("-"), !word.hasPrefix("--"), word.count > 1, word != "-h", Double(word) == nil else {
        continue
      }
      let corrected = (["twinbook"] + arguments[..<place] + ["--"] + arguments[place...]).joined(separator: " ")
      let option =
        word.dropFirst().allSatisfy { $0.isLetter || $0 == "-" } ? "an option has two dashes: -\(word); " : ""
      return "error: there is no option “\(word)”\n  help: \(option)a name that begins with - goes behind --: "
        + corrected
    }
    return nil
  }

  /// `--seed`, `-h`; not `-7 % 3` nor `-x`, which have a value.
  private static func isOption(_ text: String) -> Bool { text.hasPrefix("--") || text == "-h" }
}
