import CoreLibrary
import DataBindings
import FaceBindings
import GalleryBindings
import Interpreter
import JudgingBindings
import LearningBindings
import PlotBindings
import TensorBindings

/// The library of the language: every builtin, from every part of the package.
public enum StandardLibrary {
  /// The table that the interpreter, help, completion and the reference page work from.
  /// - Parameter arguments: what the script finds in `args`.
  public static func registry(arguments: [String] = []) -> BuiltinRegistry {
    var registry = BuiltinRegistry()
    CoreLibrary.register(&registry, arguments: arguments)
    TensorBindings.register(&registry, loaders: GalleryBindings.fileLoaders + LearningBindings.fileLoaders)
    LearningBindings.register(&registry)
    DataBindings.register(&registry)
    FaceBindings.register(&registry)
    JudgingBindings.register(&registry)
    GalleryBindings.register(&registry)
    PlotBindings.register(&registry)
    return registry
  }
}
