import Diagnostics
import Files
import Sandbox
import Syntax

extension SessionError {
  /// Commands of IPython's that are not needed here, or are called otherwise.
  private static let magics = [
    "matplotlib": "figures appear by themselves: plot([1, 2])", "pylab": "figures appear by themselves: plot([1, 2])",
    "pip": "everything is built in", "conda": "everything is built in", "pwd": "%cd says which folder this is",
    "env": "!env runs the shell's command", "bash": "!command runs a line in the shell",
    "sh": "!command runs a line in the shell", "debug": "an error shows the calls that led to it",
    "pdb": "an error shows the calls that led to it", "load_ext": "leave it out", "autoreload": "leave it out",
    "config": "leave it out", "prun": "%time and %timeit measure", "whos": "%who shows names with their values",
    "store": "save(x, \"x.npy\") keeps an array, %save the session", "paste": "paste into the terminal: it is one cell",
    "cpaste": "paste into the terminal: it is one cell", "writefile": "writetext(path, text) writes a file",
    "capture": "leave it out: ; at the end hides a value", "html": "%save name.html writes a page",
    "lsmagic": "%help lists the commands", "who_ls": "%who shows names with their values",
    "pinfo": "?name describes a name", "pdoc": "?name describes a name", "psource": "??name shows a function's source",
    "precision": "a format shows fewer digits: {x:.2f}", "recall": "%edit 3 opens cell 3, the key Up goes back",
    "cat": "print(readtext(path)) shows a file", "mkdir": "!mkdir name makes a folder",
    "notebook": "%save name.ipynb writes a notebook", "logstart": "the session is kept by itself; %save writes it",
  ]

  public var explanation: Explanation {
    switch self {
    case .newerFormat(let file, let format, let version):
      let writer = version.map { ", written by Twinbook \($0)" } ?? ""
      return Explanation(
        "\(file) is in format \(format)\(writer); this Twinbook reads format \(NotebookDocument.newestFormat) and older",
        help: "update Twinbook, or change the header's line to \"# format: \(NotebookDocument.newestFormat)\" and try")
    case .brokenHeader(let file, let line):
      return Explanation(
        "the header of \(file) begins in line \(line) and never ends",
        help: "close it with a line \"# ---\", or remove the first one")
    case .badHeaderValue(let file, let line, let key, let value):
      return Explanation(
        "line \(line) of \(file): \(key) expects \(Self.expected(of: key)), got \"\(value.prefix(40))\"",
        help: "correct the line or remove it")
    case .repeatedHeaderValue(let file, let line, let key):
      return Explanation(
        "line \(line) of \(file): the header says \(key) a second time", help: "remove one of the two lines")
    case .file(let error):
      return error.explanation
    case .otherFormat(let file, let help):
      return Explanation("a session is saved as .twin, .ipynb or .html, not as \(file)", help: help)
    case .notText(let file, let kind):
      return Explanation(
        "\(file) is no script, but \(kind)",
        help: kind.hasPrefix("text in") ? "save it as UTF-8 in your editor" : nil)
    case .oldLineEnds(let file):
      return Explanation(
        "the lines of \(file) end in CR alone, as on old Macs",
        help: "save it with newlines (LF) in your editor, or in the shell: tr '\\r' '\\n' < \(file) > new.twin")
    case .nothingToVerify(let file):
      return Explanation(
        "there is no code in \(file), so there is nothing to verify",
        help: "is it the file that you mean? %save writes a session with its results")
    case .noFigure(let typeName):
      return Explanation("a \(typeName) is no figure", help: "%figure lists them")
    case .wouldReplace(let file, let what):
      let reason =
        switch what {
        case .noSession: "\(file) is no saved session of Twinbook"
        case .anotherSession: "\(file) is the file of another session"
        case .changed: "\(file) has changed since this session saved it"
        }
      return Explanation(
        "\(reason); it was left as it is", help: "choose another name, or write over it with %save! \(file)")
    case .unknownCommand(let name, let near):
      return Explanation(
        "there is no command %\(name)",
        help: Self.magics[name] ?? near.map { "did you mean %\($0)?" } ?? "%help lists the commands")
    case .missingArgument(let command, let usage):
      return Explanation("\(command == "!" ? "" : "%")\(command) expects more", help: "write \(usage)")
    case .badArgument(let command, let argument, let expected):
      return Explanation(
        "%\(command) expects \(expected), got \"\(argument.prefix(60))\"", help: "%help \(command) explains it")
    case .tooManyWords(let command, let word, let usage, let quoted):
      return Explanation(
        "%\(command) has no use for \"\(word.prefix(60))\"",
        help: quoted.map { "put a name with blanks into quotes: %\(command) \($0.prefix(100))" } ?? "write \(usage)")
    case .nothingToSave:
      return Explanation("there is nothing to save yet: no cell has finished")
    case .nothingToUndo:
      return Explanation("there is no cell left to undo")
    case .undoTooFar(let cells):
      return Explanation(
        "%undo goes back no further",
        help:
          "it keeps the last \(cells) cells, fewer where they held large tensors; %save, change the file, %reset, %run")
    case .tooLargeToUndo(let what):
      return Explanation(
        "the cell changed a \(what), which is too large to be kept for %undo",
        help: "network.save(\"name.safetensors\") before a training keeps it; load brings it back")
    case .nothingToShow:
      return Explanation("no value has been shown yet", help: "write %show and an expression")
    case .tooMuchToShow(let count):
      return Explanation("\(count) numbers are too many to show", help: "index a part of it, or save(x, \"x.npy\")")
    case .unknownName(let name, let near):
      return Explanation(
        "nothing is called \(name)",
        help: foreignNameAdvice(withoutForeignModule(name)) ?? near.map { "did you mean \($0)?" }
          ?? "help() begins a tour; %who lists the session's names")
    case .noSource(let name):
      return Explanation(
        "\(name) was not written in this session, so there is no source to show", help: "?\(name) describes it")
    case .noInstructions(let name, let kind):
      return Explanation(
        "\(name) is \(kind): only a function that is written in the language has instructions to show",
        help: "fn double(x) { 2 * x }, then %code double")
    case .noSuchCell(let number, let count):
      return Explanation(
        "there is no cell \(number)", help: count == 0 ? "no cell has run yet" : "%history lists the cells")
    case .noSuchFigure(let number, let count):
      return Explanation(
        "there is no figure \(number)",
        help: count == 0 ? "plot something first" : count == 1 ? "the only figure is 1" : "the figures are 1…\(count)")
    case .noFigureYet:
      return Explanation("no figure has been shown yet", help: "plot something first")
    case .commandInsideReplay(let name):
      return Explanation("%\(name) cannot stand in a script", help: "type it in a session")
    case .commandNeedsTrust(let name):
      return Explanation(
        "this script may not use %\(name): it is replayed in a box",
        help: AccessError.wayOut + "; twinbook run FILE runs it as your own")
    case .nobodyToAsk(let folder):
      let call = SessionReview.call(folder, network: nil).dropLast()
      return Explanation(
        "%review asks a person at a terminal, and here is none",
        help: "write \(call), drop=[\"class/picture.png\"]), or click on the page of \(call)).save(\"sheet.html\")")
    case .nothingToReview(let folder, let reason):
      return Explanation("there is nothing to review in “\(folder)”: \(reason)")
    case .shellInScript:
      return Explanation(
        "`!` runs no shell commands in a script: whoever wrote it could do anything here",
        help: "type the line in a session, or run it in a shell; where `!` is to negate a value, write not")
    case .cannotChange(let folder, let reason):
      return Explanation("cannot go to the folder “\(folder)”: \(reason)", help: "%ls shows what is there")
    case .commandWithoutName:
      return Explanation("a command has a name behind its percent sign", help: "%help lists the commands")
    case .blankInCommand(let command):
      return Explanation(
        "a command's name stands right behind its percent sign", help: "write \(command.prefix(60))")
    case .cannotKeep(let reason):
      return Explanation(
        "the session is not saved, and cannot be kept: \(reason)", help: "%save it in another place, then %reset")
    case .outputClosed(let reason):
      return Explanation("cannot write to standard output: \(reason)")
    }
  }

  /// What a line of the header holds.
  private static func expected(of key: String) -> String {
    switch key {
    case "tolerance": "a number from 0 up to, not including, 1"
    case "seed": "a whole number of at least 0"
    case "numerics": "a version, as 1"
    case "paused after": "a whole number of batches above 0"
    default: "a number"
    }
  }
}
