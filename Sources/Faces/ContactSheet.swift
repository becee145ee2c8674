import Diagnostics
import Files
import Foundation
import Images

/// A page of thumbnails on which a person clicks what to drop, and from which the line that does so is copied. One file,
/// nothing from outside; what labels say is text, never markup.
public enum ContactSheet {
  /// - Parameters:
  ///   - folder: where the pictures are; `shown` is how the line names it.
  ///   - isGivenUp: asked before each picture.
  public static func html(
    _ review: FolderReview, folder: String, shown: String, isGivenUp: () -> Bool = { false }
  ) throws -> String {
    var group: [Int: Int] = [:]
    for (number, members) in review.groups.enumerated() { for member in members { group[member] = number + 1 } }
    var classes: [String] = []
    var members: [String: [Int]] = [:]
    for (index, item) in review.items.enumerated() {
      if members[item.className] == nil { classes.append(item.className) }
      members[item.className, default: []].append(index)
    }
    var body: [String] = []
    for name in classes {
      let sorted = (members[name] ?? []).sorted {
        let (a, b) = (review.items[$0].oddness ?? 0, review.items[$1].oddness ?? 0)
        return a == b ? $0 < $1 : a > b
      }
      body.append(
        "<section><h2>\((name.isEmpty ? shown : name).escapedForHTML) <small>\(sorted.count)</small></h2><div>")
      for index in sorted {
        if isGivenUp() { throw CancellationError() }
        body.append(try figure(review.items[index], group[index], folder))
      }
      body.append("</div></section>")
    }
    return page(title: shown, count: review.items.count, body.joined(separator: "\n"))
  }

  private static func figure(_ item: FolderReview.Item, _ group: Int?, _ folder: String) throws -> String {
    let image = try PixelImage.read(folder + "/" + item.file)
    let scale = 112 / Double(max(image.width, image.height))
    let small = try image.resized(
      width: max(1, Int(Double(image.width) * min(1, scale))), height: max(1, Int(Double(image.height) * min(1, scale)))
    )
    let data = Data(try small.encodeJPEG(quality: 80)).base64EncodedString()
    var notes: [String] = []
    if let oddness = item.oddness, oddness.isFinite {
      let hundredths = Int(min(1e6, (oddness * 100).rounded()))
      notes.append("\(hundredths / 100).\(hundredths / 10 % 10)\(hundredths % 10)×")
      // A picture about as far from its class as others are is somewhat nearer to another one by chance.
      if let nearer = item.nearer, oddness > 1.1 { notes.append("nearer to " + nearer) }
    }
    if let group { notes.append("nearly the same: group \(group)") }
    let name = FileSystem.name(of: item.file)
    return """
      <figure tabindex="0" role="button" aria-pressed="\(item.isDropped)" data-file="\(item.file.escapedForHTML)">\
      <img alt="\(item.file.escapedForHTML)" src="data:image/jpeg;base64,\(data)">\
      <figcaption>\(name.escapedForHTML)<br><b>\(notes.joined(separator: ", ").escapedForHTML)</b></figcaption></figure>
      """
  }

  private static func page(title: String, count: Int, _ body: String) -> String {
    """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; \
    script-src 'unsafe-inline'">
    <title>Review: \(title.escapedForHTML)</title>
    <style>
    body { font: 14px/1.4 system-ui, sans-serif; margin: 0 1rem 3rem; color: #222; background: #fafafa }
    header { position: sticky; top: 0; background: #fafafae8; padding: .6rem 0; border-bottom: 1px solid #ccc }
    header code { display: block; max-height: 7rem; overflow: auto; background: #fff; border: 1px solid #ccc; \
    border-radius: 4px; padding: .4rem .6rem; margin-top: .4rem; white-space: pre-wrap; user-select: all }
    h1 { font-size: 1.1rem; margin: 0 } h2 { font-size: 1rem; margin: 1.2rem 0 .4rem } small { color: #777 }
    section div { display: flex; flex-wrap: wrap; gap: .5rem }
    figure { margin: 0; width: 120px; padding: 4px; background: #fff; border: 1px solid #ddd; border-radius: 4px; \
    cursor: pointer; overflow-wrap: anywhere }
    figure img { display: block; margin: 0 auto; max-width: 112px }
    figcaption { font-size: 11px; color: #555 } b { color: #8a4b00; font-weight: 600 }
    figure[aria-pressed=true] { background: #fdecea; border-color: #c0392b }
    figure[aria-pressed=true] img { opacity: .35; filter: grayscale(1) }
    </style></head><body>
    <header><h1>\(title.escapedForHTML): \(count) pictures, those first that look unlike the rest of their class</h1>
    Click a picture to drop it or to keep it. Then paste this into the session: <code id="line"></code></header>
    \(body)
    <script>
    const folder = \(scriptText(title)), line = document.getElementById('line');
    const quoted = t => '"' + t.replace(/[\\\\"{}]/g, c => '\\\\' + c).replace(/\\n/g, '\\\\n') + '"';
    const figures = [...document.querySelectorAll('figure')];
    function show() {
      const drop = figures.filter(f => f.getAttribute('aria-pressed') == 'true').map(f => quoted(f.dataset.file));
      line.textContent = 'review(' + quoted(folder) + ', drop=[' + drop.join(', ') + '])';
    }
    function toggle(f) { f.setAttribute('aria-pressed', f.getAttribute('aria-pressed') != 'true'); show(); }
    for (const f of figures) {
      f.onclick = () => toggle(f);
      f.onkeydown = e => { if (e.key == ' ' || e.key == 'Enter') { e.preventDefault(); toggle(f); } };
    }
    show();
    </script></body></html>

    """
  }

  /// A text as JavaScript has it, safe within a script element.
  static func scriptText(_ text: String) -> String {
    var result = "\""
    for unit in text.utf16 {
      let plain = (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5A) || (unit >= 0x61 && unit <= 0x7A)
      if plain || unit == 0x20 || unit == 0x2E || unit == 0x2F || unit == 0x2D || unit == 0x5F {
        result.unicodeScalars.append(UnicodeScalar(UInt8(unit)))
      } else {
        let digits = String(unit, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    return result + "\""
  }
}
