/// A file of the web that is known beforehand: where it is, and how to tell that it came whole.
public struct PublicFile: Hashable, Sendable {
  /// Where it lies under the cache folder (and under an overridden base address): "omniglot/images_background.zip".
  public var path: String
  public var address: String
  /// In bytes; nil where the publisher gives none.
  public var size: Int?
  /// MD5 in lower-case hexadecimal; nil where none is published.
  public var md5: String?
  /// SHA-256 likewise. Where both are published, it decides.
  public var sha256: String?

  public init(path: String, address: String, size: Int? = nil, md5: String? = nil, sha256: String? = nil) {
    self.path = path
    self.address = address
    self.size = size
    self.md5 = md5
    self.sha256 = sha256
  }
}
