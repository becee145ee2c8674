extension Layer {
  /// The layer as it is written in Twin: `conv(6, 3)`, `maxpool(2)`, `dense(128)`.
  public var describe: String {
    switch self {
    case .conv(let conv):
      var text = "conv(\(conv.filters), \(Self.words(conv.kernel))"
      if conv.stride != Extent(1) { text += ", stride=\(Self.words(conv.stride))" }
      text += Self.words(conv.padding)
      if !conv.bias { text += ", bias=false" }
      if conv.initialisation != .glorot { text += ", init=\"\(conv.initialisation.rawValue)\"" }
      return text + ")"
    case .dense(let units, let bias, let initialisation):
      return "dense(\(units)\(bias ? "" : ", bias=false")"
        + (initialisation == .glorot ? "" : ", init=\"\(initialisation.rawValue)\"") + ")"
    case .activation(.relu): return "relu"
    case .activation(.leakyRelu(let slope)): return "leakyrelu(\(Self.words(Double(slope))))"
    case .activation(.sigmoid): return "sigmoid"
    case .activation(.tanh): return "tanh"
    case .maxPool(let window): return "maxpool(\(Self.words(window)))"
    case .avgPool(let window): return "avgpool(\(Self.words(window)))"
    case .globalPool: return "globalpool"
    case .flatten: return "flatten"
    case .dropout(let rate): return "dropout(\(Self.words(rate)))"
    case .batchNorm(let momentum, let epsilon):
      if momentum == 0.9, epsilon == 1e-5 { return "batchnorm" }
      return "batchnorm(momentum=\(Self.words(momentum)), epsilon=\(Self.words(epsilon)))"
    case .normalize: return "normalize"
    case .residual(let block): return "residual(\(block.map(\.describe).joined(separator: " >> ")))"
    case .parallel(let blocks):
      return "parallel(\(blocks.map { $0.map(\.describe).joined(separator: " >> ") }.joined(separator: ", ")))"
    case .squeezeExcite(let reduction): return "squeezeexcite(\(reduction))"
    case .hog(let cell, let bins, let signed):
      return "hog(\(cell)\(bins == 9 ? "" : ", bins=\(bins)")\(signed ? ", signed=true" : ""))"
    case .symmetric(let block): return "symmetric(\(block.map(\.describe).joined(separator: " >> ")))"
    }
  }

  /// The layers that it is made of, block by block.
  var blocks: [[Layer]] {
    switch self {
    case .residual(let block), .symmetric(let block): [block]
    case .parallel(let blocks): blocks
    default: []
    }
  }

  /// The name alone: `conv`.
  public var name: String { String(describe.prefix { $0 != "(" }) }

  private static func words(_ extent: Extent) -> String {
    extent.height == extent.width ? "\(extent.height)" : "[\(extent.height), \(extent.width)]"
  }

  private static func words(_ padding: Padding) -> String {
    switch padding {
    case .valid: ""
    case .same: ", padding=\"same\""
    case .pixels(let count): ", padding=\(count)"
    }
  }

  private static func words(_ window: Window) -> String {
    words(window.size) + (window.stride == window.size ? "" : ", stride=\(words(window.stride))")
      + words(window.padding)
  }

  /// A number without a needless point; a Float's slope shown in as few digits as it takes.
  private static func words(_ number: Double) -> String {
    if number == number.rounded(), abs(number) < 1e9 { return "\(Int(number))" }
    return "\(Float(number))"
  }
}
