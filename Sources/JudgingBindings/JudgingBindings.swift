import Interpreter

/// How well a network tells same from different: reports, episodes, open sets.
public enum JudgingBindings {
  public static func register(_ registry: inout BuiltinRegistry) {
    registerJudging(&registry)
  }
}
