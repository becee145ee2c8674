import Diagnostics
import Files
import Foundation
import Glibc

/// The embeddings of a gallery's file once more, beside it, as `EmbeddingRows` has them in memory: `people.gallery-rows`.
///
/// It is mapped, so that a million embeddings are there at once, and only what is looked at takes memory. It is a copy
/// that can be made again from the database, and is, where it is missing or not of its state. Rows are written before the
/// database's transaction ends and count from then on, so that every process that has it mapped finds them. It is written
/// by calls, never through the mapping: a full disk is an error there.
final class RowsFile {
  /// What its first bytes say.
  struct Header: Equatable {
    /// Of the database.
    var gallery: UUID
    /// Which embeddings: counts in the database how often all of them were replaced.
    var embeddings: Int64
    var width: Int
    var padded: Int
    var isNormalised: Bool
    var scale: Double
    /// Up to which entry of the journal the rows are there.
    var position: Int64
    /// When the machine was started: after a power cut, what was written since may be missing.
    var boot: UUID
    /// Up to which entry they were brought to the disk.
    var synced: Int64
  }

  static let magic: [UInt8] = Array("TWINROWS2".utf8)
  private static let page = 4096

  let path: String
  private let descriptor: Int32
  private(set) var header: Header
  let identity: (device: UInt64, inode: UInt64)
  let isWritable: Bool

  var scale: Double { header.scale }

  func setScale(_ scale: Double) throws(FileError) {
    header.scale = scale
    try writeHeader()
  }

  static let boot: UUID = {
    let text = (try? FileSystem.readText("/proc/sys/kernel/random/boot_id")) ?? ""
    return UUID(uuidString: text.trimmingCharacters(in: .whitespacesAndNewlines))
      ?? UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
  }()

  /// Opens what is there; nil where there is none, or none that can be understood.
  init?(opening path: String, writing: Bool) {
    var file = open(path, (writing ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW)
    var writable = writing
    if file < 0, writing {
      file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
      writable = false
    }
    guard file >= 0 else { return nil }
    var status = stat()
    var bytes = [UInt8](repeating: 0, count: 256)
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, pread(file, &bytes, 256, 0) == 256,
      let header = Self.decode(bytes)
    else {
      close(file)
      return nil
    }
    self.path = path
    descriptor = file
    self.header = header
    identity = (UInt64(status.st_dev), UInt64(status.st_ino))
    isWritable = writable
  }

  /// Makes an empty one under a name of its own; `takePlace` gives it its right one.
  init(making path: String, mode: mode_t, _ header: Header) throws(FileError) {
    let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode & 0o666)
    guard file >= 0 else { throw FileSystem.writingError(path, errno) }
    _ = fchmod(file, mode & 0o666)
    var status = stat()
    _ = fstat(file, &status)
    self.path = path
    descriptor = file
    self.header = header
    identity = (UInt64(status.st_dev), UInt64(status.st_ino))
    isWritable = true
    try writeHeader()
  }

  deinit { close(descriptor) }

  func takePlace(of target: String) throws(FileError) {
    if rename(path, target) != 0 { throw FileSystem.writingError(target, errno) }
  }

  /// Whether another file has taken its name.
  func isReplaced(at target: String) -> Bool {
    var status = stat()
    guard stat(target, &status) == 0 else { return true }
    return UInt64(status.st_ino) != identity.inode || UInt64(status.st_dev) != identity.device
  }

  // MARK: Chunks

  /// Where the parts of a chunk begin, in bytes.
  private struct Layout {
    var worst: Int, terms: Int, codes: Int, floats: Int, end: Int

    init(width: Int, padded: Int) {
      func pages(_ bytes: Int) -> Int { (bytes + page - 1) / page * page }
      let rows = EmbeddingRows.chunkRows
      worst = 0
      terms = page
      codes = terms + pages(4 * rows)
      floats = codes + pages(rows * padded)
      end = floats + pages(4 * rows * width)
    }
  }

  private var layout: Layout { Layout(width: header.width, padded: header.padded) }

  func chunk(_ index: Int) throws -> RowChunk {
    let layout = layout
    let start = Self.page + index * layout.end
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileSystem.readingError(path, errno) }
    // A hole: nothing is taken on the disk until it is written to.
    if Int(status.st_size) < start + layout.end {
      guard isWritable, ftruncate(descriptor, off_t(start + layout.end)) == 0 else {
        throw FileSystem.writingError(path, isWritable ? errno : EROFS)
      }
    }
    let base = mmap(nil, layout.end, PROT_READ, MAP_SHARED, descriptor, off_t(start))
    guard let base, base != MAP_FAILED else { throw FileSystem.readingError(path, errno) }
    // Whoever is the last to hold the chunk ends the mapping with it, on whatever thread.
    nonisolated(unsafe) let mapped = base
    let length = layout.end
    let floats = (base + layout.floats).assumingMemoryBound(to: Float.self)
    let codes = (base + layout.codes).assumingMemoryBound(to: Int8.self)
    let terms = (base + layout.terms).assumingMemoryBound(to: Int32.self)
    // Exact distances are asked of single rows, here and there.
    madvise(base + layout.floats, layout.end - layout.floats, MADV_RANDOM)
    return RowChunk(
      floats: floats, codes: codes, terms: terms, worst: base.assumingMemoryBound(to: Double.self),
      release: { munmap(mapped, length) })
  }

  func write(
    chunk index: Int, place: Int, floats: UnsafeRawBufferPointer, _ coded: CodedRows, _ worst: Double
  ) throws(FileError) {
    let layout = layout
    let start = Self.page + index * layout.end
    // First the bound, then the rows: whoever looks in between finds it too large, never too small.
    try put(withUnsafeBytes(of: worst) { Array($0) }, 8, at: start + layout.worst)
    try put(
      UnsafeRawBufferPointer(start: coded.codes, count: coded.rows * header.padded),
      at: start + layout.codes + place * header.padded)
    try put(
      UnsafeRawBufferPointer(start: coded.terms, count: coded.rows * 4), at: start + layout.terms + place * 4)
    try put(floats, at: start + layout.floats + place * 4 * header.width)
  }

  private func put(_ bytes: [UInt8], _ count: Int, at offset: Int) throws(FileError) {
    var failure: FileError?
    bytes.withUnsafeBytes { bytes in
      do throws(FileError) { try put(UnsafeRawBufferPointer(rebasing: bytes[..<count]), at: offset) } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  private func put(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(FileError) {
    guard let base = bytes.baseAddress else { return }
    var done = 0
    while done < bytes.count {
      let wrote = pwrite(descriptor, base + done, bytes.count - done, off_t(offset + done))
      if wrote < 0 {
        if errno == EINTR { continue }
        throw FileSystem.writingError(path, errno)
      }
      done += wrote
    }
  }

  /// Overwrites the numbers of rows with zeros, for those that are to be nowhere any more.
  func clear(_ row: Int) throws(FileError) {
    let (index, place) = row.quotientAndRemainder(dividingBy: EmbeddingRows.chunkRows)
    let layout = layout
    let start = Self.page + index * layout.end
    let zeros = [UInt8](repeating: 0, count: 4 * header.width + header.padded)
    try put(zeros, 4 * header.width, at: start + layout.floats + place * 4 * header.width)
    try put(zeros, header.padded, at: start + layout.codes + place * header.padded)
    try put(zeros, 4, at: start + layout.terms + place * 4)
  }

  // MARK: The header

  /// The rows up to an entry of the journal are there.
  func mark(_ position: Int64) throws(FileError) {
    guard isWritable else { return }
    header.position = position
    header.boot = Self.boot
    try writeHeader()
  }

  /// Brings it to the disk: what it holds then survives a power cut.
  func sync() {
    guard isWritable, fdatasync(descriptor) == 0 else { return }
    header.synced = header.position
    if (try? writeHeader()) != nil { _ = fdatasync(descriptor) }
  }

  /// Whether what it says it holds is there.
  func holds(_ position: Int64) -> Bool {
    header.position == position && (header.boot == Self.boot || header.synced == position)
  }

  func reread() {
    var bytes = [UInt8](repeating: 0, count: 256)
    if pread(descriptor, &bytes, 256, 0) == 256, let now = Self.decode(bytes) { header = now }
  }

  private func writeHeader() throws(FileError) {
    let bytes = Self.encode(header)
    try put(bytes, bytes.count, at: 0)
  }

  private static func encode(_ header: Header) -> [UInt8] {
    var bytes = magic
    bytes += [UInt8](repeating: 0, count: 16 - bytes.count)
    func add(_ value: some FixedWidthInteger) { withUnsafeBytes(of: value.littleEndian) { bytes += $0 } }
    withUnsafeBytes(of: header.gallery.uuid) { bytes += $0 }
    add(header.embeddings)
    add(Int64(header.width))
    add(Int64(header.padded))
    add(Int64(EmbeddingRows.chunkRows))
    add(Int64(header.isNormalised ? 1 : 0))
    add(header.scale.bitPattern)
    add(header.position)
    withUnsafeBytes(of: header.boot.uuid) { bytes += $0 }
    add(header.synced)
    add(sum(bytes[...]))
    return bytes + [UInt8](repeating: 0, count: 256 - bytes.count)
  }

  private static func decode(_ bytes: [UInt8]) -> Header? {
    guard Array(bytes.prefix(magic.count)) == magic else { return nil }
    var at = 16
    func number() -> UInt64 {
      defer { at += 8 }
      return (0..<8).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
    }
    func identifier() -> UUID {
      defer { at += 16 }
      let b = Array(bytes[at..<at + 16])
      return UUID(
        uuid: (
          b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]
        ))
    }
    func whole() -> Int64 { Int64(bitPattern: number()) }
    let gallery = identifier()
    let (embeddings, width, padded, rows, normalised) = (whole(), whole(), whole(), whole(), whole())
    let scale = Double(bitPattern: number())
    let position = whole()
    let boot = identifier()
    let synced = whole()
    let end = at
    guard number() == sum(bytes[..<end]), rows == Int64(EmbeddingRows.chunkRows), (1...1 << 20).contains(width),
      padded >= width, padded <= width + 31, padded % 32 == 0, scale.isFinite, scale >= 0
    else { return nil }
    return Header(
      gallery: gallery, embeddings: embeddings, width: Int(width), padded: Int(padded), isNormalised: normalised == 1,
      scale: scale, position: position, boot: boot, synced: synced)
  }

  private static func sum(_ bytes: ArraySlice<UInt8>) -> UInt64 { FNVHash(bytes).value }
}
