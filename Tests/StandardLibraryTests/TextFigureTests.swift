import Foundation
import ScriptSupport
import Testing

/// Figures that a script saves as characters, read as a person reads them.
@Suite struct TextFigureTests {
  private func saved(_ figure: String, _ size: String) throws -> (text: String, error: String?) {
    let folder = FileManager.default.temporaryDirectory.path + "/twinbook-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let run = ScriptRun(steps: 1_000_000)
    run.interpreter.context.workingDirectory = folder
    let (_, error) = run.cell("\(figure).save(\"f.txt\"\(size))")
    let text = try? String(contentsOfFile: folder + "/f.txt", encoding: .utf8)
    return (text ?? "", error.map { "\($0)" })
  }

  /// A list's numbers reach the cells as doubles; float32 made zeros of them.
  @Test func smallNumbersStandInHeatmaps() throws {
    let (text, error) = try saved("heatmap([[1e-300, 2e-300]])", ", width=60, height=10")
    #expect(error == nil)
    #expect(text.contains("1e-300") && text.contains("2e-300"), "\(text)")
  }

  @Test func largeNumbersAreTold() throws {
    #expect(try saved("bars([999999999, 5])", "").text.contains("1e9"))
    #expect(try saved("bars([1e305, 5])", "").text.contains("≥ 1e300"))
    #expect(try saved("heatmap([[1e305, 5]])", "").text.contains("≥ 1e300"))
    #expect(try saved("plot([1, 1e305])", "").text.contains("1 of 2 at or beyond ±1e300"))
  }

  @Test func eachSideHasItsBound() throws {
    #expect(try saved("plot([1, 2])", ", width=20, height=5").error == nil)
    let error = try saved("plot([1, 2])", ", width=10").error
    #expect(error?.contains("width must be a whole number from 20 to 2000, got 10") == true, "\(error ?? "no error")")
    // The side that is not given follows, within its own bound.
    #expect(try saved("plot([1, 2])", ", height=5").error == nil)
  }
}
