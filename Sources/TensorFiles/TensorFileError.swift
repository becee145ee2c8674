import Diagnostics
import Files

/// What can be wrong with a file of numbers.
public enum TensorFileError: ExplainedError, Hashable {
  /// `format` "npy", "npz", "safetensors".
  case broken(file: String, format: String, reason: String)
  /// It is as its format has it, and more than is read here; `reason` in words.
  case refused(file: String, format: String, reason: String)
  case objects(file: String)
  case unsupported(file: String, type: String)
  case tooLarge(file: String, bytes: Int, limit: Int)
  /// In bytes: numbers are never packed like that, but for a trap or a heap of zeros.
  case tooTight(file: String, packed: Int, unpacked: Int)
  case badName(name: String)
  case unknownFormat(file: String)
  case empty(file: String)
  /// Not a weight file of PyTorch's, or a broken one; `reason` in words.
  case brokenTorch(file: String, reason: String)
  /// A pickle that wants a name of Python's that no weight file needs.
  case forbidden(file: String, name: String)

  /// A file whose bytes begin as nothing that is known: there may be none.
  public static func unknown(_ bytes: [UInt8], file: String) -> TensorFileError {
    bytes.isEmpty ? .empty(file: file) : .unknownFormat(file: file)
  }

  /// What reads a file that `load` does not know, by the ending of its name.
  private static func help(forEnding file: String) -> String {
    let name = file.lowercased().filter { $0 != "“" && $0 != "”" }
    func ends(_ endings: String...) -> Bool { endings.contains { name.hasSuffix("." + $0) } }
    if ends("json") { return "readjson(path) reads it" }
    if ends("csv", "tsv", "txt", "md") {
      return "readcsv(path) reads a table, loadtxt(path) its numbers, readtext(path) any text"
    }
    if ends("png", "jpg", "jpeg", "pgm", "ppm", "pbm") { return "image(path) reads a picture" }
    if ends("zip") { return "images(path) reads folders of pictures" }
    if ends("twin", "ipynb") { return "include(path) runs a script" }
    return "load knows npy, npz, safetensors, PyTorch's pt and pth, ONNX, Keras' keras and h5, and galleries"
  }

  public var explanation: Explanation {
    switch self {
    case .broken(let file, let format, let reason):
      return Explanation("\(file) is a broken \(format) file: \(reason)")
    case .refused(let file, let format, let reason):
      return Explanation(
        "\(file) is a file of \(format) that is not read: \(reason)",
        help: "Documentation/networks.md says what is")
    case .objects(let file):
      return Explanation(
        "\(file) holds Python objects (a pickle), which could run any program and are never read",
        help: "save numbers from Python: numpy.save(path, array.astype(\"float32\"))")
    case .unsupported(let file, let type):
      return Explanation(
        "\(file) holds elements of type \(type), which cannot be read",
        help:
          "f2, f4, f8, i1 to i8, u1 to u8 and bool can, and text in npy and npz: array.astype(\"float32\") in Python")
    case .tooLarge(let file, let bytes, let limit):
      return Explanation(
        "\(file) claims \(FileError.size(bytes)) of numbers, more than the \(FileError.size(limit)) that are read")
    case .tooTight(let file, let packed, let unpacked):
      return Explanation(
        "\(file) would unpack from \(FileError.size(packed)) to \(FileError.size(unpacked))",
        help: "if that is meant, save it unpacked: numpy.savez(path, …)")
    case .badName(let name):
      return Explanation(
        "“\(name)” cannot name an array in a file: a name has 1 to 200 characters, no / or control signs")
    case .empty(let file):
      return Explanation("\(file) is empty", help: "was it written or copied to its end?")
    case .unknownFormat(let file):
      return Explanation(
        "\(file) is none of the files that load knows", help: Self.help(forEnding: file))
    case .brokenTorch(let file, let reason):
      return Explanation("\(file) is not a readable weight file of PyTorch's: \(reason)")
    case .forbidden(let file, let name):
      return Explanation(
        "\(file) asks for “\(name)”, which no weights need; nothing of it was run",
        help:
          "a pickle can name any program; of a network of your own, torch.save(model.state_dict(), path) writes weights alone"
      )
    }
  }

  /// Memory that one file's numbers may take as float32: 8 GB.
  public static let limit = 8_000_000_000
}
