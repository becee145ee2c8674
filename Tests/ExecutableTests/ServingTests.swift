import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite(.needsExecutable) struct ServingTests {
  static let people = """
    letters = glyphs(4, 3, seed=1, size=16)
    people = gallery(flatten >> dense(8))
    for name in letters.classes { people.enroll(name, letters[name][0]) }

    """

  /// Ctrl-C is meant for the server, and the script goes on; who tells the process to go means all of it.
  @Test(arguments: [SIGINT, SIGTERM]) func servesUntilASignal(_ signal: Int32) throws {
    let folder = try Folder()
    try folder.write(
      "serve.twin",
      Self.people + "print(\"ready\")\nserve(people, port=0, threshold=0.1)\nprint(\"after {len(people)}\")\n")
    let outcome = try Executable.run(
      ["run", "serve.twin"], in: folder, limit: 30, onOutput: (contains: "ready", signal: signal))
    #expect(outcome.code == (signal == SIGINT ? 0 : 143))
    #expect(outcome.output == (signal == SIGINT ? "ready\nafter 4\n" : "ready\n"))
    #expect(outcome.errors.contains("serving gallery of 4 labels, 4 references at http://127.0.0.1:"))
    #expect(outcome.errors.contains("served 0 queries"))
  }

  /// Wrong usage of the command ends as such, before the gallery is looked for.
  @Test(arguments: [
    ["--port", "99999"], ["--port", "-1"], ["--faces", "foo"], ["--margin", "99"], ["--margin", "nan"],
    ["--threshold=-1"], ["--threshold", "-1"], ["--margin", "-1"], ["--size", "-1"], ["--size", "4"],
  ]) func wrongOptionsAreWrongUsage(_ options: [String]) throws {
    let folder = try Folder()
    let outcome = try Executable.run(["serve", "nowhere.gallery"] + options, in: folder, limit: 30)
    #expect(outcome.code == 2 && outcome.output.isEmpty, "\(outcome)")
    #expect(outcome.errors.contains("--" + options[0].dropFirst(2).prefix { $0 != "=" }), "\(outcome.errors)")
    #expect(!outcome.errors.contains("Missing value"), "\(outcome.errors)")
  }

  /// A command of the shell has no session: what was done from the page is told, and no replay is spoken of.
  @Test func theCommandSpeaksOfNoSession() async throws {
    let folder = try Folder()
    try folder.write("token", "a-token-for-tests\n")
    try folder.write("make.twin", Self.people + "people.save(\"people.gallery\")\n")
    #expect(try Executable.run(["run", "make.twin"], in: folder).code == 0)
    let child = try Child.spawn(
      Executable.path,
      ["serve", "people.gallery", "--port", "0", "--threshold", "0.1", "--allow-enrol", "--token-file", "token"],
      environment: [:], folder: folder, input: "/dev/null", output: folder.path + "/out", errors: folder.path + "/err")
    func said() -> String { (try? folder.read("err")) ?? "" }
    for _ in 0..<2000 where !said().contains("serving") { usleep(10_000) }
    let port = try #require(said().firstMatch(of: /http:\/\/127\.0\.0\.1:(\d+)\//).flatMap { Int($0.1) })
    let bearer = "Authorization: Bearer a-token-for-tests\r\n"
    let removed = try await ServingLoadTests.ask(port, [], path: "/api/remove?label=glyph1", more: bearer)
    #expect(removed.contains("\"label\":\"glyph1\""), "\(removed)")
    kill(child.id, SIGINT)
    #expect(child.wait(limit: 30) == 0)
    #expect(said().contains("from the page 0 references were enrolled and 1 removed") && !said().contains("replay"))
  }

  @Test func aReplayPassesOverIt() throws {
    let folder = try Folder()
    try folder.write("serve.twin", "# %%\n" + Self.people + "serve(people, port=0)\nlen(people)\n#> 4\n")
    let outcome = try Executable.run(["replay", "--verify", "serve.twin"], in: folder, limit: 30)
    #expect(outcome.code == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("serve is passed over in a replay"))
  }

  /// Beside the script: it is asked and changed from outside while the script does other things with the same gallery.
  @Test func servesBesideTheScript() async throws {
    let folder = try Folder()
    try folder.write("token", "a-token-for-tests\n")
    try folder.write(
      "serve.twin",
      Self.people + """
        page = serve(people, port=0, threshold=0.1, enrol=true, tokenfile="token", background=true)
        print(page, page.running, page.address.startswith("http://127.0.0.1:"))
        try { serve(people, port=0, background=true) } catch e { print("once") }
        people.enroll("later", letters[5])
        letters[0].save("two.png")
        input()
        page.stop()
        page.stop()
        print(page, page.running, people.labels)
        again = serve(people, port=0, background=true)
        people.stop()
        print(again.running)

        """)
    #expect(mkfifo(folder.path + "/in", 0o600) == 0)
    // Open both ways, so that nobody waits for the other end.
    let pipe = open(folder.path + "/in", O_RDWR | O_CLOEXEC)
    defer { close(pipe) }
    let child = try Child.spawn(
      Executable.path, ["run", "serve.twin"], environment: [:], folder: folder, input: folder.path + "/in",
      output: folder.path + "/out", errors: folder.path + "/err")
    defer { kill(child.id, SIGKILL) }
    var port: Int?
    for _ in 0..<600 where port == nil {
      usleep(50_000)
      port = (try? folder.read("err"))?.firstMatch(of: /http:\/\/127\.0\.0\.1:(\d+)\//).flatMap { Int($0.1) }
    }
    let found = try #require(port)
    for _ in 0..<600 where !folder.has("two.png") { usleep(50_000) }
    let png = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.path + "/two.png")))
    let query = try await ServingLoadTests.ask(found, png)
    #expect(query.contains("\"known\":true"))
    let bearer = "Authorization: Bearer a-token-for-tests\r\n"
    let enrolled = try await ServingLoadTests.ask(found, png, path: "/api/enrol?label=guest", more: bearer)
    // The page shows the gallery as it was: without the one who came later.
    #expect(enrolled.contains("\"people\":5"), "\(enrolled)")
    #expect(
      try await ServingLoadTests.ask(found, [], path: "/api/remove?label=glyph1", more: bearer).contains("\"people\":4")
    )
    // Who came and goes again on the page never comes to the session; who was in both is forgotten in both.
    _ = try await ServingLoadTests.ask(found, png, path: "/api/enrol?label=passer", more: bearer)
    for label in ["passer", "glyph2"] {
      let gone = try await ServingLoadTests.ask(found, [], path: "/api/forget?label=\(label)&sure=1", more: bearer)
      #expect(gone.contains("\"done\":true"), "\(gone)")
    }
    #expect(write(pipe, "\n", 1) == 1)
    #expect(child.wait(limit: 60) == 0, "\((try? folder.read("err")) ?? "")")
    #expect(
      try folder.read("out") == """
        page of a gallery of 4 labels, 4 references true true
        once
        page of a gallery of 4 labels, 4 references, closed false ["glyph3", "glyph4", "later", "guest"]
        false

        """)
    let errors = try folder.read("err")
    #expect(errors.contains("served 1 query"))
    #expect(errors.contains("2 references were enrolled and 1 removed, 2 people forgotten"))
    // What was changed is told when the page closes.
    for line in ["remove \"glyph1\", 1 reference", "forget \"passer\"", "forget \"glyph2\""] {
      #expect(errors.contains(line), "\(line): \(errors)")
    }
  }

  /// A token on a command line is seen by all users of the machine, one in a script by all who get the script.
  @Test func tokensStandInNoScript() throws {
    let folder = try Folder()
    let call = "serve(people, port=0, enrol=true, token=\"a-token-for-tests\", seconds=1)\n"
    try folder.write("serve.twin", "# %%\n" + Self.people + call)
    let run = try Executable.run(["run", "serve.twin"], in: folder, limit: 30)
    #expect(run.code == 1 && run.errors.contains("a token in a script stands in its history"), "\(run)")
    // One that was saved before is still replayed.
    #expect(try Executable.run(["replay", "serve.twin"], in: folder, limit: 30).code == 0)
    let line = try Executable.run(["serve", "p.gallery", "--token", "a-token-for-tests"], in: folder)
    #expect(line.code == 2, "\(line)")
    // From the environment it comes, and is told to nobody.
    try folder.write("again.twin", Self.people + "serve(people, port=0, enrol=true, seconds=1)\n")
    let given = try Executable.run(
      ["run", "again.twin"], environment: ["TWINBOOK_TOKEN": "short"], in: folder, limit: 30)
    #expect(given.code == 1 && given.errors.contains("16 letters"), "\(given)")
    let secret = "a-token-of-somebody"
    let served = try Executable.run(
      ["run", "again.twin"], environment: ["TWINBOOK_TOKEN": secret], in: folder, limit: 30)
    #expect(served.code == 0 && served.errors.contains("the token that you gave"), "\(served)")
    #expect(!served.errors.contains(secret) && !served.output.contains(secret), "\(served)")
  }

  /// One pair in twenty that passes is one stranger in two, where there are twelve people to be taken for.
  @Test(arguments: [("pair", true), ("query", false)])
  func aThresholdOfPairsIsTold(_ per: String, _ isTold: Bool) throws {
    let folder = try Folder()
    try folder.write(
      "serve.twin",
      """
      letters, others = glyphs(24, 3, seed=1, size=16).split(classes=12, seed=1)
      people = gallery(flatten >> dense(8))
      for name in letters.classes { people.enroll(name, letters[name][0]) }
      people.calibrate(others, far=0.05, per="\(per)")
      serve(people, port=0, seconds=0.1)

      """)
    let run = try Executable.run(["run", "serve.twin"], in: folder, limit: 30)
    #expect(run.code == 0, "\(run)")
    #expect(run.errors.contains("46 % of strangers may be taken for one of them") == isTold, "\(run.errors)")
  }

  @Test func whatCannotBeServedIsSaidSo() throws {
    let folder = try Folder()
    try folder.write(
      "save.twin", Self.people + "people.save(\"p.gallery\")\n")
    #expect(try Executable.run(["run", "save.twin"], in: folder, limit: 30).code == 0)
    let missing = try Executable.run(["serve", "q.gallery"], in: folder)
    #expect(missing.code == 1 && missing.errors.hasPrefix("error: there is no file “q.gallery”\n  help: did you mean"))
    let aligned = try Executable.run(
      ["serve", "q.gallery", "--size", "256", "--margin", "0.4", "--align"], in: folder)
    #expect(aligned.code == 1 && aligned.errors == missing.errors)
    // Nobody typed the code that the command stands for: no line of it is shown.
    let listener = try LoopbackListener()
    let taken = try Executable.run(["serve", "p.gallery", "--port", "\(listener.port)"], in: folder)
    #expect(
      taken.code == 1
        && taken.errors.hasSuffix(
          "error: another program listens at 127.0.0.1:\(listener.port)\n"
            + "  help: choose another port, or 0 for any that is free\n"),
      "\(taken.errors)")
    let fetch = try Executable.run(["fetch", "nothing"], in: folder)
    #expect(fetch.code == 1 && fetch.errors.hasPrefix("error: fetch knows no dataset “nothing”\n  help: "))
    let forget = try Executable.run(["forget", "ann", "no-such-folder"], in: folder)
    #expect(forget.code == 1 && !forget.errors.contains("╭─"), "\(forget)")
    let host = try Executable.run(["serve", "p.gallery", "--host", "example.org"], in: folder)
    #expect(host.code == 1)
    #expect(host.errors.contains("serve expects host to be an address of this machine, got \"example.org\""))
    let port = try Executable.run(["serve", "p.gallery", "--port", "99999"], in: folder)
    #expect(port.code == 2 && port.errors.contains("a whole number from 0 to 65535"))
    try folder.write("token", "only-15-letters\n")
    let token = try Executable.run(["serve", "p.gallery", "--allow-enrol", "--token-file", "token"], in: folder)
    #expect(token.code == 1 && token.errors.contains("a token of 16 letters or more"))
    let usage = try Executable.run(["serve"], in: folder)
    #expect(usage.code == 2)
  }
}

/// Two hundred clients at once, each with six megabytes, ask the program itself: none is lost, and what waits is not held
/// in memory (together it would be 1.2 GB).
@Suite(.needsExecutable) struct ServingLoadTests {
  @Test func memoryStaysWithinBounds() async throws {
    let folder = try Folder()
    try folder.write(
      "save.twin", ServingTests.people + "people.save(\"p.gallery\")\nletters[0].save(\"one.png\");\n")
    #expect(try Executable.run(["run", "save.twin"], in: folder, limit: 60).code == 0)
    let png = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.path + "/one.png")))
    try folder.write("in", "")
    let child = try Child.spawn(
      Executable.path, ["serve", "p.gallery", "--port", "0", "--threshold", "0.1"], environment: [:], folder: folder,
      input: folder.path + "/in", output: folder.path + "/out", errors: folder.path + "/err")
    defer { kill(child.id, SIGKILL) }
    var port: Int?
    for _ in 0..<600 where port == nil {
      usleep(50_000)
      port = (try? folder.read("err"))?.firstMatch(of: /http:\/\/127\.0\.0\.1:(\d+)\//).flatMap { Int($0.1) }
    }
    let found = try #require(port)
    let body = png + [UInt8](repeating: 0, count: 6 << 20)
    let answers = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<200 { group.addTask { try await Self.ask(found, body) } }
      return try await group.reduce(into: [String]()) { $0.append($1) }
    }
    #expect(answers.count == 200)
    #expect(answers.allSatisfy { $0.hasPrefix("HTTP/1.1 200 ") && $0.contains("\"known\":true") })
    let status = try String(contentsOfFile: "/proc/\(child.id)/status", encoding: .utf8)
    let peak = try #require(status.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Int($0.1) })
    #expect(peak < 400 << 10, "\(peak >> 10) MB")
    kill(child.id, SIGTERM)
    #expect(child.wait(limit: 30) == 143)
    #expect(try folder.read("err").contains("served 200 queries"))
  }

  private struct Failure: Error { var reason: String }

  /// The whole answer to one query, by a connection and a thread of its own.
  static func ask(_ port: Int, _ body: [UInt8], path: String = "/api/query", more: String = "") async throws -> String {
    try await withCheckedThrowingContinuation { continuation in
      let thread = Thread {
        continuation.resume(
          with: Result {
            let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(file) }
            // An answer that does not come fails this test and does not hold up all others.
            var limit = timeval(tv_sec: 120, tv_usec: 0)
            setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            setsockopt(file, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            address.sin_port = UInt16(port).bigEndian
            let connected = withUnsafePointer(to: &address) { pointer in
              pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
              }
            }
            guard connected == 0 else { throw Failure(reason: "no connection") }
            let head =
              "POST \(path) HTTP/1.1\r\n\(more)Host: 127.0.0.1:\(port)\r\nConnection: close\r\nContent-Length: \(body.count)\r\n\r\n"
            for part in [Array(head.utf8), body] {
              var done = 0
              while done < part.count {
                let sent = part[done...].withUnsafeBytes { send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                guard sent > 0 else { throw Failure(reason: "after \(done) bytes sent") }
                done += sent
              }
            }
            var got: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 8192)
            while true {
              let count = recv(file, &buffer, buffer.count, 0)
              if count <= 0 { return String(decoding: got, as: UTF8.self) }
              got += buffer[..<count]
            }
          })
      }
      thread.stackSize = 512 << 10
      thread.start()
    }
  }
}
