import Foundation
import Glibc
import Sandbox
import Synchronization
import Testing

/// The second wall alone, around a thread of its own: no policy is asked here.
@Suite struct KernelWallTests {
  struct Seen: Sendable {
    var wall: KernelWall
    var readsOwn = false
    var writesOwn = false
    var readsData = false
    var writesData = false
    var readsSecret = false
    var writesOutside = false
    var makesSocket = false
    var changesRoot = false
    var typesIntoTerminals = false
    var asksDevices = false
    var startsSystemPrograms = false
    var startsOwnPrograms = false
  }

  private static func opens(_ path: String, _ flags: Int32) -> Bool {
    let file = open(path, flags, 0o600)
    if file >= 0 { close(file) }
    return file >= 0
  }

  /// What the system says to something that a device is asked for, through a file, which has an answer to none.
  private static func answer(_ request: UInt, _ file: Int32) -> Int32 {
    var letter: UInt8 = 10
    return ioctl(file, request, &letter) == 0 ? 0 : errno
  }

  private static let types: UInt = 0x5412
  private static let pastes: UInt = 0x541C

  private static func starts(_ program: String) -> Bool {
    var id: pid_t = 0
    guard let name = strdup(program) else { return false }
    defer { free(name) }
    var arguments: [UnsafeMutablePointer<CChar>?] = [name, nil]
    guard posix_spawn(&id, program, nil, nil, &arguments, environ) == 0 else { return false }
    var status: Int32 = 0
    waitpid(id, &status, 0)
    return status == 0
  }

  @Test(.enabled(if: KernelWall.landlockVersion > 0, "this kernel has no Landlock"))
  func theKernelKeepsFilesAndCalls() throws {
    let yard = try Yard()
    let files = try #require(yard.policy.files)
    try FileManager.default.copyItem(atPath: "/bin/true", toPath: yard.scratch + "/true")
    let (script, scratch, outside, data) = (yard.script, yard.scratch, yard.outside, yard.top.path + "/data")
    let result = Mutex<Seen?>(nil)
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      var seen = Seen(wall: KernelWall.raise(around: files, everywhere: false))
      seen.readsOwn = Self.opens(script + "/own.txt", O_RDONLY)
      seen.writesOwn = Self.opens(scratch + "/new.txt", O_WRONLY | O_CREAT)
      seen.readsData = Self.opens(data + "/data.txt", O_RDONLY)
      seen.writesData = Self.opens(data + "/new.txt", O_WRONLY | O_CREAT)
      seen.readsSecret = Self.opens(outside + "/secret.txt", O_RDONLY)
      seen.writesOutside =
        Self.opens(outside + "/new.txt", O_WRONLY | O_CREAT) || Self.opens(outside + "/secret.txt", O_WRONLY)
        || unlink(outside + "/secret.txt") == 0 || mkdir(outside + "/new", 0o700) == 0
        || rename(outside + "/secret.txt", scratch + "/secret.txt") == 0
        || truncate(outside + "/secret.txt", 0) == 0
      let made = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      seen.makesSocket = made >= 0 || errno != EACCES
      // To where it is: nothing would change, were it allowed.
      let moved = chroot("/")
      seen.changesRoot = moved == 0 || errno != EACCES
      let own = open(script + "/own.txt", O_RDONLY)
      seen.typesIntoTerminals = Self.answer(Self.types, own) != EACCES || Self.answer(Self.pastes, own) != EACCES
      // Any other question comes through: the terminal's size.
      seen.asksDevices = Self.answer(UInt(TIOCGWINSZ), own) == ENOTTY
      close(own)
      seen.startsSystemPrograms = Self.starts("/bin/true")
      seen.startsOwnPrograms = Self.starts(scratch + "/true")
      result.withLock { $0 = seen }
      done.signal()
    }
    thread.start()
    done.wait()
    let seen = try #require(result.withLock { $0 })
    #expect(seen.wall.files == .stands && seen.wall.calls == .stands)
    #expect(seen.readsOwn && seen.writesOwn && seen.readsData && seen.startsSystemPrograms)
    #expect(!seen.writesData && !seen.readsSecret && !seen.writesOutside)
    #expect(!seen.makesSocket && !seen.changesRoot && !seen.startsOwnPrograms)
    #expect(!seen.typesIntoTerminals && seen.asksDevices)
    // This thread, and all others, are as free as before.
    let own = open(script + "/own.txt", O_RDONLY)
    #expect(Self.answer(Self.types, own) == ENOTTY)
    close(own)
    #expect(Self.opens(yard.outside + "/secret.txt", O_RDONLY) && yard.text("outside/secret.txt") == Yard.secret)
    let free = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #expect(free >= 0)
    close(free)
  }
}
