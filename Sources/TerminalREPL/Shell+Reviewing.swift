import Diagnostics
import Session

extension Shell {
  /// Asks, and evaluates the cell that comes out as if it had been typed.
  /// - Returns: an exit code, if the session is over.
  func review(_ review: SessionReview) -> Int32? {
    let session = session
    let loop = ReviewLoop(review, output: output, foreground: foreground) { walk in
      session.keepUnfinished(walk.dropped.isEmpty ? nil : review.cell(for: walk))
    }
    switch loop.run() {
    case .finished(let walk):
      let cell = review.cell(for: walk)
      output.write(Transcript.prompt(session.cellNumber) + CellLayout.padded(cell) + "\n")
      editor?.remember(cell)
      return evaluate(cell)
    case .left:
      session.keepUnfinished(nil)
      output.dim("left; nothing was changed")
      return nil
    case .terminated: return terminated()
    case .noKeys:
      output.error("error: the terminal gives no single keys; write \(review.cell(for: review.walk))")
      return nil
    }
  }
}
