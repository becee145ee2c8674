import Diagnostics
import Sandbox

extension FileError {
  public var explanation: Explanation {
    switch self {
    case .missing(let path, let near):
      // What is looked for from the current folder is often in another one.
      let elsewhere =
        path.hasPrefix("/") ? nil : "it is looked for in the current folder; give its whole path, from / on"
      return Explanation("there is no file “\(path)”", help: near.map { "did you mean “\($0)”?" } ?? elsewhere)
    case .missingFolder(let path, let folder):
      return Explanation(
        "cannot write “\(path)”: there is no folder “\(folder)”", help: "make the folder first, or choose another place"
      )
    case .forbidden(let path, let writing):
      return Explanation(
        "no permission to \(writing ? "write" : "read") “\(path)”",
        help: writing
          ? "choose a folder that you may write to"
          : "ls -l shows whose it is, and who may read it; its owner can change that")
    case .isFolder(let path):
      return Explanation("“\(path)” is a folder, not a file", help: "name a file in it")
    case .notFolder(let path):
      return Explanation("“\(path)” is a file, not a folder")
    case .diskFull(let path):
      return Explanation(
        "the disk is full: “\(path)” was not written, and what stood there before is unharmed",
        help: "free some space, or choose another disk")
    case .tooLarge(let path, let size, let limit):
      // What has no end (a device, a pipe) is read up to the limit, and its size is not known.
      let (whole, most) = (Self.size(size), Self.size(limit))
      return Explanation(
        "“\(path)” has \(whole == most ? "more than \(most)" : "\(whole), more than \(most)"): no more is read at once",
        help: "is it the file that you mean? a larger one has to be split")
    case .notText(let path):
      return Explanation("“\(path)” is not text in UTF-8")
    case .linked(let path):
      return Explanation(
        "“\(path)” is a link, which is not followed here: it may lead anywhere",
        help: "put what it leads to in its place, or choose another folder")
    case .refused(let path, writing: false):
      return Explanation(
        "this script may not read “\(path)”: in a box it reads its own folder, TWINBOOK_DATA and the cache",
        help: AccessError.wayOut)
    case .besideScript(let path, let folder):
      return Explanation(
        "this script may not read “\(path)” in the current folder: in a box it reads its own folder, TWINBOOK_DATA and "
          + "the cache",
        help: "names are looked for in the current folder, and “\(path)” stands in the script's: go to “\(folder)” "
          + "and replay it there")
    case .refused(let path, writing: true):
      return Explanation(
        "this script may not write “\(path)”: in a box it writes into a folder of its own",
        help: "give a name without a folder before it, and --keep FOLDER keeps the file; " + AccessError.wayOut)
    case .circle(let path, let writing):
      return Explanation(
        "cannot \(writing ? "write" : "read") “\(path)”: its links lead in a circle",
        help: "make one of them anew; ls -l shows where each leads")
    case .system(let path, let action, let reason):
      return Explanation("cannot \(action) “\(path)”: \(reason)")
    }
  }

  /// "712 bytes", "3.4 MB".
  public static func size(_ bytes: Int) -> String {
    if bytes == 1 { return "1 byte" }
    if bytes < 10_000 { return "\(bytes) bytes" }
    let units = ["kB", "MB", "GB", "TB"]
    var value = Double(bytes) / 1000
    var unit = 0
    while value >= 999.95, unit + 1 < units.count {
      value /= 1000
      unit += 1
    }
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 || tenths >= 1000
      ? "\((tenths + 5) / 10) \(units[unit])" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
  }
}
