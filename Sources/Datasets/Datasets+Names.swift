import Diagnostics
import Downloads
import Files

/// Finding and loading datasets by name.
public enum Datasets {
  /// Public sets by short name, as they lie under TWINBOOK_DATA or in the cache.
  static let shortNames = Dictionary(uniqueKeysWithValues: PublicSet.all.map { ($0.name, $0.path) })

  /// Where fetched data is kept: XDG_CACHE_HOME/twinbook, or ~/.cache/twinbook.
  public static var cacheFolder: String { Fetcher.cacheFolder }

  /// The folder named by TWINBOOK_DATA, if set.
  public static var dataFolder: String? { FileSystem.environment("TWINBOOK_DATA") }

  /// The folder or zip that a name stands for: a path as it is, a name under TWINBOOK_DATA, or one in the cache; `.zip`
  /// may be left out.
  public static func resolve(_ name: String, dataFolder: String? = dataFolder, cacheFolder: String = cacheFolder)
    throws(DatasetError) -> String
  {
    let places = [dataFolder, cacheFolder].compactMap { $0 }
    let known = shortNames[name]
    for base in [""] + places.map({ $0 + "/" }) {
      if !base.isEmpty && (name.hasPrefix("/") || name.hasPrefix("~")) { continue }
      for candidate in [name, name + ".zip", known].compactMap({ $0 }) where !candidate.isEmpty {
        if FileSystem.exists(base + candidate) { return base + candidate }
      }
    }
    if let beside = FileSystem.besideScript(name) { throw .refused(beside) }
    let isHereClosed = FileSystem.refusal(ofReading: ".") != nil
    if let refusal = FileSystem.refusal(ofReading: name),
      !isHereClosed || ["/", "~", "."].contains(where: { name.hasPrefix($0) })
    {
      throw .refused(refusal)
    }
    throw .unknownName(
      name: name, near: near(name, places: places), looked: (isHereClosed ? [] : ["this folder"]) + places,
      public: PublicSet.named(name)?.name)
  }

  /// Names of datasets that begin with a text, for completion: folders and zips under the data folder and the cache, and
  /// public sets by their short names.
  ///
  /// - Parameter absent: also the public sets that have not been fetched.
  public static func names(
    beginning partial: String, absent: Bool, dataFolder: String? = dataFolder, cacheFolder: String = cacheFolder
  ) -> [String] {
    if partial.hasPrefix("/") || partial.hasPrefix("~") || partial.hasPrefix(".") { return [] }
    let folder = partial.lastIndex(of: "/").map { String(partial[...$0]) } ?? ""
    var found: Set<String> = []
    for base in [dataFolder, cacheFolder].compactMap({ $0 }) {
      for entry in (try? FileSystem.list(base + "/" + folder)) ?? [] where !entry.name.hasPrefix(".") {
        if entry.kind == .folder {
          found.insert(folder + entry.name)
        } else if entry.name.hasSuffix(".zip") {
          found.insert(folder + entry.name.dropLast(4))
        }
      }
      for set in PublicSet.all where FileSystem.exists(base + "/" + set.path) { found.insert(set.name) }
    }
    if absent { found.formUnion(PublicSet.all.map(\.name)) }
    return found.filter { $0.hasPrefix(partial) }.sorted()
  }

  /// Whether a name is a path to something that is there.
  public static func isPath(_ name: String) -> Bool { FileSystem.exists(name) }

  private static func near(_ name: String, places: [String]) -> String? {
    let folder = name.contains("/") ? FileSystem.parent(of: name) : ""
    var candidates = Array(shortNames.keys)
    for base in ["."] + places {
      let inside = folder.hasPrefix("/") ? folder : folder.isEmpty ? base : base + "/" + folder
      let entries = (try? FileSystem.list(inside)) ?? []
      candidates += entries.map { folder.isEmpty ? $0.name : folder + "/" + $0.name }
    }
    return nearName(name, among: candidates.sorted())
  }
}
