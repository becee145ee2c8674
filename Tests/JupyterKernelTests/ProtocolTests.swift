import Foundation
import JSON
import NotebookFormats
import Session
import Testing

@testable import JupyterKernel

struct ProtocolTests {
  /// RFC 4231, test cases 1, 2, 3 and 6.
  @Test func signaturesAreThoseOfTheStandard() {
    func sign(_ key: [UInt8], _ data: [UInt8]) -> String {
      String(decoding: MessageSignature(key: key).sign([data]), as: UTF8.self)
    }
    #expect(
      sign([UInt8](repeating: 0x0b, count: 20), Array("Hi There".utf8))
        == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
    #expect(
      sign(Array("Jefe".utf8), Array("what do ya want for nothing?".utf8))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(
      sign([UInt8](repeating: 0xaa, count: 20), [UInt8](repeating: 0xdd, count: 50))
        == "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe")
    #expect(
      sign(
        [UInt8](repeating: 0xaa, count: 131), Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8))
        == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
  }

  @Test func messagesComeThroughAndForgedOnesDoNot() throws {
    let signature = MessageSignature(key: Array("secret".utf8))
    var message = KernelMessage(
      "execute_request", content: .object(["code": .string("\"é😀\"")]), parent: nil, session: "s", to: [[1, 2]])
    message.metadata = .object(["a": .int(1)])
    let frames = message.frames(signature: signature)
    let read = try KernelMessage(frames, signature: signature)
    #expect(read.type == "execute_request" && read.identities == [[1, 2]])
    #expect(read.content == message.content && read.metadata == message.metadata)
    #expect(throws: KernelMessage.Problem.wrongSignature) {
      try KernelMessage(frames, signature: MessageSignature(key: [1]))
    }
    var forged = frames
    forged[6] = Array("{\"code\": \"other\"}".utf8)
    #expect(throws: KernelMessage.Problem.wrongSignature) { try KernelMessage(forged, signature: signature) }
    for count in 0..<frames.count {
      #expect(throws: KernelMessage.Problem.self) { try KernelMessage(Array(frames[..<count]), signature: signature) }
    }
    let unsigned = MessageSignature(key: [])
    let broken = [Array("<IDS|MSG>".utf8), [], Array("{".utf8), Array("{}".utf8), Array("{}".utf8), Array("{}".utf8)]
    #expect(throws: KernelMessage.Problem.noJSON) { try KernelMessage(broken, signature: unsigned) }
  }

  @Test func placesAreCodePoints() {
    let text = "é = \"😀👨‍👩‍👧\"; gly"
    #expect(CodePoints.prefix(text, 7) == "é = \"😀👨" && CodePoints.count(text) == 17)
    #expect(CodePoints.count(ofLast: 3, in: text) == 3)
    #expect(CodePoints.count(ofLast: "😀é".utf8.count, in: "a😀é") == 2)
    #expect(CodePoints.prefix(text, 1000) == text && CodePoints.prefix(text, -1) == "")
  }

  @Test(arguments: [
    ("conv", "", ["conv"]), ("con", "v(3)", ["conv"]), ("glyphs(4, ", "3)", ["glyphs"]),
    ("x = faces.spl", "it(0.5)", ["faces.split"]), ("f(\"a(\", g(1), ", "", ["f"]), ("%sav", "e x", ["%save"]),
    ("f([1, ", "", ["f"]), ("12", "3", []), ("# f(", "", []), ("print(con", "v)", ["conv", "print"]),
  ])
  func namesAtTheCursorAreFound(_ before: String, _ after: String, _ names: [String]) {
    #expect(InspectedName.candidates(before: before, after: after) == names)
  }

  @Test func historyIsFound() {
    let cells = [(1, "1 + 1", "2"), (2, "x = 3", nil), (3, "1 + 1", "2"), (4, "[y]", "e")].map {
      PastCell(number: $0.0, source: $0.1, result: $0.2)
    }
    func ask(_ content: JSONValue) -> [String] {
      HistoryRequest(content).answer(cells)["history"]?.array?.map {
        String(decoding: $0.compact, as: UTF8.self)
      } ?? []
    }
    #expect(ask(.object(["hist_access_type": .string("tail"), "n": .int(2)])) == ["[1,3,\"1 + 1\"]", "[1,4,\"[y]\"]"])
    let output = JSONValue.object(["hist_access_type": .string("tail"), "n": .int(1), "output": .bool(true)])
    #expect(ask(output) == ["[1,4,[\"[y]\",\"e\"]]"])
    let range = JSONValue.object(["hist_access_type": .string("range"), "start": .int(2), "stop": .int(4)])
    #expect(ask(range) == ["[1,2,\"x = 3\"]", "[1,3,\"1 + 1\"]"])
    func search(_ pattern: String, unique: Bool = false) -> [String] {
      ask(
        .object(["hist_access_type": .string("search"), "pattern": .string(pattern), "unique": .bool(unique)]))
    }
    #expect(search("1*").count == 2 && search("1*", unique: true) == ["[1,3,\"1 + 1\"]"])
    #expect(search("? = ?") == ["[1,2,\"x = 3\"]"] && search("[y]") == ["[1,4,\"[y]\"]"] && search("z*").isEmpty)
  }

  @Test func connectionFilesThatLieAreRefused() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("c-\(UUID().uuidString).json").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let good = """
      {"transport": "tcp", "ip": "127.0.0.1", "shell_port": 1001, "iopub_port": 1002, "stdin_port": 1003,
       "control_port": 1004, "hb_port": 1005, "key": "k", "signature_scheme": "hmac-sha256"}
      """
    func read(_ text: String) throws -> ConnectionFile {
      try text.write(toFile: path, atomically: false, encoding: .utf8)
      return try ConnectionFile(path)
    }
    #expect(try read(good).endpoint(.shell) == "tcp://127.0.0.1:1001")
    #expect(try read(good.replacingOccurrences(of: "127.0.0.1", with: "::1")).endpoint(.hb) == "tcp://[::1]:1005")
    for (old, new) in [
      ("1001", "0"), ("1001", "70000"), ("1001", "1002"), ("1001", "\"x\""), ("\"key\": \"k\",", ""),
      ("127.0.0.1", ""), ("\"tcp\"", "\"udp\""), ("hmac-sha256", "hmac-md5"), ("{", ""), ("}", ""),
    ] {
      #expect(throws: KernelError.self, "\(old) → \(new)") {
        try read(good.replacingOccurrences(of: old, with: new))
      }
    }
    #expect(throws: KernelError.self) { try ConnectionFile("/nowhere/file.json") }
  }
}
