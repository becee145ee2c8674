import Images

/// A face in a picture.
public struct PictureFace: Sendable {
  /// In pixels of the picture, from its upper left corner.
  public struct Box: Hashable, Sendable, Codable {
    public var x: Double
    public var y: Double
    public var width: Double
    public var height: Double

    public init(x: Double, y: Double, width: Double, height: Double) {
      self.x = x
      self.y = y
      self.width = width
      self.height = height
    }
  }

  /// A place in pixels of the picture.
  public struct Point: Hashable, Sendable, Codable {
    public var x: Double
    public var y: Double

    public init(x: Double, y: Double) {
      self.x = x
      self.y = y
    }
  }

  public var box: Box
  /// How sure the finder is, 0…1; nil where it was not asked.
  public var confidence: Double?
  /// Eyes, nose, corners of the mouth, where the finder tells them.
  public var landmarks: [Point]
  /// What is compared: the picture's part, before it is prepared as the gallery's images were.
  public var crop: PixelImage

  public init(box: Box, confidence: Double?, landmarks: [Point] = [], crop: PixelImage) {
    self.box = box
    self.confidence = confidence
    self.landmarks = landmarks
    self.crop = crop
  }
}

/// What finds the faces in a picture. Called by several threads at a time.
public struct FaceFinder: Sendable {
  /// For the page: "MTCNN".
  public var name: String
  /// No face is an answer, not an error.
  public var find: @Sendable (PixelImage) throws -> [PictureFace]

  public init(name: String, find: @escaping @Sendable (PixelImage) throws -> [PictureFace]) {
    self.name = name
    self.find = find
  }

  /// Each picture is one face: for galleries of pictures that show one thing, filling them.
  public static let wholePicture = FaceFinder(name: "the whole picture") { picture in
    [
      PictureFace(
        box: .init(x: 0, y: 0, width: Double(picture.width), height: Double(picture.height)), confidence: nil,
        crop: picture)
    ]
  }
}
