import Foundation
import Tensors
import TestSupport
import Testing

/// `Tests/Numerics/fingerprint.twin` gives the recorded bits, whatever computes them (Documentation/numerics.md).
@Suite(.serialized, .needsExecutable)
struct NumericsTests {
  static let path = Repository.root.path + "/Tests/Numerics/fingerprint.twin"

  private func verify(_ environment: [String: String]) throws {
    let folder = try Folder()
    let outcome = try Executable.run(
      ["replay", "--verify", Self.path], environment: environment, in: folder, limit: 900)
    #expect(outcome.code == 0, "\(environment): \(outcome.output)\n\(outcome.errors)")
    #expect(outcome.output.contains("none differs") && !outcome.output.contains("within the tolerance"))
  }

  @Test(arguments: Processor.kernelSets.map { $0.name }) func kernelsCannotBeSeen(_ kernels: String) throws {
    try verify(["TWINBOOK_KERNELS": kernels])
  }

  @Test(arguments: ["1", "2", "3", "7"]) func threadsCannotBeSeen(_ threads: String) throws {
    try verify(["TWINBOOK_THREADS": threads])
  }

  /// A C library that is told to take neither FMA nor wide vectors computes its functions by other code.
  @Test func theCLibraryCannotBeSeen() throws {
    try verify(["GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-AVX2,-AVX2_Usable,-FMA_Usable,-AVX512F"])
  }
}
