import Datasets
import Gallery
import Images
import NeuralNetworks
import Server

@testable import struct Server.ServerLimits

/// A gallery of generated characters, one reference of each, under a network that never learnt.
struct Characters {
  let dataset: Dataset
  let gallery: ReferenceGallery

  init(classes: Int = 6, each: Int = 3, size: Int = 16, enrolled: Bool = true) throws {
    dataset = try Datasets.glyphs(classes: classes, each: each, seed: 1, size: size)
    let network = try Network([.flatten, .dense(units: 8)])
    try network.build(inputShape: dataset.shape, seed: 3)
    network.preprocessing = nil
    gallery = ReferenceGallery(network: network)
    guard enrolled else { return }
    for (name, members) in zip(dataset.classNames, dataset.membersByClass) {
      let picture = try dataset.image(members[0])
      try gallery.enroll(name, images: try dataset.prepare(picture).values, shape: dataset.shape)
    }
  }

  /// The first picture of a class, which is the one enrolled.
  func png(_ index: Int, number: Int = 0) throws -> [UInt8] {
    try dataset.image(dataset.membersByClass[index][number]).encodePNG()
  }
}
