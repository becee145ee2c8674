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
  /// Whether bytes without a telling name are of this format.
  func recognizes(_ bytes: [UInt8]) -> Bool
  /// Throws where the file shows something other than the session that is read from it.
  func check(_ bytes: [UInt8], name: String) throws
}

extension DocumentFormat {
  /// A format whose every sign is read has nothing to compare.
  public func check(_ bytes: [UInt8], name: String) {}
  public func recognizes(_ bytes: [UInt8]) -> Bool { false }
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

  public func format(of path: String) -> any DocumentFormat { formatNamed(path) ?? PercentFormat() }

  private func formatNamed(_ path: String) -> (any DocumentFormat)? {
    let name = FileSystem.name(of: path).lowercased()
    return (others + [PercentFormat()]).first { format in format.endings.contains { name.hasSuffix("." + $0) } }
  }

  /// Of what was read: by its name's ending, and by how it looks where the name has none that is known.
  func format(of path: String, holding bytes: [UInt8]) -> any DocumentFormat {
    formatNamed(path) ?? others.first { $0.recognizes(bytes) } ?? PercentFormat()
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
    add(
      "zip", "json", "xml", "gz", "tgz", "tar", "bz2", "xz", "zst", "7z", "br", "rar",
      help: "save it as .twin, .ipynb or .html")
    return ways
  }()

  /// - Parameter checks: it is to be verified. Then it has to hold code, and to show what is read from it.
  public func read(_ source: ScriptSource, checks: Bool = false) throws -> NotebookDocument {
    let bytes = try source.read()
    return try document(bytes, self.format(of: source.name, holding: bytes), source.name, checks: checks)
  }

  private func document(
    _ bytes: [UInt8], _ format: any DocumentFormat, _ name: String, checks: Bool
  ) throws -> NotebookDocument {
    if checks { try format.check(bytes, name: name) }
    let document = try format.document(reading: bytes, name: name)
    if checks, !document.cells.contains(where: { $0.kind == .code && CellCode.runs($0.source) }) {
      throw SessionError.nothingToVerify(file: name)
    }
    return document
  }

  /// The same; a script that is laid out by hand keeps its layout.
  public func readWithLayout(_ source: ScriptSource) throws -> NotebookDocument {
    let bytes = try source.read()
    let format = self.format(of: source.name, holding: bytes)
    guard format is PercentFormat else { return try format.document(reading: bytes, name: source.name) }
    return try NotebookDocument(readingWithLayout: bytes, name: source.name)
  }

  /// A file.
  func read(_ path: String, checks: Bool = false, seeing see: ([UInt8]) -> Void = { _ in }) throws -> NotebookDocument {
    let bytes = try ScriptFile.read(path)
    see(bytes)
    return try document(bytes, self.format(of: path, holding: bytes), path, checks: checks)
  }
}
