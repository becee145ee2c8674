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

  /// Of many settings the ten best are drawn, and the axis says so.
  @Test func aSweepSaysWhatItLeavesOut() throws {
    func sweep(_ rates: Int) -> String {
      """
      x = glyphs(4, 4, seed=1, size=8)
      start = s -> trainer(flatten >> dense(4), x, optimizer=adam(s.rate), batch=8, perclass=2, seed=1)
      t = sweep(start, {rate: [0.001 * (i + 1) for i in 0..<\(rates)]}, n -> 0.5, epochs=[1], seed=1)
      plot(t)
      """
    }
    let many = try saved(sweep(12), "")
    #expect(many.error == nil && many.text.contains("epoch (the best 10 of 12 settings)"), "\(many)")
    #expect(try !saved(sweep(3), "").text.contains("settings)"))
  }

  @Test func eachSideHasItsBound() throws {
    #expect(try saved("plot([1, 2])", ", width=20, height=5").error == nil)
    let error = try saved("plot([1, 2])", ", width=10").error
    #expect(error?.contains("width must be a whole number from 20 to 2000, got 10") == true, "\(error ?? "no error")")
    // The side that is not given follows, within its own bound.
    #expect(try saved("plot([1, 2])", ", height=5").error == nil)
  }
}
