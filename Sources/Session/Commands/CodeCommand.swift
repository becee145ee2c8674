import Diagnostics
import Interpreter

extension SessionCommand {
  static let code = SessionCommand(
    "code",
    usage: "%code f",
    summary: "Show what the compiler made of a function: its instructions under the lines of its source.",
    details: """
      A register is called by the variable that lives in it; $2 is one for a value on the way. > marks an \
      instruction that another one jumps to. A function inside the function stands below it, with the number of the \
      instruction that makes it.
      """,
    argument: .name
  ) { session, call, _ in
    guard let name = try call.words(atMost: 1).first else { throw call.missingArgument }
    session.say(try session.instructions(of: name))
  }
}

extension NotebookSession {
  fileprivate func instructions(of name: String) throws(SessionError) -> String {
    guard let value = engine.value(of: name) else {
      if engine.registry.entries(named: name).isEmpty {
        throw .unknownName(name, near: nearName(name, among: engine.names))
      }
      throw .noInstructions(name, kind: "built in")
    }
    guard let function = value.asFunction else { throw .noInstructions(name, kind: "a \(value.typeName)") }
    if let text = engine.disassembly(of: function) { return text }
    throw .noInstructions(name, kind: function.builtin == nil ? "put together from others" : "built in")
  }
}
