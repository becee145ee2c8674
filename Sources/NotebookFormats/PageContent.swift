import Downloads
import Files
import Foundation
import JSON
import Session

/// What a page shows: the document, and the pictures of its results.
struct PageContent {
  struct Image: Equatable {
    var type: String
    /// SHA-256 of its base 64.
    var hash: String
    var label: String
    /// In pixels; 0: as large as it is.
    var width: Int
    /// In base 64; empty where only the hash is known.
    var data = ""
  }

  struct Part: Equatable {
    var kind: ResultPart.Kind
    var lines: Range<Int>
    var images: [Image]
  }

  var document: NotebookDocument
  /// How it is drawn.
  var version = Page.version
  /// With the places of their cells.
  var parts: [(cell: Int, part: Part)] = []

  private static let kinds: [(ResultPart.Kind, String)] = [
    (.figure, "figure"), (.value, "value"), (.failure, "failure"),
  ]

  init(_ document: NotebookDocument) {
    self.document = document
    for index in document.cells.indices {
      for part in document.cells[index].parts {
        parts.append((index, Part(kind: part.kind, lines: part.lines, images: Self.images(part))))
      }
      self.document.cells[index].parts = []
    }
  }

  private static func images(_ part: ResultPart) -> [Image] {
    if let svg = part.media["image/svg+xml"] {
      return [image("image/svg+xml", Data(svg.utf8).base64EncodedString())]
    }
    for type in ["image/png", "image/jpeg"] {
      if let data = part.media[type], let clean = cleaned(data) { return [image(type, clean)] }
    }
    return part.media["text/html"].map(thumbnails) ?? []
  }

  private static func image(_ type: String, _ data: String, label: String = "", width: Int = 0) -> Image {
    Image(type: type, hash: SHA256.hex(Array(data.utf8)), label: label, width: width, data: data)
  }

  /// Base 64 without the line ends that notebooks may have in it; nil where it is something else.
  private static func cleaned(_ data: String) -> String? {
    let clean = data.utf8.filter { $0 != 10 && $0 != 13 && $0 != 32 }
    guard clean.allSatisfy(PageReader.isBase64) else { return nil }
    return String(decoding: clean, as: UTF8.self)
  }

  /// The small pictures of a value. Its HTML may be anybody's, and is not taken over: of its images the bytes, the label
  /// and the width are.
  private static func thumbnails(_ html: String) -> [Image] {
    var images: [Image] = []
    for tag in html.components(separatedBy: "<img ").dropFirst() {
      func attribute(_ name: String) -> String? {
        guard let start = tag.range(of: name + "=\""),
          let end = tag.range(of: "\"", range: start.upperBound..<tag.endIndex)
        else { return nil }
        return String(tag[start.upperBound..<end.lowerBound])
      }
      let prefix = "data:image/png;base64,"
      guard let source = attribute("src"), source.hasPrefix(prefix),
        let data = cleaned(String(source.dropFirst(prefix.count)))
      else { continue }
      let label = (attribute("alt") ?? "").unescapedFromHTML
      images.append(
        image("image/png", data, label: label, width: min(1000, max(0, Int(attribute("width") ?? "") ?? 0))))
    }
    return images
  }

  // MARK: The session in the page

  func session(fileName: String) -> JSONValue {
    var session = JSONValue.object([
      "page": .int(version), "name": .string(fileName), "text": .string(document.text),
      "sum": .string(SHA256.hex(Array(document.text.utf8))),
      "parts": .array(
        parts.map { cell, part in
          .array([
            .int(cell), .string(Self.kinds.first { $0.0 == part.kind }?.1 ?? ""), .int(part.lines.lowerBound),
            .int(part.lines.upperBound),
            .array(
              part.images.map { .array([.string($0.type), .string($0.hash), .string($0.label), .int($0.width)]) }),
          ])
        }),
    ])
    // So that the way back gives the same bytes.
    if version > 2, let layout = document.layoutOfThis { session["layout"] = .string(layout) }
    return session
  }

  static func read(_ bytes: [UInt8], file: String) throws -> (session: JSONValue, content: PageContent) {
    guard let text = PageReader.session(in: bytes) else { throw NotebookFormatError.noSession(file: file) }
    guard let session = try? JSONValue(reading: text), let source = session["text"]?.string,
      let parts = session["parts"]?.array
    else { throw NotebookFormatError.brokenSession(file: file) }
    var content = PageContent(try NotebookDocument(reading: source, name: file))
    content.version = session["page"]?.int ?? 0
    content.document.layout = session["layout"]?.string
    for item in parts {
      guard let fields = item.array, fields.count == 5, let cell = fields[0].int, let from = fields[2].int,
        let kind = kinds.first(where: { $0.1 == fields[1].string })?.0, let to = fields[3].int, from >= 0, to >= from,
        let images = fields[4].array
      else { throw NotebookFormatError.brokenSession(file: file) }
      let read = images.compactMap { item -> Image? in
        guard let fields = item.array, fields.count == 4, let type = fields[0].string, let hash = fields[1].string,
          let label = fields[2].string, let width = fields[3].int
        else { return nil }
        return Image(type: type, hash: hash, label: label, width: width)
      }
      guard read.count == images.count else { throw NotebookFormatError.brokenSession(file: file) }
      content.parts.append((cell, Part(kind: kind, lines: from..<to, images: read)))
    }
    return (session, content)
  }
}

extension String {
  fileprivate var unescapedFromHTML: String {
    var text = self
    for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")] {
      text = text.replacingOccurrences(of: entity, with: character)
    }
    return text
  }
}
