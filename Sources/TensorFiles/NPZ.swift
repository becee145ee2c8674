import CZip
import Diagnostics
import Files
import Tensors

/// NumPy's archives: a zip of npy files, stored or deflated.
public enum NPZ {
  /// All arrays, in the archive's order, without ".npy".
  public static func decode(_ bytes: [UInt8], name: String = "the archive") throws -> [(name: String, tensor: Tensor)] {
    func broken(_ reason: String) -> TensorFileError { .broken(file: name, format: "npz", reason: reason) }
    // libzip keeps the pointer; the bytes outlive it.
    return try bytes.withUnsafeBytes { raw in
      var error = zip_error_t()
      zip_error_init(&error)
      defer { zip_error_fini(&error) }
      guard let source = zip_source_buffer_create(raw.baseAddress, UInt64(raw.count), 0, &error) else {
        throw broken(words(&error))
      }
      guard let archive = zip_open_from_source(source, 16, &error) else {
        zip_source_free(source)
        throw broken(words(&error))
      }
      defer { zip_discard(archive) }
      var arrays: [(String, Tensor)] = []
      var total = 0
      for index in 0..<max(0, zip_get_num_entries(archive, 0)) {
        var status = zip_stat_t()
        zip_stat_init(&status)
        guard zip_stat_index(archive, UInt64(index), 0, &status) == 0, let rawName = status.name else {
          throw broken("an entry cannot be read")
        }
        var label = String(cString: rawName)
        guard label.hasSuffix(".npy") else { continue }
        label.removeLast(4)
        let claimed = Int(clamping: status.size)
        total = total.addingReportingOverflow(claimed).overflow ? Int.max : total + claimed
        if total > TensorFileError.limit {
          throw TensorFileError.tooLarge(file: name, bytes: total, limit: TensorFileError.limit)
        }
        guard let entry = zip_fopen_index(archive, UInt64(index), 0) else {
          throw broken(words(zip_get_error(archive)))
        }
        defer { zip_fclose(entry) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while content.count <= claimed {
          let got = zip_fread(entry, &chunk, UInt64(chunk.count))
          if got < 0 { throw broken(words(zip_file_get_error(entry))) }
          if got == 0 { break }
          content.append(contentsOf: chunk[0..<Int(got)])
        }
        guard content.count == claimed else {
          throw broken("“\(label)” unpacks to other than the \(claimed) bytes that it claims")
        }
        arrays.append((label, try NPY.decode(content, name: "“\(label)” in \(name)")))
      }
      return arrays
    }
  }

  /// Writes an archive, whole or not at all. Names must differ.
  public static func write(_ arrays: [(name: String, tensor: Tensor)], to path: String, compressed: Bool = false) throws
  {
    try FileSystem.write(try encode(arrays, compressed: compressed), to: path)
  }

  public static func encode(_ arrays: [(name: String, tensor: Tensor)], compressed: Bool = false) throws -> [UInt8] {
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
    let files = arrays.map { NPY.encode($0.tensor) }
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
    var done = 0
    while done < bytes.count {
      let got = bytes.withUnsafeMutableBytes {
        zip_source_read(target, $0.baseAddress.map { $0 + done }, UInt64($0.count - done))
      }
      if got <= 0 { throw broken("the archive could not be built") }
      done += Int(got)
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
