import Diagnostics

extension RankError {
  /// The error in words.
  public var explanation: Explanation {
    switch self {
    case .noLibrary(let ranks, let reason):
      Explanation(
        ranks > 1 ? "mpirun has started \(ranks) ranks, but \(reason)" : "mpirun has started this, but \(reason)",
        help: reason.contains("TWINBOOK_MPI")
          ? "unset it, or give the path of Open MPI's or MPICH's library on this machine"
          : "apt-get install openmpi-bin libopenmpi3 on each machine (Scripts/mpi.sh does)")
    case .otherLauncher(let launched, let known, let library):
      Explanation(
        "the launcher has started \(launched) ranks, but \(library) knows of \(known)",
        help: "launcher and library are of two makers: mpirun.openmpi goes with libopenmpi3, mpirun.mpich with "
          + "libmpich12; TWINBOOK_MPI names the library to open")
    case .failed(let reason): Explanation("a message between ranks failed: \(reason)")
    case .left(let rank, let reason):
      Explanation("\(rank) does not go on: \(reason)", help: "what this rank waits for will not come")
    case .differs(let what, let rank, let there, let here):
      Explanation(
        "the ranks differ in \(what): \(there) on \(rank), \(here) on the first",
        help: "the bits would differ too: give every machine the same program, script, seed and data")
    case .astray(let rank):
      Explanation(
        "\(rank) is at another place of the script than the first rank",
        help: "a script may not decide by the time, by the machine, or by a file that it writes itself")
    case .apart(let rank, let epoch, let batch):
      Explanation(
        "\(rank) has trained something else than the first rank, as batch \(batch) of epoch \(epoch) shows",
        help: "what trains may not depend on the time, on the machine, or on files that another rank writes meanwhile")
    case .tooMany(let ranks, let slices, let batch):
      Explanation(
        "\(ranks) ranks would share a batch of \(batch) images, which is cut into \(slices) slices",
        help:
          "mpirun -n \(slices), or a larger batch=: slices are cut by the batch alone, so that the bits never change"
      )
    case .notShared(let what):
      Explanation("\(what) does not run on several ranks", help: "mpirun -n 4 twinbook run script.twin runs a script")
    }
  }
}
