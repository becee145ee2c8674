import JSON
import Session

/// Notebooks of Jupyter, `.ipynb`, in version 4 of nbformat.
///
/// What has no place there stands in `metadata.twinbook`: the header, cells that failed, pauses of trainings; so a
/// notebook gives back the script that it came from, to the byte.
public struct JupyterNotebook: DocumentFormat {
  public let endings = ["ipynb"]
  public let holdsPictures = true

  /// Of nbformat 4: cells have names of their own since 4.5.
  static let version = (major: 4, minor: 5)
  /// What our own things stand under.
  static let key = "twinbook"

  public init() {}

  /// The language as Jupyter is told about it, in notebooks and by the kernel.
  public static var languageInfo: JSONValue { JupyterNotebookWriter.languageInfo }

  public func document(reading bytes: [UInt8], name: String) throws -> NotebookDocument {
    var reader = JupyterNotebookReader(file: name)
    return try reader.document(bytes)
  }

  /// An object of JSON that names its version, as no script begins.
  public func recognizes(_ bytes: [UInt8]) -> Bool {
    bytes.firstInk == UInt8(ascii: "{") && PageReader.first(Array("\"nbformat\"".utf8), in: bytes[...]) != nil
  }

  public func bytes(of document: NotebookDocument, name: String) -> [UInt8] {
    JupyterNotebookWriter.notebook(document).sorted.indented(by: 1)
  }
}

extension DocumentFormats {
  /// All that Twinbook knows.
  public static let all = DocumentFormats([JupyterNotebook(), Page()])
}

extension [UInt8] {
  /// The first that is neither white space nor part of a byte-order mark.
  var firstInk: UInt8? { first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) } }
}
