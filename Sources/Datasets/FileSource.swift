import CZip
import Files
import Glibc
import Images

/// A file that may be an image, in a folder or in a zip.
struct SourceFile: Sendable {
  /// From the collection's top: "Greek/character01/0394_01.png".
  var path: String
  var size: Int
  /// Its number in the zip.
  var index: UInt64 = 0

  /// The folder that holds it, from the top; "" at the top.
  var folder: String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return String(path[..<slash])
  }

  /// Whether its name says that it is an image: if it then cannot be read, that is worth telling.
  var looksLikeImage: Bool { PixelImage.isName(path) }

  var isHidden: Bool { path.split(separator: "/").contains { $0.hasPrefix(".") || $0 == "__MACOSX" } }
}

/// What `images` reads from: lists files and reads them one by one (a zip cannot be read in parallel).
protocol FileSource {
  func list() throws -> [SourceFile]
  func read(_ file: SourceFile) throws -> [UInt8]
}

/// One image file takes at most so much, packed or unpacked.
let imageFileLimit = 256 << 20

struct FolderSource: FileSource {
  let root: String

  /// Each folder once, by the shortest of its names: links may lead in circles.
  func list() throws -> [SourceFile] {
    var files: [SourceFile] = []
    var seen: Set<FileSystem.Identity> = []
    var level = [""]
    while !level.isEmpty {
      var next: [String] = []
      for folder in level {
        let place = folder.isEmpty ? root : root + "/" + folder
        guard let identity = FileSystem.identity(of: place), seen.insert(identity).inserted else { continue }
        let entries = try FileSystem.list(place, lost: true)
        // What `collect` set aside is no class.
        let isCollected = folder.isEmpty && entries.contains { $0.name == "sources.csv" && $0.kind == .file }
        for entry in entries where !(isCollected && entry.name == "rejected") {
          let path = folder.isEmpty ? entry.name : folder + "/" + entry.name
          let file = SourceFile(path: path, size: entry.size)
          if file.isHidden { continue }
          switch entry.kind {
          case .folder: next.append(path)
          case .file: files.append(file)
          // A link whose picture is gone, say. It cannot be read, and is told then.
          case .other: if file.looksLikeImage { files.append(file) }
          }
        }
      }
      level = next
    }
    return files
  }

  func read(_ file: SourceFile) throws -> [UInt8] {
    let path = root + "/" + file.path
    do { return try FileSystem.read(path, limit: imageFileLimit) } catch FileError.missing {
      throw FileError.system(path: path, action: "read", reason: "it is a link that leads nowhere, or has just gone")
    }
  }
}

/// A zip through libzip. Lengths it claims are checked against what comes.
final class ZipSource: FileSource {
  private let archive: OpaquePointer
  private let name: String
  private let packed: Int
  private var unpacked = 0

  /// What all files of an archive may unpack to: so much in any case, and so many times its own size. Pictures are packed
  /// already; only bitmaps of few colours shrink at all.
  private static let harmless = 8 << 30
  private static let tightest = 64

  init(_ path: String) throws {
    name = path
    let start = try FileSystem.readStart(path, count: 16)
    guard start.starts(with: [0x50, 0x4B]) else {
      let isPicture = PixelImage.format(of: start) != nil
      throw DatasetError.brokenArchive(
        name: path, reason: isPicture ? "it is one picture, which image(path) reads" : "it does not begin as a zip does"
      )
    }
    var code: Int32 = 0
    let file = try FileSystem.openToRead(path)
    // From here on the file is the archive's to close.
    guard let opened = zip_fdopen(file, 0, &code) else {
      close(file)
      var error = zip_error_t()
      zip_error_init_with_code(&error, code)
      let reason = String(cString: zip_error_strerror(&error))
      zip_error_fini(&error)
      throw DatasetError.brokenArchive(name: path, reason: Self.words(reason))
    }
    archive = opened
    packed = FileSystem.size(of: path) ?? 0
  }

  deinit { zip_discard(archive) }

  func list() throws -> [SourceFile] {
    var files: [SourceFile] = []
    for index in 0..<max(0, zip_get_num_entries(archive, 0)) {
      var status = zip_stat_t()
      zip_stat_init(&status)
      guard zip_stat_index(archive, zip_uint64_t(index), 0, &status) == 0, let raw = status.name else { continue }
      let path = Self.path(String(cString: raw))
      if path.hasSuffix("/") || path.isEmpty { continue }
      let file = SourceFile(
        path: path, size: Int(clamping: status.size), index: UInt64(index))
      if !file.isHidden { files.append(file) }
    }
    return files
  }

  func read(_ file: SourceFile) throws -> [UInt8] { try read(file, isPicture: true) }

  /// - Parameter isPicture: what is none by its content is given up after its first bytes, which are enough to say so.
  func read(_ file: SourceFile, isPicture: Bool) throws -> [UInt8] {
    guard file.size <= imageFileLimit else {
      throw FileError.tooLarge(path: file.path, size: file.size, limit: imageFileLimit)
    }
    guard let entry = zip_fopen_index(archive, file.index, 0) else { throw broken(file, zip_get_error(archive)) }
    defer { zip_fclose(entry) }
    // The header's size is a claim: grow as bytes come, and stop one past it.
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= file.size {
      let got = zip_fread(entry, &chunk, UInt64(chunk.count))
      if got < 0 { throw broken(file, zip_file_get_error(entry)) }
      if got == 0 { break }
      bytes.append(contentsOf: chunk[0..<Int(got)])
      unpacked += Int(got)
      if unpacked > Self.harmless, unpacked / Self.tightest > packed {
        throw DatasetError.brokenArchive(
          name: name,
          reason: "\(FileError.size(packed)) unpack to more than \(FileError.size(unpacked)), as no pictures do")
      }
      if isPicture, bytes.count >= chunk.count, PixelImage.format(of: bytes) == nil { return bytes }
    }
    guard bytes.count == file.size else {
      throw DatasetError.brokenArchive(
        name: file.path, reason: "it unpacks to other than the \(file.size) bytes that the archive claims")
    }
    return bytes
  }

  private func broken(_ file: SourceFile, _ error: UnsafeMutablePointer<zip_error_t>?) -> DatasetError {
    let reason = error.map { String(cString: zip_error_strerror($0)) } ?? "unknown reason"
    return .brokenArchive(name: file.path, reason: Self.words(reason))
  }

  /// Programs for Windows have written folders with backslashes, which the format does not know. A name with a slash in it
  /// has its folders already.
  /// `./a/1.png` is `a/1.png`, and `a/../b/1.png` is `b/1.png`: nothing is written under these names, so that none of them
  /// leads anywhere.
  static func path(_ name: String) -> String {
    let path = name.contains("/") ? name : name.replacing("\\", with: "/")
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return parts.joined(separator: "/") + (path.hasSuffix("/") ? "/" : "")
  }

  static func words(_ reason: String) -> String {
    if reason.contains("Not a zip") || reason.contains("inconsistent") || reason.contains("truncated") {
      return "the archive is cut off or damaged"
    }
    if reason.contains("CRC") { return "its bytes do not fit their checksum" }
    return reason
  }
}
