import Files
import FuzzSupport
import Images
import TensorFiles

/// Pictures, arrays and lists.
public enum FileReader: String, FuzzedReader {
  case image, npy, npz, safetensors, torch, hdf5, csv

  public func read(_ bytes: [UInt8]) {
    switch self {
    case .image: _ = try? PixelImage.decode(bytes, limit: 1 << 22)
    case .npy: _ = try? NPY.decode(bytes)
    case .npz: _ = try? NPZ.decode(bytes)
    case .safetensors: _ = try? Safetensors.decode(bytes)
    case .torch:
      _ = try? TorchWeights.decode(bytes)
      _ = try? TorchWeights.decode(bytes, isStrict: false)
    case .hdf5:
      guard var file = try? HDF5File(bytes) else { return }
      for node in file.root.arrays { _ = try? file.tensor(node) }
      for name in ["text", "list", "layer_names", "weight_names"] { _ = try? file.texts(name, of: file.root) }
    case .csv: _ = CSV.records(String(decoding: bytes, as: UTF8.self))
    }
  }
}
