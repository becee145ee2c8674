import Downloads
import Files
import Foundation
import Glibc
import Images
import Sandbox
import Synchronization

/// Collects pictures into a folder: several at once, politely, going on where an earlier run ended.
public final class Collector {
  let options: CollectOptions
  let transfer: WebTransfer
  let shared: Shared

  /// What the workers share, behind one lock.
  final class Shared: Sendable {
    struct State {
      var folder: CollectFolder
      /// What is there already: a file's sum, and where.
      var sums: [String: String] = [:]
      var looks: [(look: PerceptualHash, file: String)] = []
      var bytes = 0
      var done = 0
      var failure: (any Error)?
      /// Hosts that asked for a longer pause than anybody has patience for.
      var closedHosts: [String: (until: ContinuousClock.Instant, reason: String)] = [:]
    }

    let state: Mutex<State>
    /// Raised to end early: a full disk, a Ctrl-C.
    let stops = Atomic<Bool>(false)
    /// One large picture is unpacked at a time.
    let unpacking = Mutex(())

    init(_ state: sending State) { self.state = Mutex(state) }
  }

  public init(_ options: CollectOptions) throws {
    guard Fetcher.library != nil else { throw CollectError.noLibrary }
    self.options = options
    var transfer = WebTransfer()
    transfer.bytes = options.bytes
    transfer.seconds = options.seconds
    transfer.userAgent = "twinbook/0.1 (collects pictures for one-shot recognition; libcurl)"
    self.transfer = transfer
    let folder = try CollectFolder(options.folder)
    var state = Shared.State(folder: folder)
    for row in folder.rows where row.status == .kept {
      state.sums[row.md5] = row.file
      if let bits = UInt64(row.look, radix: 16) { state.looks.append((PerceptualHash(bits: bits), row.file)) }
    }
    shared = Shared(state)
  }

  // MARK: A list

  /// - Parameters:
  ///   - progress: called on this thread, several times a second.
  ///   - shouldStop: asked as often; true ends with `CancellationError`, and the next call goes on.
  public func collect(
    _ items: [CollectItem], progress: (CollectProgress) -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> CollectReport {
    var seen: Set<String> = []
    let wanted = items.filter { seen.insert($0.address).inserted }
    var transfer = transfer
    // Whoever wrote the list may have meant a machine at home; what a page elsewhere says was not meant by anybody.
    transfer.isNamed = false
    transfer.nearHosts = Set(wanted.compactMap { WebAddress.host(of: $0.address) })
    try run(wanted, transfer, progress, shouldStop)
    var report = report(wanted)
    // An address has one picture, and that one label: the one under which it came first.
    let kept = shared.state.withLock { $0.folder }
    for item in items where !item.label.isEmpty {
      guard let row = kept[item.address], row.status == .kept,
        CollectItem.folderName(row.item.label) != CollectItem.folderName(item.label),
        FileSystem.exists(options.folder + "/" + row.file)
      else { continue }
      if report.elsewhere == 0 { (report.firstElsewhere, report.labelNow) = (row.file, item.label) }
      report.elsewhere += 1
    }
    return report
  }

  private func report(_ items: [CollectItem]) -> CollectReport {
    shared.state.withLock { state in
      var report = CollectReport()
      for item in items {
        switch state.folder[item.address]?.status {
        case .kept: report.kept += 1
        case .duplicate, .near: report.duplicates += 1
        case .rejected: report.rejected += 1
        case .failed, nil: report.failed += 1
        }
      }
      report.downloadedBytes = state.bytes
      return report
    }
  }

  // MARK: A search

  /// Searches until `count` pictures are kept under the label, or there are no more.
  public func collect(
    search keyword: String, at provider: Provider, base: String? = nil, label: String, count: Int,
    progress: (CollectProgress) -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> CollectReport {
    let base = base ?? provider.base
    var place: String?
    var met: [CollectItem] = []
    var addresses: Set<String> = []
    func kept() -> Int {
      shared.state.withLock { $0.folder.rows.count { $0.status == .kept && $0.item.label == label } }
    }
    // Of earlier runs: what failed may come now, and whoever has enough asks nobody.
    let before = shared.state.withLock { $0.folder.rows.filter { $0.item.label == label }.map(\.item) }
    for item in before where addresses.insert(item.address).inserted { met.append(item) }
    // What a search finds was named by nobody: of near hosts, only the one that is searched.
    var transfer = transfer
    transfer.isNamed = false
    transfer.nearHosts = Set([WebAddress.host(of: base)].compactMap { $0 })
    func download(_ items: [CollectItem]) throws -> [CollectItem] {
      var left = items
      while !left.isEmpty, kept() < count {
        let some = Array(left.prefix(count - kept()))
        left.removeFirst(some.count)
        try run(some, transfer, goal: count, label: label, progress, shouldStop)
      }
      return left
    }
    let failed = shared.state.withLock { state in met.filter { state.folder[$0.address]?.status == .failed } }
    _ = try download(failed)
    var isAtEnd = false
    for _ in 0..<Self.pageLimit where !isAtEnd && kept() < count {
      let page = try page(provider.address(keyword, place: place, base: base), provider, label, shouldStop)
      place = page.next
      isAtEnd = page.next == nil
      let fresh = page.items.filter { addresses.insert($0.address).inserted }
      met += fresh
      let unneeded = try download(fresh)
      // What was not needed was not met.
      let left = Set(unneeded.map(\.address))
      met.removeAll { left.contains($0.address) }
    }
    guard !met.isEmpty else { throw CollectError.nothing(provider: provider.rawValue, keyword: keyword) }
    return report(met)
  }

  private static let pageLimit = 200

  private func page(
    _ address: String, _ provider: Provider, _ label: String, _ shouldStop: () -> Bool
  ) throws -> (items: [CollectItem], next: String?) {
    try AccessPolicy.checkNetwork(.download)
    var tries = 0
    while true {
      var failure = WebTransfer.Failure.failed(reason: "")
      var answer: WebTransfer.Answer?
      do throws(WebTransfer.Failure) { answer = try transfer.get(address, shouldStop: shouldStop) } catch {
        failure = error
      }
      if let answer { return try provider.read(answer.bytes, label: label) }
      if failure == .stopped { throw CancellationError() }
      guard tries < options.retries, let wait = delay(failure, tries: tries, address: address),
        wait <= Double(options.patience)
      else {
        throw CollectError.search(provider: provider.rawValue, reason: Self.words(failure))
      }
      tries += 1
      let end = ContinuousClock.now + .seconds(wait)
      while ContinuousClock.now < end {
        if shouldStop() { throw CancellationError() }
        usleep(20_000)
      }
    }
  }
}
