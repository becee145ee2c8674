import Diagnostics
import Files
import Gallery
import MetricLearning
import NeuralNetworks
import TensorFiles

/// Files one by one: galleries, which forget; and what stays for a person to look at.
extension FolderForgetting {
  /// Read to be searched for a name, at most.
  private static let searched = 64 << 20

  mutating func lookInto(_ entry: HeldFolder.Entry, _ held: HeldFolder, passed: FileSystem.Identity?) throws {
    let path = folder + "/" + entry.path
    func stay(_ reason: String) -> Remainder { Remainder(place: entry.path, reason: reason) }
    let start: [UInt8]
    do { start = try held.readStart(entry.path, count: 4096) } catch {
      stays.append(stay(error.explanation.message))
      return
    }
    let fileName = FileSystem.name(of: entry.path)
    // They go with the database that they stand beside.
    for ending in ["-rows", "-wal", "-shm", "-graph"] where fileName.hasSuffix(ending) {
      if GalleryStore.isGallery(String(path.dropLast(ending.count))) { return }
    }
    if GalleryStore.recognises(start) {
      if let passed, FileSystem.identity(of: path) == passed { return }
      do {
        guard GalleryStore.isGallery(path) else { return }
        let seen = try ReferenceGallery.look(at: path, for: label)
        note(seen.traces, seen.network, seen.names, entry, isDatabase: true)
      } catch let error as any ExplainedError {
        stays.append(stay("cannot be opened as a gallery: \(error.explanation.message)"))
      }
      return
    }
    if Safetensors.recognises(start) {
      do {
        let bytes = try held.read(entry.path)
        if ReferenceGallery.recognises(bytes) {
          let gallery = try ReferenceGallery.decoded(bytes, path: path)
          note(try gallery.traces(of: label), gallery.network, try gallery.labels, entry, isDatabase: false)
        } else if Network.recognises(bytes) {
          if let reason = reason(ofKeeping: try Network.decoded(bytes, path: path)) { stays.append(stay(reason)) }
        } else {
          stays.append(stay("holds arrays, which may be of them"))
        }
      } catch let error as any ExplainedError { stays.append(stay(error.explanation.message)) }
      return
    }
    switch Self.ending(of: fileName) {
    case "onnx", "pt", "pth", "state", "h5", "keras":
      stays.append(stay("holds weights, which may have learnt from them"))
      return
    case "npy", "npz", "zip", "tar", "gz":
      stays.append(stay("is not looked into: arrays and archives may hold pictures of them"))
      return
    default: break
    }
    if name.isNamed(in: fileName) {
      stays.append(stay("is called so"))
      return
    }
    guard Self.texts.contains(Self.ending(of: fileName)) else { return }
    guard entry.size <= Self.searched else {
      stays.append(stay("is too large to be searched for the name"))
      return
    }
    do {
      let bytes = try held.read(entry.path, limit: Self.searched)
      if name.isNamed(in: bytes) {
        stays.append(stay("has the name in it"))
      } else if Self.hasPictures(bytes) {
        stays.append(stay("has pictures in it, which may show them"))
      }
    } catch { stays.append(stay(error.explanation.message)) }
  }

  /// Whether a link leads to a folder that is not looked through under its own name: they may be in it.
  func leadsToAnotherFolder(_ link: HeldFolder.Entry, _ entries: [HeldFolder.Entry]) -> Bool {
    let path = folder + "/" + link.path
    guard FileSystem.isFolder(path), let target = FileSystem.identity(of: path) else { return false }
    if FileSystem.identity(of: folder) == target { return false }
    return !entries.contains { $0.kind == .folder && FileSystem.identity(of: folder + "/" + $0.path) == target }
  }

  private mutating func note(
    _ traces: ReferenceGallery.Traces, _ network: Network?, _ labels: [String], _ entry: HeldFolder.Entry,
    isDatabase: Bool
  ) {
    if !traces.isEmpty {
      add(entry.path, traces.words(), .forgetInGallery(isDatabase: isDatabase))
    }
    stays += traces.successors.map { Remainder(place: entry.path, reason: "holds " + $0.words) }
    if let reason = NamesakeLabels.reason(name, among: labels) {
      stays.append(Remainder(place: entry.path, reason: reason))
    }
    if let network, let reason = reason(ofKeeping: network) {
      stays.append(Remainder(place: entry.path, reason: "its network " + reason))
    }
  }

  private func reason(ofKeeping network: Network) -> String? {
    let reasons = learntNames.sorted().compactMap { network.learning.reason(toRemember: $0) }
    // A name says more than that not everything is recorded.
    return reasons.first { $0.contains("\"") } ?? reasons.first
  }

  /// - Returns: what is left, in words.
  static func forget(_ label: String, in path: String, isDatabase: Bool) throws -> [String] {
    let gallery = try ReferenceGallery.load(path)
    let forgotten = try gallery.forget(label)
    // One of a version before is read whole, and written whole without them.
    if !isDatabase { try gallery.save(path) }
    return forgotten.left
  }

  private static func ending(of name: String) -> String {
    name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]).lowercased() } ?? ""
  }

  private static let texts: Set<String> = [
    "twin", "ipynb", "html", "htm", "md", "txt", "csv", "tsv", "json", "py", "sh", "log", "xml", "yaml", "yml",
    "journal",
  ]

  private static func hasPictures(_ bytes: [UInt8]) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self)
    return text.contains("data:image/") || text.contains("\"image/png\"") || text.contains("\"image/jpeg\"")
  }
}
