import Downloads
import Files
import Foundation
import Glibc
import Images
import Sandbox
import Synchronization

extension Collector {
  /// Does what is not done yet, on threads of its own; this one shows how far it is, and listens.
  ///
  /// - Parameters:
  ///   - transfer: how, and where to, addresses may lead.
  ///   - goal: so many under `label` are wanted, for the progress; nil: all.
  func run(
    _ items: [CollectItem], _ transfer: WebTransfer, goal: Int? = nil, label: String = "",
    _ progress: (CollectProgress) -> Void,
    _ shouldStop: () -> Bool
  ) throws {
    let open = try shared.state.withLock { state -> [CollectItem] in
      let left = items.filter { item in state.folder[item.address].map { $0.status == .failed } ?? true }
      // Whoever asked to be left alone for long is not asked again by the next page of a search.
      let now = ContinuousClock.now
      for item in left {
        guard let closed = state.closedHosts[item.host], closed.until > now else { continue }
        try state.folder.add(CollectRow(item, .failed, reason: closed.reason))
      }
      return left.filter { item in state.closedHosts[item.host].map { $0.until <= now } ?? true }
    }
    guard !open.isEmpty else { return try shared.state.withLock { try $0.folder.tidy() } }
    try AccessPolicy.checkNetwork(.download)
    let policy = AccessPolicy.current
    let schedule = Schedule(open, perHost: options.perHost, pause: options.pause)
    shared.state.withLock { $0.done = 0 }
    let began = ContinuousClock.now
    let group = DispatchGroup()
    for _ in 0..<max(1, min(options.workers, open.count, 64)) {
      group.enter()
      let worker = Thread { [options, shared] in
        policy.bind {
          CollectWorker(options: options, transfer: transfer, shared: shared, schedule: schedule).work()
        }
        group.leave()
      }
      worker.stackSize = 2 << 20
      worker.start()
    }
    func tell() {
      let (done, kept, bytes) = shared.state.withLock { state in
        (
          state.done, state.folder.rows.count { $0.status == .kept && (goal == nil || $0.item.label == label) },
          state.bytes
        )
      }
      let (seconds, fraction) = (ContinuousClock.now - began).components
      progress(
        CollectProgress(
          done: goal == nil ? done : min(kept, goal ?? 0), total: goal ?? open.count, kept: kept, bytes: bytes,
          seconds: Double(seconds) + Double(fraction) * 1e-18))
    }
    var isStopped = false
    while group.wait(timeout: .now() + .milliseconds(100)) == .timedOut {
      tell()
      if !isStopped, shouldStop() {
        isStopped = true
        shared.stops.store(true, ordering: .relaxed)
      }
    }
    tell()
    shared.stops.store(false, ordering: .relaxed)
    let failure = shared.state.withLock { state -> (any Error)? in
      defer { state.failure = nil }
      return state.failure
    }
    if let failure { throw failure }
    try shared.state.withLock { try $0.folder.tidy() }
    if isStopped { throw CancellationError() }
  }

  /// Seconds to wait before another try; nil: it would be in vain.
  func delay(_ failure: WebTransfer.Failure, tries: Int, address: String) -> Double? {
    CollectWorker.delay(failure, tries: tries, address: address, options)
  }

  static func words(_ failure: WebTransfer.Failure) -> String {
    switch failure {
    case .noLibrary: "libcurl is not installed"
    case .refused: "this script may not use the network"
    case .stopped: "it was stopped"
    case .near(let host): "it leads to \(host), on this machine or its own network, which nobody named"
    case .redirects: "it leads in a circle: it redirects again and again"
    case .tooSlow: "it took too long"
    case .cutOff: "the connection ended early"
    case .tooLarge: "it is larger than is allowed"
    case .badAddress(let reason): "the address cannot be used: \(reason)"
    case .noConnection(let reason): "the server cannot be reached: \(reason)"
    case .notSecure(let reason): "the server cannot be trusted: \(reason)"
    case .status(let status, let wait):
      "the server answered \(status)" + (wait.map { " and asks to wait \($0) seconds" } ?? "")
    case .failed(let reason): "it failed: \(reason)"
    }
  }
}

/// One of the threads that download.
struct CollectWorker {
  let options: CollectOptions
  let transfer: WebTransfer
  let shared: Collector.Shared
  let schedule: Schedule

  private var isStopped: Bool { shared.stops.load(ordering: .relaxed) }

  func work() {
    while !isStopped {
      switch schedule.next() {
      case .done: return
      case .wait(let time):
        // Not long: somebody may want to stop.
        usleep(useconds_t(min(50_000, max(1000, time / .microseconds(1)))))
      case .work(let work): one(work)
      }
    }
  }

  private func one(_ work: Schedule.Work) {
    let result: Result<WebTransfer.Answer, WebTransfer.Failure>
    do throws(WebTransfer.Failure) {
      result = .success(try transfer.get(work.item.address, shouldStop: { isStopped }))
    } catch { result = .failure(error) }
    switch result {
    case .success(let answer): judge(work.item, answer.bytes)
    case .failure(.stopped): break
    case .failure(let failure):
      if let wait = Self.delay(failure, tries: work.tries, address: work.item.address, options) {
        let isAsked = if case .status(_, .some) = failure { true } else { false }
        if isAsked, wait > Double(options.patience) {
          // Not for as long as that: what is to come from there is left for another time.
          let closed = (until: ContinuousClock.now + .seconds(wait), reason: Collector.words(failure))
          shared.state.withLock { $0.closedHosts[work.item.host] = closed }
          for item in [work.item] + schedule.close(work.item.host) {
            note(CollectRow(item, .failed, reason: Collector.words(failure)))
          }
        } else if work.tries < options.retries {
          schedule.again(work, after: wait, isForHost: isAsked)
        } else {
          note(CollectRow(work.item, .failed, reason: Collector.words(failure)))
        }
      } else {
        note(CollectRow(work.item, .rejected, reason: Collector.words(failure)))
      }
    }
    schedule.finished(work)
  }

  /// Seconds to wait before another try; nil: it would be in vain. Twice as long each time, a quarter more or less by the
  /// address, so that not all come back at once.
  static func delay(_ failure: WebTransfer.Failure, tries: Int, address: String, _ options: CollectOptions) -> Double? {
    switch failure {
    case .noConnection, .tooSlow, .cutOff, .failed: break
    case .status(let status, let wait):
      guard [408, 425, 429].contains(status) || status >= 500 else { return nil }
      if let wait { return Double(wait) }
    case .noLibrary, .refused, .stopped, .near, .redirects, .tooLarge, .badAddress, .notSecure: return nil
    }
    let hash = address.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    let varied = 0.75 + 0.5 * Double(hash % 1024) / 1024
    return min(60, options.backoff * Double(1 << min(tries, 16)) * varied)
  }

  // MARK: What came

  private func judge(_ item: CollectItem, _ bytes: [UInt8]) {
    let sum = MD5.hex(bytes)
    var row = CollectRow(item, .rejected)
    row.bytes = bytes.count
    row.md5 = sum
    shared.state.withLock { $0.bytes += bytes.count }
    // Unpacked by one at a time: a large picture takes a hundred times its file.
    let (content, look) = shared.unpacking.withLock { _ -> (Content, PerceptualHash?) in
      let content = Content(bytes, smallestSide: options.smallestSide)
      guard case .picture(let image, _) = content else { return (content, nil) }
      return (content, try? PerceptualHash(image))
    }
    let name = sum.prefix(12)
    do {
      switch content {
      case .unusable(let reason, let isPicture):
        row.reason = reason
        if isPicture {
          row.file =
            "\(CollectFolder.rejectedName)/\(name).\(PixelImage.format(of: bytes).map(Content.ending) ?? "bin")"
          try write(bytes, row.file)
        }
        note(row)
      case .picture(let image, let format):
        row.width = image.width
        row.height = image.height
        row.look = look?.hex ?? ""
        row.file = "\(CollectItem.folderName(item.label))/\(name).\(Content.ending(format))"
        if let other = claim(sum, look, row.file) {
          row.status = other.isSame ? .duplicate : .near
          row.reason = (other.isSame ? "the same bytes as " : "looks like ") + other.file
          row.file = ""
          note(row)
        } else {
          try write(bytes, row.file)
          row.status = .kept
          note(row)
        }
      }
    } catch { fail(error) }
  }

  /// Whose picture it is already; nil: from now on it is this one's.
  private func claim(_ sum: String, _ look: PerceptualHash?, _ file: String) -> (file: String, isSame: Bool)? {
    shared.state.withLock { state in
      if let other = state.sums[sum] { return (other, true) }
      if options.leavesOutNear, let look,
        let other = state.looks.first(where: { $0.look.distance(to: look) <= PerceptualHash.nearDuplicate })
      {
        return (other.file, false)
      }
      state.sums[sum] = file
      if let look { state.looks.append((look, file)) }
      return nil
    }
  }

  private func write(_ bytes: [UInt8], _ file: String) throws {
    let path = options.folder + "/" + file
    try FileSystem.makeFolder(FileSystem.parent(of: path))
    try FileSystem.write(bytes, to: path)
  }

  private func note(_ row: CollectRow) {
    do {
      try shared.state.withLock { state in
        state.done += 1
        try state.folder.add(row)
      }
    } catch { fail(error) }
  }

  /// A full disk, a folder that is no longer there: nothing more can be kept.
  private func fail(_ error: any Error) {
    shared.state.withLock { if $0.failure == nil { $0.failure = error } }
    shared.stops.store(true, ordering: .relaxed)
  }
}
