import CCurl
import Diagnostics
import Files
import Glibc
import Sandbox

/// Downloads public files into the cache folder: whole and checked, or not at all. What came before an interruption is
/// kept beside the target and gone on from.
public struct Fetcher {
  public struct Progress: Sendable {
    /// Bytes that are there, those of an earlier try included.
    public var done: Int
    /// nil where it is not known.
    public var total: Int?
    public var bytesPerSecond: Double
  }

  /// In place of the files' own addresses: base + "/" + path. For mirrors and tests.
  public var base: String?
  public var cacheFolder: String
  /// A transfer slower than so many bytes a second for so long counts as stalled.
  public var slowBytes = 200
  public var slowSeconds = 30
  public var connectSeconds = 20
  /// How often a transfer that stalled or was cut off is taken up again.
  public var retries = 2
  /// Where a file's size is not known, no more than this.
  public static let limit = 64 << 20

  /// - Parameter base: `TWINBOOK_FETCH_BASE` where not given.
  public init(
    base: String? = FileSystem.environment("TWINBOOK_FETCH_BASE"), cacheFolder: String = Fetcher.cacheFolder
  ) {
    self.base = base.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
    self.cacheFolder = cacheFolder
  }

  /// libcurl's version; nil where it is not installed.
  public static var library: String? { twin_curl_version().map { String(cString: $0) } }

  /// Where what was fetched is kept: XDG_CACHE_HOME/twinbook, or ~/.cache/twinbook.
  public static var cacheFolder: String { cacheFolder(FileSystem.environment("XDG_CACHE_HOME")) }

  /// A relative one would be another folder wherever the program stands, and does not count, as the XDG specification has it.
  static func cacheFolder(_ given: String?) -> String {
    if let given, given.hasPrefix("/") { return given + "/twinbook" }
    return FileSystem.expanded("~/.cache/twinbook")
  }

  /// The file's path; downloads it where it is not there yet, or damaged.
  ///
  /// - Parameters:
  ///   - contents: asked of a file whose publisher gives no sum: what is wrong with the file at a path; nil: nothing.
  ///   - progress: called now and then on this thread.
  ///   - shouldStop: asked now and then; true ends with `CancellationError`, and the next call goes on.
  public func fetch(
    _ wanted: PublicFile, contents: (String) throws -> String? = { _ in nil },
    progress: (Progress) -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> String {
    let target = cacheFolder + "/" + wanted.path
    if FileSystem.exists(target), (try? check(wanted, target, contents)) != nil { return target }
    guard Fetcher.library != nil else { throw FetchError.noLibrary }
    try AccessPolicy.checkNetwork(.download)
    try FileSystem.makeFolder(FileSystem.parent(of: target))
    let part = try PartFile(target + ".part")
    var tries = 0
    while true {
      let offset = part.size
      do {
        try download(wanted, to: part, progress, shouldStop)
        do { try check(wanted, part.path, contents) } catch {
          try part.restart()
          // What was there from before may have been of another file: once more from the beginning.
          if offset > 0 { continue }
          throw error
        }
        try part.place(at: target)
        return target
      } catch let error as FetchError {
        switch error {
        case .stalled, .cutOff:
          tries += 1
          if tries > retries { throw error }
        // The server does not go on from a place, or what came before was of another file.
        case .status(_, 416) where part.size > 0: try part.restart()
        case .tooLarge:
          let resumed = offset > 0
          try part.restart()
          if !resumed { throw error }
        default: throw error
        }
      }
    }
  }

  private func address(_ wanted: PublicFile) -> String {
    base.map { $0 + "/" + wanted.path } ?? wanted.address
  }

  // MARK: One transfer

  private final class Transfer {
    let part: PartFile
    let total: Int?
    let began = ContinuousClock.now
    let offset: Int
    let progress: (Progress) -> Void
    let shouldStop: () -> Bool
    var failure: FileError?

    init(_ part: PartFile, total: Int?, _ progress: @escaping (Progress) -> Void, _ shouldStop: @escaping () -> Bool) {
      self.part = part
      self.total = total
      self.progress = progress
      self.shouldStop = shouldStop
      offset = part.size
    }

    func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
      do throws(FileError) { try part.append(bytes) } catch {
        failure = error
        return false
      }
      return true
    }

    func goOn(done: Int, announced: Int?) -> Bool {
      if shouldStop() { return false }
      let (seconds, fraction) = (ContinuousClock.now - began).components
      let time = max(1e-3, Double(seconds) + Double(fraction) * 1e-18)
      progress(
        Progress(
          done: offset + done, total: total ?? announced.map { $0 + offset }, bytesPerSecond: Double(done) / time))
      return true
    }
  }

  private func download(
    _ wanted: PublicFile, to part: PartFile, _ progress: (Progress) -> Void, _ shouldStop: () -> Bool
  ) throws {
    if let size = wanted.size, part.size >= size { return }
    let address = address(wanted)
    let limit = (wanted.size ?? Self.limit) - part.size
    var web = WebTransfer()
    (web.bytes, web.seconds, web.connectSeconds) = (limit, 0, connectSeconds)
    (web.slowBytes, web.slowSeconds) = (slowBytes, slowSeconds)
    try withoutActuallyEscaping(progress) { progress in
      try withoutActuallyEscaping(shouldStop) { shouldStop in
        let transfer = Transfer(part, total: wanted.size, progress, shouldStop)
        do throws(WebTransfer.Failure) {
          _ = try web.stream(
            address, from: part.size, receive: { transfer.receive($0) },
            progress: { transfer.goOn(done: $0, announced: $1) })
        } catch {
          if let failure = transfer.failure { throw failure }
          throw Self.error(for: error, address: address, part: part, limit: wanted.size ?? Self.limit)
        }
      }
    }
  }

  private static func error(for failure: WebTransfer.Failure, address: String, part: PartFile, limit: Int) -> any Error
  {
    switch failure {
    case .stopped: CancellationError()
    case .refused: AccessError.network(.download)
    case .noLibrary: FetchError.noLibrary
    case .near(let host): FetchError.failed(address: address, reason: "it leads to \(host), which is no public address")
    case .noConnection(let reason): FetchError.connection(address: address, reason: reason)
    case .notSecure(let reason): FetchError.notSecure(address: address, reason: reason)
    case .status(let status, _): FetchError.status(address: address, status: status)
    case .redirects: FetchError.redirects(address: address)
    case .tooSlow: FetchError.stalled(address: address, bytes: part.size)
    case .cutOff: FetchError.cutOff(address: address, bytes: part.size)
    case .tooLarge: FetchError.tooLarge(address: address, limit: limit)
    case .badAddress(let reason), .failed(let reason): FetchError.failed(address: address, reason: reason)
    }
  }

  // MARK: Whether it came whole

  private func check(_ wanted: PublicFile, _ path: String, _ contents: (String) throws -> String?) throws {
    let address = address(wanted)
    let bytes = try FileSystem.read(path, limit: max(Self.limit, wanted.size ?? 0))
    if let size = wanted.size, bytes.count != size {
      throw FetchError.wrongSize(address: address, expected: size, got: bytes.count)
    }
    let sums = [(wanted.sha256, SHA256.hex), (wanted.md5, MD5.hex)]
    if let (due, sum) = sums.first(where: { $0.0 != nil }), let due {
      let got = sum(bytes)
      guard got == due else { throw FetchError.wrongSum(address: address, expected: due, got: got) }
      return
    }
    if let reason = try contents(path) { throw FetchError.wrongContents(address: address, reason: reason) }
  }
}

/// The file that a download grows in, locked against other processes.
private final class PartFile {
  let path: String
  private let file: Int32
  private(set) var size = 0
  private var isOurs = false

  init(_ path: String) throws {
    self.path = path
    file = try FileSystem.openToUpdate(path)
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else { throw FetchError.busy(path: path) }
    isOurs = true
    size = max(0, Int(lseek(file, 0, SEEK_END)))
  }

  deinit {
    // Nothing came: nothing is left behind.
    if isOurs, size == 0 { unlink(FileSystem.expanded(path)) }
    close(file)
  }

  func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    guard let base = bytes.baseAddress else { return }
    var done = 0
    while done < bytes.count {
      let wrote = write(file, base + done, bytes.count - done)
      if wrote < 0 {
        if errno == EINTR { continue }
        throw FileSystem.writingError(path, errno)
      }
      done += wrote
      size += wrote
    }
  }

  func restart() throws(FileError) {
    guard ftruncate(file, 0) == 0, lseek(file, 0, SEEK_SET) == 0 else { throw FileSystem.writingError(path, errno) }
    size = 0
  }

  /// A reader sees the old file or the new one.
  func place(at target: String) throws(FileError) {
    guard fsync(file) == 0, rename(FileSystem.expanded(path), FileSystem.expanded(target)) == 0 else {
      throw FileSystem.writingError(target, errno)
    }
  }
}
