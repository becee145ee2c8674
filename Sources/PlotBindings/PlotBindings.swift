import Interpreter

/// Figures, and what can be shown as one.
public enum PlotBindings {
  public static func register(_ registry: inout BuiltinRegistry) {
    registerPlots(&registry)
  }
}
