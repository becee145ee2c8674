import Diagnostics
import Foundation
import JSON
import NotebookFormats
import Session

/// What a cell prints, shows and asks, as messages.
final class KernelOutput: SessionOutput {
  private let outbox: Outbox
  private let questions: Questions
  private let isInterrupted: () -> Bool
  /// What runs.
  var request: KernelMessage?
  /// The bar of the work that goes on.
  private var bar: String?
  private var lastProgress = ContinuousClock.now - .seconds(1)

  let width = 80
  let color = false

  init(_ outbox: Outbox, _ questions: Questions, isInterrupted: @escaping () -> Bool) {
    self.outbox = outbox
    self.questions = questions
    self.isInterrupted = isInterrupted
  }

  func write(_ text: String) { outbox.write(text, to: "stdout") }

  func warn(_ explanation: Explanation) {
    let warning = Diagnostic(explanation, at: nil, severity: .warning)
    outbox.write(warning.rendered(color: false) + "\n", to: "stderr")
  }

  func note(_ text: String) { outbox.write(text.withVisibleControls + "\n", to: "stderr") }

  func show(_ figure: SessionFigure) {
    var media: [String: String] = [:]
    do {
      media = try figure.media()
    } catch {
      warn((error as? any ExplainedError)?.explanation ?? Explanation("\(error)"))
    }
    outbox.publish("display_data", Self.bundle(figure.fingerprint(), media), parent: request)
  }

  func clear() { outbox.publish("clear_output", .object(["wait": .bool(false)]), parent: request) }

  /// Text, and what there is beside it.
  static func bundle(_ text: String, _ media: [String: String]) -> JSONValue {
    var data = JSONValue.object(["text/plain": .string(text)])
    for (type, content) in media.sorted(by: { $0.key < $1.key }) { data[type] = .string(content) }
    return .object(["data": data, "metadata": .emptyObject])
  }

  // MARK: Progress

  func progress(_ event: SessionProgress) {
    if event.isFinished { return endProgress(event.text) }
    let now = ContinuousClock.now
    guard event.isMilestone || now - lastProgress >= .milliseconds(100) else { return }
    lastProgress = now
    var line = event.text.asOneLine
    var html = "<span>\(line.escapedForHTML)</span>"
    if let fraction = event.fraction, fraction.isFinite {
      let share = max(0, min(1, fraction))
      let filled = Int((share * 20).rounded(.down))
      line = String(repeating: "━", count: filled) + String(repeating: "╌", count: 20 - filled) + " " + line
      html = "<progress max=\"1\" value=\"\(String(format: "%.3f", share))\"></progress> " + html
    }
    update(text: line, html: html)
  }

  /// Nothing goes on any more; what is left to say of it stands where the bar stood.
  func endProgress(_ text: String = "") {
    guard bar != nil else { return }
    let line = text.asOneLine
    update(text: line, html: line.isEmpty ? "" : "<small>\(line.escapedForHTML)</small>")
    bar = nil
  }

  private func update(text: String, html: String) {
    var content = JSONValue.object([
      // Told from results, which it is not.
      "data": .emptyObject, "metadata": .object(["twinbook": .object(["progress": .bool(true)])]),
    ])
    if bar == nil {
      let name = UUID().uuidString
      bar = name
      content["transient"] = .object(["display_id": .string(name)])
      // Empty at first: who compares outputs of two runs (nbval) sees no difference in how far it was.
      outbox.publish("display_data", content, parent: request)
    }
    content["transient"] = .object(["display_id": .string(bar ?? "")])
    if !text.isEmpty { content["data"] = .object(["text/plain": .string(text), "text/html": .string(html)]) }
    outbox.publish("update_display_data", content, parent: request)
  }

  // MARK: Questions

  /// Whoever runs a notebook without a person (nbconvert) says so with each cell.
  private var allowsQuestions: Bool { request?.content["allow_stdin"]?.bool ?? true }

  var whyNobodyAnswers: Explanation? {
    guard !allowsQuestions else { return nil }
    return Explanation(
      "nobody can be asked here: whoever runs this cell takes no questions from the kernel",
      help: "run the cell in JupyterLab or in jupyter console, or write the answer into the code in place of input()")
  }

  func readLine(prompt: String) -> String? {
    guard let request, allowsQuestions else { return nil }
    questions.begin()
    outbox.ask(prompt, of: request)
    return questions.wait(isInterrupted: isInterrupted)
  }
}

extension Outbox {
  func ask(_ prompt: String, of request: KernelMessage) {
    reply("input_request", .object(["prompt": .string(prompt), "password": .bool(false)]), to: request, on: .stdin)
  }
}

/// The answer that a cell waits for. Unchecked, because the condition's lock is held wherever it changes.
final class Questions: @unchecked Sendable {
  private let condition = NSCondition()
  private var isOpen = false
  private var answer: String?

  func begin() {
    condition.lock()
    defer { condition.unlock() }
    isOpen = true
    answer = nil
  }

  /// What comes without a question is no answer.
  func answer(_ text: String) {
    condition.lock()
    defer { condition.unlock() }
    guard isOpen else { return }
    answer = text
    condition.signal()
  }

  /// Nil: interrupted.
  func wait(isInterrupted: () -> Bool) -> String? {
    condition.lock()
    defer {
      isOpen = false
      condition.unlock()
    }
    while answer == nil, !isInterrupted() { _ = condition.wait(until: Date().addingTimeInterval(0.05)) }
    return answer
  }
}
