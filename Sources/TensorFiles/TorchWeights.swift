import ElementaryFunctions
import Tensors

/// The tensors of a PyTorch weight file: of the format before 1.6 (`torch.save` with
/// `_use_new_zipfile_serialization=False`: five pickles, then the storages' numbers one after the other), or a zip with
/// one pickle and a file for each storage.
///
/// Source: PyTorch's `torch/serialization.py`, `_legacy_save`, `_legacy_load`, `_save` and `_load`.
public struct TorchWeights {
  public var tensors: [(name: String, tensor: Tensor)]

  /// 0x1950A86A20F9469CFC6C as a long integer.
  private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

  /// Whether bytes look like such a file, of either format.
  public static func recognises(_ bytes: [UInt8]) -> Bool {
    if bytes.starts(with: [0x80, 2, 0x8A, 10] + magic) { return true }
    // The first file of the zip is its pickle; of a program (TorchScript) it is a storage.
    guard let first = ZipEntries.firstName(bytes) else { return false }
    return first.hasSuffix("/data.pkl")
      || (first.contains("/data/") && bytes.suffix(1 << 16).contains(Array("/data.pkl".utf8)))
  }

  /// - Parameters:
  ///   - name: what errors call the file.
  ///   - isStrict: refuses a file that holds other things than tensors by name. Else such things are left out, and a
  ///     dictionary or list within the dictionary gives its own names, or places from 0, behind its name and a point. A
  ///     tensor that is all of the file has the empty name.
  public static func decode(_ bytes: [UInt8], name: String = "the file", isStrict: Bool = true) throws -> TorchWeights {
    func broken(_ reason: String) -> TensorFileError { .brokenTorch(file: name, reason: reason) }
    if bytes.starts(with: [0x50, 0x4B, 3, 4]) {
      return try decodeZip(bytes, name: name, isStrict: isStrict)
    }
    var at = 0
    guard bytes.starts(with: [0x80, 2, 0x8A, 10]),
      case .long(let magic) = try Unpickler.read(bytes, at: &at, file: name),
      magic == Self.magic
    else { throw broken("it does not begin as such a file does") }
    guard try Unpickler.read(bytes, at: &at, file: name).asInt == 1001 else {
      throw broken("it is of an unknown version")
    }
    guard case .dictionary(let system) = try Unpickler.read(bytes, at: &at, file: name),
      case .bool(true)? = system.items.first(where: { $0.key.asString == "little_endian" })?.value
    else { throw broken("its numbers are not little-endian") }
    let whole = try Unpickler.read(bytes, at: &at, file: name)
    guard case .list(let listed) = try Unpickler.read(bytes, at: &at, file: name) else {
      throw broken("its list of storages is missing")
    }
    let references = try Self.references(in: whole, isStrict: isStrict, broken)
    let storages = try Self.storages(bytes, from: at, keys: listed.items, references.map(\.reference.storage), broken)
    var seen = Set<String>()
    let tensors = try references.map { entry in
      guard seen.insert(entry.name).inserted else { throw broken("“\(entry.name.prefix(80))” stands in it twice") }
      let last = try Self.lastPlace(of: entry.reference, entry.name, broken)
      guard let start = storages[entry.reference.storage.key], last < entry.reference.storage.count else {
        throw broken("“\(entry.name.prefix(80))” lies outside its storage")
      }
      return (entry.name, try Self.tensor(bytes, start, entry.reference))
    }
    return TorchWeights(tensors: tensors)
  }

  typealias Named = (name: String, reference: PickleValue.TensorReference)

  /// The tensors of a file by name; at least one, where there is anything in it.
  static func references(in whole: PickleValue, isStrict: Bool, _ broken: (String) -> TensorFileError) throws -> [Named]
  {
    if isStrict {
      guard case .dictionary(let entries) = whole else { throw broken("it holds no dictionary of weights") }
      return try entries.items.map { entry in
        guard let key = entry.key.asString, case .tensor(let reference) = entry.value else {
          throw broken("it holds other things than tensors by name")
        }
        return (key, reference)
      }
    }
    var found: [Named] = []
    // A tuple may stand in a pickle many times, and many times in one of those.
    var left = Unpickler.largestCount
    guard collect(whole, "", &found, &left) else { throw broken("its pickle grows beyond all measure") }
    if found.isEmpty, (whole.asEntries?.items.isEmpty ?? false) == false { throw broken("there is no tensor in it") }
    return found
  }

  /// Depth is bounded by the unpickler. False where there is more than `left` values.
  private static func collect(_ value: PickleValue, _ name: String, _ found: inout [Named], _ left: inout Int) -> Bool {
    left -= 1
    guard left > 0 else { return false }
    func inner(_ key: String) -> String { name.isEmpty ? key : name + "." + key }
    switch value {
    case .tensor(let reference): found.append((name, reference))
    case .dictionary(let entries):
      for entry in entries.items {
        guard let key = entry.key.asString ?? entry.key.asInt.map(String.init) else { continue }
        guard collect(entry.value, inner(key), &found, &left) else { return false }
      }
    case .list(let sequence), .tuple(let sequence):
      for (index, item) in sequence.items.enumerated() {
        guard collect(item, inner("\(index)"), &found, &left) else { return false }
      }
    default: break
    }
    return true
  }

  /// Where each storage's numbers begin: for each key, its count in eight bytes, then the numbers.
  private static func storages(
    _ bytes: [UInt8], from start: Int, keys: [PickleValue], _ used: [PickleValue.StorageReference],
    _ broken: (String) -> TensorFileError
  ) throws -> [String: Int] {
    var known: [String: PickleValue.StorageReference] = [:]
    for storage in used {
      if let other = known[storage.key], other.type != storage.type || other.count != storage.count {
        throw broken("one of its storages is described in two ways")
      }
      known[storage.key] = storage
    }
    var at = start
    var starts: [String: Int] = [:]
    for value in keys {
      guard let key = value.asString, let storage = known[key], let size = storage.type.element?.size,
        starts[key] == nil
      else { throw broken("its list of storages does not fit its tensors") }
      guard bytes.count - at >= 8 else { throw broken("it ends early, at a storage") }
      var count: UInt64 = 0
      for index in 0..<8 { count |= UInt64(bytes[at + index]) << UInt64(8 * index) }
      at += 8
      guard count == UInt64(storage.count) else { throw broken("a storage has another length than its tensors say") }
      let (length, overflow) = storage.count.multipliedReportingOverflow(by: size)
      guard !overflow, length <= bytes.count - at else { throw broken("it ends early, in a storage") }
      starts[key] = at
      at += length
    }
    guard at == bytes.count else { throw broken("\(bytes.count - at) bytes stand after its end") }
    return starts
  }

  /// The place of the last element in the storage; -1 where there is none. Never more elements than the storage has: no
  /// weights are.
  static func lastPlace(
    of reference: PickleValue.TensorReference, _ name: String, _ broken: (String) -> TensorFileError
  ) throws -> Int {
    let words = broken("“\(name.prefix(80))” has an impossible shape")
    var count = 1
    var last = reference.offset
    guard reference.offset >= 0 else { throw words }
    if zip(reference.shape, reference.strides).contains(where: { $0 > 1 && $1 == 0 }) {
      throw broken("“\(name.prefix(80))” is a view that repeats its numbers: save x.clone() in PyTorch")
    }
    for (length, stride) in zip(reference.shape, reference.strides) {
      guard length >= 0, stride >= 0 else { throw words }
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      let (reach, tooFar) = max(0, length - 1).multipliedReportingOverflow(by: stride)
      let (sum, beyond) = last.addingReportingOverflow(reach)
      guard !overflow, !tooFar, !beyond, product <= reference.storage.count else { throw words }
      count = product
      last = sum
    }
    return count == 0 ? -1 : last
  }

  /// - Parameter start: where the storage begins; `extent` has found that all elements lie in it.
  static func tensor(_ bytes: [UInt8], _ start: Int, _ reference: PickleValue.TensorReference) throws -> Tensor {
    // Where there is nothing, the offset says nothing either.
    guard let element = reference.storage.type.element, !reference.shape.contains(0) else {
      return try Tensor.zeros(reference.shape)
    }
    let begin = start + reference.offset * element.size
    let (shape, strides) = (reference.shape, reference.strides)
    return try bytes.withUnsafeBytes { source in
      // An axis of length 1 has whatever stride.
      if zip(shape, zip(strides, StridedPlaces.rowMajor(shape))).allSatisfy({ $0 == 1 || $1.0 == $1.1 }) {
        return try element.tensor(shape, in: source, from: begin)
      }
      return try element.tensor(
        shape, in: source,
        at: StridedPlaces(shape: shape, strides: strides.map { $0 * element.size }, first: begin))
    }
  }
}
