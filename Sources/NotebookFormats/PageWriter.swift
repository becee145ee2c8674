import Diagnostics
import Session

/// Draws a page. All text goes through `escapedForHTML`: what a cell printed, or a class is called, never is markup.
struct PageWriter {
  private let content: PageContent
  private let fileName: String
  /// Pictures stand as their hashes: to compare a page with its session.
  private let isStripped: Bool
  private var contents: [(level: Int, place: String, title: String)] = []
  private var body = ""

  /// A page with as many headings has them at its side.
  private static let fewestContents = 4

  init(_ content: PageContent, fileName: String, isStripped: Bool) {
    self.content = content
    self.fileName = fileName
    self.isStripped = isStripped
    var number = 0
    for (index, cell) in content.document.cells.enumerated() {
      switch cell.kind {
      case .markdown where cell.isRaw:
        body +=
          "<section class=\"text\" id=\"text-\(index + 1)\">\n<pre>\(cell.source.escapedForHTML)</pre>\n</section>\n"
      case .markdown:
        let place = "text-\(index + 1)"
        let markdown = MarkdownText(cell.source, place: place, version: content.version)
        body += "<section class=\"text\" id=\"\(place)\">\n\(markdown.html)</section>\n"
        contents += markdown.headings
      case .code:
        number += 1
        body += code(cell, index: index, number: number)
      case .failed:
        number += 1
        body += code(cell, index: index, number: number)
      }
    }
  }

  var page: [UInt8] {
    let title = contents.first?.title ?? fileName
    let header = content.document.header
    var facts = ["Twinbook \(header.version ?? NotebookSession.version)"]
    if let seed = header.seed { facts.append("seed \(seed)") }
    if let numerics = header.numerics { facts.append("numerics \(numerics)") }
    let session = String(decoding: content.session(fileName: fileName).compact, as: UTF8.self).safeInScript
    let page = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="generator" content="Twinbook">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
      <title>\(Self.text(title))</title>
      <style>
      \(PageStyle.text(content.version))
      </style>
      </head>
      <body\(hasContents ? " class=\"long\"" : "")>
      \(hasContents ? navigation : "")<main>
      \(body)</main>
      <footer>\(Self.text(facts.joined(separator: " · "))). This page holds its session:
      <code>twinbook replay --verify \(Self.text(fileName))</code> runs it and compares what is shown.</footer>
      \(PageReader.sessionStart)\(session)\(PageReader.sessionEnd)
      </body>
      </html>

      """
    return Array(page.utf8)
  }

  private static func text(_ text: String) -> String { text.withVisibleControls.escapedForHTML }

  // MARK: Contents

  private var hasContents: Bool { contents.count >= Self.fewestContents }

  private var navigation: String {
    var lines = "<nav aria-label=\"Contents\">\n<ul>\n"
    for entry in contents {
      lines += "<li class=\"level-\(entry.level)\"><a href=\"#\(entry.place)\">\(Self.text(entry.title))</a></li>\n"
    }
    return lines + "</ul>\n</nav>\n"
  }

  // MARK: Cells

  private mutating func code(_ cell: NotebookDocument.Cell, index: Int, number: Int?) -> String {
    let place = "cell-\(index + 1)"
    var html = "<section class=\"cell\(cell.kind == .failed ? " failed" : "")\" id=\"\(place)\">\n"
    if !cell.title.isEmpty {
      html += "<h4>\(Self.text(cell.title.asOneLine))</h4>\n"
      contents.append((4, place, cell.title.asOneLine))
    }
    if cell.kind == .failed { html += "<p class=\"note\">This cell failed and left nothing behind.</p>\n" }
    if let batches = cell.pauseAfter {
      html += "<p class=\"note\">Its training was paused after \(batches) \(batches == 1 ? "batch" : "batches").</p>\n"
    }
    if !cell.source.isEmpty {
      let label = number.map { "<span class=\"number\" aria-hidden=\"true\">\($0)</span>" } ?? ""
      html += "<div class=\"in\">\(label)<pre><code>\(CodeColors.html(cell.source))</code></pre></div>\n"
    }
    html += results(cell, index: index)
    return html + "</section>\n"
  }

  private func results(_ cell: NotebookDocument.Cell, index: Int) -> String {
    var cell = cell
    let parts = content.parts.filter { $0.cell == index }.map(\.part)
    cell.parts = parts.map { ResultPart($0.kind, lines: $0.lines) }
    guard cell.kind == .code || cell.kind == .failed else { return "" }
    var html = ""
    var images = parts.sorted { $0.lines.lowerBound < $1.lines.lowerBound }.map(\.images)[...]
    for piece in cell.pieces {
      switch piece {
      case .printed(let text): html += Self.block("printed", text.hasSuffix("\n") ? String(text.dropLast()) : text)
      case .part(let kind, let text, _):
        let shown = parts.isEmpty ? [] : images.popFirst() ?? []
        switch kind {
        case .failure: html += Self.block("failure", text)
        case .value: html += Self.block("value", text) + pictures(shown)
        case .figure where shown.isEmpty: html += Self.block("value", text)
        case .figure:
          html += "<figure>\(shown.map { image($0, alternative: text) }.joined())<details><summary>Data</summary>"
          html += Self.block("value", text) + "</details></figure>\n"
        }
      }
    }
    return html.isEmpty ? "" : "<div class=\"out\">\n\(html)</div>\n"
  }

  private static func block(_ kind: String, _ text: String) -> String {
    "<pre class=\"\(kind)\">\(Self.text(text))</pre>\n"
  }

  private func pictures(_ images: [PageContent.Image]) -> String {
    images.isEmpty ? "" : "<p class=\"pictures\">\(images.map { image($0, alternative: $0.label) }.joined())</p>\n"
  }

  private func image(_ image: PageContent.Image, alternative: String) -> String {
    let label = Self.text(alternative.asOneLine)
    let title = image.label.isEmpty ? "" : " title=\"\(Self.text(image.label.asOneLine))\""
    let width = image.width > 0 ? " width=\"\(image.width)\"" : ""
    // The type is one of three words, or nothing is shown.
    let type = ["image/svg+xml", "image/png", "image/jpeg"].first { $0 == image.type } ?? "image/png"
    return "<img alt=\"\(label)\"\(title)\(width) src=\"data:\(type);base64,\(isStripped ? image.hash : image.data)\">"
  }
}

extension String {
  /// JSON as it may stand in a script: nothing in it ends that, or begins a comment.
  fileprivate var safeInScript: String {
    var result = ""
    result.reserveCapacity(utf8.count)
    for scalar in unicodeScalars {
      switch scalar {
      case "<": result += "\\u003c"
      case ">": result += "\\u003e"
      case "&": result += "\\u0026"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
