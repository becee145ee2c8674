import CSystem
@_exported import KernelInterface
import Kernels

#if arch(x86_64)
  import KernelsAVX2
  import KernelsAVX512
#endif

/// The kernels that this process runs: those for its processor, or those that `TWINBOOK_KERNELS` names. All give the same
/// bits (Documentation/numerics.md).
@inlinable public var kernels: any KernelSet.Type {
  #if arch(x86_64)
    switch twin_kernels() {
    case Int32(twin_kernels_avx512): KernelsAVX512.Compilation.self
    case Int32(twin_kernels_avx2): KernelsAVX2.Compilation.self
    default: Kernels.Compilation.self
    }
  #else
    Kernels.Compilation.self
  #endif
}

/// What the processor and the operating system offer.
public enum Processor {
  /// The sets of kernels that can run here, the widest last.
  public static var kernelSets: [any KernelSet.Type] {
    #if arch(x86_64)
      let all: [any KernelSet.Type] = [
        Kernels.Compilation.self, KernelsAVX2.Compilation.self, KernelsAVX512.Compilation.self,
      ]
      return Array(all.prefix(Int(twin_kernels_available()) + 1))
    #else
      return [Kernels.Compilation.self]
    #endif
  }

  /// What `TWINBOOK_KERNELS` asks for in vain, as it is written there; nil where it asks for nothing or can have it.
  public static var refusedKernels: String? { twin_refused_kernels().map { String(cString: $0) } }
}
