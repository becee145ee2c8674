import Diagnostics

extension NotebookFormatError {
  public var explanation: Explanation {
    switch self {
    case .notNotebook(let file, let line):
      Explanation(
        "\(file) is no notebook of Jupyter: line \(line) is not JSON, or holds something else than a notebook does",
        help: "a notebook begins with { and has \"cells\" and \"nbformat\"; name a script name.twin")
    case .cutOff(let file, let line):
      Explanation(
        "\(file) is cut off: it ends in line \(line), in the middle of something",
        help: "copy or download it once more")
    case .encoding(let file, let name):
      Explanation(
        "\(file) is written in \(name); notebooks are UTF-8", help: "iconv -f \(name) -t UTF-8 \(file) writes it anew")
    case .notUTF8(let file, let line):
      Explanation(
        "\(file) is in another encoding than UTF-8, as line \(line) shows", help: "save it as UTF-8 in your editor")
    case .olderVersion(let file, let version):
      Explanation(
        "\(file) is a notebook of version \(version); this Twinbook reads version 4",
        help: "jupyter nbconvert --to notebook --inplace \(file) brings it to version 4")
    case .newerVersion(let file, let version):
      Explanation(
        "\(file) is a notebook of version \(version); this Twinbook reads version 4",
        help: "save it in version 4 where it was made, or update Twinbook")
    case .foreignLanguage(let file, let language):
      Explanation(
        "\(file) is a notebook of the language \(language.prefix(40)), which Twinbook does not run",
        help: "choose the kernel Twinbook for it in Jupyter if its cells are Twin")
    case .unknownCell(let file, let line, let kind):
      Explanation(
        "line \(line) of \(file): there are no cells of the type \"\(kind.prefix(40))\"",
        help: "nbformat 4 knows code, markdown and raw")
    case .unknownOutput(let file, let line, let kind):
      Explanation(
        "line \(line) of \(file): there are no outputs of the type \"\(kind.prefix(40))\"",
        help: "jupyter nbconvert --clear-output --inplace \(file) takes outputs away")
    case .badMember(let file, let line, let name, let expected):
      Explanation(
        "line \(line) of \(file): \"\(name)\" is missing or is not \(expected)",
        help: "a notebook is repaired by opening and saving it in JupyterLab")
    case .noSession(let file):
      Explanation(
        "\(file) holds no session of Twinbook, so there is nothing to run or compare",
        help: "%save name.html writes pages that do")
    case .brokenSession(let file):
      Explanation("the session in \(file) was changed and cannot be read", help: "ask for the page as it was saved")
    case .changedPage(let file):
      Explanation(
        "\(file) was changed: it does not show what the session in it says",
        help: "ask for the page as it was saved, or replay it without --verify to see what the session gives")
    case .otherPageVersion(let file):
      Explanation(
        "\(file) was drawn by another version of Twinbook, so what it shows cannot be compared with the session in it",
        help: "twinbook convert \(file) name.twin takes the session out; twinbook replay --verify name.twin checks it")
    }
  }
}
