import Foundation
import Testing

@testable import Session

/// The seed of a script that comes into a session.
@Suite struct SeedTests {
  private let path = NSTemporaryDirectory() + "seed-\(UUID().uuidString).twin"
  private let text = "# ---\n# seed: 42\n# ---\n\n# %%\nx = randn([2])\nx\n\n# %%\nx.sum()\n"

  private func written() throws -> String {
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }
  private func remove() { try? FileManager.default.removeItem(atPath: path) }

  @Test func aScriptBringsItsSeed() throws {
    defer { remove() }
    let path = try written()
    let ran = Desk()
    ran.type("%run \(path)")
    let loaded = Desk()
    guard case .prefill(let cells)? = loaded.type("%load \(path)").effect else {
      Issue.record("%load puts cells into the prompt")
      return
    }
    #expect(loaded.front.notes == ["seed 42, as \(path) has it"])
    loaded.type(cells)
    let pasted = Desk()
    pasted.type(text)
    for desk in [ran, loaded, pasted] {
      #expect(desk.session.seed == 42 && desk.front.warnings.isEmpty, "\(desk.front.warnings)")
      #expect(desk.value("x") == ran.value("x"))
    }
  }

  @Test(arguments: ["%seed 7", "randn([1])"]) func oneThatIsInUseStays(_ before: String) throws {
    defer { remove() }
    let path = try written()
    for typed in ["%run \(path)", "%load \(path)", text] {
      let desk = Desk(seed: 7)
      desk.type(before, typed)
      #expect(desk.session.seed == 7, "\(typed)")
      #expect(desk.front.warnings.contains { $0.contains("was made with seed 42, and this session") }, "\(typed)")
    }
  }
}
