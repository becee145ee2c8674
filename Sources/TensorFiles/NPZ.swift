import CZip
import Diagnostics
import Files
import Tensors

/// NumPy's archives: a zip of npy files, stored or deflated.
public enum NPZ {
  /// All arrays of numbers, in the archive's order, without ".npy".
  /// - Throws: also where one holds anything else.
  public static func decode(_ bytes: [UInt8], name: String = "the archive") throws -> [(name: String, tensor: Tensor)] {
    try read(bytes, name: name).map { array in
      switch array.content {
      case .numbers(let tensor): return (array.name, tensor)
      case .texts: throw TensorFileError.unsupported(file: "“\(array.name)” in \(name)", type: "text")
      case .unread(let error): throw error
      }
    }
  }

  /// All arrays, in the archive's order, without ".npy": numbers, texts, and what is not read, with its reason.
  ///
  /// Each header is read, and what it claims counted, before anything is unpacked behind it.
  public static func read(_ bytes: [UInt8], name: String = "the archive") throws -> [(
    name: String, content: ArrayContent
  )] {
    func broken(_ reason: String) -> TensorFileError {
      // Keras' and PyTorch's files are such archives, too.
      let hasOtherEnding = [".keras", ".pt", ".pth", ".zip"].contains { name.lowercased().contains("\($0)”") }
      return .broken(file: name, format: hasOtherEnding ? "zip" : "npz", reason: reason)
    }
    // libzip keeps the pointer; the bytes outlive it.
    return try bytes.withUnsafeBytes { raw in
      var error = zip_error_t()
      zip_error_init(&error)
      defer { zip_error_fini(&error) }
      guard let base = raw.baseAddress, let source = zip_source_buffer_create(base, UInt64(raw.count), 0, &error) else {
        throw broken(words(&error))
      }
      guard let archive = zip_open_from_source(source, 16, &error) else {
        zip_source_free(source)
        throw broken(words(&error))
      }
      defer { zip_discard(archive) }
      var arrays: [(String, ArrayContent)] = []
      var budget = Budget(file: name, packed: bytes.count)
      for index in 0..<max(0, zip_get_num_entries(archive, 0)) {
        var status = zip_stat_t()
        zip_stat_init(&status)
        guard zip_stat_index(archive, UInt64(index), 0, &status) == 0, let rawName = status.name else {
          throw broken("an entry cannot be read")
        }
        var label = String(cString: rawName)
        guard label.hasSuffix(".npy") else { continue }
        label.removeLast(4)
        guard let entry = zip_fopen_index(archive, UInt64(index), 0) else {
          throw broken(words(zip_get_error(archive)))
        }
        defer { zip_fclose(entry) }
        let array = try array(entry, size: Int(clamping: status.size), name: "“\(label)” in \(name)", &budget)
        arrays.append((label, array))
      }
      // NumPy writes an archive of no arrays as an empty zip; one of other files is something else.
      if arrays.isEmpty, zip_get_num_entries(archive, 0) > 0 {
        throw broken("the zip holds no array (.npy)")
      }
      return arrays
    }
  }

  /// What a file may come to: as much as any file of numbers, and where it is packed more tightly than numbers usually
  /// are, only as much as does no harm.
  private struct Budget {
    let file: String
    let packed: Int
    var memory = 0
    var unpacked = 0

    static let harmless = 1 << 30
    static let tightest = 256

    mutating func spend(_ header: NPYHeader, unpacked size: Int) throws(TensorFileError) {
      memory += header.memory
      unpacked = unpacked.addingReportingOverflow(size).overflow ? Int.max : unpacked + size
      if memory > TensorFileError.limit {
        throw .tooLarge(file: file, bytes: memory, limit: TensorFileError.limit)
      }
      if max(memory, unpacked) > Self.harmless, unpacked / Self.tightest > packed {
        throw .tooTight(file: file, packed: packed, unpacked: max(memory, unpacked))
      }
    }
  }

  private static func array(_ entry: OpaquePointer, size: Int, name: String, _ budget: inout Budget) throws
    -> ArrayContent
  {
    func broken(_ reason: String) -> TensorFileError { .broken(file: name, format: "npy", reason: reason) }
    func read(_ buffer: UnsafeMutableRawBufferPointer) throws -> Int {
      guard let base = buffer.baseAddress else { return 0 }
      var done = 0
      while done < buffer.count {
        let got = zip_fread(entry, base + done, UInt64(buffer.count - done))
        if got < 0 { throw broken(words(zip_file_get_error(entry))) }
        if got == 0 { break }
        done += Int(got)
      }
      return done
    }
    var start = [UInt8](repeating: 0, count: min(size, 4096))
    // Where less comes than the archive claims, the claims of the header are told first.
    let first = try start.withUnsafeMutableBytes { try read($0) }
    start.removeLast(start.count - first)
    // A longer header is read whole.
    if start.count >= 12, start[6] > 1 {
      let length = 12 + (Int(start[8]) | Int(start[9]) << 8 | Int(start[10]) << 16 | Int(start[11]) << 24)
      if length > start.count, length <= min(size, NPYHeader.limit + 12) {
        var rest = [UInt8](repeating: 0, count: length - start.count)
        let got = try rest.withUnsafeMutableBytes { try read($0) }
        start += rest.prefix(got)
      }
    } else if start.count >= 10 {
      let length = 10 + (Int(start[8]) | Int(start[9]) << 8)
      if length > start.count, length <= size {
        var rest = [UInt8](repeating: 0, count: length - start.count)
        let got = try rest.withUnsafeMutableBytes { try read($0) }
        start += rest.prefix(got)
      }
    }
    let header = try NPYHeader(start, name: name)
    try budget.spend(header, unpacked: size)
    var at = header.dataStart
    let content = try header.content(name: name, available: size - at) { buffer in
      let kept = min(buffer.count, start.count - at)
      buffer.copyBytes(from: start[at..<(at + kept)])
      at += kept
      return kept + (try read(UnsafeMutableRawBufferPointer(rebasing: buffer[kept...])))
    }
    if case .unread = content { return content }
    // To the end, where the checksum is looked at. What stands behind the numbers is little, or the claim was false.
    var rest = [UInt8](repeating: 0, count: 4096)
    let surplus = try rest.withUnsafeMutableBytes { try read($0) }
    guard surplus < rest.count else { throw broken("it goes on behind its \(header.count) numbers") }
    return content
  }

  /// Writes an archive, whole or not at all. Names must differ.
  public static func write(
    _ arrays: [(name: String, tensor: Tensor)], to path: String, compressed: Bool = false, keepsMasks: Bool = false
  ) throws {
    try FileSystem.write(try encode(arrays, compressed: compressed, keepsMasks: keepsMasks), to: path)
  }

  /// - Parameter keepsMasks: as `NPY.encode` has it.
  public static func encode(
    _ arrays: [(name: String, tensor: Tensor)], compressed: Bool = false, keepsMasks: Bool = false
  ) throws -> [UInt8] {
    func broken(_ reason: String) -> TensorFileError { .broken(file: "the archive", format: "npz", reason: reason) }
    var seen = Set<String>()
    for (name, _) in arrays {
      guard (1...200).contains(name.count), !name.contains("/"),
        !name.unicodeScalars.contains(where: { $0.value < 32 }),
        seen.insert(name).inserted
      else { throw TensorFileError.badName(name: name) }
    }
    var error = zip_error_t()
    zip_error_init(&error)
    defer { zip_error_fini(&error) }
    guard let target = zip_source_buffer_create(nil, 0, 0, &error) else { throw broken(words(&error)) }
    zip_source_keep(target)
    defer { zip_source_free(target) }
    guard let archive = zip_open_from_source(target, 8 | 1, &error) else {
      zip_source_free(target)
      throw broken(words(&error))
    }
    let files = arrays.map { NPY.encode($0.tensor, keepsMasks: keepsMasks) }
    // The sources point into these copies until the archive is closed.
    let copies = files.map { file in
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, file.count), alignment: 8)
      copy.copyBytes(from: file)
      return copy
    }
    defer { for copy in copies { copy.deallocate() } }
    for (index, array) in arrays.enumerated() {
      guard let source = zip_source_buffer(archive, copies[index].baseAddress, UInt64(files[index].count), 0) else {
        let reason = words(zip_get_error(archive))
        zip_discard(archive)
        throw broken(reason)
      }
      let added = zip_file_add(archive, array.name + ".npy", source, 2048)
      guard added >= 0 else {
        zip_source_free(source)
        let reason = words(zip_get_error(archive))
        zip_discard(archive)
        throw broken(reason)
      }
      zip_set_file_compression(archive, UInt64(added), compressed ? 8 : 0, 0)
      // One fixed time (1 January 1980), so that equal arrays give equal files.
      zip_file_set_dostime(archive, UInt64(added), 0, 0x21, 0)
    }
    guard zip_close(archive) == 0 else {
      let reason = words(zip_get_error(archive))
      zip_discard(archive)
      throw broken(reason)
    }
    var status = zip_stat_t()
    zip_stat_init(&status)
    guard zip_source_stat(target, &status) == 0, zip_source_open(target) == 0 else {
      // An archive of nothing has no bytes; this is the empty zip.
      return [0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 18)
    }
    defer { zip_source_close(target) }
    var bytes = [UInt8](repeating: 0, count: Int(clamping: status.size))
    try bytes.withUnsafeMutableBytes { buffer in
      // libzip 1.11 declares that this pointer is never null; earlier versions do not say.
      guard let base = buffer.baseAddress else { return }
      var done = 0
      while done < buffer.count {
        let got = zip_source_read(target, base + done, UInt64(buffer.count - done))
        if got <= 0 { throw broken("the archive could not be built") }
        done += Int(got)
      }
    }
    return bytes
  }

  private static func words(_ error: UnsafeMutablePointer<zip_error_t>?) -> String {
    guard let error else { return "unknown reason" }
    let text = String(cString: zip_error_strerror(error))
    if text.contains("Not a zip") || text.contains("inconsistent") || text.contains("truncated") {
      return "the archive is cut off or damaged"
    }
    return text.contains("CRC") ? "its bytes do not fit their checksum" : text
  }
}
