import Diagnostics
import Foundation
import JSON
import NotebookFormats
import Session

/// Answers what comes over the shell: a thin translation between Jupyter's protocol and the session. On the thread that
/// runs cells.
final class RequestHandler {
  let session: NotebookSession
  let output: KernelOutput
  let outbox: Outbox
  private let work: WorkList
  /// Told with the next cell.
  var news: String?

  init(session: NotebookSession, output: KernelOutput, outbox: Outbox, work: WorkList) {
    self.session = session
    self.output = output
    self.outbox = outbox
    self.work = work
  }

  func handle(_ request: KernelMessage) {
    outbox.publish("status", .object(["execution_state": .string("busy")]), parent: request)
    defer { outbox.publish("status", .object(["execution_state": .string("idle")]), parent: request) }
    let content = request.content
    switch request.type {
    case "execute_request": execute(request)
    case "complete_request": reply("complete_reply", complete(content), to: request)
    case "inspect_request": reply("inspect_reply", inspect(content), to: request)
    case "is_complete_request": reply("is_complete_reply", isComplete(content), to: request)
    case "history_request": reply("history_reply", HistoryRequest(content).answer(session.history), to: request)
    case "comm_info_request":
      reply("comm_info_reply", .object(["status": .string("ok"), "comms": .emptyObject]), to: request)
    case "comm_open":
      // Nobody here knows a target: the other side is told at once.
      let name = content["comm_id"] ?? .string("")
      outbox.publish("comm_close", .object(["comm_id": name, "data": .emptyObject]), parent: request)
    default: break
    }
  }

  private func reply(_ type: String, _ content: JSONValue, to request: KernelMessage) {
    outbox.reply(type, content, to: request, on: .shell)
  }

  // MARK: Questions about code

  private func complete(_ content: JSONValue) -> JSONValue {
    let code = content["code"]?.string ?? ""
    let end = content["cursor_pos"]?.int ?? CodePoints.count(code)
    let before = CodePoints.prefix(code, end)
    let completion = session.complete(before)
    let stop = CodePoints.count(before)
    let start = stop - CodePoints.count(ofLast: completion.replacedBytes, in: before)
    let kinds = completion.candidates.map { candidate in
      JSONValue.object([
        "start": .int(start), "end": .int(stop), "text": .string(candidate.text), "type": .string(candidate.kind),
      ])
    }
    return .object([
      "status": .string("ok"), "matches": .strings(completion.candidates.map(\.text)), "cursor_start": .int(start),
      "cursor_end": .int(stop), "metadata": .object(["_jupyter_types_experimental": .array(kinds)]),
    ])
  }

  private func inspect(_ content: JSONValue) -> JSONValue {
    let code = content["code"]?.string ?? ""
    let before = CodePoints.prefix(code, content["cursor_pos"]?.int ?? CodePoints.count(code))
    let after = String(code.unicodeScalars.dropFirst(CodePoints.count(before)))
    let names = session.chains(before: before, after: after) + InspectedName.candidates(before: before, after: after)
    for name in names {
      guard var text = try? session.inspect(name) else { continue }
      if (content["detail_level"]?.int ?? 0) > 0, let source = try? session.sourceText(of: name) { text = source }
      return .object([
        "status": .string("ok"), "found": .bool(true), "metadata": .emptyObject,
        "data": .object(["text/plain": .string(text.withVisibleControls)]),
      ])
    }
    return .object([
      "status": .string("ok"), "found": .bool(false), "metadata": .emptyObject, "data": .emptyObject,
    ])
  }

  private func isComplete(_ content: JSONValue) -> JSONValue {
    let code = content["code"]?.string ?? ""
    switch session.completeness(code) {
    case .complete: return .object(["status": .string("complete")])
    case .invalid: return .object(["status": .string("invalid")])
    case .incomplete:
      return .object(["status": .string("incomplete"), "indent": .string(CellIndentation.after(code))])
    }
  }

  // MARK: Cells

  /// What a request came to.
  private struct Outcome {
    var payload: [JSONValue] = []
    /// Name, message and how it is shown.
    var failure: (name: String, message: String, lines: [String])?
  }

  private func execute(_ request: KernelMessage) {
    let code = request.content["code"]?.string ?? ""
    let isSilent = request.content["silent"]?.bool ?? false
    // Of a silent request nothing is kept, whatever it says of the history.
    let isRecorded = !isSilent && request.content["store_history"]?.bool ?? true
    // The number of this cell; what is no cell has the number of the last one.
    let number = isRecorded ? session.cellNumber : session.cellNumber - 1
    outbox.begin(request, isMuted: isSilent)
    output.request = request
    outbox.publish(
      "execute_input", .object(["code": .string(code), "execution_count": .int(number)]), parent: request)
    if !isSilent, let news {
      output.note(news)
      self.news = nil
    }
    let outcome = run(code, isRecorded: isRecorded, request)
    output.endProgress()
    outbox.end()
    var content = JSONValue.object(["execution_count": .int(number)])
    if let failure = outcome.failure {
      let words: [JSONValue.Member] = [
        .init("ename", .string(failure.name)), .init("evalue", .string(failure.message)),
        .init("traceback", .strings(failure.lines)),
      ]
      outbox.publish("error", JSONValue(.object(words)), parent: request)
      content["status"] = .string("error")
      for word in words { content[word.name] = word.value }
    } else {
      content["status"] = .string("ok")
      content["payload"] = .array(outcome.payload)
      content["user_expressions"] = userExpressions(request.content["user_expressions"])
    }
    // Taken before the answer: who has read that sends what is to run.
    let stops = outcome.failure != nil && request.content["stop_on_error"]?.bool ?? true
    let unwanted = stops ? work.remove { $0.type == "execute_request" } : []
    reply("execute_reply", content, to: request)
    outbox.begin(nil)
    output.request = nil
    abort(unwanted)
  }

  /// Cells that were sent along with one that failed are not run.
  private func abort(_ requests: [KernelMessage]) {
    for request in requests {
      reply("execute_reply", .object(["status": .string("aborted")]), to: request)
      for state in ["busy", "idle"] {
        outbox.publish("status", .object(["execution_state": .string(state)]), parent: request)
      }
    }
  }

  private func run(_ code: String, isRecorded: Bool, _ request: KernelMessage) -> Outcome {
    var outcome = Outcome()
    if let page = questionPage(code) {
      switch page {
      case .success(let text): outcome.payload.append(Self.page(text))
      case .failure(let error): outcome.failure = Self.failure(Diagnostic(error.explanation, at: nil))
      }
      return outcome
    }
    for cell in session.cells(in: code) {
      let count = isRecorded ? session.cellNumber : session.cellNumber - 1
      let result = isRecorded ? session.evaluate(cell, file: nil) : session.evaluateUnrecorded(cell)
      if let value = result.value {
        var content = KernelOutput.bundle(value, result.rich?.media(text: value) ?? [:])
        content["execution_count"] = .int(count)
        outbox.publish("execute_result", content, parent: request)
      }
      switch result.effect {
      case .page(let text): outcome.payload.append(Self.page(text))
      case .edit(let text), .prefill(let text):
        outcome.payload.append(
          .object(["source": .string("set_next_input"), "text": .string(text), "replace": .bool(false)]))
      case .quit:
        outcome.payload.append(.object(["source": .string("ask_exit"), "keepkernel": .bool(false)]))
        output.note("Jupyter ends a kernel: Kernel, Shut Down Kernel")
      case .review, nil: break
      }
      if result.status == .finished { continue }
      if result.status == .interrupted {
        outcome.failure = ("KeyboardInterrupt", "interrupted", ["interrupted"])
      } else if let diagnostic = result.diagnostics.first {
        outcome.failure = Self.failure(diagnostic)
        for other in result.diagnostics.dropFirst() { outcome.failure?.lines += Self.lines(other) }
      } else {
        outcome.failure = ("error", "the cell failed", ["error: the cell failed"])
      }
      break
    }
    return outcome
  }

  private static func failure(_ diagnostic: Diagnostic) -> (name: String, message: String, lines: [String]) {
    ("error", diagnostic.explanation.message, lines(diagnostic))
  }

  private static func lines(_ diagnostic: Diagnostic) -> [String] {
    diagnostic.rendered(color: true).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  private static func page(_ text: String) -> JSONValue {
    .object([
      "source": .string("page"), "start": .int(0),
      "data": .object(["text/plain": .string(text.withVisibleControls)]),
    ])
  }

  private struct Refusal: Error { var explanation: Explanation }

  /// A cell that is one question (`?conv`, `f??`) is answered in Jupyter's pane for help.
  private func questionPage(_ code: String) -> Result<String, Refusal>? {
    guard let question = session.question(code) else { return nil }
    do {
      return .success(
        try question.wantsSource ? session.sourceText(of: question.name) : session.inspect(question.name))
    } catch {
      return .failure(Refusal(explanation: (error as? any ExplainedError)?.explanation ?? Explanation("\(error)")))
    }
  }

  private func userExpressions(_ asked: JSONValue?) -> JSONValue {
    var answers = JSONValue.emptyObject
    for member in asked?.members ?? [] {
      switch session.peek(member.value.string ?? "") {
      case .success(let text):
        answers[member.name] = .object([
          "status": .string("ok"), "data": .object(["text/plain": .string(text)]), "metadata": .emptyObject,
        ])
      case .failure(let diagnostic):
        answers[member.name] = .object([
          "status": .string("error"), "ename": .string("error"), "evalue": .string(diagnostic.explanation.message),
          "traceback": .strings(Self.lines(diagnostic)),
        ])
      }
    }
    return answers
  }
}
