import Foundation
import TestSupport
import Testing

/// What the machine has besides.
enum Tool {
  static func isThere(_ program: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
    }
  }

  static let browses = isThere("python3") && (isThere("chromium") || isThere("google-chrome"))
}

/// The page in a real browser, where one is installed: `Scripts/page.sh`, which fails where the page reports an error, opens a
/// dialog (a label of the gallery is markup that would), loads from elsewhere, or is wider than its window.
@Suite(.enabled(if: Executable.isThere && Tool.browses, "needs the executable, python3 and Chromium"))
struct PageTests {
  @Test func thePageInChromium() throws {
    let folder = try Folder()
    try folder.write("in", "")
    // Not by Foundation's Process: its children inherit the runner's blocked signals, and the server would not hear its own.
    let child = try Child.spawn(
      Repository.root.path + "/Scripts/page.sh", [folder.path + "/page"],
      environment: ["TWINBOOK": Executable.path], folder: folder, input: folder.path + "/in",
      output: folder.path + "/out", errors: folder.path + "/errors")
    #expect(child.wait(limit: 300) == 0, "\((try? folder.read("errors")) ?? "")")
    for name in ["start", "ask", "compare", "gallery"] {
      for width in [1280, 390] { #expect(folder.has("page/\(name)-\(width)-light.png")) }
    }
  }
}
