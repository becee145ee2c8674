import CByteProducts
import KernelInterface

extension Compilation {
  /// Which rows may be near which query: those with row · query − terms[row] > bounds[query]. Whole numbers throughout, and
  /// so the same answer by every set.
  ///
  /// - Parameters:
  ///   - rows: [groups · 8, width] bytes; the width is a multiple of 32.
  ///   - terms: of each row.
  ///   - queries: [count, width] in sixteen bits. Sums must stay within 32 bits: the caller chooses their scale by the width.
  ///   - bounds: of each query.
  ///   - scratch: 8 · width.
  ///   - hits: [groups, count]; of each byte bit i is the group's row i.
  public static func nearRows(
    _ rows: UnsafePointer<Int8>, width: Int, groups: Int, terms: UnsafePointer<Int32>, queries: UnsafePointer<Int16>,
    count: Int, bounds: UnsafePointer<Int32>, scratch: UnsafeMutablePointer<Int16>, hits: UnsafeMutablePointer<UInt8>
  ) {
    twin_near_rows(rows, width, groups, terms, queries, count, bounds, scratch, hits)
  }

  /// a · b of two rows of bytes; the width is a multiple of 32.
  public static func byteProduct(_ a: UnsafePointer<Int8>, _ b: UnsafePointer<Int8>, _ width: Int) -> Int32 {
    twin_byte_product_8(a, b, width)
  }

  /// out[i] = terms[i] − rows[i] · query, of rows that stand anywhere.
  public static func scatteredRows(
    _ rows: UnsafePointer<UnsafePointer<Int8>>, terms: UnsafePointer<Int32>, count: Int, width: Int,
    query: UnsafePointer<Int16>, _ out: UnsafeMutablePointer<Int32>
  ) {
    rows.withMemoryRebound(to: Optional<UnsafePointer<Int8>>.self, capacity: count) { rows in
      twin_scattered(rows, terms, count, width, query, out)
    }
  }
}
