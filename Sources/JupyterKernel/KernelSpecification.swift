import Files
import Foundation
import JSON
import NotebookFormats

/// What Jupyter reads to know of the kernel: a folder `twinbook` with a file `kernel.json`.
public enum KernelSpecification {
  public static let name = "twinbook"

  /// Where Jupyter looks for one user's kernels (`~/.local/share/jupyter`, or `JUPYTER_DATA_DIR`).
  static func userFolder() throws -> String {
    if let folder = FileSystem.environment("JUPYTER_DATA_DIR") { return folder }
    if let data = FileSystem.environment("XDG_DATA_HOME") { return data + "/jupyter" }
    guard let home = FileSystem.environment("HOME") else { throw KernelError.noHome }
    return home + "/.local/share/jupyter"
  }

  /// - Parameters:
  ///   - prefix: the folder that has `share/jupyter`, such as a virtual environment's; nil: for this user.
  ///   - program: the path of the program that is started.
  /// - Returns: where it is.
  public static func install(prefix: String?, program: String) throws -> String {
    let folder = try self.folder(prefix: prefix)
    try FileSystem.makeFolder(folder)
    try FileSystem.write(file(program: program).indented(by: 1), to: folder + "/kernel.json")
    for (name, text) in [("logo-svg.svg", logo)] { try FileSystem.write(text, to: folder + "/" + name) }
    return folder
  }

  /// - Returns: where it was; nil where none is.
  public static func remove(prefix: String?) throws -> String? {
    let folder = try self.folder(prefix: prefix)
    guard FileSystem.exists(folder + "/kernel.json") else { return nil }
    for name in ["kernel.json", "logo-svg.svg"] where FileSystem.exists(folder + "/" + name) {
      try FileSystem.remove(folder + "/" + name)
    }
    rmdir(folder)
    return folder
  }

  private static func folder(prefix: String?) throws -> String {
    try (prefix.map { FileSystem.expanded($0) + "/share/jupyter" } ?? userFolder()) + "/kernels/" + name
  }

  static func file(program: String) -> JSONValue {
    .object([
      "argv": .strings([program, "kernel", "run", "{connection_file}"]), "display_name": .string("Twinbook"),
      "language": .string("twin"), "interrupt_mode": .string("message"),
      "kernel_protocol_version": .string(KernelMessage.version),
      "metadata": .object(["debugger": .bool(false)]),
    ])
  }

  /// Two points, near one another, of one shape: twins.
  private static let logo = """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="12" fill="#0072b2"/>\
    <circle cx="23" cy="32" r="11" fill="#fff"/><circle cx="41" cy="32" r="11" fill="none" stroke="#fff" \
    stroke-width="4"/></svg>

    """
}
