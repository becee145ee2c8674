import Foundation

/// What PyTorch gives; the figures are made by Tests/References/pytorch.py.
public enum PyTorchFigures {
  /// By name; empty where there is none.
  public static let byName: [String: [Float]] = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "References")
    let lines = ["pytorch.txt", "metric_learning.txt"].flatMap { name in
      ((try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? "").split(separator: "\n")
    }
    return Dictionary(
      uniqueKeysWithValues: lines.map { line in
        let words = line.split(separator: " ")
        return (String(words[0]), words.dropFirst(2).compactMap { Float($0) })
      })
  }()

  /// As the script's `numbers`.
  public static func numbers(_ count: Int, _ factor: Int = 7, _ modulus: Int = 11) -> [Float] {
    (0..<count).map { Float((factor * $0 + 3) % modulus - modulus / 2) / 4 }
  }
}
