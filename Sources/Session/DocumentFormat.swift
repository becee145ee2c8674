import Files

/// How a notebook stands in a file. The session knows the percent format; others are given to it by its front end.
public protocol DocumentFormat: Sendable {
  /// The endings of its files' names, without the dot, in small letters.
  var endings: [String] { get }
  /// It holds pictures: they are drawn for it.
  var holdsPictures: Bool { get }
  /// - Parameter name: for errors.
  func document(reading bytes: [UInt8], name: String) throws -> NotebookDocument
  func bytes(of document: NotebookDocument, name: String) throws -> [UInt8]
  /// Throws where the file shows something other than the session that is read from it.
  func check(_ bytes: [UInt8], name: String) throws
}

extension DocumentFormat {
  /// A format whose every sign is read has nothing to compare.
  public func check(_ bytes: [UInt8], name: String) {}
}

/// `.twin`, and any name that no other format has.
public struct PercentFormat: DocumentFormat {
  public let endings = ["twin"]
  public let holdsPictures = false

  public init() {}

  public func document(reading bytes: [UInt8], name: String) throws -> NotebookDocument {
    try NotebookDocument(reading: bytes, name: name)
  }

  public func bytes(of document: NotebookDocument, name: String) -> [UInt8] { Array(document.percentText.utf8) }
}

/// The formats that a session reads and writes, chosen by the ending of a file's name.
public struct DocumentFormats: Sendable {
  private let others: [any DocumentFormat]

  /// - Parameter others: beside the percent format.
  public init(_ others: [any DocumentFormat] = []) { self.others = others }

  public func format(of path: String) -> any DocumentFormat {
    let name = FileSystem.name(of: path).lowercased()
    return others.first { format in format.endings.contains { name.hasSuffix("." + $0) } } ?? PercentFormat()
  }

  /// The format to write; not for a name whose ending promises another one.
  public func formatToWrite(_ path: String) throws(SessionError) -> any DocumentFormat {
    let ending = FileSystem.name(of: path).lowercased().split(separator: ".", omittingEmptySubsequences: false)
    if ending.count > 1, let last = ending.last, let way = Self.foreign[String(last)] {
      throw .otherFormat(file: path, help: way)
    }
    return format(of: path)
  }

  /// Endings of what is no session, with what to do instead.
  private static let foreign: [String: String] = {
    var ways: [String: String] = [:]
    func add(_ endings: String..., help: String) { for ending in endings { ways[ending] = help } }
    add("pdf", "docx", "odt", "md", "tex", help: "save it as .html, which a browser prints and other programs convert")
    add("png", "svg", "jpg", "jpeg", help: "plot(x).save(path) writes a figure")
    add("safetensors", "onnx", "pt", "pth", "keras", "h5", help: "net.save(path) writes a network")
    add("npy", "npz", help: "save(x, path) writes numbers")
    add("csv", help: "writecsv(path, rows) writes a table")
    add("gallery", help: "people.save(path) writes a gallery")
    add("zip", "json", "xml", help: "save it as .twin, .ipynb or .html")
    return ways
  }()

  /// - Parameter checks: it has to show what is read from it.
  public func read(_ path: String, checks: Bool = false) throws -> NotebookDocument {
    try read(path) { bytes in if checks { try format(of: path).check(bytes, name: path) } }
  }

  /// The same; a script that is laid out by hand keeps its layout.
  public func readWithLayout(_ path: String) throws -> NotebookDocument {
    guard format(of: path) is PercentFormat else { return try read(path) }
    return try NotebookDocument(readingWithLayout: try ScriptFile.read(path), name: path)
  }

  func read(_ path: String, seeing see: ([UInt8]) throws -> Void) throws -> NotebookDocument {
    let bytes = try ScriptFile.read(path)
    try see(bytes)
    return try format(of: path).document(reading: bytes, name: path)
  }
}
