import Datasets
import NeuralNetworks

extension QueryPreparation {
  /// For the pictures that come to a page.
  init(_ network: Network) throws(ServerError) {
    guard let shape = network.inputShape else { throw .notBuilt }
    guard shape.count == 3, shape[0] == 1 || shape[0] == 3 else { throw .notPictures(shape: shape) }
    self.init(kept: network.preprocessing, shape: shape)
  }
}
