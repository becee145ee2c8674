import CSandbox
import Glibc

/// A second wall, which the kernel keeps: where a decoder has a hole and a picture gets through the first one, it stands
/// around the whole process. It cannot be taken down again, so it is for processes that run one script.
public struct KernelWall: Sendable {
  public enum State: Sendable, Hashable {
    case stands
    /// The kernel has none.
    case absent
    case failed(reason: String)
  }

  /// Files and ports, by Landlock.
  public let files: State
  /// Calls that no script needs, by seccomp.
  public let calls: State

  /// Landlock's version in this kernel; 0: it has none.
  public static var landlockVersion: Int { Int(twin_landlock_version()) }

  /// What programs and libraries of the system are made of: gnuplot is started, LAPACK opened, from there.
  private static let system = ["/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/opt", "/nix", "/gnu"]
  private static let described = [
    "/etc", "/proc", "/sys/fs/cgroup", "/sys/devices/system", "/var/cache/fontconfig", "/var/lib/fonts", "/dev",
  ]
  private static let devices = ["/dev/null", "/dev/zero", "/dev/tty", "/dev/pts", "/dev/full"]

  /// Raises what walls there are around this thread and all that come from it.
  ///
  /// - Parameters:
  ///   - files: as the first wall has them.
  ///   - program: this program's folder, and others that have libraries.
  ///   - writable: folders that this program itself, not the script, writes to.
  ///   - everywhere: the calls are refused to threads that run already, too.
  public static func raise(
    around files: FileAccess, programs: [String] = [], writable: [String] = [], everywhere: Bool = true
  ) -> KernelWall {
    let readable = files.readableFolders + described
    let written = [files.scratch] + writable + devices
    let landlock = withPointers(system + programs) { programs, programCount in
      withPointers(readable) { readable, readableCount in
        withPointers(written) { written, writtenCount in
          twin_landlock_restrict(programs, programCount, readable, readableCount, written, writtenCount)
        }
      }
    }
    return KernelWall(files: state(landlock), calls: state(twin_seccomp_restrict(everywhere)))
  }

  private static func state(_ code: Int32) -> State {
    switch code {
    case 0: .stands
    case ENOSYS, EOPNOTSUPP: .absent
    default: .failed(reason: String(cString: strerror(code)))
    }
  }

  private static func withPointers<Result>(
    _ paths: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?, Int) -> Result
  ) -> Result {
    let copies = paths.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    let pointers = copies.map { $0.map { UnsafePointer($0) } }
    return pointers.withUnsafeBufferPointer { body($0.baseAddress, $0.count) }
  }
}
