import Gallery
import Interpreter
import MetricLearning
import NeuralNetworks

extension StandardLibrary {
  /// What `load` tries before arrays: galleries and training states, which hold a network too, then networks. One line
  /// for each.
  static let fileLoaders: [FileLoader] = [
    FileLoader(recognises: { ReferenceGallery.recognises($0) }) { bytes, path, _ in
      let gallery = try ReferenceGallery.decoded(bytes, path: path)
      return Value(GalleryObject(gallery, NetworkObject(gallery.network)))
    },
    FileLoader(recognises: { Trainer.recognises($0) }) { bytes, path, _ in
      record(try Trainer.checkpoint(bytes, path: path))
    },
    FileLoader(recognises: { Network.recognises($0) }) { bytes, path, _ in
      Value(NetworkObject(try Network.decoded(bytes, path: path)))
    },
  ]
}
