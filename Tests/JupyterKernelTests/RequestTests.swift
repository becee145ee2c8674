import JSON
import NotebookFormats
import Session
import StandardLibrary
import Testing

@testable import JupyterKernel

/// Requests as the thread of the cells answers them, without sockets.
struct RequestTests {
  private final class Bench {
    let signature = MessageSignature(key: [])
    let outbox: Outbox
    let output: KernelOutput
    let session = NotebookSession(options: NotebookSession.Options(library: StandardLibrary.registry))
    let handler: RequestHandler
    let work = WorkList()

    init() throws {
      outbox = try Outbox(signature: signature)
      output = KernelOutput(outbox, Questions(), isInterrupted: { false })
      session.output = output
      handler = RequestHandler(session: session, output: output, outbox: outbox, work: work)
    }

    /// What is answered and published; the statuses are left out.
    func run(_ code: String, _ options: [JSONValue.Member] = []) throws -> [KernelMessage] {
      let content = JSONValue(.object([JSONValue.Member("code", .string(code))] + options))
      handler.handle(KernelMessage("execute_request", content: content, parent: nil, session: "s", to: []))
      return try outbox.take().items.map { try KernelMessage($0.frames, signature: signature) }
        .filter { $0.type != "status" }
    }
  }

  private let silent = JSONValue.Member("silent", .bool(true))
  private let unstored = JSONValue.Member("store_history", .bool(false))

  /// Jupyter's protocol: a silent request stores no history, whatever it says of it, and the counter stays.
  @Test func whatAsksForNoHistoryIsNoCell() throws {
    let bench = try Bench()
    #expect(try bench.run("a = 1").last?.content["execution_count"]?.int == 1)
    let quiet = try bench.run("b = 2; print(b)", [silent, JSONValue.Member("store_history", .bool(true))])
    #expect(quiet.map(\.type) == ["execute_reply"] && quiet[0].content["execution_count"]?.int == 1)
    let shown = try bench.run("print(\"said\"); a + b", [unstored])
    #expect(shown.map(\.type) == ["execute_input", "stream", "execute_result", "execute_reply"])
    #expect(shown.filter { $0.type != "stream" }.allSatisfy { $0.content["execution_count"]?.int == 1 })
    #expect(try bench.run("nobody", [silent]).last?.content["status"]?.string == "error")
    #expect(bench.session.history.map(\.source) == ["a = 1"] && bench.session.cellNumber == 2)
    #expect(try bench.run("a + b").last?.content["execution_count"]?.int == 2)
    #expect(bench.session.document().cells.map(\.source) == ["a = 1", "a + b"])
  }

  @Test func whatACallGivesIsInspected() throws {
    let bench = try Bench()
    let content = JSONValue.object(["code": .string("glyphs(4, 3).split("), "cursor_pos": .int(19)])
    bench.handler.handle(KernelMessage("inspect_request", content: content, parent: nil, session: "s", to: []))
    let reply = try bench.outbox.take().items.map { try KernelMessage($0.frames, signature: bench.signature) }
      .first { $0.type == "inspect_reply" }
    #expect(reply?.content["data"]?["text/plain"]?.string?.contains("dataset.split(") == true)
  }

  private static func cell(_ code: String) -> KernelMessage {
    KernelMessage(
      "execute_request", content: .object(["code": .string(code)]), parent: nil, session: "s", to: [])
  }

  @Test func cellsSentAlongWithOneThatFailsAreNotRun() throws {
    let bench = try Bench()
    bench.work.add(.request(Self.cell("x = 1")))
    let replies = try bench.run("1 / 0").filter { $0.type == "execute_reply" }
    #expect(replies.map { $0.content["status"]?.string } == ["error", "aborted"])
    bench.work.add(.request(Self.cell("x = 1")))
    let kept = try bench.run("1 / 0", [JSONValue.Member("stop_on_error", .bool(false))])
    #expect(kept.filter { $0.type == "execute_reply" }.count == 1)
  }

  /// A program that has read of the failure sends the next cell at once, and means it.
  @Test func cellsSentAfterTheFailureWasToldAreRun() async throws {
    for _ in 0..<100 {
      let bench = try Bench()
      let (outbox, work, signature) = (bench.outbox, bench.work, bench.signature)
      let client = Task.detached {
        while true {
          let messages = outbox.take().items.compactMap { try? KernelMessage($0.frames, signature: signature) }
          if messages.contains(where: { $0.type == "execute_reply" }) { break }
        }
        work.add(.request(Self.cell("x = 1")))
      }
      bench.handler.handle(Self.cell("1 / 0"))
      await client.value
      #expect(work.remove { _ in true }.count == 1)
    }
  }

  @Test func whoTakesNoQuestionsGetsAnError() throws {
    let bench = try Bench()
    let none = JSONValue.Member("allow_stdin", .bool(false))
    let reply = try #require(try bench.run("x = input(\"? \")", [none]).last)
    #expect(reply.content["status"]?.string == "error")
    #expect(reply.content["evalue"]?.string?.hasPrefix("nobody can be asked here: ") == true)
    let caught = try bench.run("try { input() } catch e { \"caught\" }", [none])
    #expect(caught.last?.content["status"]?.string == "ok")
    #expect(bench.output.whyNobodyAnswers == nil)
  }
}
