import Files
import JSON
import Session

/// A notebook of nbformat 4 as a document.
struct JupyterNotebookReader {
  let file: String

  init(file: String) { self.file = file }

  mutating func document(_ bytes: [UInt8]) throws(NotebookFormatError) -> NotebookDocument {
    if let encoding = WideEncoding(of: bytes) { throw .encoding(file: file, encoding.rawValue) }
    // A letter that is read as another one would be a label.
    if String(validating: bytes, as: UTF8.self) == nil {
      let lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
      let line = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
      throw .notUTF8(file: file, line: line + 1)
    }
    let json: JSONValue
    do {
      json = try JSONValue(reading: bytes)
    } catch {
      throw error.reason == .cutOff ? .cutOff(file: file, line: error.line) : .notNotebook(file: file, line: error.line)
    }
    guard json.members != nil, let major = json["nbformat"]?.int else {
      throw .notNotebook(file: file, line: json.line)
    }
    if major < JupyterNotebook.version.major { throw .olderVersion(file: file, major) }
    if major > JupyterNotebook.version.major { throw .newerVersion(file: file, major) }
    let metadata = json["metadata"] ?? .emptyObject
    try checkLanguage(metadata)
    guard let cells = json["cells"]?.array else {
      throw .badMember(file: file, line: json.line, name: "cells", expected: "a list")
    }
    var document = NotebookDocument()
    try readHeader(metadata, into: &document)
    for json in cells {
      let cell = try self.cell(json)
      if let seed = JupyterSeedCell.seed(json, source: cell.source) {
        document.header.seed = seed
      } else {
        document.cells.append(cell)
      }
    }
    document.layout = metadata[JupyterNotebook.key]?["text"]?.string
    return document
  }

  private func checkLanguage(_ metadata: JSONValue) throws(NotebookFormatError) {
    let language = metadata["kernelspec"]?["language"]?.string ?? metadata["language_info"]?["name"]?.string
    guard let language, !language.isEmpty, language.lowercased() != "twin" else { return }
    throw .foreignLanguage(file: file, language)
  }

  private func readHeader(
    _ metadata: JSONValue, into document: inout NotebookDocument
  ) throws(NotebookFormatError) {
    let own = metadata[JupyterNotebook.key] ?? .emptyObject
    document.header.version = own["version"]?.string
    document.header.seed =
      own["seed"]?.string.flatMap { UInt64($0) } ?? own["seed"]?.int.flatMap { UInt64(exactly: $0) }
    if let numerics = own["numerics"] {
      let version = numerics.string ?? numerics.int.map(String.init)
      guard let version, NotebookDocument.Header.isNumerics(version) else {
        throw .badMember(file: file, line: numerics.line, name: "numerics", expected: "a version, as \"1\"")
      }
      document.header.numerics = version
    }
    if case .number(let digits)? = own["tolerance"]?.content, let tolerance = Double(digits),
      (0..<1).contains(tolerance)
    {
      document.header.tolerance = tolerance
    }
    document.header.others = JupyterForeignMetadata.lines(
      own["header"]?.array?.compactMap(\.string).filter(Self.isHeaderLine) ?? [], with: metadata)
    document.interpreterLine = own["interpreter"]?.string.flatMap { line in
      line.hasPrefix("#!") && !line.contains(where: \.isNewline) ? line : nil
    }
  }

  /// One line that neither ends the header nor says what the notebook says elsewhere: Jupyter shows nothing of what stands
  /// there, and no code may come out of it.
  private static func isHeaderLine(_ line: String) -> Bool {
    let endsHeader = line.hasPrefix("# ---") && line.dropFirst(5).allSatisfy(\.isWhitespace)
    if endsHeader || line.contains(where: \.isNewline) { return false }
    return !["twinbook", "format", "seed", "numerics", "tolerance"].contains { line.hasPrefix("# \($0):") }
  }

  private func cell(_ json: JSONValue) throws(NotebookFormatError) -> NotebookDocument.Cell {
    guard let type = json["cell_type"]?.string else {
      throw .badMember(file: file, line: json.line, name: "cell_type", expected: "text")
    }
    let metadata = JupyterCellMetadata(json["metadata"] ?? .emptyObject, attachments: json["attachments"])
    var cell = NotebookDocument.Cell(source: try text(json["source"], named: "source", of: json))
    cell.firstLine = json["source"]?.array?.first?.line ?? json["source"]?.line ?? json.line
    cell.title = metadata.title
    cell.metadata = metadata.text
    cell.allowsFailure = metadata.allowsFailure || NotebookDocument.allowsFailure(metadata.text)
    // A marker is a line that people read: a number alone must not make it fill the disk.
    cell.depth = min(max(0, metadata.own["depth"]?.int ?? 0), 100)
    cell.varies = metadata.own["varies"]?.bool ?? false
    cell.answers = metadata.own["answers"]?.array?.compactMap(\.string) ?? []
    cell.pauseAfter = metadata.own["paused_after"]?.int.flatMap { $0 > 0 ? $0 : nil }
    switch type {
    case "markdown":
      cell.kind = .markdown
      cell.isQuoted = metadata.own["quoted"]?.bool ?? false
    case "raw":
      if metadata.own["failed"]?.bool == true {
        cell.kind = .failed
        cell.result = metadata.own["result"]?.string
      } else {
        cell.kind = .markdown
        // As versions before wrote it, and Jupytext where it keeps cells' types in their metadata.
        cell.isRaw = MarkerMetadata.object(cell.metadata)?["cell_type"]?.string != "raw"
      }
    case "code":
      removeTitle(from: &cell)
      try readOutputs(json, into: &cell)
      if cell.result == nil, metadata.own["result"]?.string == "" { cell.result = "" }
    default: throw .unknownCell(file: file, line: json.line, kind: type)
    }
    // Windows' ends of lines, as the percent format reads them.
    if cell.source.contains("\r\n") { cell.source = cell.source.replacing("\r\n", with: "\n") }
    // As a cell of the percent format: no empty lines around it.
    var lines = cell.source.split(separator: "\n", omittingEmptySubsequences: false)[...]
    while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    while lines.first?.allSatisfy(\.isWhitespace) == true {
      lines.removeFirst()
      cell.firstLine += 1
    }
    cell.source = lines.joined(separator: "\n")
    return cell
  }

  /// The title as a remark above the code is for Jupyter's readers.
  private func removeTitle(from cell: inout NotebookDocument.Cell) {
    let remark = "# \(cell.title)"
    guard !cell.title.isEmpty, cell.source == remark || cell.source.hasPrefix(remark + "\n") else { return }
    cell.source = String(cell.source.dropFirst(cell.source == remark ? remark.count : remark.count + 1))
    cell.firstLine += 1
  }

  private func readOutputs(_ json: JSONValue, into cell: inout NotebookDocument.Cell) throws(NotebookFormatError) {
    // A cell that never ran, of a program that writes no empty list.
    guard let value = json["outputs"] else { return }
    guard let outputs = value.array else {
      throw .badMember(file: file, line: json.line, name: "outputs", expected: "a list")
    }
    var result = ResultBuilder()
    for output in outputs {
      guard let type = output["output_type"]?.string else {
        throw .badMember(file: file, line: output.line, name: "output_type", expected: "text")
      }
      switch type {
      case "stream":
        // Progress, times and warnings are no results.
        let text = try text(output["text"], named: "text", of: output)
        if output["name"]?.string != "stderr" {
          result.print(text)
        } else if !text.isEmpty {
          cell.shown.insert(.warnings)
        }
      case "execute_result", "display_data":
        guard let data = output["data"]?.members else {
          throw .badMember(file: file, line: output.line, name: "data", expected: "an object")
        }
        // What a bar of progress left behind has no data, or says so.
        if data.isEmpty { continue }
        if output["metadata"]?[JupyterNotebook.key]?["progress"]?.bool == true {
          cell.shown.insert(.progress)
          continue
        }
        cell.shown.formUnion(data.compactMap { ShownForm(type: $0.name) })
        let plain = try output["data"]?["text/plain"].map { value throws(NotebookFormatError) in
          try text(value, named: "text/plain", of: output)
        }
        var media: [String: String] = [:]
        for type in ["image/svg+xml", "image/png", "image/jpeg", "text/html"] {
          guard let value = output["data"]?[type] else { continue }
          media[type] = try text(value, named: type, of: output)
        }
        result.add(type == "execute_result" ? .value : .figure, plain ?? "", media)
      case "error":
        let message = try text(output["evalue"], named: "evalue", of: output)
        result.add(.failure, "error: " + message, [:])
        let lines = output["traceback"]?.array?.compactMap(\.string) ?? []
        if !lines.isEmpty, lines != ["error: " + message] { cell.shown.insert(.traceback) }
      default: throw .unknownOutput(file: file, line: output.line, kind: type)
      }
    }
    cell.result = result.text
    cell.parts = result.parts
  }

  /// Text, or a list of lines.
  private func text(_ value: JSONValue?, named name: String, of json: JSONValue) throws(NotebookFormatError) -> String {
    if let text = value?.string { return text }
    guard let lines = value?.array else {
      throw .badMember(file: file, line: json.line, name: name, expected: "text or a list of lines")
    }
    var result = ""
    for line in lines {
      guard let text = line.string else { throw .badMember(file: file, line: line.line, name: name, expected: "text") }
      result += text
    }
    return result
  }
}
