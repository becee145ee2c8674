import CoreLibrary
import Diagnostics
import FuzzSupport
import Interpreter
import Sandbox
import Syntax

/// Text that is run as a program, in a box of nothing: what the machine does is what is tried.
public enum ProgramReader: String, FuzzedReader {
  case program

  public func read(_ bytes: [UInt8]) {
    let interpreter = Interpreter(output: Silence(), registry: Self.library)
    interpreter.context.limits.steps = 20_000
    interpreter.context.limits.items = 100_000
    interpreter.context.limits.memory = 5 << 30
    interpreter.context.isReplaying = true
    interpreter.context.access = Self.box
    _ = interpreter.evaluate(SourceText(name: "fuzz", text: String(decoding: bytes, as: UTF8.self)))
  }

  private static var library: BuiltinRegistry {
    var library = BuiltinRegistry()
    CoreLibrary.register(&library)
    return library
  }

  private static let box: AccessPolicy = {
    let folder = scratchFolder(of: "program")
    guard let files = try? FileAccess(scriptFolder: nil, folders: [], scratch: folder, base: folder) else {
      fatalError("no folder for the fuzzer")
    }
    return AccessPolicy(files: files, allowsNetwork: false, processes: .none, allowsCommands: false)
  }()
}

private final class Silence: OutputSink {
  func print(_ text: String) {}
  func warn(_ explanation: Explanation) {}
  func progress(_ event: ProgressEvent) {}
  func display(_ object: HostObject) {}
  func readLine(prompt: String) -> String? { nil }
}
