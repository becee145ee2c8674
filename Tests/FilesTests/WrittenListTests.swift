import Foundation
import Testing

@testable import Files

/// What a list says it wrote comes back; what is another's is told from it.
@Suite struct WrittenListTests {
  private let list = WrittenList(name: "review.csv", head: ["file", "class"])

  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("list-" + UUID().uuidString).path
    try FileSystem.makeFolder(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  @Test func comesBack() throws {
    try inFolder { folder in
      #expect(list.records(in: folder) == [])
      let records = [["a,b/1.png", "a,b"], ["=1+1/2.png", "=1+1"], ["'-x/\"3\".png", "'-x"]]
      try list.write(records, to: folder)
      #expect(list.records(in: folder) == records)
      // An older version wrote the first line with another end.
      let text = try FileSystem.readText(folder + "/review.csv")
      try FileSystem.write(text.replacing("file,class\r\n", with: "file,class\n"), to: folder + "/review.csv")
      #expect(list.records(in: folder) == records)
    }
  }

  @Test(arguments: ["file,label\na,b\n", "a list of mine\n", "\u{0}\u{1}", "file,class,kept\n"])
  func anotherListIsRefused(text: String) throws {
    try inFolder { folder in
      try FileSystem.write(text, to: folder + "/review.csv")
      #expect(list.records(in: folder) == nil)
    }
  }

  /// A list that grew a column is read with and without it.
  @Test func anOlderListIsRead() throws {
    let grown = WrittenList(name: "review.csv", head: ["file", "class", "sha256"], olderHeads: [["file", "class"]])
    try inFolder { folder in
      try list.write([["a/1.png", "a"]], to: folder)
      #expect(grown.records(in: folder) == [["a/1.png", "a", ""]])
      try grown.write([["a/1.png", "a", "00ff"]], to: folder)
      #expect(grown.records(in: folder) == [["a/1.png", "a", "00ff"]])
      #expect(grown.isHead(["file", "class"]) && grown.isHead(grown.head) && !grown.isHead(["file"]))
      #expect(list.records(in: folder) == nil)
    }
  }

  /// Records with too many or too few cells say nothing; an empty file is no list yet.
  @Test func brokenRecordsAreLeftOut() throws {
    try inFolder { folder in
      try FileSystem.write("", to: folder + "/review.csv")
      #expect(list.records(in: folder) == [])
      try FileSystem.write("file,class\na/1.png,a\nb/1.png\nc/1.png,c,d\n", to: folder + "/review.csv")
      #expect(list.records(in: folder) == [["a/1.png", "a"]])
    }
  }
}
