import Tensors

/// Texts that a file of arrays holds: the labels beside the numbers of a data set.
public struct TextArray: Hashable, Sendable {
  public var shape: [Int]
  /// In row-major order.
  public var texts: [String]

  public init(shape: [Int], texts: [String]) {
    (self.shape, self.texts) = (shape, texts)
  }

  /// So many are read of one file: each takes memory of its own.
  static let limit = 20_000_000

  /// Letters of UCS-4 up to the zeros at the end, as NumPy reads them. What is no letter becomes U+FFFD.
  static func unicode(_ bytes: ArraySlice<UInt8>, bigEndian: Bool) -> String {
    var scalars: [Unicode.Scalar] = []
    scalars.reserveCapacity(bytes.count / 4)
    var at = bytes.startIndex
    while at + 4 <= bytes.endIndex {
      let part = bytes[at..<(at + 4)]
      let code = (bigEndian ? Array(part) : part.reversed()).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      scalars.append(Unicode.Scalar(code) ?? "\u{FFFD}")
      at += 4
    }
    while scalars.last == "\0" { scalars.removeLast() }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// Bytes up to the zeros at the end: UTF-8, or Latin-1 where they are not that.
  static func bytes(_ bytes: ArraySlice<UInt8>) -> String {
    var bytes = bytes
    while bytes.last == 0 { bytes.removeLast() }
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: bytes.map { Unicode.Scalar($0) })
    return String(view)
  }
}

/// What one array of a file came to.
public enum ArrayContent: Sendable {
  case numbers(Tensor)
  case texts(TextArray)
  /// It is there, and of a kind that is not read; the error says why.
  case unread(TensorFileError)
}
