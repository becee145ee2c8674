import Gallery
import Interpreter

extension StandardLibrary {
  /// What `load` tries before arrays: networks, galleries, training checkpoints. One line for each.
  static let fileLoaders: [FileLoader] = [
    FileLoader(recognises: { ReferenceGallery.recognises($0) }) { bytes, path, _ in
      let gallery = try ReferenceGallery.decoded(bytes, path: path)
      return Value(GalleryObject(gallery, NetworkObject(gallery.network)))
    }
  ]
}
