import CMPI
import Glibc

/// Ranks that `mpirun` or `srun` has started.
final class MPILink: RankLink {
  let rank: Int
  let count: Int
  let name: String

  /// Joins the others.
  init(_ environment: RankEnvironment) throws(RankError) {
    var rank: Int32 = 0
    var count: Int32 = 0
    let problem =
      environment.library.map { twin_mpi_start($0, environment.prefersMPICH, &rank, &count) }
      ?? twin_mpi_start(nil, environment.prefersMPICH, &rank, &count)
    if let problem { throw .noLibrary(ranks: environment.count ?? 0, reason: String(cString: problem)) }
    name = String(cString: twin_mpi_version())
    (self.rank, self.count) = (Int(rank), Int(count))
    if let launched = environment.count, launched != self.count {
      throw .otherLauncher(launched: launched, known: self.count, library: name)
    }
  }

  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int, tag: RankTag) throws(RankError) -> RankTransfer {
    var request = TwinMPIRequest()
    try check(twin_mpi_send(bytes.baseAddress, Int32(bytes.count), Int32(rank), tag.rawValue, &request))
    return .request(Self.number(request))
  }

  func receive(
    _ bytes: UnsafeMutableRawBufferPointer, from rank: Int, tag: RankTag
  ) throws(RankError) -> RankTransfer {
    var request = TwinMPIRequest()
    try check(twin_mpi_receive(bytes.baseAddress, Int32(bytes.count), Int32(rank), tag.rawValue, &request))
    return .request(Self.number(request))
  }

  func advance(_ transfer: inout RankTransfer) throws(RankError) -> Bool {
    guard case .request(let number) = transfer else { return true }
    var request = TwinMPIRequest()
    withUnsafeMutableBytes(of: &request) { $0.storeBytes(of: number, as: UInt64.self) }
    var isDone = false
    try check(twin_mpi_is_done(&request, &isDone))
    transfer = isDone ? .done : .request(Self.number(request))
    return isDone
  }

  func hasMessage(from rank: Int, tag: RankTag) throws(RankError) -> Bool {
    var isThere = false
    var count: Int32 = 0
    try check(twin_mpi_waiting(Int32(rank), tag.rawValue, &isThere, &count))
    return isThere
  }

  func end() { twin_mpi_end() }
  func abort(code: Int32) { twin_mpi_abort(code) }

  private func check(_ error: Int32) throws(RankError) {
    if error != 0 { throw .failed(reason: String(cString: twin_mpi_words(error))) }
  }

  /// The union's bytes: a pointer of Open MPI's, or a number of MPICH's.
  private static func number(_ request: TwinMPIRequest) -> UInt64 {
    withUnsafeBytes(of: request) { $0.loadUnaligned(as: UInt64.self) }
  }
}
