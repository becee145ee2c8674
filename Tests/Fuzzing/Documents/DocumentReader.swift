import FuzzSupport
import NotebookFormats
import Session

/// Scripts, notebooks and pages. What is read is never run here.
public enum DocumentReader: String, FuzzedReader {
  case script, notebook, page

  private var name: String {
    switch self {
    case .script: "x.twin"
    case .notebook: "x.ipynb"
    case .page: "x.html"
    }
  }

  public func read(_ bytes: [UInt8]) {
    let format = DocumentFormats.all.format(of: name)
    guard let document = try? format.document(reading: bytes, name: name) else { return }
    // What was read can be written again.
    _ = try? format.bytes(of: document, name: name)
  }
}
