import Foundation
import TestSupport
import Testing

/// Kernel and notebooks before judges that nobody here wrote. They come by `Scripts/judge-notebooks.sh --make-only`.
@Suite(.serialized, .needsExecutable)
struct KernelTests {
  private static let root = Repository.root.path

  private static let peers =
    ProcessInfo.processInfo.environment["TWINBOOK_PEERS"] ?? root + "/.build/peers"
  private static let arePeersThere = access(peers + "/bin/python", X_OK) == 0
  private static let whyNot: Comment = "no judges: Scripts/judge-notebooks.sh --make-only makes them from PyPI"

  private static let isLibraryThere = dlopen("libzmq.so.5", RTLD_NOW) != nil

  @Test(
    .enabled(if: arePeersThere, whyNot), .enabled(if: isLibraryThere, "no libzmq.so.5: apt-get install libzmq5"),
    arguments: ["formats", "protocol", "starts", "hostile"])
  func judgesPass(_ step: String) throws {
    let folder = try Folder()
    let outcome = try Executable.run(
      [step], program: Self.root + "/Scripts/judge-notebooks.sh",
      environment: ["TWINBOOK": Executable.path, "TWINBOOK_PEERS": Self.peers, "TWINBOOK_STARTS": "12"], in: folder,
      limit: 400)
    #expect(outcome.code == 0, "\(outcome.output)\n\(outcome.errors)")
    #expect(!outcome.output.contains("skipped"))
  }

  @Test func theKernelIsInstalledAndRemoved() throws {
    let folder = try Folder()
    let prefix = folder.path + "/env"
    let installed = try Executable.run(["kernel", "install", "--prefix", prefix], in: folder)
    #expect(installed.code == 0, "\(installed.errors)")
    let text = try folder.read("env/share/jupyter/kernels/twinbook/kernel.json")
    let json = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let arguments = try #require(json["argv"] as? [String])
    #expect(arguments.dropFirst() == ["kernel", "run", "{connection_file}"] && access(arguments[0], X_OK) == 0)
    #expect(json["language"] as? String == "twin")
    #expect(try Executable.run(["kernel", "remove", "--prefix", prefix], in: folder).code == 0)
    #expect(!folder.has("env/share/jupyter/kernels/twinbook"))
    // For one user, where Jupyter looks.
    #expect(try Executable.run(["kernel", "install"], environment: ["XDG_DATA_HOME": ""], in: folder).code == 0)
    #expect(folder.has(".local/share/jupyter/kernels/twinbook/kernel.json"))
  }

  @Test func connectionFilesThatCannotBeReadAreErrorsInWords() throws {
    let folder = try Folder()
    try folder.write("c.json", "{\"ip\": \"127.0.0.1\"}")
    for (file, words) in [("none.json", "there is no file"), ("c.json", "shell_port is no port")] {
      let outcome = try Executable.run(["kernel", "run", file], in: folder)
      #expect(outcome.code == 1 && outcome.errors.contains(words), "\(outcome.errors)")
    }
  }
}
