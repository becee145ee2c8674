import Datasets
import Interpreter
import MetricLearning

/// A host object that training and judging can read images from: a dataset.
package protocol ImageSourceProviding: AnyObject {
  var imageSource: any ImageSource { get throws }
  /// How results call it: "att_faces".
  var sourceName: String { get }
}

extension Arguments {
  /// A dataset, as what training and judging read.
  package func imageSource(_ parameter: TypedParameter<Value>) throws -> (source: any ImageSource, name: String) {
    guard case .object(let object) = try self[parameter], let provider = object as? any ImageSourceProviding else {
      let isGallery = try self[parameter].typeName == "gallery"
      throw mismatch(
        parameter, expected: "a dataset",
        help: isGallery
          ? "give the dataset that was enrolled; a gallery is judged by asking it: "
            + "[people.identify(x).label for x in pictures]"
          : "images(\"folder\") or glyphs(10, 20) give one")
    }
    return (try provider.imageSource, provider.sourceName)
  }
}
