import Interpreter

/// Datasets: images from folders, archives and the network, and what is done with them.
public enum DataBindings {
  public static func register(_ registry: inout BuiltinRegistry) {
    registerDatasets(&registry)
  }
}
