import Foundation
import Testing

@testable import Collecting

@Suite struct ListTests {
  @Test func listsOfAddresses() throws {
    let plain = try AddressList.parse(
      "# a comment\nhttps://a.example/1.jpg\n\n  https://b.example/2,3.jpg \n", source: "list.txt", label: "ann")
    #expect(plain.map(\.address) == ["https://a.example/1.jpg", "https://b.example/2,3.jpg"])
    #expect(plain.map(\.label) == ["ann", "ann"])
    let labelled = try AddressList.parse(
      "https://a.example/1.jpg,ann\nhttps://a.example/2.jpg,bob\n", source: "x", label: nil)
    #expect(labelled.map(\.label) == ["ann", "bob"])
    let named = try AddressList.parse("label,note,url\nann,,https://a.example/ü 1.jpg\n", source: "x", label: nil)
    #expect(named.map(\.address) == ["https://a.example/%C3%BC%201.jpg"] && named[0].label == "ann")
    #expect(throws: CollectError.empty(source: "x")) { try AddressList.parse("# nothing\n", source: "x", label: nil) }
    #expect(
      throws: CollectError.badLine(
        source: "x", line: 2, reason: "only http and https are collected")
    ) { try AddressList.parse("https://a.example/\nfile:///etc/passwd\n", source: "x", label: nil) }
  }

  /// What stands behind the only comma of a line is a label, or the end of the address.
  @Test(
    arguments: [
      ("https://a.example/Paris,_France.jpg", "https://a.example/Paris,_France.jpg", "given"),
      ("https://a.example/Paris,_France.heic", "https://a.example/Paris,_France.heic", "given"),
      ("https://a.example/1,2.PNG?width=300", "https://a.example/1,2.PNG?width=300", "given"),
      ("https://a.example/c_fill,w_80/face", "https://a.example/c_fill,w_80/face", "given"),
      ("https://a.example/1,2,3", "https://a.example/1,2,3", "given"),
      ("https://a.example/1,", "https://a.example/1", "given"),
      ("https://a.example/1.jpg,ann", "https://a.example/1.jpg", "ann"),
      ("https://a.example/1.jpg,team/ann", "https://a.example/1.jpg", "team/ann"),
      ("https://a.example/photo?id=1,ann", "https://a.example/photo?id=1", "ann"),
      ("https://a.example/1.jpg,J. Doe", "https://a.example/1.jpg", "J. Doe"),
      ("\"https://a.example/Paris,_France.jpg\",ann", "https://a.example/Paris,_France.jpg", "ann"),
    ])
  func commasInAddresses(_ line: String, _ address: String, _ label: String) throws {
    let items = try AddressList.parse(line + "\n", source: "x", label: "given")
    #expect(items.map(\.address) == [address] && items.map(\.label) == [label], "\(line): \(items)")
  }

  /// As spreadsheets write them.
  @Test(arguments: [
    ("url;label\nhttps://a.example/1,2.jpg;ann\n", "https://a.example/1,2.jpg"),
    ("\u{FEFF}Label;URL\r\nann;\"https://a.example/1;2.jpg\"\r\n", "https://a.example/1;2.jpg"),
    ("# mine\nlabel\turl\nann\thttps://a.example/1,2;3.jpg\n", "https://a.example/1,2;3.jpg"),
    ("https://a.example/1,2;3.jpg\tann\n", "https://a.example/1,2;3.jpg"),
    ("url,label\n\"https://a.example/1,2;3.jpg\",ann\n", "https://a.example/1,2;3.jpg"),
  ])
  func otherSeparators(_ text: String, _ address: String) throws {
    let items = try AddressList.parse(text, source: "x", label: nil)
    #expect(items.map(\.address) == [address] && items.map(\.label) == ["ann"], "\(text): \(items)")
  }

  /// A file that is no list may be somebody's secret: its words stand in no error.
  @Test(arguments: ["hunter2", "hunter2://x", "ann:hunter2", "https://hunter2:x@a.example/", "https://[hunter2"])
  func listsAreNotQuoted(_ line: String) {
    do {
      _ = try AddressList.parse(line + "\n", source: "secret.txt", label: nil)
      Issue.record("\(line) is no address")
    } catch {
      let words = (error as? CollectError)?.explanation
      #expect(words != nil && !"\(words as Any)".contains("hunter2"), "\(words as Any)")
    }
  }

  @Test func addressesAreChecked() {
    for (text, reason) in [
      ("ftp://a.example/x", "only http and https are collected, not ftp"),
      ("file:///x", "only http and https are collected, not file"),
      ("a.example/x.jpg", "it does not begin with https:// or http://"), ("http://", "it names no host"),
      ("https://ann:secret@a.example/", "it has a name or password in it"),
      ("https://a.example/\u{7}", "it has a control character in it"),
    ] {
      #expect(throws: CollectError.badAddress(text, reason: reason), "\(text)") { try CollectItem(text, label: "") }
    }
  }
}
