/// The way out for names that IPython and Jupyter give to a session.
let foreignNotebookNames: [String: String] = {
  var names: [String: String] = [:]
  func add(_ words: String..., help: String) { for word in words { names[word] = help } }
  add("Out", "_oh", help: "_1 is the value of cell 1, and _ that which was shown last")
  add("__", "___", help: "_ is the value that was shown last, and _3 that of cell 3")
  add(
    "In", "_i", "_ii", "_iii", "_ih", help: "%history lists the cells, %edit 1 opens cell 1, %rerun 1 runs it once more"
  )
  add("_dh", help: "%cd says which folder this is")
  add("get_ipython", "IPython", "magic", help: "a command stands in a line of its own: %time f(x); %help lists them")
  add(
    "display", "HTML", "Markdown", "pprint", "repr",
    help: "a value's name alone on a line shows it, montage(images) and plot(x) draw; print(x) and str(x) give its text"
  )
  add("getcwd", "chdir", "pwd", "cd", help: "%cd says which folder this is, and goes to another")
  add("ls", help: "%ls lists the folder")
  add("clear", help: "%clear clears the screen; xs.clear() empties a list")
  add("undo", help: "%undo takes the last cell back; people.undo() a gallery's last change")
  add("reset", help: "%reset forgets all names and cells")
  add("timeit", help: "%timeit f(x) says how long it takes")
  add("clear_output", help: "%clear clears the screen, or the cell's output in a notebook")
  add("ipywidgets", "interact", help: "serve(people) shows a gallery in the browser; there are no widgets")
  add("who", "whos", "dir", "vars", "globals", "locals", help: "%who lists the session's names, help(x) what x has")
  return names
}()

/// So many of the last results have names; a session keeps as many (`EarlierResults.limit`).
package let namedResults = 20

/// `_99` and IPython's `_i99`.
func numberedNameAdvice(_ name: String) -> String? {
  let digits = name.drop { $0 == "_" || $0 == "i" }
  guard let number = Int(digits), number >= 0, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }) else { return nil }
  switch name.dropLast(digits.count) {
  case "_":
    return "_\(number) is the value of cell \(number), if it showed one and is among the last \(namedResults) "
      + "that did; %history lists the cells"
  case "_i": return "%history \(number)-\(number) shows the cell, %edit \(number) opens it"
  default: return nil
  }
}
