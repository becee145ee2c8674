#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a control group allows the processes in it: a container's memory, of cgroup version 1 and 2.
public struct ContainerMemory: Sendable {
  /// Folders with a limit that counts for this process, from its own group up to the outermost that can be seen.
  private var folders: [(path: String, isVersion2: Bool)] = []

  /// - Parameter root: where `proc` and `sys` are: "" but for tests.
  public init(root: String = "") {
    let groups = Self.text(root + "/proc/self/cgroup")
    for line in groups.split(separator: "\n") {
      // "0::/user.slice/a" of version 2, "9:memory:/docker/b" of version 1.
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let isVersion2 = fields[1].isEmpty
      guard isVersion2 || fields[1].split(separator: ",").contains("memory") else { continue }
      for mount in isVersion2 ? ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"] : ["/sys/fs/cgroup/memory"] {
        // Inside a container the path may be the host's, which is not seen there: its parts are then left out one by one.
        var path = fields[2].split(separator: "/").filter { $0 != ".." }[...]
        while true {
          folders.append((root + mount + path.map { "/" + $0 }.joined(), isVersion2))
          if path.isEmpty { break }
          path.removeLast()
        }
      }
    }
  }

  /// The least limit of all the groups; nil where none has one.
  public var limit: Int? {
    folders.compactMap { folder in
      Self.number(folder.path + (folder.isVersion2 ? "/memory.max" : "/memory.limit_in_bytes"))
    }.min()
  }

  /// What the group with the least limit uses, without file pages that the system would give up; nil where none has one.
  public var used: Int? {
    let limited = folders.compactMap { folder in
      Self.number(folder.path + (folder.isVersion2 ? "/memory.max" : "/memory.limit_in_bytes")).map { (folder, $0) }
    }
    guard let (folder, _) = limited.min(by: { $0.1 < $1.1 }),
      let current = Self.number(folder.path + (folder.isVersion2 ? "/memory.current" : "/memory.usage_in_bytes"))
    else { return nil }
    let name = folder.isVersion2 ? "inactive_file " : "total_inactive_file "
    let pages = Self.text(folder.path + "/memory.stat").split(separator: "\n").first { $0.hasPrefix(name) }
    return max(0, current - (pages.flatMap { Int($0.dropFirst(name.count)) } ?? 0))
  }

  /// Nil for "max", for what is no number, and for version 1's way to say that there is no limit: almost 2⁶³.
  private static func number(_ path: String) -> Int? {
    let digits = text(path).prefix { $0.isNumber }
    guard let number = Int(digits), number < 1 << 60 else { return nil }
    return number
  }

  private static func text(_ path: String) -> String {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return "" }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 14)
    let count = read(file, &bytes, bytes.count)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
