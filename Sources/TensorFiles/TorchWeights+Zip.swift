import CZip
import Tensors

/// The format since PyTorch 1.6.
extension TorchWeights {
  static func decodeZip(_ bytes: [UInt8], name: String, isStrict: Bool) throws -> TorchWeights {
    func broken(_ reason: String) -> TensorFileError { .brokenTorch(file: name, reason: reason) }
    let files = try entries(bytes, name: name)
    guard let pickle = files.first(where: { $0.key.hasSuffix("/data.pkl") }) else {
      throw broken("it holds no data.pkl")
    }
    let folder = String(pickle.key.dropLast("data.pkl".count))
    if let order = files[folder + "byteorder"], order != Array("little".utf8) {
      throw broken("its numbers are not little-endian")
    }
    var at = 0
    guard case .dictionary(let items) = try Unpickler.read(pickle.value, at: &at, file: name) else {
      throw broken("it holds no dictionary of weights")
    }
    var seen = Set<String>()
    let tensors = try references(items, isStrict: isStrict, broken).map { entry in
      let (shown, reference) = (entry.name.prefix(80), entry.reference)
      guard seen.insert(entry.name).inserted else { throw broken("“\(shown)” stands in it twice") }
      let (count, last) = try extent(reference, entry.name, broken)
      guard let storage = files[folder + "data/" + reference.storage.key],
        let size = reference.storage.type.elementSize,
        reference.storage.count == storage.count / size, storage.count % size == 0
      else { throw broken("the numbers of “\(shown)” are missing, or of another length than it says") }
      guard last < reference.storage.count else { throw broken("“\(shown)” lies outside its storage") }
      return (entry.name, try tensor(storage, 0, reference, count))
    }
    return TorchWeights(tensors: tensors)
  }

  /// The files of the archive, by their paths. PyTorch does not pack them: what unpacks to much more than there is was
  /// made to do harm.
  private static func entries(_ bytes: [UInt8], name: String) throws -> [String: [UInt8]] {
    func broken(_ reason: String) -> TensorFileError { .brokenTorch(file: name, reason: reason) }
    return try bytes.withUnsafeBytes { raw in
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

  /// IEEE 754's sixteen bits.
  static func half(_ bits: UInt16) -> Float {
    let sign: Float = bits & 0x8000 != 0 ? -1 : 1
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = Float(bits & 0x3FF)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default: return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
    }
  }
}
