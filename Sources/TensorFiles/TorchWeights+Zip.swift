import Tensors

/// The format since PyTorch 1.6.
extension TorchWeights {
  static func decodeZip(_ bytes: [UInt8], name: String, isStrict: Bool) throws -> TorchWeights {
    func broken(_ reason: String) -> TensorFileError { .brokenTorch(file: name, reason: reason) }
    let files = try ZipEntries.read(bytes, broken: broken)
    guard let pickle = files.first(where: { $0.key.hasSuffix("/data.pkl") }) else {
      throw broken("it holds no data.pkl")
    }
    let folder = String(pickle.key.dropLast("data.pkl".count))
    if let order = files[folder + "byteorder"], order != Array("little".utf8) {
      throw broken("its numbers are not little-endian")
    }
    if files.keys.contains(where: { $0.hasPrefix(folder + "code/") }) {
      throw broken(
        "it is a program (TorchScript), which is never run: torch.save(model.state_dict(), …) writes weights")
    }
    var at = 0
    let whole = try Unpickler.read(pickle.value, at: &at, file: name)
    var seen = Set<String>()
    let tensors = try references(in: whole, isStrict: isStrict, broken).map { entry in
      let (shown, reference) = (entry.name.prefix(80), entry.reference)
      guard seen.insert(entry.name).inserted else { throw broken("“\(shown)” stands in it twice") }
      let last = try lastPlace(of: reference, entry.name, broken)
      guard let storage = files[folder + "data/" + reference.storage.key],
        let size = reference.storage.type.element?.size,
        reference.storage.count == storage.count / size, storage.count % size == 0
      else { throw broken("the numbers of “\(shown)” are missing, or of another length than it says") }
      guard last < reference.storage.count else { throw broken("“\(shown)” lies outside its storage") }
      return (entry.name, try tensor(storage, 0, reference))
    }
    return TorchWeights(tensors: tensors)
  }
}
