import Foundation
import StandardLibrary
import TestSupport
import Testing

@testable import Session

@Suite struct ReferenceTests {
  /// The page in `Documentation/` is what the tables give now.
  @Test func thePageIsCurrent() throws {
    let page = try PageText.read("Documentation/reference.md")
    let isCurrent = page == ReferencePage.text(of: StandardLibrary.registry())
    #expect(isCurrent, "write it anew: \(ReferencePage.command)")
  }

  /// In a text of several lines a backslash goes on, two are shown: the help of `whiten` and of `run` had them.
  @Test func noLineEndsInABackslash() {
    for line in ReferencePage.text(of: StandardLibrary.registry()).split(separator: "\n") {
      #expect(!line.hasSuffix(#"\"#), "\(line)")
    }
  }

  @Test func itNamesEveryBuiltinAndEveryCommand() {
    let page = ReferencePage.text(of: StandardLibrary.registry())
    for command in SessionCommand.all { #expect(page.contains("### `%\(command.name)")) }
    for name in ["conv(", "dataset.split(", "contrastive(", "trainer.run(", "gallery.query("] {
      #expect(page.contains("### `\(name)"), "\(name)")
    }
  }
}
