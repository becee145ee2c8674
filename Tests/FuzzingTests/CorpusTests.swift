import Foundation
import FuzzDocuments
import FuzzFiles
import FuzzGalleries
import FuzzNetworks
import FuzzPrograms
import FuzzSets
import FuzzSupport
import Testing

/// The fuzzers' readers on what they begin with and on what they have found: whatever it is, they answer.
/// New inputs come from Scripts/maintainers/sanitize.sh fuzz.
struct CorpusTests {
  private static let corpus: URL = {
    var folder = URL(fileURLWithPath: #filePath)
    for _ in 0..<2 { folder.deleteLastPathComponent() }
    return folder.appendingPathComponent("Fuzzing/corpus")
  }()

  private static func readers<Kind: FuzzedReader>(_ kind: Kind.Type) -> [String: any FuzzedReader] {
    Dictionary(uniqueKeysWithValues: kind.allCases.map { ($0.rawValue, $0) })
  }

  private static let readers: [String: any FuzzedReader] = [
    readers(FileReader.self), readers(NetworkReader.self), readers(SetReader.self), readers(GalleryReader.self),
    readers(ProgramReader.self), readers(DocumentReader.self),
  ].reduce(into: [:]) { $0.merge($1) { first, _ in first } }

  private static func inputs(_ reader: String) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(
      at: corpus.appendingPathComponent(reader), includingPropertiesForKeys: nil
    ).sorted { $0.path < $1.path }
  }

  @Test func eachReaderHasACorpus() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.corpus.path)
    #expect(Set(folders) == Set(Self.readers.keys))
    for folder in folders { #expect(try !Self.inputs(folder).isEmpty, "\(folder)") }
  }

  /// Each input as it is, cut off anywhere, and with single bytes changed; an input takes seconds at most.
  @Test(arguments: readers.keys.sorted()) func allAreAnswered(_ name: String) throws {
    let reader = try #require(Self.readers[name])
    defer { try? FileManager.default.removeItem(atPath: scratchFolder(of: name)) }
    for input in try Self.inputs(name) {
      let bytes = [UInt8](try Data(contentsOf: input))
      let began = ContinuousClock.now
      reader.read(bytes)
      #expect(ContinuousClock.now - began < .seconds(20), "\(input.lastPathComponent)")
      let step = max(1, bytes.count / 60)
      for place in stride(from: 0, to: bytes.count, by: step) {
        reader.read(Array(bytes[..<place]))
        var changed = bytes
        changed[place] ^= UInt8(truncatingIfNeeded: 1 &+ place &* 37) | 1
        reader.read(changed)
      }
    }
  }

  /// How many inputs are made up for each reader; TWINBOOK_FUZZ_ROUNDS says otherwise.
  private static let rounds = number("TWINBOOK_FUZZ_ROUNDS") ?? 200

  private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

  /// Inputs that are made up from the corpus. A fuzzer sees which way the code goes and finds more; this needs no build of its
  /// own. TWINBOOK_FUZZ_SEED makes others up, and TWINBOOK_FUZZ_KEEP names a folder where the input under way is kept, for
  /// one that ends the process.
  @Test(.timeLimit(.minutes(20)), arguments: readers.keys.sorted()) func madeUpOnesAreAnswered(_ name: String) throws {
    let reader = try #require(Self.readers[name])
    defer { try? FileManager.default.removeItem(atPath: scratchFolder(of: name)) }
    let inputs = try Self.inputs(name).map { [UInt8](try Data(contentsOf: $0)) }
    var mutator = InputMutator(inputs, seed: UInt64(Self.number("TWINBOOK_FUZZ_SEED") ?? 1))
    let kept = ProcessInfo.processInfo.environment["TWINBOOK_FUZZ_KEEP"].map { $0 + "/" + name }
    for _ in 0..<Self.rounds {
      let input = mutator.next()
      if let kept { try Data(input).write(to: URL(fileURLWithPath: kept)) }
      reader.read(input)
    }
  }
}
