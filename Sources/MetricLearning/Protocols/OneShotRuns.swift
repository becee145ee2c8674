import Tensors

/// One run of Omniglot's one-shot classification task: each question is an image of one of the references' classes.
public struct OneShotRun: Hashable, Sendable {
  /// By which results call it.
  public var name: String
  /// How many were asked.
  public var questions: Int
  /// How many were answered wrong.
  public var errors: Int
}

/// The official runs together: mean error over the runs (Lake, Salakhutdinov and Tenenbaum 2015). Ties are errors.
public struct OneShotRuns: Hashable, Sendable {
  /// In the order in which they were given.
  public var runs: [OneShotRun]

  /// Of all runs.
  public var questions: Int { runs.reduce(0) { $0 + $1.questions } }
  /// Of all runs.
  public var errors: Int { runs.reduce(0) { $0 + $1.errors } }
  /// Mean over the runs.
  public var error: Double {
    runs.reduce(0) { $0 + Double($1.errors) / Double($1.questions) } / Double(max(1, runs.count))
  }
  /// 1 − error.
  public var accuracy: Double { 1 - error }
  /// Wilson's 95 % interval of the accuracy, the questions being of a character each.
  public var interval: (low: Double, high: Double) {
    Intervals.wilson(hits: questions - errors, of: questions)
  }

  /// - Parameters:
  ///   - embeddings: of all images of all runs; its labels are not used.
  ///   - runs: rows of the references, and for each question its row and the place of its answer among the references.
  public init(
    _ embeddings: Embeddings, runs: [(name: String, references: [Int], questions: [(row: Int, answer: Int)])]
  ) throws {
    self.runs = []
    for run in runs {
      try LongWork.check()
      guard run.references.count >= 2, !run.questions.isEmpty else {
        throw MetricError.outOfRange(
          function: "oneshotruns", argument: "run \"\(run.name)\"",
          got: "\(run.references.count) and \(run.questions.count)",
          expected: "two references or more and a question for them")
      }
      let errors = run.questions.count { question in
        guard run.references.indices.contains(question.answer) else { return true }
        let own = embeddings.distance(from: question.row, toMeanOf: [run.references[question.answer]])
        return run.references.indices.contains {
          $0 != question.answer && embeddings.distance(from: question.row, toMeanOf: [run.references[$0]]) <= own
        }
      }
      self.runs.append(OneShotRun(name: run.name, questions: run.questions.count, errors: errors))
    }
    guard !self.runs.isEmpty else { throw MetricError.emptyData(function: "oneshotruns") }
  }
}
