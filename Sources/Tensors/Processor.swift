import CSystem

#if canImport(Glibc)
  import Glibc
#endif

/// Which of the two compilations of the kernels this process runs.
public enum Processor {
  /// AVX2 and FMA. Chosen once; `TWINBOOK_PORTABLE=1` keeps to what every processor has.
  public static let usesAVX2: Bool = {
    if let flag = getenv("TWINBOOK_PORTABLE"), flag[0] == 49 { return false }
    return twin_cpu_has_avx2_fma()
  }()
}
