import Foundation
import Testing

@testable import Memory

/// Limits of control groups, read from folders made here.
struct ContainerMemoryTests {
  /// A tree of files, removed with it.
  private final class Tree {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("twinbook-groups-\(UUID())").path

    init(_ files: [String: String]) throws {
      for (name, text) in files {
        let full = path + "/" + name
        try FileManager.default.createDirectory(
          atPath: (full as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try text.write(toFile: full, atomically: false, encoding: .utf8)
      }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  @Test func versionTwo() throws {
    let tree = try Tree([
      "proc/self/cgroup": "0::/work.slice/a\n", "sys/fs/cgroup/work.slice/a/memory.max": "max\n",
      "sys/fs/cgroup/work.slice/memory.max": "1073741824\n", "sys/fs/cgroup/work.slice/memory.current": "500000000\n",
      "sys/fs/cgroup/work.slice/memory.stat": "anon 300000000\ninactive_file 150000000\nactive_file 50000000\n",
    ])
    let memory = ContainerMemory(root: tree.path)
    #expect(memory.limit == 1 << 30)
    #expect(memory.used == 350_000_000)
  }

  /// The group's own limit counts where those around it allow more.
  @Test func theLeastLimitCounts() throws {
    let tree = try Tree([
      "proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/memory.max": "4000000000\n",
      "sys/fs/cgroup/a/b/memory.max": "3000000000\n", "sys/fs/cgroup/a/b/memory.current": "1000\n",
    ])
    let memory = ContainerMemory(root: tree.path)
    #expect(memory.limit == 3_000_000_000)
    #expect(memory.used == 1000)
  }

  @Test func versionOne() throws {
    let tree = try Tree([
      "proc/self/cgroup": "11:cpu,cpuacct:/x\n9:memory:/docker/abc\n0::/\n",
      "sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "536870912\n",
      "sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes": "200000000\n",
      "sys/fs/cgroup/memory/docker/abc/memory.stat": "cache 5\ntotal_inactive_file 50000000\n",
      "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
    ])
    let memory = ContainerMemory(root: tree.path)
    #expect(memory.limit == 536_870_912)
    #expect(memory.used == 150_000_000)
  }

  /// In a container of version 1 the group's path is the host's, and its files stand at the mount.
  @Test func pathOfTheHost() throws {
    let tree = try Tree([
      "proc/self/cgroup": "9:memory:/docker/abc\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "268435456\n",
    ])
    #expect(ContainerMemory(root: tree.path).limit == 268_435_456)
  }

  @Test func noLimit() throws {
    let tree = try Tree(["proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "max\n"])
    #expect(ContainerMemory(root: tree.path).limit == nil)
    #expect(ContainerMemory(root: tree.path).used == nil)
    #expect(ContainerMemory(root: "/nowhere at all").limit == nil)
  }
}

struct MemoryBudgetTests {
  @Test func moreThanTheLimitIsRefused() throws {
    #expect(throws: MemoryError.self) { try MemoryBudget.check(adding: MemoryBudget.resident.bytes) }
    #expect(throws: MemoryError.self) { try MemoryBudget.check(adding: 0, limit: MemoryBudget.held / 2) }
    try MemoryBudget.check(adding: 1 << 20)
  }

  @Test func words() {
    let error = MemoryError.exhausted(
      wanted: 7_200_000_000, held: 41_000_000, limit: MemoryLimit(bytes: 4_096_000_000, kind: .addressSpace))
    #expect(
      error.explanation.message
        == "out of memory: the session holds 41 MB of the 4.1 GB that `ulimit -v` allows, and 7.2 GB more are wanted")
    #expect(
      MemoryError.exhausted(wanted: 100, held: 2_000_000_000, limit: nil).explanation.message
        == "out of memory: the session holds 2 GB")
  }
}
