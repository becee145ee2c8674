import CSystem

/// Which of the two compilations of the kernels this process runs.
public enum Processor {
  /// AVX2 and FMA. Chosen as the program starts; `TWINBOOK_PORTABLE=1` keeps to what every processor has.
  @inlinable public static var usesAVX2: Bool { twin_uses_avx2() }
}
