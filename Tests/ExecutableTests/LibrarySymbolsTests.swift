import Foundation
import TestSupport
import Testing

/// What computes results takes exp, log, sin and the others from ElementaryFunctions: a system's library has other code
/// for each processor. Asked of the object files, so that nothing that a compiler puts in slips through.
struct LibrarySymbolsTests {
  /// The targets outside the contract: their figures are looked at, not computed with.
  private static let outside: Set = ["CGnuplot", "Plotting", "TerminalREPL", "CLibEdit", "CCurl", "twinbook"]

  /// Functions of the C library that are not exact; sqrt, fma, fmod, floor and its like are, and may be used.
  private static let forbidden: Set<String> = {
    let names = [
      "exp", "exp2", "exp10", "expm1", "log", "log2", "log10", "log1p", "pow", "sin", "cos", "sincos", "tan", "asin",
      "acos", "atan", "atan2", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh", "hypot", "cbrt", "erf", "erfc",
      "tgamma", "lgamma",
    ]
    return Set(names.flatMap { [$0, $0 + "f", $0 + "l", "__\($0)_finite", "__\($0)f_finite"] })
  }()

  private static let folder = URL(fileURLWithPath: Executable.path).deletingLastPathComponent()
  private static let lister = ["/usr/bin/nm", "/usr/bin/llvm-nm"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// The package's own targets: a folder in Sources for each.
  private static func objects() throws -> [String: [String]] {
    let targets = try FileManager.default.contentsOfDirectory(atPath: Repository.root.path + "/Sources")
    var found: [String: [String]] = [:]
    for target in targets where !outside.contains(target) {
      let built = folder.appendingPathComponent(target + ".build")
      guard let files = FileManager.default.enumerator(atPath: built.path) else { continue }
      let paths = files.compactMap { $0 as? String }.filter { $0.hasSuffix(".o") }
      if !paths.isEmpty { found[target] = paths.map { built.appendingPathComponent($0).path } }
    }
    return found
  }

  private static func undefinedSymbols(_ files: [String], by lister: String) throws -> Set<String> {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: lister)
    process.arguments = ["--undefined-only"] + files
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return Set(
      text.split(separator: "\n").compactMap { line in
        line.split(separator: " ").last.map { String($0.prefix { $0 != "@" }) }
      })
  }

  @Test(.enabled(if: Executable.isThere && lister != nil, "needs the built program and nm"))
  func nothingComputesWithTheSystemsFunctions() throws {
    let lister = try #require(Self.lister)
    let objects = try Self.objects()
    for target in ["Tensors", "NeuralNetworks", "MetricLearning", "Datasets", "Gallery", "Interpreter", "Faces"] {
      #expect(objects[target] != nil, "no object files of \(target) beside \(Executable.path)")
    }
    for (target, files) in objects {
      let symbols = try Self.undefinedSymbols(files, by: lister)
      let used = symbols.intersection(Self.forbidden).sorted()
      #expect(used.isEmpty, "\(target) calls \(used) of the system: Elementary has them")
      if target == "Tensors" { #expect(symbols.count > 100) }
    }
  }
}
