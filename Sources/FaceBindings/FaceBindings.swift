import Interpreter

/// Finding faces in photographs, and the review of what was found or collected.
public enum FaceBindings {
  public static func register(_ registry: inout BuiltinRegistry) {
    registerFaces(&registry)
  }
}
