import CZip

/// The files of a zip that was packed little or not at all, as PyTorch and Keras write them.
enum ZipEntries {
  /// By their paths. What unpacks to much more than there is was made to do harm, and is refused.
  ///
  /// - Parameter broken: the error for a reason in words.
  static func read(_ bytes: [UInt8], broken: (String) -> TensorFileError) throws -> [String: [UInt8]] {
    try bytes.withUnsafeBytes { raw in
      var error = zip_error_t()
      zip_error_init(&error)
      defer { zip_error_fini(&error) }
      guard let base = raw.baseAddress, let source = zip_source_buffer_create(base, UInt64(raw.count), 0, &error) else {
        throw broken("it is no zip")
      }
      guard let archive = zip_open_from_source(source, 16, &error) else {
        zip_source_free(source)
        throw broken("the archive is cut off or damaged")
      }
      defer { zip_discard(archive) }
      var files: [String: [UInt8]] = [:]
      var left = 4 * bytes.count + (1 << 20)
      for index in 0..<max(0, zip_get_num_entries(archive, 0)) {
        var status = zip_stat_t()
        zip_stat_init(&status)
        guard zip_stat_index(archive, UInt64(index), 0, &status) == 0, let label = status.name else {
          throw broken("an entry cannot be read")
        }
        let size = Int(clamping: status.size)
        guard size <= left else { throw broken("it unpacks to far more than it holds") }
        left -= size
        guard let entry = zip_fopen_index(archive, UInt64(index), 0) else { throw broken("an entry cannot be read") }
        defer { zip_fclose(entry) }
        var content = [UInt8](repeating: 0, count: size)
        var done = 0
        while done < size {
          let got = content.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { zip_fread(entry, $0 + done, UInt64(size - done)) } ?? 0
          }
          guard got > 0 else { throw broken("the archive is cut off or damaged") }
          done += Int(got)
        }
        files[String(cString: label)] = content
      }
      return files
    }
  }

  /// The name of the first file, from the first bytes; nil where there is no zip.
  static func firstName(_ bytes: [UInt8]) -> String? {
    guard bytes.starts(with: [0x50, 0x4B, 3, 4]), bytes.count > 30 else { return nil }
    let length = Int(bytes[26]) | Int(bytes[27]) << 8
    guard length <= 4096, bytes.count >= 30 + length else { return nil }
    return String(decoding: bytes[30..<30 + length], as: UTF8.self)
  }
}
