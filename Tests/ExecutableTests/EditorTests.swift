import Foundation
import TestSupport
import Testing

/// `Editors/` before judges: `Scripts/judge-editors.sh`. The TextMate grammar needs one from PyPI, which that script makes.
@Suite(.needsExecutable)
struct EditorTests {
  private static let peers =
    ProcessInfo.processInfo.environment["TWINBOOK_EDITOR_PEERS"] ?? Repository.root.path + "/.build/peers-editors"

  private func judge(_ step: String) throws {
    let folder = try Folder()
    let outcome = try Executable.run(
      [step], program: Repository.root.path + "/Scripts/judge-editors.sh",
      environment: ["TWINBOOK": Executable.path, "TWINBOOK_EDITOR_PEERS": Self.peers], in: folder, limit: 120)
    #expect(outcome.code == 0, "\(outcome.output)\n\(outcome.errors)")
  }

  @Test(.enabled(if: Tool.isThere("python3"), "no python3"))
  func theManifestAndThePackageAreInOrder() throws { try judge("manifest") }

  @Test(.enabled(if: Tool.isThere("node"), "no node"))
  func theExtensionsCommandsConvert() throws { try judge("extension") }

  @Test(.enabled(if: Tool.isThere("vim") && Tool.isThere("python3"), "no vim or no python3"))
  func vimColoursAsTheLanguageDoes() throws { try judge("vim") }

  @Test(
    .enabled(
      if: access(peers + "/bin/python", X_OK) == 0, "no judge: Scripts/judge-editors.sh textmate makes it from PyPI"))
  func theGrammarColoursAsTheLanguageDoes() throws { try judge("textmate") }
}
