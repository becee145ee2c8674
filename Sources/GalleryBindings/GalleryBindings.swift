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
    stored,
    FileLoader(recognises: { ReferenceGallery.recognises($0) }) { bytes, path, _ in
      let gallery = try ReferenceGallery.decoded(bytes, path: path)
      return Value(GalleryObject(gallery, NetworkObject(gallery.network)))
    },
  ]

  /// What may be many gigabytes is not read whole, and what is on a server not at all.
  private static var stored: FileLoader {
    var loader = FileLoader(opens: { GalleryStore.recognises($0) }) { path, _ in
      let gallery = try ReferenceGallery.open(path)
      return Value(GalleryObject(gallery, NetworkObject(gallery.network)))
    }
    loader.recognisesAddress = { ReferenceGallery.isAddress($0) }
    return loader
  }
}
