import CSystem

#if canImport(Glibc)
  import Glibc
#endif

/// How much memory this process holds.
enum ProcessMemory {
  private static let pageSize = max(4096, sysconf(Int32(_SC_PAGESIZE)))

  /// What the process holds now; 0 where the system does not say.
  static var resident: Int {
    let file = open("/proc/self/statm", O_RDONLY)
    guard file >= 0 else { return 0 }
    defer { close(file) }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 128) { buffer in
      let count = read(file, buffer.baseAddress, 128)
      guard count > 0 else { return 0 }
      // "SIZE RESIDENT …", in pages.
      let fields = buffer[..<count].split(separator: 32, maxSplits: 2)
      guard fields.count > 1 else { return 0 }
      return fields[1].reduce(0) { $0 * 10 + Int($1) - 48 } * pageSize
    }
  }
}

extension Machine {
  /// Lists and strings that are made between two looks at the process's memory.
  private static let unlooked = 256 << 20
  /// Turns of `tick` between two looks.
  static let ticksBetweenLooks = 32

  /// A list or string of so many items is about to be made.
  @inline(__always)
  func charge(_ items: Int) throws {
    charged += items
    if charged > Self.unlooked / 16 { try checkMemory() }
  }

  @inline(never)
  func checkMemory() throws {
    charged = 0
    guard ProcessMemory.resident > context.limits.memory else { return }
    collectCycles()
    // What was let go of may still be with the allocator.
    twin_trim_memory()
    let resident = ProcessMemory.resident
    if resident > context.limits.memory { throw RuntimeError.outOfMemory(resident) }
  }
}
