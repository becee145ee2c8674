import Foundation
import TestSupport
import Testing

/// `Scripts/install.sh` puts everything where it belongs, and takes away no more than that.
@Suite(.needsExecutable)
struct InstallTests {
  private let script = Repository.root.path + "/Scripts/install.sh"

  private func install(_ arguments: [String], in folder: Folder) throws -> Executable.Outcome {
    try Executable.run(
      arguments, program: script, environment: ["TWINBOOK_BUILT": Executable.path, "SHELL": "/bin/zsh"], in: folder)
  }

  @Test func whatIsInstalledIsTakenAwayAgain() throws {
    let folder = try Folder()
    // A folder with a blank, as people have them.
    let prefix = folder.path + "/my programs"
    let installed = try install(["--prefix", prefix], in: folder)
    #expect(installed.code == 0, "\(installed.errors)")
    #expect(installed.errors.contains("fpath+=(\(prefix)/share/zsh/site-functions)"))
    for file in [
      "bin/twinbook", "share/man/man1/twinbook.1", "share/bash-completion/completions/twinbook",
      "share/zsh/site-functions/_twinbook", "share/fish/vendor_completions.d/twinbook.fish",
      "share/jupyter/kernels/twinbook/kernel.json",
    ] {
      #expect(folder.has("my programs/" + file), "\(file)")
    }
    let said = try Executable.run(["eval", "1 + 1"], program: prefix + "/bin/twinbook", in: folder)
    #expect(said.code == 0 && said.output == "2\n")
    // The kernel that Jupyter starts is the installed program.
    #expect(try folder.read("my programs/share/jupyter/kernels/twinbook/kernel.json").contains("my programs"))
    try folder.write("my programs/share/man/man1/other.1", "another program's")
    let removed = try install(["--prefix=" + prefix, "--remove"], in: folder)
    #expect(removed.code == 0, "\(removed.errors)")
    let left = try FileManager.default.subpathsOfDirectory(atPath: prefix).sorted()
    #expect(left == ["share", "share/man", "share/man/man1", "share/man/man1/other.1"])
    let again = try install(["--prefix", prefix, "--remove"], in: folder)
    #expect(again.code == 1 && again.errors.contains("there is no Twinbook in"))
  }

  /// Before a build of minutes, and from where the script was called.
  @Test func foldersAreAskedForFirst() throws {
    let folder = try Folder()
    #expect(try install(["--prefix=", "--remove"], in: folder).code == 2)
    let relative = try install(["--prefix", "my own"], in: folder)
    #expect(relative.code == 0 && folder.has("my own/bin/twinbook"), "\(relative.errors)")
    #expect(try install(["--prefix", "my own", "--remove"], in: folder).code == 0)
    let home = try Executable.run(
      ["--prefix=~/there"], program: script, environment: ["TWINBOOK_BUILT": Executable.path, "HOME": folder.path],
      in: folder)
    #expect(home.code == 0 && folder.has("there/bin/twinbook") && !folder.has("~"), "\(home.errors)")
    try folder.write("file", "no folder")
    let refused = try install(["--prefix", folder.path + "/file"], in: folder)
    #expect(refused.code == 1 && refused.errors.hasPrefix("install: cannot write into \(folder.path)/file"))
    let missing = try Executable.run(
      ["--prefix", "new"], program: script, environment: ["TWINBOOK_BUILT": folder.path + "/nowhere"], in: folder)
    #expect(missing.code == 1 && missing.errors.contains("names no program") && !folder.has("new"))
    let help = try install(["--help"], in: folder)
    #expect(help.code == 0 && help.output.contains("--prefix DIR"))
  }

  /// As the shell calls the function that the program writes.
  @Test(
    .enabled(if: Tool.isThere("bash"), "no bash"),
    arguments: [
      ("re", "replay"), ("kernel ", "install"), ("replay --ver", "--verify"), ("fetch att", "att_faces"),
    ])
  func bashCompletes(_ typed: String, _ offered: String) throws {
    let folder = try Folder()
    try folder.write(
      "complete.sh",
      #"""
      source <("$1" --generate-completion-script bash)
      IFS=' ' read -ra words <<<"twinbook $2"
      [[ $2 == *' ' ]] && words+=("")
      COMP_WORDS=("${words[@]}") COMP_CWORD=$((${#words[@]} - 1)) COMP_LINE="twinbook $2" COMP_POINT=$((9 + ${#2}))
      _twinbook twinbook "${words[-1]}" "${words[-2]}"
      printf '%s\n' "${COMPREPLY[@]}"
      """#)
    let outcome = try Executable.run(
      ["complete.sh", Executable.path, typed], program: "/bin/bash", in: folder)
    #expect(
      outcome.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.contains(offered),
      "\(outcome.output)\(outcome.errors)")
  }
}
