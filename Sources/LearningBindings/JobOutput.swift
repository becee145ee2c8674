import Diagnostics
import Interpreter
import Ranks

/// What a job says, kept until its turn comes: jobs end in any order, and their words are to come in the order of the
/// items.
final class JobOutput: OutputSink {
  enum Saying {
    case text(String)
    case warning(Explanation)
  }

  private(set) var sayings: [Saying] = []
  private(set) var mark = 0
  private let outer: any OutputSink

  init(_ outer: any OutputSink) { self.outer = outer }

  func print(_ text: String) {
    mark += 1
    if case .text(let before)? = sayings.last {
      sayings[sayings.count - 1] = .text(before + text)
    } else {
      sayings.append(.text(text))
    }
  }

  func warn(_ explanation: Explanation) {
    mark += 1
    sayings.append(.warning(explanation))
  }

  /// A line for each epoch of each of many jobs would say nothing to anybody.
  func progress(_ event: ProgressEvent) {}
  /// A figure in words; one that is to be seen is saved by the job.
  func display(_ object: HostObject) {
    print(((try? object.describe(DisplayStyle(width: 80, color: false, full: false))) ?? object.summary) + "\n")
  }
  func readLine(prompt: String) -> String? { nil }

  static func write(_ sayings: [Saying], to bytes: inout [UInt8]) {
    bytes.add(UInt64(sayings.count))
    for saying in sayings {
      switch saying {
      case .text(let text):
        bytes.append(0)
        bytes.add(text: text)
      case .warning(let explanation):
        bytes.append(1)
        for part in [explanation.message, explanation.note ?? "", explanation.help ?? ""] { bytes.add(text: part) }
      }
    }
  }

  static func read(_ reader: inout ByteReader) throws -> [Saying] {
    try (0..<reader.count(each: 9)).map { _ in
      if try reader.byte() == 0 { return .text(try reader.text()) }
      let (message, note, help) = (try reader.text(), try reader.text(), try reader.text())
      return .warning(Explanation(message, note: note.isEmpty ? nil : note, help: help.isEmpty ? nil : help))
    }
  }

  static func say(_ sayings: [Saying], _ output: any OutputSink) {
    for saying in sayings {
      switch saying {
      case .text(let text): output.print(text)
      case .warning(let explanation): output.warn(explanation)
      }
    }
  }
}
