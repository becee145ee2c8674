import Diagnostics

/// What can go wrong between a program and a disk. The words stand in `FileError+Explanation.swift`.
public enum FileError: ExplainedError, Hashable {
  /// No such file; `near` is a name in the same folder that was probably meant.
  case missing(path: String, near: String?)
  /// The folder that should hold the file does not exist.
  case missingFolder(path: String, folder: String)
  case forbidden(path: String, writing: Bool)
  case isFolder(path: String)
  case notFolder(path: String)
  case diskFull(path: String)
  /// `limit` in bytes.
  case tooLarge(path: String, size: Int, limit: Int)
  case notText(path: String)
  /// A folder on the way is a link, which leads where nobody has said.
  case linked(path: String)
  /// Links that lead to one another.
  case circle(path: String, writing: Bool)
  /// A policy keeps the script that asks away from it.
  case refused(path: String, writing: Bool)
  /// Likewise, by a name that leads there from the current folder, while the script's own folder has such a file.
  case besideScript(path: String, folder: String)
  /// Any other answer of the system; `reason` is its own text for it.
  case system(path: String, action: String, reason: String)
}
