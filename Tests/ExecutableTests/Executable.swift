import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// The real program, as its user starts it.
enum Executable {
  /// `TWINBOOK`, else the release build of this package.
  static let path: String = {
    if let given = ProcessInfo.processInfo.environment["TWINBOOK"], !given.isEmpty { return given }
    return Repository.root.path + "/.build/release/twinbook"
  }()

  static var isThere: Bool { access(path, X_OK) == 0 }
  static let whyNot = "no executable: swift build -c release --product twinbook, or set TWINBOOK"

  struct Outcome {
    /// 128 + the signal's number, where one ended it.
    var code: Int32
    var output: String
    var errors: String
  }

  /// Runs to the end, or to `limit` seconds.
  static func run(
    _ arguments: [String], program: String = path, input: String = "", environment: [String: String] = [:],
    in folder: Folder,
    limit: Double = 60, onOutput: (contains: String, signal: Int32)? = nil
  ) throws -> Outcome {
    let name = UUID().uuidString
    let (inPath, outPath, errPath) = (
      folder.path + "/\(name).in", folder.path + "/\(name).out", folder.path + "/\(name).err"
    )
    try input.write(toFile: inPath, atomically: false, encoding: .utf8)
    let child = try Child.spawn(
      program, arguments, environment: environment, folder: folder, input: inPath, output: outPath, errors: errPath)
    func text(_ path: String) -> String {
      String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
    if let onOutput {
      let end = Date().addingTimeInterval(limit)
      while !text(outPath).contains(onOutput.contains), Date() < end { usleep(20_000) }
      // Into the loop that follows.
      usleep(100_000)
      kill(child.id, onOutput.signal)
    }
    let code = child.wait(limit: limit)
    return Outcome(code: code, output: text(outPath), errors: text(errPath))
  }
}

/// A folder of a test's own, removed with it; home and state of the program too.
final class Folder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("twinbook-" + UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    try text.write(toFile: path + "/" + name, atomically: false, encoding: .utf8)
    return name
  }

  func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path + "/" + name) }

  func read(_ name: String) throws -> String { try String(contentsOfFile: path + "/" + name, encoding: .utf8) }
}

struct SpawnFailure: Error { var reason: String }

/// A process of ours.
struct Child {
  let id: pid_t
  /// POSIX_SPAWN_SETSID, which Glibc hides from Swift.
  private static let setSession: Int16 = 0x80
  /// Changes the folder and becomes the program: posix_spawn's own way is hidden from Swift too.
  private static let launcher = "/usr/bin/env"

  /// - Parameter terminal: a terminal's path, for standard input and output and as the controlling terminal.
  static func spawn(
    _ path: String, _ arguments: [String], environment: [String: String], folder: Folder, input: String,
    output: String, errors: String, terminal: Bool = false
  ) throws -> Child {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // A session's leader that opens a terminal gets it as its own.
    posix_spawn_file_actions_addopen(&actions, 0, input, terminal ? O_RDWR : O_RDONLY, 0)
    if terminal {
      posix_spawn_file_actions_adddup2(&actions, 0, 1)
    } else {
      posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    }
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // The test runner's blocked signals are not the program's.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    // Nor are those that it ignores: a shell that runs the tests in the background keeps SIGINT from them.
    var heard = sigset_t()
    sigemptyset(&heard)
    for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { sigaddset(&heard, number) }
    posix_spawnattr_setsigdefault(&attributes, &heard)
    posix_spawnattr_setflags(
      &attributes, setSession | Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))

    var variables = ProcessInfo.processInfo.environment
    variables["HOME"] = folder.path
    variables["XDG_STATE_HOME"] = folder.path + "/state"
    variables["TERM"] = "xterm"
    variables["LANG"] = "C.UTF-8"
    variables["NO_COLOR"] = "1"
    for name in ["EDITOR", "VISUAL", "PAGER", "TMUX", "KITTY_WINDOW_ID", "TERM_PROGRAM", "LC_TERMINAL", "COLORTERM"] {
      variables[name] = nil
    }
    for (name, value) in environment { variables[name] = value }
    let words = [launcher, "-C", folder.path, path] + arguments
    var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    var envp: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in argv + envp { free(text) } }
    var id: pid_t = 0
    let failure = posix_spawn(&id, launcher, &actions, &attributes, &argv, &envp)
    guard failure == 0 else { throw SpawnFailure(reason: String(cString: strerror(failure))) }
    return Child(id: id)
  }

  /// Its exit code; after `limit` seconds it is killed.
  func wait(limit: Double) -> Int32 {
    let end = Date().addingTimeInterval(limit)
    var status: Int32 = 0
    while waitpid(id, &status, WNOHANG) == 0 {
      if Date() > end {
        kill(id, SIGKILL)
        waitpid(id, &status, 0)
        break
      }
      usleep(5000)
    }
    let signal = status & 0x7F
    return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
  }
}

extension Trait where Self == ConditionTrait {
  /// The suite starts the built program.
  static var needsExecutable: ConditionTrait { .enabled(if: Executable.isThere, Comment(rawValue: Executable.whyNot)) }
}
