import Diagnostics
import Datasets
import NeuralNetworks
import Tensors

extension LearningRecord {
  /// Of the images and classes of a source.
  public init(_ source: any ImageSource) throws {
    self.init()
    images = Set(try Self.fingerprints(of: source))
    let present = Set(source.labels)
    classes = Set(
      present.compactMap { label in
        source.classNames.indices.contains(label) ? Self.fingerprint(of: source.classNames[label]) : nil
      })
  }

  /// 64 bits of each image.
  static func fingerprints(of source: any ImageSource) throws -> [UInt64] {
    if let known = try source.imageFingerprints() { return known }
    var fingerprints: [UInt64] = []
    let size = source.itemSize
    let part = max(1, min(256, (1 << 22) / max(1, size)))
    var pixels = [Float](repeating: 0, count: part * size)
    for start in stride(from: 0, to: source.count, by: part) {
      try LongWork.check()
      let items = Array(start..<min(source.count, start + part))
      try pixels.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { return }
        try source.fill(base, items: items, draw: nil)
      }
      for place in items.indices {
        var hash = FNVHash()
        for k in place * size..<(place + 1) * size { hash.add(pixels[k].bitPattern) }
        fingerprints.append(hash.value)
      }
    }
    return fingerprints
  }

  /// Nil for a name that a program gave, as "glyph3" or "class1": it says nothing of who it is.
  public static func fingerprint(of name: String) -> UInt64? {
    let last = name.split(separator: "/").last ?? ""
    for made in ["glyph", "class"] where last.hasPrefix(made) {
      let rest = last.dropFirst(made.count).prefix { $0 != "@" }
      if !rest.isEmpty, rest.allSatisfy(\.isNumber) { return nil }
    }
    return FNVHash(name.utf8).value
  }

  /// How much of a source a network has learnt from.
  public struct Overlap: Hashable, Sendable {
    /// Images of the source that the network has learnt from.
    public var images = 0
    /// Classes of the source, by name, that it has learnt from.
    public var classes = 0
    /// Classes of the source whose names a program gave, as "glyph3" and "class1": such names are everybody's, and count
    /// for nobody.
    public var withoutOwnName = 0
    /// Of the source.
    public var allImages = 0
    /// Classes of the source, of which `classes` are a part.
    public var allClasses = 0

    /// The network has learnt from nothing of it.
    public var isEmpty: Bool { images == 0 && classes == 0 }

    /// That nothing was found, and what it was not looked for by.
    public var wordsOfNothing: String {
      let nothing = "nothing that the network has learnt from: no image, "
      if withoutOwnName == 0 { return nothing + "no class by name" }
      return nothing
        + (withoutOwnName == allClasses ? "and classes were not looked for by name" : "no class by a name of its own")
        + " (names such as glyph3 and class1 are everybody's)"
    }

    /// "the network has learnt from 40 of the 400 images and from 10 of the 40 classes here"; nil where from none.
    public var words: String? {
      guard !isEmpty else { return nil }
      var parts: [String] = []
      if images > 0 { parts.append("from \(images) of the \(allImages) image\(allImages == 1 ? "" : "s")") }
      if classes > 0 { parts.append("from \(classes) of the \(allClasses) class\(allClasses == 1 ? "" : "es")") }
      return "the network has learnt \(parts.joined(separator: " and ")): this says nothing about strangers"
    }
  }

  /// - Parameter items: of the source; nil: all.
  public func overlap(with source: any ImageSource, items: Set<Int>? = nil) throws -> Overlap {
    guard !images.isEmpty || !classes.isEmpty else { return Overlap() }
    let fingerprints = try Self.fingerprints(of: source)
    var found = Overlap()
    var seen = Set<Int>()
    for (item, fingerprint) in fingerprints.enumerated() where items?.contains(item) ?? true {
      found.allImages += 1
      if images.contains(fingerprint) { found.images += 1 }
      seen.insert(source.labels[item])
    }
    found.allClasses = seen.count
    for label in seen where source.classNames.indices.contains(label) {
      guard let fingerprint = Self.fingerprint(of: source.classNames[label]) else {
        found.withoutOwnName += 1
        continue
      }
      if classes.contains(fingerprint) { found.classes += 1 }
    }
    return found
  }
}
