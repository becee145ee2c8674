import Downloads
import Diagnostics
import Files
import Foundation
import Session

/// A page of HTML that shows a session: one file, nothing from outside, no script. It carries the session, and can be
/// compared with it: what the page shows is drawn anew from the session and has to be the same to the byte.
public struct Page: DocumentFormat {
  public let endings = ["html", "htm"]
  public let holdsPictures = true

  /// Grows whenever pages are drawn otherwise: an older one is compared with what was drawn then.
  static let version = 4

  public init() {}

  /// No script begins with a tag.
  public func recognizes(_ bytes: [UInt8]) -> Bool { bytes.firstInk == UInt8(ascii: "<") }

  public func bytes(of document: NotebookDocument, name: String) -> [UInt8] {
    let content = PageContent(document.asRead)
    return PageWriter(content, fileName: FileSystem.name(of: name), isStripped: false).page
  }

  public func document(reading bytes: [UInt8], name: String) throws -> NotebookDocument {
    let content = try PageContent.read(bytes, file: name).content
    var document = content.document
    let pictures = PageReader.pictures(in: bytes)
    for (index, part) in content.parts where document.cells.indices.contains(index) {
      var media: [String: String] = [:]
      for image in part.images where part.kind == .figure {
        guard let data = pictures[image.hash] else { continue }
        media[image.type] = image.type == "image/svg+xml" ? Self.decoded(data) : data
      }
      document.cells[index].parts.append(ResultPart(part.kind, lines: part.lines, media: media))
    }
    return document
  }

  /// - Throws: `NotebookFormatError.changedPage`, `.otherPageVersion`.
  public func check(_ bytes: [UInt8], name: String) throws {
    let (session, content) = try PageContent.read(bytes, file: name)
    guard (1...Self.version).contains(content.version) else { throw NotebookFormatError.otherPageVersion(file: name) }
    let text = session["text"]?.string ?? ""
    guard session["sum"]?.string == SHA256.hex(Array(text.utf8)) else {
      throw NotebookFormatError.brokenSession(file: name)
    }
    // A layout says the same as the session, in other lines.
    if let layout = content.document.layout, Array(content.document.percentText.utf8) != Array(layout.utf8) {
      throw NotebookFormatError.brokenSession(file: name)
    }
    let shown = PageReader.stripped(bytes)
    let fileName = session["name"]?.string ?? ""
    guard shown == PageWriter(content, fileName: fileName, isStripped: true).page else {
      throw NotebookFormatError.changedPage(file: name)
    }
  }

  private static func decoded(_ base64: String) -> String? {
    Data(base64Encoded: base64).map { String(decoding: $0, as: UTF8.self) }
  }
}
