import CMPI
import Glibc

/// What a launcher tells the processes that it starts, by their environment.
public struct RankEnvironment: Sendable {
  /// Ranks of the run, where the launcher says so.
  public let count: Int?
  /// This one's place.
  public let rank: Int?
  /// Ranks on this machine, where the launcher says so.
  public let neighbours: Int?
  /// One rank of each machine speaks for it where nothing else is known yet.
  public let speaks: Bool
  /// MPICH's launchers speak another protocol than Open MPI's.
  let prefersMPICH: Bool
  /// `TWINBOOK_MPI`: the library to open.
  let library: String?

  /// Nil where no launcher has started this process: then no library is looked for.
  public init?(_ environment: (String) -> String? = Self.variable) {
    func number(_ names: String...) -> Int? {
      for name in names { if let number = environment(name).flatMap({ Int($0) }) { return number } }
      return nil
    }
    let isOpenMPI = environment("OMPI_COMM_WORLD_SIZE") != nil
    let isMPICH = environment("PMI_RANK") != nil && environment("PMI_SIZE") != nil
    guard isOpenMPI || isMPICH || environment("PMIX_RANK") != nil else { return nil }
    count = number("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS")
    rank = number("OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK")
    neighbours = number("OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "SLURM_NTASKS_PER_NODE")
    speaks = (number("OMPI_COMM_WORLD_LOCAL_RANK", "MPI_LOCALRANKID", "SLURM_LOCALID") ?? 0) == 0
    prefersMPICH = isMPICH && !isOpenMPI
    library = environment("TWINBOOK_MPI").flatMap { $0.isEmpty ? nil : $0 }
  }

  public static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

  /// Threads for this rank: as many as the cores that it is bound to, or its share of the machine's where that is less;
  /// nil where nobody says how many ranks are here.
  public var threads: Int? {
    neighbours.map { max(1, min(Int(twin_mpi_cores()), max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) / max(1, $0))) }
  }
}
