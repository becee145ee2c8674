import Diagnostics

/// A command of the session, `%name`. Help, completion and the near name of a slip come from this table.
public struct SessionCommand: Sendable {
  public enum Name: String, CaseIterable, Sendable {
    case save, run, replay, history, who, time, timeit, undo, reset, edit, load, seed, figure, show, review, help, quit
  }

  public let name: Name
  public let usage: String
  public let summary: String
  public let details: String
  /// What follows is code, which may go over several lines.
  public var takesCode: Bool { name == .time || name == .timeit || name == .show }
  /// Sees or changes the cells of the session: what stands above it in its cell is recorded first.
  var standsAlone: Bool { !takesCode && name != .help }
  /// What follows is a file's name.
  public var takesFile: Bool {
    switch name {
    case .save, .run, .replay, .load, .figure: true
    default: false
    }
  }

  public static let all: [SessionCommand] = Name.allCases.map(describe)

  public static func named(_ name: String) -> SessionCommand? {
    let name = name == "exit" ? "quit" : name == "whos" ? "who" : name == "hist" ? "history" : name
    return Name(rawValue: name).map(describe)
  }

  private static func describe(_ name: Name) -> SessionCommand {
    switch name {
    case .save:
      SessionCommand(
        name, "%save[!] [--minimal] [name.twin]", "Write the session as a script with its results.",
        """
        The file is in percent format, with each cell's result under it as #> comments. Failed cells are kept as
        comments, session commands are left out. Without a name it goes where it was last saved.
        --minimal keeps only the cells that the last result depends on. Over a file that this session did not
        write %save! writes, with an exclamation mark.
        """)
    case .run:
      SessionCommand(
        name, "%run name.twin", "Run a script's cells in this session.",
        "Its names stay. Ends at the first cell that fails.")
    case .replay:
      SessionCommand(
        name, "%replay [--verify] name.twin", "Run a saved session from nothing, cell by cell, beside this one.",
        "Nothing of this session is seen or changed. --verify compares each result with the recorded one.")
    case .history:
      SessionCommand(
        name, "%history [n | first-last | word]", "List the cells of this session.",
        "All, the last n, a range of numbers, or those that contain a word.")
    case .who:
      SessionCommand(
        name, "%who [kind]", "List the session's names, what they are, and which are stale.",
        "A name is stale where something that it was made from has changed since: bound again, trained, enrolled.")
    case .time:
      SessionCommand(
        name, "%time code", "Evaluate the code and say how long it took.",
        "The code is recorded as if it stood alone. %%time in a first line times the whole cell.")
    case .timeit:
      SessionCommand(
        name, "%timeit code", "Evaluate the code many times and say how long one run takes.",
        "Runs for about a second in rounds, and gives the best and the median round. Leaves everything as it was.")
    case .undo:
      SessionCommand(
        name, "%undo [n]", "Take the last cell back, or the last n.",
        "Names, the state of networks, trainers and galleries that it changed, and the random numbers it drew.")
    case .reset:
      SessionCommand(name, "%reset", "Forget all names and cells, and start again at cell 1.", "The seed stays.")
    case .edit:
      SessionCommand(
        name, "%edit [n | name]", "Open a new cell, cell n, or a function in $EDITOR, and evaluate what you save.", "")
    case .load:
      SessionCommand(
        name, "%load name.twin", "Put a script's cells into the prompt, to look at or change first.",
        "Without its header and results. Enter runs them.")
    case .seed:
      SessionCommand(
        name, "%seed [number]", "Show the session's seed, or set it and begin its random numbers anew.",
        "Functions that draw take their seed from it where none is given. A saved session records it.")
    case .figure:
      SessionCommand(
        name, "%figure [n] [name.svg]", "List the figures, show figure n again, or write it to a file.",
        "The file's ending chooses the format: .svg, .png or .pdf.")
    case .show:
      SessionCommand(
        name, "%show [code]", "Show all of a value, however long it is: of the code, or the one shown last.",
        "What a cell shows of a long value is shortened; print(x) is only where x is a tensor of more than 1,000 numbers."
      )
    case .review:
      SessionCommand(
        name, "%review folder [as name]",
        "Go through a folder's pictures, the oddest first, and keep or drop each by a key.",
        """
        k or Space keeps, d drops, u or Left goes one back, q or Enter finishes (what was not seen is
        kept), ? lists the keys; Ctrl-C leaves without any change. No file is deleted: the decisions then
        stand in a cell of the session, r = review("folder", drop=[…]), as if it had been typed, and are
        saved, replayed and undone with it. Its value is called r, r2 and so on where that is taken, or
        what stands behind "as". %review folder network=net ranks by a trained network's embeddings.
        %review r goes on with r: what it dropped stays dropped, and the rest is ranked anew.
        """)
    case .help: SessionCommand(name, "%help [command]", "List the commands, or explain one.", "")
    case .quit: SessionCommand(name, "%quit", "Leave. Ctrl-D does the same.", "")
    }
  }

  private init(_ name: Name, _ usage: String, _ summary: String, _ details: String) {
    self.name = name
    self.usage = usage
    self.summary = summary
    self.details = details
  }
}
