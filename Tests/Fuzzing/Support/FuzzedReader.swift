import Foundation

/// Readers of what comes from strangers, a case for each. libFuzzer gives the one that FUZZ_READER names bytes that it makes
/// up from a corpus; whatever they are, the answer is a value or an error in words.
public protocol FuzzedReader: CaseIterable, RawRepresentable<String>, Sendable {
  func read(_ bytes: [UInt8])
}

extension FuzzedReader {
  /// The reader that FUZZ_READER names; a word and the end of the process where it names none of these.
  public static func chosen() -> Self {
    let name = ProcessInfo.processInfo.environment["FUZZ_READER"] ?? ""
    guard let reader = Self(rawValue: name) else {
      print("FUZZ_READER is one of \(allCases.map(\.rawValue).joined(separator: " "))")
      exit(2)
    }
    return reader
  }

  public func read(_ start: UnsafePointer<UInt8>?, _ count: Int) {
    read(Array(UnsafeBufferPointer(start: start, count: count)))
  }
}

/// A folder of this process's own, for a reader that wants a file.
public func scratchFolder(of reader: String) -> String {
  let folder = FileManager.default.temporaryDirectory.path + "/twinbook-fuzz-\(getpid())-\(reader)"
  try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  return folder
}
