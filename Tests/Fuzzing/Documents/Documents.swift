import Foundation
import NotebookFormats
import Session

/// Scripts, notebooks and pages from strangers, as FUZZ_READER names them. What is read is never run here.
private enum Reader: String, CaseIterable {
  case script, notebook, page

  func read(_ bytes: [UInt8]) {
    let name = ["script": "x.twin", "notebook": "x.ipynb", "page": "x.html"][rawValue] ?? "x.twin"
    let format = DocumentFormats.all.format(of: name)
    guard let document = try? format.document(reading: bytes, name: name) else { return }
    // What was read can be written again.
    _ = try? format.bytes(of: document, name: name)
  }

  static let chosen: Reader = {
    let name = ProcessInfo.processInfo.environment["FUZZ_READER"] ?? ""
    guard let reader = Reader(rawValue: name) else {
      print("FUZZ_READER is one of \(allCases.map(\.rawValue).joined(separator: " "))")
      exit(2)
    }
    return reader
  }()
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  Reader.chosen.read(Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}
