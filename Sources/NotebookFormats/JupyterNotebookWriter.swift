import JSON
import Session

/// A document as a notebook of nbformat 4.5.
enum JupyterNotebookWriter {
  static func notebook(_ document: NotebookDocument) -> JSONValue {
    var number = 0
    var cells: [JSONValue] = []
    let seedCell = JupyterSeedCell.json(of: document)
    // The words above the first code stay on top.
    let seedPlace = document.cells.firstIndex { $0.kind == .code }
    for (index, cell) in document.cells.enumerated() {
      if index == seedPlace, let seedCell { cells.append(seedCell) }
      if cell.kind.isNumbered { number += 1 }
      cells.append(self.cell(cell, place: index + 1, number: number))
    }
    return .object([
      "cells": .array(cells),
      "metadata": metadata(document),
      "nbformat": .int(JupyterNotebook.version.major),
      "nbformat_minor": .int(JupyterNotebook.version.minor),
    ])
  }

  /// The language as Jupyter is told about it, here and by the kernel.
  static var languageInfo: JSONValue {
    .object([
      "name": .string("twin"), "version": .string(NotebookSession.version), "file_extension": .string(".twin"),
      "mimetype": .string("text/x-twin"), "pygments_lexer": .string("julia"), "codemirror_mode": .string("julia"),
    ])
  }

  private static func metadata(_ document: NotebookDocument) -> JSONValue {
    let header = document.header
    var own = JSONValue.emptyObject
    if header != NotebookDocument.Header() {
      own["format"] = .int(NotebookDocument.newestFormat)
      own["version"] = header.version.map { .string($0) }
      // As text: numbers beyond 2⁵³ are not safe in everybody's JSON.
      own["seed"] = header.seed.map { .string(String($0)) }
      own["numerics"] = header.numerics.map { .string($0) }
      own["tolerance"] = header.tolerance.map { JSONValue(.number("\($0)")) }
      if !header.others.isEmpty { own["header"] = .strings(header.others) }
    }
    own["interpreter"] = document.interpreterLine.map { .string($0) }
    own["text"] = document.layoutOfThis.map { .string($0) }
    var metadata = JSONValue.object([
      "kernelspec": .object([
        "display_name": .string("Twinbook"), "language": .string("twin"), "name": .string("twinbook"),
      ]),
      "language_info": languageInfo,
      JupyterNotebook.key: own,
    ])
    for member in header.others.flatMap(JupyterForeignMetadata.members) { metadata[member.name] = member.value }
    return metadata
  }

  private static func cell(_ cell: NotebookDocument.Cell, place: Int, number: Int) -> JSONValue {
    var metadata = MarkerMetadata.object(cell.metadata) ?? .emptyObject
    var own = JSONValue.emptyObject
    // A notebook has them beside the cell's metadata.
    var attachments: JSONValue?
    if cell.kind == .markdown, metadata["attachments"]?.members != nil {
      attachments = metadata["attachments"]
      metadata["attachments"] = nil
    }
    let isRaw = cell.isRaw || metadata["cell_type"]?.string == "raw"
    metadata["cell_type"] = nil
    // What reading this metadata would give is not what stands there: then the words themselves are kept.
    let read = JupyterCellMetadata(metadata, attachments: attachments).text
    if read != cell.metadata { own["marker"] = .string(cell.metadata) }
    if !cell.title.isEmpty { metadata["title"] = .string(cell.title) }
    if cell.allowsFailure {
      var tags = metadata["tags"]?.array?.compactMap(\.string) ?? []
      if !tags.contains("raises-exception") { tags.append("raises-exception") }
      metadata["tags"] = .strings(tags)
    }
    if cell.varies { own["varies"] = .bool(true) }
    if !cell.answers.isEmpty { own["answers"] = .strings(cell.answers) }
    if cell.depth > 0 { own["depth"] = .int(cell.depth) }
    if cell.isQuoted { own["quoted"] = .bool(true) }
    if let batches = cell.pauseAfter { own["paused_after"] = .int(batches) }
    // nbval's word for it.
    if cell.varies {
      var tags = metadata["tags"]?.array?.compactMap(\.string) ?? []
      if !tags.contains("nbval-ignore-output") { tags.append("nbval-ignore-output") }
      metadata["tags"] = .strings(tags)
    }
    var source = cell.source
    var type = "code"
    switch cell.kind {
    case .markdown: type = isRaw ? "raw" : "markdown"
    case .failed:
      type = "raw"
      own["failed"] = .bool(true)
      own["result"] = cell.result.map { .string($0) }
    case .code:
      // Titles are what a reader goes by, and Jupyter shows no metadata.
      if !cell.title.isEmpty { source = "# \(cell.title)" + (source.isEmpty ? "" : "\n" + source) }
      if cell.result == "" { own["result"] = .string("") }
    }
    if own != .emptyObject { metadata[JupyterNotebook.key] = own }
    var json = JSONValue.object([
      "cell_type": .string(type), "id": .string("cell-\(place)"), "metadata": metadata, "source": lines(source),
    ])
    if let attachments { json["attachments"] = attachments }
    if type == "code" {
      var outputs = cell.pieces.map { output($0, number: number) }
      if !cell.warnings.isEmpty {
        outputs.append(
          .object([
            "output_type": .string("stream"), "name": .string("stderr"), "text": lines(cell.warnings.joined()),
          ]))
      }
      json["outputs"] = .array(outputs)
      json["execution_count"] = outputs.isEmpty && cell.result == nil ? .null : .int(number)
    }
    return json
  }

  static func output(_ piece: ResultPiece, number: Int) -> JSONValue {
    switch piece {
    case .printed(let text):
      return .object(["output_type": .string("stream"), "name": .string("stdout"), "text": lines(text)])
    case .part(.failure, let text, _):
      let message = text.hasPrefix("error: ") ? String(text.dropFirst(7)) : text
      return .object([
        "output_type": .string("error"), "ename": .string("error"), "evalue": .string(message),
        "traceback": .strings([text]),
      ])
    case .part(let kind, let text, let media):
      var data = JSONValue.object(["text/plain": lines(text)])
      for (type, content) in media.sorted(by: { $0.key < $1.key }) {
        data[type] = type == "image/png" || type == "image/jpeg" ? .string(content) : lines(content)
      }
      var json = JSONValue.object([
        "output_type": .string(kind == .value ? "execute_result" : "display_data"), "metadata": .emptyObject,
        "data": data,
      ])
      if kind == .value { json["execution_count"] = .int(number) }
      return json
    }
  }

  /// As nbformat writes text: a list of lines with their ends.
  static func lines(_ text: String) -> JSONValue {
    if text.isEmpty { return .array([]) }
    let utf8 = Array(text.utf8)
    var result: [JSONValue] = []
    var start = 0
    while start < utf8.count {
      let end = utf8[start...].firstIndex(of: 10).map { $0 + 1 } ?? utf8.count
      result.append(.string(String(decoding: utf8[start..<end], as: UTF8.self)))
      start = end
    }
    return .array(result)
  }
}
