import CoreLibrary
import Gallery
import Interpreter
import LearningBindings

/// Galleries of known persons or things: enrolling, asking, serving.
public enum GalleryBindings {
  public static func register(_ registry: inout BuiltinRegistry) {
    registerGalleries(&registry)
  }

  package static let fileLoaders: [FileLoader] = [
    FileLoader(recognises: { ReferenceGallery.recognises($0) }) { bytes, path, _ in
      let gallery = try ReferenceGallery.decoded(bytes, path: path)
      return Value(GalleryObject(gallery, NetworkObject(gallery.network)))
    }
  ]
}
