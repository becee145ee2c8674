import CSystem
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// How much memory this process may have: asked before anything large is made, so that too much of it is an error in
/// words, where the allocator of Swift would end the process, or the system would.
///
/// Three things bound it: the machine and the container (pages that are really used; beyond them the system kills) and the
/// limits of `ulimit` (addresses; beyond them an allocation fails).
public enum MemoryBudget {
  /// What the process may really use.
  public static let resident: MemoryLimit = {
    let machine = physicalMemory()
    if let container = container.limit, container < machine {
      return MemoryLimit(bytes: container / 20 * 17, kind: .container)
    }
    return MemoryLimit(bytes: machine / 20 * 17, kind: .machine)
  }()

  private static let container = ContainerMemory()

  /// What it may reserve, where somebody has set a limit.
  public static let reserved: MemoryLimit? = {
    let space = twin_memory_limit(false)
    let data = twin_memory_limit(true)
    let limits = [
      space > 0 ? MemoryLimit(bytes: Int(space), kind: .addressSpace) : nil,
      data > 0 ? MemoryLimit(bytes: Int(data), kind: .data) : nil,
    ]
    return limits.compactMap { $0 }.min { $0.bytes < $1.bytes }
  }()

  /// Left for the many small things between two looks.
  private static let reserve = reserved.map { min(64 << 20, max(8 << 20, $0.bytes / 16)) } ?? 0

  /// The most that one thing may take.
  public static let largestPiece = min(resident.bytes / 17 * 10, (reserved?.bytes ?? .max) / 2)

  /// A thread's stack in bytes: of `wanted` as much as leaves room beside it where addresses are limited. A stack takes its
  /// addresses at once, and memory only where it is used.
  public static func stackSize(upTo wanted: Int) -> Int {
    guard let reserved else { return wanted }
    return min(wanted, max(16 << 20, reserved.bytes / 16))
  }

  /// Of a thread that runs cells: recursion of the language lives on the machine's own stack, but values nest, and the parser
  /// and natives recurse.
  public static var cellStackSize: Int { stackSize(upTo: 256 << 20) }

  /// Limits are near, so that looks are frequent.
  public static let isTight = reserved != nil || resident.kind == .container

  /// Bytes that may be made between two looks.
  public static let unlooked = isTight ? 8 << 20 : 128 << 20

  private static let charged = Atomic<Int>(0)

  /// So many bytes are about to be asked for; now and then, and for large pieces, looks at what there is.
  @inline(__always)
  public static func charge(_ bytes: Int) throws(MemoryError) {
    if bytes < 1024 { return }
    if charged.wrappingAdd(bytes, ordering: .relaxed).newValue > unlooked { try check(adding: bytes) }
  }

  /// Looks whether there is room for so many bytes more.
  /// - Parameter limit: another bound of what is really used.
  @inline(never)
  public static func check(adding bytes: Int, limit: Int? = nil) throws(MemoryError) {
    charged.store(0, ordering: .relaxed)
    let bound = limit.map { MemoryLimit(bytes: $0, kind: .machine) } ?? resident
    if inUse > bound.bytes - min(bytes, bound.bytes) {
      // What was let go of may still be with the allocator.
      twin_trim_memory()
      let held = inUse
      if held > bound.bytes - min(bytes, bound.bytes) {
        throw .exhausted(wanted: bytes, held: held, limit: bound)
      }
    }
    guard let reserved else { return }
    // The allocator knows best what it can still give.
    if twin_can_allocate(UInt(bytes + reserve)) { return }
    // What was let go of may still be with the allocator.
    twin_trim_memory()
    guard twin_can_allocate(UInt(bytes + reserve)) else {
      throw .exhausted(wanted: bytes, held: pages(0), limit: reserved)
    }
  }

  /// What the process holds now; 0 where the system does not say.
  public static var held: Int { pages(1) }

  /// In a container, what is used together with its other processes.
  private static var inUse: Int {
    resident.kind == .container ? max(held, container.used ?? 0) : held
  }

  private static let pageSize = max(4096, sysconf(Int32(_SC_PAGESIZE)))

  /// "SIZE RESIDENT …" of /proc/self/statm, in bytes.
  private static func pages(_ field: Int) -> Int {
    let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return 0 }
    defer { close(file) }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 128) { buffer in
      let count = read(file, buffer.baseAddress, 128)
      guard count > 0 else { return 0 }
      let fields = buffer[..<count].split(separator: 32, maxSplits: 2)
      guard fields.count > field else { return 0 }
      return fields[field].reduce(0) { $0 * 10 + Int($1) - 48 } * pageSize
    }
  }
}

/// The machine's memory in bytes; 4 GB where the system does not say.
private func physicalMemory() -> Int {
  let pages = sysconf(Int32(_SC_PHYS_PAGES))
  let size = sysconf(Int32(_SC_PAGESIZE))
  let (bytes, overflow) = pages.multipliedReportingOverflow(by: size)
  return pages > 0 && size > 0 && !overflow ? bytes : 4 << 30
}
