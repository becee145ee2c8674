import CSystem
import Datasets
import Diagnostics
import Downloads
import Faces
import Files
import Foundation
import Sandbox
import Session
import Tensors

/// `twinbook doctor`: what is installed, what is missing, what to do.
public enum Doctor {
  struct Finding {
    var name: String
    var isGood: Bool
    var text: String
    /// What to do, where it is not good.
    var remedy: String?
  }

  /// - Returns: 0; 1 where something is missing that more than one feature needs.
  public static func run() -> Int32 {
    var text = "Twinbook \(NotebookSession.version), numerics version \(NumericsContract.version)\n"
    let findings = [
      gnuplot(), libcurl(), processor(), threads(), locale(), dataFolder(), cacheFolder(), faceDetector(),
      faceNetwork(), box(), launcher(), stateFolder(), editor(),
    ]
    let width = findings.map(\.name.count).max() ?? 0
    for finding in findings {
      let mark = finding.isGood ? "ok     " : "missing"
      text += "\(mark)  \(finding.name.padded(to: width))  \(finding.text)\n"
      if let remedy = finding.remedy { text += "         \(String(repeating: " ", count: width))→ \(remedy)\n" }
    }
    guard ScriptRunner.write(text) == 0 else { return 1 }
    return findings.contains { !$0.isGood && $0.name == "state" } ? 1 : 0
  }

  private static func find(_ program: String) -> String? {
    for folder in (FileSystem.environment("PATH") ?? "").split(separator: ":") {
      let path = "\(folder)/\(program)"
      if access(path, X_OK) == 0 { return path }
    }
    return nil
  }

  private static func gnuplot() -> Finding {
    if let path = find("gnuplot") { return Finding(name: "gnuplot", isGood: true, text: path) }
    return Finding(
      name: "gnuplot", isGood: false, text: "not on the PATH: plots cannot be drawn, all else works",
      remedy: "sudo apt-get install gnuplot-nox")
  }

  /// What stands around a script that is replayed.
  private static func box() -> Finding {
    let version = KernelWall.landlockVersion
    return Finding(
      name: "box", isGood: true,
      text: version > 0
        ? "replays are kept in by the program, and by the kernel (Landlock \(version), seccomp)"
        : "replays are kept in by the program; this kernel has no Landlock to do so too")
  }

  /// What starts a script on several ranks.
  private static func launcher() -> Finding {
    Finding(
      name: "mpirun", isGood: true,
      text: find("mpirun") ?? "not on the PATH: a script runs in one process (Scripts/mpi.sh installs it)")
  }

  private static func libcurl() -> Finding {
    if let version = Fetcher.library { return Finding(name: "libcurl", isGood: true, text: version) }
    return Finding(
      name: "libcurl", isGood: false, text: "not installed: fetch cannot download, all else works",
      remedy: "sudo apt-get install libcurl4")
  }

  private static func cacheFolder() -> Finding {
    let folder = Datasets.cacheFolder
    let there = PublicSet.all.filter { FileSystem.exists(folder + "/" + $0.path) }.map(\.name)
    return Finding(
      name: "cache", isGood: true,
      text: folder + (there.isEmpty ? ", no dataset fetched yet" : ": " + there.joined(separator: ", ")))
  }

  private static func faceDetector() -> Finding {
    if let path = try? MTCNNWeights.find() {
      guard !MTCNNWeights.isWhole(path) else { return Finding(name: "faces", isGood: true, text: path) }
      return Finding(name: "faces", isGood: false, text: "\(path) is damaged", remedy: "twinbook fetch mtcnn")
    }
    return Finding(
      name: "faces", isGood: false, text: "the face detector's weights are not there: faces and extract do not work",
      remedy: "twinbook fetch mtcnn")
  }

  private static func faceNetwork() -> Finding {
    if let path = FaceResNetWeights.find() {
      guard !FaceResNetWeights.isWhole(path) else { return Finding(name: "face-resnet", isGood: true, text: path) }
      return Finding(
        name: "face-resnet", isGood: false, text: "\(path), or what belongs to it, is damaged",
        remedy: "twinbook fetch face-resnet")
    }
    return Finding(
      name: "face-resnet", isGood: false, text: "its weights are not there: network(\"face-resnet\") does not work",
      remedy: "twinbook fetch face-resnet")
  }

  private static func processor() -> Finding {
    let sets = Processor.kernelSets.map { $0.name }
    if let wanted = Processor.refusedKernels {
      return Finding(
        name: "processor", isGood: false, text: "TWINBOOK_KERNELS is \"\(wanted)\", which cannot run here",
        remedy: "here there are: \(sets.joined(separator: ", ")); unset it to use the fastest")
    }
    let others = sets.filter { $0 != kernels.name }
    return Finding(
      name: "processor", isGood: true,
      text: "the \(kernels.name) kernels run"
        + (others.isEmpty ? "" : "; TWINBOOK_KERNELS=\(others.joined(separator: " or ")) would choose others")
        + "; all give the same bits")
  }

  /// What is wrong with `TWINBOOK_KERNELS`, for whoever starts the program; nil where nothing is.
  public static var kernelsProblem: String? {
    guard let wanted = Processor.refusedKernels else { return nil }
    let all = ["portable", "avx2", "avx512"]
    let sets = Processor.kernelSets.map { $0.name }.joined(separator: ", ")
    let why = all.contains(wanted) ? "this processor or system cannot run these" : "there are no kernels of that name"
    return "error: TWINBOOK_KERNELS is \"\(wanted)\": \(why)\nhere there are: \(sets); unset it to use the fastest"
  }

  /// The same of `TWINBOOK_THREADS`.
  public static var threadsProblem: String? {
    Workers.refusedThreads.map {
      "error: TWINBOOK_THREADS is \"\($0)\": this is no number of threads\n"
        + "give a whole number from 1; unset it to use as many threads as there are cores"
    }
  }

  private static func threads() -> Finding {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    if let wanted = Workers.refusedThreads {
      return Finding(
        name: "threads", isGood: false, text: "TWINBOOK_THREADS is \"\(wanted)\", which is no number of threads",
        remedy: "give a whole number from 1, or unset it to use \(cores), as many as there are cores")
    }
    guard let count = FileSystem.environment("TWINBOOK_THREADS").flatMap({ Int($0) }) else {
      return Finding(name: "threads", isGood: true, text: "\(cores), as many as there are cores")
    }
    return Finding(name: "threads", isGood: true, text: "\(count) (TWINBOOK_THREADS), \(cores) cores")
  }

  private static func locale() -> Finding {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { FileSystem.environment($0) }.filter { !$0.isEmpty }
    let name = names.first ?? "none"
    let isUTF8 = name.lowercased().contains("utf-8") || name.lowercased().contains("utf8")
    return Finding(
      name: "locale", isGood: true, text: isUTF8 ? name : "\(name); UTF-8 is used all the same")
  }

  private static func dataFolder() -> Finding {
    guard let folder = FileSystem.environment("TWINBOOK_DATA"), !folder.isEmpty else {
      return Finding(
        name: "data", isGood: true,
        text: "TWINBOOK_DATA is not set: images(\"name\") looks in its cache; glyphs(…) needs no data")
    }
    guard FileSystem.isFolder(folder) else {
      return Finding(
        name: "data", isGood: false, text: "TWINBOOK_DATA is \(folder), which is no folder",
        remedy: "correct it or unset it")
    }
    let count = (try? FileSystem.list(folder).count) ?? 0
    return Finding(name: "data", isGood: true, text: "\(folder), \(count) entries")
  }

  private static func stateFolder() -> Finding {
    guard let folder = StateFolder.path() else {
      return Finding(
        name: "state", isGood: false, text: "no HOME: neither history nor journal can be kept",
        remedy: "set HOME or XDG_STATE_HOME")
    }
    do {
      try FileSystem.makeFolder(folder)
      let probe = folder + "/.probe-\(getpid())"
      try FileSystem.write("", to: probe)
      try FileSystem.remove(probe)
    } catch {
      return Finding(
        name: "state", isGood: false, text: "\(folder) cannot be written: no history, no journal",
        remedy: "make it writable, or set XDG_STATE_HOME")
    }
    let lost = LostSession.all(in: folder).count
    let note = lost == 0 ? "" : ", \(lost) lost \(lost == 1 ? "session" : "sessions") to bring back"
    return Finding(name: "state", isGood: true, text: folder + note)
  }

  private static func editor() -> Finding {
    let program = FileSystem.environment("VISUAL") ?? FileSystem.environment("EDITOR") ?? "vi"
    let word = program.split(separator: " ").first.map(String.init) ?? program
    let isThere = word.hasPrefix("/") ? access(word, X_OK) == 0 : find(word) != nil
    return Finding(
      name: "editor", isGood: isThere, text: isThere ? program : "\(program) is not there: %edit cannot open it",
      remedy: isThere ? nil : "export EDITOR=nano, or another")
  }
}
